"""What both databases refuse to whoever may write to them at all."""

import pytest

from ledger.schema import _KEPT, _KEYS, partitions
from ledger.tables import APPEND_ONLY
from timebank.tables import METADATA

MOVEMENT = (
    "INSERT INTO movement (book_id, leaf_index, place, number, from_no, to_no, minutes, kind, "
    "effective_on, recorded_ms) VALUES (1, 2, 90, 1, {sides}, {minutes}, 'service', "
    "'2026-02-25', 1)"
)


def columns_of(table):
    return [column.name for column in METADATA.tables[table].columns]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_of_the_journal_is_changed_or_deleted(attacker, table):
    assert attacker.run(f"SELECT count(*) FROM {table}")[0][0] > 0, "an attack needs a victim"
    names = columns_of(table)
    statements = [f"UPDATE {table} SET {name} = {name}" for name in names]
    statements += [f"DELETE FROM {table}", f"DELETE FROM {table} WHERE book_id = 1"]
    if attacker.on_sqlite:
        statements += [f"UPDATE OR REPLACE {table} SET {names[1]} = {names[1]}"]
    else:
        statements += [f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE"]
    attacker.expect_refused(statements)


def test_a_statement_that_meets_no_row_is_refused_all_the_same(postgres_owner):
    postgres_owner.expect_refused(
        f"{verb} WHERE book_id = 77"
        for table in APPEND_ONLY
        for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET book_id = 1")
    )


@pytest.mark.parametrize("table", [*APPEND_ONLY, *_KEPT])
def test_no_row_is_replaced_or_merged_over_by_any_of_its_keys(attacker, table):
    names = columns_of(table)
    into = f"INTO {table} ({', '.join(names)})"
    for key in _KEYS[table] if table in _KEYS else (_KEPT[table],):
        kept = {"book_id", *key}
        # A row once more, with everything changed that is no part of this key.
        values = [name if name in kept else other_value(table, name) for name in names]
        again = f"SELECT {', '.join(values)} FROM {table} WHERE 1 = 1 LIMIT 1"
        statements = [f"INSERT {into} {again}"]
        if table in APPEND_ONLY:
            update = f"DO UPDATE SET {names[-1]} = excluded.{names[-1]}"
            statements += [
                f"INSERT {into} {again} ON CONFLICT ({', '.join(('book_id', *key))}) {update}"
            ]
        if attacker.on_sqlite:
            statements += [f"INSERT OR REPLACE {into} {again}", f"REPLACE {into} {again}"]
        attacker.expect_refused(statements)


def other_value(table, name):
    """An expression of the column's type with another value, bytes excepted."""
    column = METADATA.tables[table].columns[name]
    if column.nullable:
        return "NULL"
    if column.type.python_type is int:
        return f"{name} + 1000"
    return name if column.type.python_type is bytes else f"{name} || 'x'"


@pytest.mark.parametrize(
    "minutes", ["0", "-1", "-60", "NULL", "'sixty'", "''", "1e300", "9223372036854775808"]
)
def test_a_movement_has_positive_whole_minutes(attacker, minutes):
    attacker.expect_refused([MOVEMENT.format(sides="1, 2", minutes=minutes)])


def test_a_movement_has_two_accounts_a_number_and_a_place(attacker):
    good = MOVEMENT.format(sides="1, 2", minutes="1")
    attacker.expect_refused(
        [
            MOVEMENT.format(sides="1, 1", minutes="1"),
            MOVEMENT.format(sides="NULL, 1", minutes="1"),
            MOVEMENT.format(sides="1, NULL", minutes="1"),
            good.replace("(1, 2, 90, 1,", "(1, 2, 90, 0,"),
            good.replace("(1, 2, 90, 1,", "(1, 2, -1, 1,"),
            good.replace("(1, 2, 90, 1,", "(1, NULL, 90, 1,"),
            "INSERT INTO leaf (book_id, leaf_index, body) VALUES (1, -1, '')",
            "INSERT INTO leaf (book_id, leaf_index, body) VALUES (1, 900, NULL)",
        ]
    )


FORWARD = {
    "size": "size + 1", "entries": "entries", "accounts": "accounts", "book": "book",
    "recorded_ms": "recorded_ms", "origin": "origin", "book_id": "book_id",
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("size", "size"), ("size", "size - 1"), ("size", "0"), ("entries", "entries - 1"),
        ("accounts", "accounts - 1"), ("recorded_ms", "recorded_ms - 1"), ("book", "'other'"),
        ("origin", "'other'"), ("book_id", "2"), ("size", "NULL"), ("entries", "-1"),
    ],
)  # fmt: skip
def test_the_head_only_moves_forward(attacker, column, value):
    moved = {**FORWARD, column: value}
    attacker.expect_refused(
        ["UPDATE head SET " + ", ".join(f"{name} = {to}" for name, to in moved.items())]
    )


def test_the_head_does_not_change_in_place(attacker):
    attacker.expect_refused(["UPDATE head SET root = root", "UPDATE head SET frontier = frontier"])


