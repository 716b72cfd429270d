"""How faults are planted: by statements, by rewriting what is signed, or in what a check sees."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.keys import SigningKey
from ledger.merkle import Frontier, leaf_hashes
from ledger.publish import publish
from tests.support.banks import TriedBank
from tests.support.profiles import HEAD
from timebank.people.accesses import START, hash_of
from timebank.policy.load import read_profile
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


def put_on_notice(state: str, opened_on: str) -> str:
    """Say of one record in that state that a notice of three working days was opened then."""
    return (
        "INSERT INTO record_notice (book_id, record_id, opened_on, working_days) "
        f"SELECT 1, min(record_id), '{opened_on}', 3 FROM service_record WHERE state = '{state}'"
    )


def objected(state: str, objected_ms: int) -> str:
    """Say of one record in that state that somebody objected then, and nobody decided."""
    return (
        "INSERT INTO notice_objection (book_id, record_id, place, objected_by, reason, "
        "objected_ms, upheld, decided_by, decision, decided_ms) SELECT 1, min(record_id), 1, "
        f"'staff_other', '不实', {objected_ms}, NULL, '', '', NULL "
        f"FROM service_record WHERE state = '{state}'"
    )


def shared(reversed_: int = 0) -> str:
    """Say of the newest entry that it settled what somebody left."""
    return (
        "INSERT INTO estate_share (book_id, entry_id, to_account, estate_id, to_person, relation, "
        "minutes, settled_by, settled_ms, reversed) "
        f"SELECT 1, :tail_entry, 'acct_pool', 'est_1', '', '', 5, 'staff_other', 1, {reversed_}"
    )


def departed(state: str, entry: str, minutes: int, ms: int, of: str = "anna") -> str:
    """Say of the person whose account has that serial among the values that they moved then."""
    return (
        "INSERT INTO departure (book_id, departure_id, person_id, open_person, account_id, "
        "station_code, origin, slip, state, minutes, entry_id, asked_by, asked_ms, decided_by, "
        "decided_ms, reason) SELECT 1, 'move_1', p.person_id, NULL, p.account_id, 'XFL', "
        f"'timebank.example/west', 'Z-1', '{state}', {minutes}, {entry}, 'staff_clerk', {ms}, "
        f"'staff_other', {ms}, '' FROM person p JOIN account a ON a.book_id = p.book_id "
        f"AND a.account_id = p.account_id WHERE a.account_no = :{of}"
    )


def deceased(of: str) -> str:
    """Say of the person whose account has that serial among the values that they died long ago."""
    return (
        "INSERT INTO estate (book_id, estate_id, person_id, account_id, station_code, opening, "
        "reported_by, reported_ms, withdrawn_by, withdrawn_ms, reason) SELECT 1, 'est_1', "
        "p.person_id, p.account_id, 'XFL', p2.sealed, 'staff_clerk', 1, '', NULL, '' FROM person p "
        "JOIN vault p2 ON p2.book_id = p.book_id AND p2.person_id = p.person_id JOIN account a "
        f"ON a.book_id = p.book_id AND a.account_id = p.account_id WHERE a.account_no = :{of}"
    )


def announced_expiry(state: str, due_on: str, entry: str = "''", expired: int = 0) -> str:
    """Say of anna that 60 minutes were to expire on a day, without a message and a leaf of it."""
    return (
        "INSERT INTO expiry_announcement (book_id, announcement_id, account_id, person_id, "
        "station_code, minutes, due_on, announced_on, announced_ms, policy, state, why, "
        "expired_minutes, entry_id, ended_ms, reason) SELECT 1, 'expy_1', account_id, '', 'XFL', "
        f"60, '{due_on}', '2020-01-01', 1, '', '{state}', '', {expired}, {entry}, NULL, '' "
        "FROM account WHERE account_no = :anna"
    )


def reversal_proposed(state: str, proposed_ms: int) -> str:
    """Say that somebody proposed to take a posted record back, without a leaf of it."""
    return (
        "INSERT INTO reversal_proposal (book_id, proposal_id, record_id, live_record, "
        "station_code, reason, state, covered_minutes, proposed_by, proposed_ms, decided_by, "
        f"decided_ms) SELECT 1, 'rvsl_1', min(record_id), NULL, 'XFL', '', '{state}', 0, '', "
        f"{proposed_ms}, '', NULL FROM service_record WHERE state = 'posted'"
    )


def short_of(minutes: int) -> str:
    """Say that anna is short of so many minutes that no entry lent."""
    return (
        "INSERT INTO shortfall (book_id, account_id, open_minutes, recovered_minutes, since_ms) "
        f"SELECT 1, account_id, {minutes}, 0, 1 FROM account WHERE account_no = :anna"
    )


def letters(made_on: str, drawn: str = "NULL") -> str:
    """Say that a station owed four letters since the midnight (UTC) of a day, and nobody's word."""
    made = f"{int(datetime.fromisoformat(made_on).replace(tzinfo=UTC).timestamp()) * 1_000}"
    by = "''" if drawn == "NULL" else "'staff_clerk'"
    return (
        "INSERT INTO letter_run (book_id, run_id, station_code, part, first_on, last_on, made_ms, "
        "made_by, letters, left_out, list_hash, drawn_ms, drawn_by, drawn_letters, handed_ms, "
        "handed_by) VALUES (1, 'lett_1', 'XFL', '2022-4of4', '2022-10-01', '2022-12-31', "
        f"{made}, 'scheduler', 4, 0, '', {drawn}, {by}, 0, NULL, '')"
    )


