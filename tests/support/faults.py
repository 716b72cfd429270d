"""Faults planted in a lived-in book, each with the checks that find it, the first of them first.

A fault is planted as the owner of the database would do it, with every guard off, inside a
transaction that is rolled back; faults of the published folder are planted in the view.
``docs/reference/checks.md`` shows the same table.
"""

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


def _drop_trigger(connection: Connection, tried: TriedBank) -> None:
    name = "leaf_no_update" if tried.is_sqlite else "leaf_append_only ON leaf"
    connection.execute(text(f"DROP TRIGGER {name}"))


def _weaken_trigger(connection: Connection, tried: TriedBank) -> None:
    if tried.is_sqlite:
        connection.execute(text("DROP TRIGGER leaf_no_update"))
        connection.execute(
            text("CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf BEGIN SELECT 1; END")
        )
    else:
        connection.execute(text("ALTER TABLE leaf DISABLE TRIGGER leaf_append_only"))


def _rewrite_leaf(connection: Connection, _tried: TriedBank) -> None:
    """Another blinding in leaf 5: the same facts, other bytes."""
    query = text("SELECT body FROM leaf WHERE leaf_index = 5")
    body = bytes(connection.execute(query).scalar_one())
    at = body.index(b'"rnd":"') + 7
    other = body[:at] + (b"B" if body[at : at + 1] != b"B" else b"C") + body[at + 1 :]
    assert len(other) == len(body)
    connection.execute(text("UPDATE leaf SET body = :body WHERE leaf_index = 5"), {"body": other})


def _rewrite_history(connection: Connection, tried: TriedBank) -> None:
    """The same, with the head's root and frontier made to fit."""
    _rewrite_leaf(connection, tried)
    bodies = connection.execute(text("SELECT body FROM leaf ORDER BY leaf_index")).scalars()
    frontier = Frontier().append(leaf_hashes(bytes(body) for body in bodies))
    connection.execute(
        text("UPDATE head SET root = :root, frontier = :frontier"),
        {"root": frontier.root(), "frontier": frontier.to_bytes()},
    )


def _later_checkpoint(view: View, tried: TriedBank) -> View:
    later = Checkpoint(tried.bank.log_key.name, view.head().size + 1, view.head().root)
    return replace(view, published=sign_checkpoint(later, tried.bank.log_key).encode())


def _strange_checkpoint(view: View, tried: TriedBank) -> View:
    head = view.head()
    stranger = SigningKey.generate(tried.bank.log_key.name)
    note = sign_checkpoint(Checkpoint(stranger.name, head.size, head.root), stranger)
    return replace(view, published=note.encode())


def _without_tiles(view: View, _tried: TriedBank) -> View:
    assert view.log_folder is not None
    return replace(view, log_folder=view.log_folder / "nowhere")


def _stale_publication(view: View, tried: TriedBank) -> View:
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


def _other_looker(connection: Connection, _tried: TriedBank) -> None:
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


def _without_a_key(view: View, tried: TriedBank) -> View:
    first = next(view.key_owners())
    return replace(
        view, key_owners=lambda: (one for one in tried.bank.wrapped_keys.owners() if one != first)
    )


def later(**span: int) -> Change:
    """Look at the book so much later, with nothing done meanwhile."""
    return lambda view, _tried: replace(
        view, now_ms=view.now_ms + timedelta(**span) // timedelta(milliseconds=1)
    )


_ROW = (
    "INSERT INTO movement (book_id, leaf_index, place, number, from_no, to_no, minutes, kind, "
    "effective_on, recorded_ms) VALUES (1, :tail, 1, :entries, :anna, :carla, 1, 'service', "
    "'2023-04-05', :now)"
)

_CLOSED = "INSERT INTO period_closing VALUES (1, '2023-03', 1677600000000, 1680278400000, :size)"

