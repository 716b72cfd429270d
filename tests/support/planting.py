"""How faults are planted: by statements, by rewriting what is signed, or in what a check sees."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.keys import SigningKey
from ledger.merkle import Frontier, leaf_hashes
from ledger.publish import publish
from tests.support.banks import TriedBank
from timebank.people.accesses import START, hash_of
from timebank.reconciliation.view import View

Plant = Callable[[Connection, TriedBank], None]
Change = Callable[[View, TriedBank], View]

NO_ENTRY = "entry_" + "f" * 32


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong.  ``found_by`` are the checks that see it, in the order of ``CHECKS``."""

    what: str
    found_by: tuple[str, ...]
    plant: Plant | None = None
    change: Change | None = None
    spares_guards: bool = True

    @property
    def name(self) -> str:
        """The fault as a test's name."""
        return self.what.replace(" ", "_")


def sql(*statements: str) -> Plant:
    """Plant by statements that both databases know; ``:name`` are the values of :func:`values`."""

    def plant(connection: Connection, tried: TriedBank) -> None:
        known = values(connection, tried)
        for statement in statements:
            query = text(statement)
            done = connection.execute(query, {name: known[name] for name in query.compile().params})
            assert done.rowcount != 0, f"nothing was planted by: {statement}"

    return plant


def values(connection: Connection, tried: TriedBank) -> dict[str, Any]:
    """What statements may ask for: serials of accounts, the tail's entry, the head's counts."""

    def one(query: str, **rest: Any) -> Any:
        return connection.execute(text(query), rest).scalar_one()

    serial = "SELECT account_no FROM account WHERE account_id = :id"
    tail = one("SELECT max(leaf_index) FROM movement")
    return {
        "anna": one(serial, id=tried.account("V0001")),
        "berta": one(serial, id=tried.account("V0002")),
        "carla": one(serial, id=tried.account("V0003")),
        "tail": tail,
        "tail_entry": one("SELECT entry_id FROM entry WHERE leaf_index = :tail", tail=tail),
        "size": one("SELECT size FROM head"),
        "entries": one("SELECT entries FROM head"),
        "now": tried.bank.now_ms(),
        "forged": b'{"entry":"%s"}' % NO_ENTRY.encode(),
        "no_entry": NO_ENTRY,
    }


def drop_trigger(connection: Connection, tried: TriedBank) -> None:
    """Take the guard of the leaves away."""
    name = "leaf_no_update" if tried.is_sqlite else "leaf_append_only ON leaf"
    connection.execute(text(f"DROP TRIGGER {name}"))


def weaken_trigger(connection: Connection, tried: TriedBank) -> None:
    """Put a guard of the leaves back that does nothing."""
    if tried.is_sqlite:
        connection.execute(text("DROP TRIGGER leaf_no_update"))
        connection.execute(
            text("CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf BEGIN SELECT 1; END")
        )
    else:
        connection.execute(text("ALTER TABLE leaf DISABLE TRIGGER leaf_append_only"))


def rewrite_leaf(connection: Connection, _tried: TriedBank) -> None:
    """Another blinding in leaf 5: the same facts, other bytes."""
    query = text("SELECT body FROM leaf WHERE leaf_index = 5")
    body = bytes(connection.execute(query).scalar_one())
    at = body.index(b'"rnd":"') + 7
    other = body[:at] + (b"B" if body[at : at + 1] != b"B" else b"C") + body[at + 1 :]
    assert len(other) == len(body)
    connection.execute(text("UPDATE leaf SET body = :body WHERE leaf_index = 5"), {"body": other})


def rewrite_history(connection: Connection, tried: TriedBank) -> None:
    """The same, with the head's root and frontier made to fit."""
    rewrite_leaf(connection, tried)
    bodies = connection.execute(text("SELECT body FROM leaf ORDER BY leaf_index")).scalars()
    frontier = Frontier().append(leaf_hashes(bytes(body) for body in bodies))
    connection.execute(
        text("UPDATE head SET root = :root, frontier = :frontier"),
        {"root": frontier.root(), "frontier": frontier.to_bytes()},
    )


def later_checkpoint(view: View, tried: TriedBank) -> View:
    """A public checkpoint ahead of what is committed."""
    later = Checkpoint(tried.bank.log_key.name, view.head().size + 1, view.head().root)
    return replace(view, published=sign_checkpoint(later, tried.bank.log_key).encode())


def strange_checkpoint(view: View, tried: TriedBank) -> View:
    """A public checkpoint under another key."""
    head = view.head()
    stranger = SigningKey.generate(tried.bank.log_key.name)
    note = sign_checkpoint(Checkpoint(stranger.name, head.size, head.root), stranger)
    return replace(view, published=note.encode())


def without_tiles(view: View, _tried: TriedBank) -> View:
    """A public folder without its tiles."""
    assert view.log_folder is not None
    return replace(view, log_folder=view.log_folder / "nowhere")


def stale_publication(view: View, tried: TriedBank) -> View:
    """The folder of five leaves, an hour after the sixth was recorded."""
    bodies = [body for _index, body in view.leaves()]
    root = Frontier().append(leaf_hashes(bodies[:5])).root()
    note = sign_checkpoint(Checkpoint(tried.bank.log_key.name, 5, root), tried.bank.log_key)
    hour = view.now_ms + 3_600_000
    assert view.log_folder is not None
    folder = _publish(view.log_folder.with_name("log5"), bodies, note)
    return replace(view, published=note.encode(), now_ms=hour, log_folder=folder)


def _publish(folder: Path, bodies: list[bytes], note: str) -> Path:
    if not folder.exists():
        folder.mkdir()
        publish(folder, lambda start, count: bodies[start : start + count], note, durable=False)
    return folder


def other_looker(connection: Connection, _tried: TriedBank) -> None:
    """Name somebody else in every look, with hashes that fit."""
    rows = connection.execute(text("SELECT * FROM access ORDER BY number")).mappings().all()
    previous = START
    for row in rows:
        other = {**row, "actor_id": "staff_nobody", "previous_hash": previous}
        other["hash"] = previous = hash_of(other)
        changed = (
            "UPDATE access SET actor_id = :actor_id, previous_hash = :previous_hash, hash = :hash "
            "WHERE number = :number"
        )
        connection.execute(text(changed), other)


def without_a_key(view: View, tried: TriedBank) -> View:
    """A store of wrapped keys that lacks one person's."""
    first = next(view.key_owners())
    return replace(
        view, key_owners=lambda: (one for one in tried.bank.wrapped_keys.owners() if one != first)
    )


def later(**span: int) -> Change:
    """Look at the book so much later, with nothing done meanwhile."""
    return lambda view, _tried: replace(
        view, now_ms=view.now_ms + timedelta(**span) // timedelta(milliseconds=1)
    )