def promised(view: View, _tried: TriedBank) -> View:
    """Let the policy of old have promised four letters a year."""
    profile = read_profile(
        HEAD + '[endings]\nstatements_per_year = { value = 4, source = "本区规定" }'
    )
    return replace(view, profiles=(profile,))


def suspended(state: str, from_on: str, until_on: str, appeal_due_on: str = "") -> str:
    """Say of the volunteer of a matched order that they are suspended, without a step of it."""
    return (
        "INSERT INTO suspension (book_id, suspension_id, person_id, station_code, part, reason, "
        "state, from_on, until_on, asked_until_on, appeal_due_on, ended_ms) "
        f"SELECT 1, 'susp_1', min(volunteer_id), 'XFL', 'volunteer', 'other', '{state}', "
        f"'{from_on}', '{until_on}', '', '{appeal_due_on}', NULL FROM service_order "
        "WHERE state = 'matched'"
    )


def paired(from_on: str) -> tuple[str, str]:
    """Say of the elder and the volunteer of a matched order that they are paired from then on."""
    pairing = (
        "INSERT INTO pairing (book_id, pairing_id, elder_id, station_code, minutes, alert_days, "
        "classes, from_on, until_on, sealed, made_by, made_ms, ended_on, reason) "
        f"SELECT 1, 'pair_1', o.elder_id, 'XFL', 240, 14, '', '{from_on}', '', v.sealed, "
        "'staff_clerk', 1, '', v.sealed FROM service_order o JOIN vault v "
        "ON v.book_id = o.book_id AND v.person_id = o.elder_id WHERE o.state = 'matched'"
    )
    member = (
        "INSERT INTO pairing_member (book_id, pairing_id, place, person_id, role, from_on, "
        f"until_on, reason) SELECT 1, 'pair_1', 1, o.volunteer_id, 'lead', '{from_on}', '', "
        "v.sealed FROM service_order o JOIN vault v ON v.book_id = o.book_id "
        "AND v.person_id = o.elder_id WHERE o.state = 'matched'"
    )
    return pairing, member


def corrected(state: str, due_on: str) -> str:
    """Say of a record that still counts that its volunteer asked for a correction."""
    return (
        "INSERT INTO correction (book_id, correction_id, person_id, station_code, kind, record_id, "
        "state, asked_by, asked_ms, due_on, words, answered_by, answered_ms, answer, mended_by) "
        f"SELECT 1, 'corr_1', person_id, 'XFL', 'record', record_id, '{state}', 'staff_clerk', 1, "
        f"'{due_on}', entry_sealed, '', NULL, entry_sealed, '' FROM (SELECT p.person_id, "
        "p.record_id, v.sealed AS entry_sealed FROM record_person p JOIN vault v "
        "ON v.book_id = p.book_id AND v.person_id = p.person_id WHERE p.live = 1 "
        "AND p.part = 'volunteer' ORDER BY p.record_id, p.person_id LIMIT 1) AS one"
    )


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