FAULTS: tuple[Fault, ...] = (
    Fault("a guard of the leaves is dropped", ("schema",), _drop_trigger, spares_guards=False),
    Fault("a guard is put back without effect", ("schema",), _weaken_trigger, spares_guards=False),
    Fault("an index is dropped", ("schema",), sql("DROP INDEX record_person_by_entry")),
    Fault(
        "the head counts an entry that does not exist",
        ("numbering",),
        sql("UPDATE head SET entries = entries + 1"),
    ),
    Fault(
        "the newest leaf is taken out, its rows stay",
        ("numbering", "tree", "published_log", "entries_against_leaves", "sequences",
         "idempotency"),
        sql("DELETE FROM leaf WHERE leaf_index = :tail"),
    ),
    Fault(
        "an account is renumbered",
        ("numbering", "trial_balance", "stored_balances", "entries_against_leaves",
         "records_against_entries"),
        sql("UPDATE account SET account_no = 99 WHERE account_no = :berta"),
    ),
    Fault(
        "minutes arrive on an account that does not exist",
        ("trial_balance", "stored_balances", "entries_against_leaves",
         "records_against_entries"),
        sql("UPDATE movement SET to_no = 99 WHERE leaf_index = :tail"),
    ),
    Fault(
        "a balance is raised by hand",
        ("trial_balance", "stored_balances"),
        sql("UPDATE balance SET posted = posted + 5 WHERE account_no = :anna"),
    ),
    Fault(
        "minutes are shifted between two members' balances",
        ("stored_balances",),
        sql(
            "UPDATE balance SET posted = posted + 5 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted - 5 WHERE account_no = :berta",
        ),
    ),
    Fault(
        "the floor beside a balance is loosened",
        ("account_limits",),
        sql("UPDATE balance SET floor = -600 WHERE account_no = :anna"),
    ),
    Fault(
        "minutes are held without a hold",
        ("holds",),
        sql("UPDATE balance SET held = held + 5 WHERE account_no = :berta"),
    ),
    Fault(
        "a hold settles more than its entry moved",
        ("holds", "entries_against_leaves"),
        sql("UPDATE hold_ended SET settled_minutes = 5 WHERE state = 'settled'"),
    ),
    Fault(
        "the end of a hold is taken out",
        ("holds", "entries_against_leaves"),
        sql("DELETE FROM hold_ended WHERE state = 'released'"),
    ),
    Fault(
        "a hold outlives its deadline",
        ("holds",),
        change=later(minutes=62),
    ),
    Fault(
        "a line of a statement is changed",
        ("derived_lines",),
        sql("UPDATE line SET minutes = minutes + 1 WHERE account_no = :anna AND minutes = 60"),
    ),
    Fault(
        "a line of a statement is taken out",
        ("derived_lines",),
        sql("DELETE FROM line WHERE account_no = :berta"),
    ),
    Fault(
        "the frontier in the head is damaged",
        ("tree",),
        sql("UPDATE head SET frontier = root"),
    ),
    Fault("the bytes of a leaf are changed", ("tree", "published_log"), _rewrite_leaf),
    Fault("history is rewritten up to the head", ("published_log",), _rewrite_history),
    Fault("the book has less than was published", ("published_log",), change=_later_checkpoint),
    Fault("the checkpoint is signed by a stranger", ("published_log",), change=_strange_checkpoint),
    Fault("published files are gone", ("published_log",), change=_without_tiles),
    Fault("leaves stay unpublished", ("published_log",), change=_stale_publication),
    Fault(
        "an entry is put in behind the ledger, with everything else made to fit",
        ("entries_against_leaves",),
        sql(
            "INSERT INTO entry (book_id, entry_id, number, leaf_index) "
            "VALUES (1, :no_entry, :entries + 1, :size + 7)",
            "INSERT INTO movement (book_id, leaf_index, place, number, from_no, to_no, minutes, "
            "kind, effective_on, recorded_ms) VALUES (1, :size + 7, 0, :entries + 1, :anna, "
            ":berta, 1, 'gift', '2023-04-06', :now)",
            "UPDATE balance SET posted = posted - 1 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted + 1 WHERE account_no = :berta",
            "UPDATE head SET entries = entries + 1",
        ),
    ),
    Fault(
        "a movement is added to an entry, with balances and record made to fit",
        ("entries_against_leaves",),
        sql(
            _ROW,
            "UPDATE balance SET posted = posted - 1 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted + 1 WHERE account_no = :carla",
            "UPDATE record_person SET credited_minutes = credited_minutes + 1 "
            "WHERE entry_id = :tail_entry",
        ),
    ),
    Fault(
        "the date of a service is changed in journal and record",
        ("entries_against_leaves",),
        sql(
            "UPDATE movement SET effective_on = '2023-03-31' WHERE leaf_index = :tail",
            "UPDATE service_record SET service_on = '2023-03-31' WHERE record_id = "
            "(SELECT record_id FROM record_person WHERE entry_id = :tail_entry)",
        ),
    ),
    Fault("a month is closed without a leaf", ("entries_against_leaves",), sql(_CLOSED)),
    Fault(
        "a reversal is unlinked",
        ("entries_against_leaves", "records_against_entries"),
        sql("DELETE FROM reversal"),
    ),
    Fault(
        "a key's next number is set back",
        ("sequences",),
        sql("UPDATE signing_key SET next_seq = next_seq - 1 WHERE role = 'station'"),
    ),
    Fault(
        "a request is forgotten, so that it could be carried out again",
        ("idempotency",),
        sql("DELETE FROM idempotency_key WHERE leaf_index = :tail"),
    ),
    Fault(
        "an answer is changed to name another entry",
        ("idempotency",),
        sql(
            "UPDATE idempotency_key SET answer = :forged WHERE leaf_index = :tail"
        ),
    ),
    Fault(
        "the minutes of a posted record are raised",
        ("records_against_entries",),
        sql(
            "UPDATE record_person SET credited_minutes = credited_minutes + 30 "
            "WHERE entry_id = :tail_entry"
        ),
    ),
    Fault(
        "the record of an entry is taken out",
        ("records_against_entries",),
        sql("DELETE FROM record_person WHERE entry_id = :tail_entry"),
    ),
    Fault(
        "a station's records are numbered with a gap",
        ("records_against_entries",),
        sql("UPDATE station SET records = records + 1"),
    ),
    Fault(
        "one person recorded and reviewed",
        ("records_against_entries",),
        sql("UPDATE service_record SET reviewed_by = recorded_by WHERE reviewed_ms IS NOT NULL"),
    ),
    Fault(
        "the proposal of a funding is taken out",
        ("transfers_against_entries",), sql("DELETE FROM transfer"),
    ),
    Fault(
        "a member's account belongs to nobody",
        ("people",),
        sql("DELETE FROM person WHERE person_id = "
            "(SELECT person_id FROM person_number WHERE number = 'E0002')"),
    ),
    Fault(
        "the key of a person is destroyed and the person is not marked as erased",
        ("people",),
        change=_without_a_key,
    ),
    Fault(
        "somebody else is named as who looked at a person",
        ("accesses",),
        sql("UPDATE access SET actor_id = 'staff_nobody' WHERE number = 1"),
    ),
    Fault(
        "the newest look at a person is taken out",
        ("accesses",),
        sql("DELETE FROM access WHERE number = 2"),
    ),
    Fault("all looks are written anew, with hashes that fit", ("accesses",), _other_looker),
    Fault(
        "the scheduler has been off for a week",
        ("holds", "jobs_silent"),
        change=later(days=7),
    ),
    Fault(
        "a job has not run for a day",
        ("jobs_silent",),
        sql("UPDATE job_run SET planned_ms = planned_ms - 86400000 WHERE job = 'publish'"),
    ),
    Fault(
        "the last run of a job failed",
        ("jobs_silent",),
        sql("UPDATE job_run SET outcome = 'failed' WHERE job = 'publish'"),
    ),
    Fault(
        "a run of a job never ends",
        ("jobs_silent",),
        sql("UPDATE job_run SET outcome = 'running', ended_ms = NULL, "
            "started_ms = started_ms - 7 * 3600000 WHERE job = 'reconcile'"),
    ),
)  # fmt: skip