def test_what_follows_the_journal_is_never_deleted(attacker):
    for table in _KEPT:
        attacker.expect_refused([f"DELETE FROM {table}", f"DELETE FROM {table} WHERE book_id = 1"])
        if not attacker.on_sqlite:
            attacker.expect_refused([f"TRUNCATE {table}"])


@pytest.mark.parametrize(
    "change",
    [
        "posted = -1 WHERE account_no = 2",
        "posted = 29 WHERE account_no = 2",  # 30 are held
        "held = posted + 1 WHERE account_no = 2",
        "held = -1 WHERE account_no = 1",
        "posted = 101 WHERE account_no = 3",
        "posted = NULL WHERE account_no = 3",
        "posted = 'much' WHERE account_no = 3",
        "floor = NULL, posted = -5000 WHERE account_no = 2",
        "ceiling = 5000, posted = 5000 WHERE account_no = 3",
        "account_no = 9 WHERE account_no = 3",
    ],
)
def test_no_balance_leaves_its_limits_nor_changes_them(attacker, change):
    attacker.expect_refused([f"UPDATE balance SET {change}"])


def test_a_hold_ends_once_and_an_entry_is_reversed_once(attacker):
    (ended,) = attacker.run("SELECT hold_id FROM hold_ended WHERE state = 'settled'")[0]
    (undone,) = attacker.run("SELECT reversed_id FROM reversal")[0]
    (undoing,) = attacker.run("SELECT reversing_id FROM reversal")[0]
    end = "INSERT INTO hold_ended (book_id, hold_id, state, settled_minutes, leaf_index) VALUES"
    placed = (
        "INSERT INTO hold_placed "
        "(book_id, hold_id, payer_no, payee_no, minutes, expires_ms, leaf_index) VALUES"
    )
    undo = "INSERT INTO reversal (book_id, reversed_id, reversing_id, leaf_index) VALUES"
    attacker.expect_refused(
        [
            f"{end} (1, '{ended}', 'released', 0, 3)",
            f"{end} (1, 'hold_x', 'placed', 0, 3)",
            f"{end} (1, NULL, 'released', 0, 3)",
            f"{undo} (1, '{undone}', 'entry_x', 3)",
            f"{undo} (1, 'entry_x', '{undoing}', 3)",
            f"{placed} (1, 'hold_y', 1, 2, 0, 9, 3)",
            f"{placed} (1, 'hold_y', 1, 2, -1, 9, 3)",
        ]
    )


@pytest.mark.parametrize(
    "change",
    ["next_seq = next_seq - 1", "next_seq = 0", "vkey = 'x'", "role = 'x'", "previous_hash = ''"],
)
def test_a_key_never_goes_back_in_its_sequence(attacker, change):
    attacker.expect_refused([f"UPDATE signing_key SET {change}"])


@pytest.mark.postgres
@pytest.mark.parametrize("role", ["postgres_owner", "postgres_service"])
def test_partitions_are_no_way_around_the_triggers(role, request):
    attacker = request.getfixturevalue(role)
    parts = [*partitions("leaf"), *partitions("movement")]
    attacker.expect_refused(
        statement
        for part in parts
        for statement in (
            f"UPDATE {part} SET leaf_index = leaf_index",
            f"DELETE FROM {part}",
            f"TRUNCATE {part}",
        )
    )
    attacker.expect_refused(
        [
            MOVEMENT.format(sides="1, 2", minutes="-1").replace("movement", "movement_00"),
            MOVEMENT.format(sides="1, 2", minutes="1").replace("movement", "movement_01"),
        ]
    )


@pytest.mark.postgres
def test_the_service_owns_nothing_and_cannot_lift_a_finger_against_the_schema(postgres_service):
    owned = postgres_service.run(
        "SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
        "WHERE r.rolname = current_user"
    )
    assert owned == []
    ((owner,),) = postgres_service.run("SELECT tableowner FROM pg_tables WHERE tablename = 'leaf'")
    postgres_service.expect_refused(
        [
            "DROP TABLE line",
            "DROP TRIGGER leaf_append_only ON leaf",
            "ALTER TABLE leaf DISABLE TRIGGER ALL",
            "ALTER TABLE leaf DISABLE TRIGGER leaf_append_only",
            "ALTER TABLE movement DROP CONSTRAINT movement_minutes_positive",
            "ALTER TABLE leaf DETACH PARTITION leaf_00",
            "ALTER TABLE balance OWNER TO current_user",
            "CREATE TABLE mine (x int)",
            "CREATE TEMP TABLE leaf (x int)",
            "CREATE TRIGGER mine AFTER INSERT ON leaf EXECUTE FUNCTION refuse_change()",
            "CREATE RULE mine AS ON INSERT TO leaf DO INSTEAD NOTHING",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS ''",
            "CREATE SCHEMA mine",
            "DROP SCHEMA public CASCADE",
            "SET session_replication_role = replica",
            f"SET ROLE {owner}",
            "COPY leaf FROM PROGRAM 'true'",
            "COPY leaf TO '/tmp/leaf'",
            "UPDATE alembic_version SET version_num = 'x'",
        ]
    )
