"""What gets in behind the ledger's back, and is found: by recomputing, or against the leaves."""

import pytest

from ledger.balances import recompute
from ledger.book import read_head
from ledger.errors import StorageFault
from tests.ledger.attacks.attacker import Attacker, fill
from tests.support.soundness import assert_sound, every_row, faults_of

PLACE = "(book_id, leaf_index, place, number, from_no, to_no, minutes, kind, effective_on, "
MOVEMENT = f"INSERT INTO movement {PLACE}recorded_ms) VALUES (1, {{}}, 'service', '2026-02-25', 1)"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def attacker(request):
    """Whoever serves the book: on PostgreSQL the role that owns nothing."""
    book = request.getfixturevalue(f"{request.param}_book")
    fill(book)
    assert_sound(book.database, book.log_key)
    return Attacker(book.database.url, book)


def differing(book):
    with book.database.read() as connection:
        return {
            line.account_id: (line.journal_posted - line.posted, line.journal_held - line.held)
            for line in recompute(connection)
            if (line.posted, line.held) != (line.journal_posted, line.journal_held)
        }


PLANTED_ROWS = [
    (
        ("entry", {"entry_id": "entry_x", "number": 1, "leaf_index": 3}),
        "entry has ('entry_x', 1, 3) without its leaf",
    ),
    (
        ("reversal", {"reversed_id": "entry_x", "reversing_id": "entry_y", "leaf_index": 3}),
        "reversal has ('entry_x', 'entry_y', 3) without its leaf",
    ),
    (("policy", {"version": "mine", "leaf_index": 3}), "policy has ('mine', 3) without its leaf"),
    (
        (
            "signing_key",
            {
                "name": "mine", "vkey": "mine", "role": "operator", "next_seq": 0,
                "previous_hash": "", "leaf_index": 3,
            },
        ),
        "signing key mine without its leaf",
    ),
    (
        (
            "idempotency_key",
            {
                "submitter": "x", "key": "y", "content_hash": b"", "refused": 0, "answer": b"",
                "leaf_index": 4711,
            },
        ),
        "1 remembered answers point beyond the log",
    ),
    (("leaf", {"leaf_index": 4711, "body": b"{}"}), "leaves are not 0 to"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "found"), PLANTED_ROWS, ids=lambda part: str(part[0]))
def test_a_row_without_its_leaf_is_found_against_the_leaves(attacker, row, found):
    attacker.plant(row[0], **row[1])

    assert any(found in fault for fault in faults_of(attacker.book.database))


def test_a_movement_without_its_leaf_is_found_by_the_sums_and_the_leaves(attacker):
    attacker.run(MOVEMENT.format("2, 90, 1, 1, 2, 60"))

    assert differing(attacker.book) == {"acct_pool": (-60, 0), "acct_anna": (60, 0)}
    found = "movement has (2, 90, 1, 1, 2, 60, 'service', '2026-02-25', 1) without its leaf"
    assert found in faults_of(attacker.book.database)


@pytest.mark.parametrize(
    ("change", "difference"),
    [("posted = posted + 1", (-1, 0)), ("posted = posted - 1", (1, 0)), ("held = 0", (0, 30))],
)
def test_a_stored_balance_that_was_set_is_found_by_the_sums(attacker, change, difference):
    attacker.run(f"UPDATE balance SET {change} WHERE account_no = 2")

    assert differing(attacker.book) == {"acct_anna": difference}


def test_a_hold_placed_or_ended_behind_our_back_is_found_by_the_sums(attacker):
    ((open_hold,),) = attacker.run("SELECT hold_id FROM hold_placed WHERE minutes = 30")
    placed = {"payer_no": 2, "payee_no": 3, "minutes": 9, "expires_ms": 9, "leaf_index": 3}
    attacker.plant("hold_placed", hold_id="hold_x", **placed)
    assert differing(attacker.book) == {"acct_anna": (0, 9)}

    attacker.plant(
        "hold_ended", hold_id=open_hold, state="released", settled_minutes=0, leaf_index=3
    )
    assert differing(attacker.book) == {"acct_anna": (0, 9 - 30)}


@pytest.mark.parametrize(
    ("change", "found"),
    [("size = size + 1", "leaves are not"), ("size = size + 1, entries = entries + 1", "entries")],
)
def test_a_head_moved_over_leaves_that_are_not_there_is_found(attacker, change, found):
    attacker.run(f"UPDATE head SET {change}")

    assert any(fault.startswith(found) for fault in faults_of(attacker.book.database))


def test_an_account_without_a_leaf_or_without_a_balance_is_found(attacker):
    attacker.plant("account", account_no=77, account_id="acct_ghost", kind="member", leaf_index=3)

    faults = faults_of(attacker.book.database)
    assert any(fault.startswith("account has (77, 'acct_ghost'") for fault in faults)
    assert "acct_ghost has no balance" in faults


def test_checks_that_sqlite_was_told_to_ignore_are_made_up_for_by_the_sums(sqlite_book):
    fill(sqlite_book)
    attacker = Attacker(sqlite_book.owner_url, sqlite_book)
    attacker.run("PRAGMA ignore_check_constraints = ON", MOVEMENT.format("2, 90, 1, 1, 2, -60"))

    assert differing(sqlite_book) == {"acct_pool": (60, 0), "acct_anna": (-60, 0)}


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER movement_no_update",
        "DROP TRIGGER leaf_no_update",
    ],
)
def test_what_a_dropped_trigger_lets_in_is_found_against_the_leaves(sqlite_book, statement):
    fill(sqlite_book)
    attacker = Attacker(sqlite_book.owner_url, sqlite_book)
    changes = {
        "DROP TRIGGER movement_no_update": "UPDATE movement SET minutes = 91 WHERE minutes = 90",
        "DROP TRIGGER leaf_no_update": "UPDATE leaf SET body = CAST(replace(CAST(body AS TEXT), "
        "',90]', ',91]') AS BLOB)",
    }
    attacker.expect_refused([changes[statement]])
    attacker.run(statement, changes[statement])

    assert faults_of(sqlite_book.database)


def test_minutes_are_never_stored_as_a_fraction(attacker):
    for place, minutes in enumerate(("0.5", "0.4999", "60.5", "'60'", "60.0"), start=90):
        attacker.refusal_of(MOVEMENT.format(f"2, {place}, 1, 1, 2, {minutes}"))

    kind = "typeof(minutes)" if attacker.on_sqlite else "pg_typeof(minutes)::text"
    assert attacker.run(f"SELECT DISTINCT {kind} FROM movement") == [
        ("integer",) if attacker.on_sqlite else ("bigint",)
    ]


def test_a_leaf_planted_where_the_next_one_belongs_stops_the_writer_and_nothing_else(attacker):
    book = attacker.book
    size = read_head(book.database).size
    attacker.plant("leaf", leaf_index=size, body=b"{}")
    before = every_row(book.database)

    with pytest.raises(StorageFault):
        book.post(book.writer(), "acct_pool", "acct_anna", 1)
    assert every_row(book.database) == before


def test_a_head_moved_on_by_hand_stops_the_writer_before_it_signs(attacker):
    attacker.run("UPDATE head SET size = size + 1")
    before = every_row(attacker.book.database)

    fault = attacker.book.writer().submit(attacker.book.posting("acct_pool", "acct_anna", 1))
    assert fault.exception().code == "log_forked"
    assert every_row(attacker.book.database) == before
