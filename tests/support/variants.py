"""Further faults, one for each code of a check that no fault of the table brings out.

They are planted like those of ``tests.support.faults``; other checks may find them as well.
"""

import re
from collections.abc import Callable

from sqlalchemy import Connection, text

from ledger.lines import TAIL_LEAVES
from tests.support.banks import TriedBank
from tests.support.clearing_faults import CLEARING_VARIANTS
from tests.support.integrity import HABITS
from tests.support.planting import (
    Plant,
    announced_expiry,
    corrected,
    deceased,
    departed,
    letters,
    objected,
    paired,
    put_on_notice,
    reversal_proposed,
    shared,
    short_of,
    sql,
    suspended,
    values,
)


def edit(leaf: str, change: Callable[[bytes], bytes]) -> Plant:
    """Change the bytes of the leaf that ``leaf`` names among the values."""

    def plant(connection: Connection, tried: TriedBank) -> None:
        where = {"leaf": values(connection, tried)[leaf]}
        query = text("SELECT body FROM leaf WHERE leaf_index = :leaf")
        before = bytes(connection.execute(query, where).scalar_one())
        after = change(before)
        assert after != before
        connection.execute(
            text("UPDATE leaf SET body = :body WHERE leaf_index = :leaf"), {**where, "body": after}
        )

    return plant


def _earlier(body: bytes) -> bytes:
    return body.replace(b'"t":', b'"t":-')


def _other_seq(body: bytes) -> bytes:
    return re.sub(rb'\\"seq\\":\d+', rb'\\"seq\\":9999', body)


def _other_prev(body: bytes) -> bytes:
    return re.sub(rb'\\"prev\\":\\"[0-9a-f]{8}', rb'\\"prev\\":\\"ffffffff', body)


_RECORD = "record_id = (SELECT record_id FROM record_person WHERE entry_id = :tail_entry)"
_ELDER = "person_id = (SELECT person_id FROM person_number WHERE number = 'E0002')"
_REVERSING = (
    "(SELECT min(e.entry_id) FROM entry e JOIN movement m ON m.leaf_index = e.leaf_index "
    "WHERE m.kind = 'reversal')"
)

_OF_AN_ORDER = (
    "INSERT INTO estate (book_id, estate_id, person_id, account_id, station_code, opening, "
    "reported_by, reported_ms, withdrawn_by, withdrawn_ms, reason) SELECT 1, 'est_1', "
    "p.person_id, p.account_id, 'XFL', s.sealed, 'staff_clerk', 1, '', NULL, '' FROM person p "
    "JOIN vault s ON s.book_id = p.book_id AND s.person_id = p.person_id WHERE p.person_id = "
    "(SELECT min(volunteer_id) FROM service_order WHERE state = 'matched')"
)

_OF_THE_ELDER = _OF_AN_ORDER.replace("volunteer_id", "elder_id")

_WAITS = (
    "UPDATE service_record SET state = 'awaiting_review' WHERE record_id = "
    "(SELECT min(record_id) FROM service_record WHERE state = 'posted')"
)

_ELEVEN_MORE = (
    "INSERT INTO record_person (book_id, record_id, person_id, part, started_at, ended_at, "
    "credited_minutes, charged_minutes, overflow_minutes, entry_id, live) SELECT 1, r.record_id, "
    "'person_' || n.place, 'volunteer', r.started_at, r.ended_at, 0, 0, 0, '', 1 "
    "FROM service_record r CROSS JOIN ("
    + " UNION ALL ".join(f"SELECT {place} AS place" for place in range(11))
    + ") AS n WHERE r.record_id = (SELECT min(record_id) FROM service_record "
    "WHERE state = 'posted')"
)

VARIANTS: dict[tuple[str, str], Plant] = {
    **HABITS,
    **CLEARING_VARIANTS,
    ("schema", "unknown"): sql("CREATE TABLE intruder (n bigint)"),
    ("numbering", "repeated"): sql("UPDATE entry SET number = 1 WHERE leaf_index = :tail"),
    ("numbering", "first_missing"): sql("UPDATE account SET account_no = 0 WHERE account_no = 1"),
    ("rosters", "roster_short"): sql(
        "UPDATE service_record SET marks = 'event' WHERE state = 'posted'",
        "INSERT INTO record_roster (book_id, record_id, sheet, signatures, scan) "
        "SELECT 1, record_id, '2023-04/1', 0, '' FROM service_record WHERE state = 'posted'",
    ),
    ("rosters", "in_parts"): sql(_ELEVEN_MORE),
    ("notices", "posted_objected"): sql(objected("posted", 1)),
    ("notices", "not_posted"): sql(_WAITS, put_on_notice("awaiting_review", "2023-03-01")),
    ("notices", "objection_waits"): sql(_WAITS, objected("awaiting_review", 1_677_600_000_000)),
    ("estates", "entry_unstated"): sql(
        "UPDATE movement SET kind = 'estate_settlement' WHERE leaf_index = :tail"
    ),
    ("estates", "reversal_unseen"): sql(shared(1)),
    ("estates", "unsettled"): sql(deceased("carla")),
    ("estates", "order_open"): sql(_OF_AN_ORDER),
    ("estates", "held"): sql(deceased("anna")),
    ("suspensions", "suspension_lapsed"): sql(suspended("proposed", "2023-03-01", "2023-03-15")),
    ("suspensions", "appeal_overdue"): sql(
        suspended("proposed", "2023-03-01", "2999-01-01", "2023-03-15")
    ),
    ("suspensions", "suspended_expected"): sql(suspended("proposed", "2023-04-01", "2999-01-01")),
    ("corrections", "correction_overdue"): sql(corrected("asked", "2023-03-15")),
    ("pairings", "elder_gone"): sql(*paired("2023-04-05"), _OF_THE_ELDER),
    ("pairings", "volunteer_gone"): sql(*paired("2023-04-05"), _OF_AN_ORDER),
    ("moves", "entry_unstated"): sql(
        "UPDATE movement SET kind = 'moved_away' WHERE leaf_index = :tail"
    ),
    ("moves", "clearing_differs"): sql(
        "INSERT INTO partner_book (book_id, partner_id, origin, live_origin, vkey, name, "
        "account_id, state, proposed_by, proposed_ms, decided_by, decided_ms) SELECT 1, "
        "'partner_1', 'west', 'west', '', '西区', account_id, 'active', '', 1, '', 1 FROM account "
        "WHERE account_no = :anna"
    ),
    ("moves", "waits"): sql(departed("asked", "''", 0, 1)),
    ("moves", "left_over"): sql(departed("moved", "''", 0, 1)),
    ("expiries", "entry_unannounced"): sql(
        "UPDATE movement SET kind = 'expired' WHERE leaf_index = :tail"
    ),
    ("expiries", "too_early"): sql(announced_expiry("expired", "2999-01-01", ":tail_entry")),
    ("expiries", "too_late"): sql(announced_expiry("expired", "2020-01-01", ":tail_entry")),
    ("expiries", "untold"): sql(announced_expiry("expired", "2023-04-01", ":tail_entry")),
    ("expiries", "reversal_unseen"): sql(
        announced_expiry("given_back", "2023-04-01", ":tail_entry")
    ),
    ("expiries", "undecided"): sql(announced_expiry("announced", "2020-01-01")),
    ("shortfalls", "account_differs"): sql(short_of(7)),
    ("shortfalls", "record_differs"): sql(reversal_proposed("approved", 1)),
    ("shortfalls", "undecided"): sql(reversal_proposed("proposed", 1)),
    ("orders", "hold_lost"): sql(
        "UPDATE service_order SET hold_id = 'hold_gone' WHERE state = 'matched'"
    ),
    ("orders", "hold_unsettled"): sql(
        "INSERT INTO record_hold (book_id, record_id, hold_id) SELECT 1, (SELECT min(record_id) "
        "FROM service_record WHERE state = 'posted'), hold_id FROM service_order "
        "WHERE state = 'matched'"
    ),
    ("orders", "hold_shared"): sql(
        "UPDATE service_order SET hold_id = "
        "(SELECT hold_id FROM service_order WHERE state = 'matched')"
    ),
    ("orders", "hold_left"): sql(
        "UPDATE service_order SET state = 'cancelled' WHERE state = 'matched'"
    ),
    ("orders", "record_missing"): sql(
        "UPDATE service_order SET state = 'confirmed', hold_id = '' WHERE state = 'matched'"
    ),
    ("messages", "untold"): sql(
        "UPDATE message SET told_ms = NULL, made_ms = made_ms - 2 * 86400000 "
        "WHERE event = 'order_rejected'"
    ),
    ("messages", "group_unsent"): sql("UPDATE message SET state = 'given_up' WHERE way = 'group'"),
    ("account_limits", "below_floor"): sql("UPDATE account SET floor = 9999"),
    ("account_limits", "above_ceiling"): sql(
        "UPDATE account SET ceiling = 1 WHERE account_no = :anna"
    ),
    ("account_limits", "title_unknown"): sql(
        "UPDATE account SET kind = 'slush' WHERE kind = 'pool'"
    ),
    ("account_limits", "title_count"): sql(
        "UPDATE account SET kind = 'pool' WHERE kind = 'redeemed'"
    ),
    ("account_limits", "floor_loosened"): sql(
        "UPDATE account SET floor = -5 WHERE account_no = :anna"
    ),
    ("holds", "never_placed"): sql(
        "DELETE FROM hold_placed WHERE hold_id IN "
        "(SELECT hold_id FROM hold_ended WHERE state = 'released')"
    ),
    ("holds", "ended_before"): sql("UPDATE hold_placed SET leaf_index = :size"),
    ("derived_lines", "mark_ahead"): sql("UPDATE line_mark SET leaf_index = :size + 1"),
    ("derived_lines", "tail_long"): sql(f"UPDATE head SET size = size + {5 * TAIL_LEAVES}"),
    ("entries_against_leaves", "leaf_unreadable"): edit("tail", lambda body: body[:-1]),
    ("entries_against_leaves", "leaf_misplaced"): edit(
        "tail", lambda body: re.sub(rb'"n":\d+', b'"n":3', body)
    ),
    ("entries_against_leaves", "time_backwards"): edit("tail", _earlier),
    ("sequences", "submission_unreadable"): edit(
        "tail", lambda body: body.replace(rb"\n\n", rb"\n")
    ),
    ("sequences", "sequence_broken"): edit("tail", _other_seq),
    ("sequences", "chain_broken"): edit("tail", _other_prev),
    ("sequences", "key_unknown"): sql("DELETE FROM signing_key WHERE role = 'station'"),
    ("idempotency", "remembered_twice"): sql(
        "INSERT INTO idempotency_key (book_id, submitter, key, content_hash, refused, answer, "
        "leaf_index) SELECT book_id, submitter, 'other', content_hash, refused, answer, "
        "leaf_index FROM idempotency_key WHERE leaf_index = :tail"
    ),
    ("idempotency", "refusal_differs"): sql(
        "UPDATE idempotency_key SET answer = :forged WHERE refused = 1"
    ),
    ("transfers_against_entries", "entry_missing"): sql("UPDATE transfer SET entry_id = :no_entry"),
    ("transfers_against_entries", "movement_differs"): sql(
        "UPDATE transfer SET minutes = minutes + 1"
    ),
    ("transfers_against_entries", "posted_too_early"): sql(
        "UPDATE transfer SET state = 'proposed'"
    ),
    ("transfers_against_entries", "hold_differs"): sql(
        "UPDATE transfer SET state = 'held', entry_id = ''"
    ),
    ("transfers_against_entries", "decided_alone"): sql("UPDATE transfer SET decided_by = made_by"),
    ("openings_against_entries", "entry_missing"): sql(
        "UPDATE opening_row SET entry_id = :no_entry WHERE state = 'posted'"
    ),
    ("openings_against_entries", "movement_differs"): sql(
        "UPDATE opening_row SET credited_minutes = 61 WHERE state = 'posted'"
    ),
    ("openings_against_entries", "posted_too_early"): sql(
        "UPDATE opening_row SET state = 'awaiting_approval' WHERE state = 'posted'"
    ),
    ("openings_against_entries", "approved_alone"): sql(
        "UPDATE opening_row SET decided_by = confirmed_by WHERE state = 'posted'"
    ),
    ("openings_against_entries", "reversal_differs"): sql(
        "UPDATE opening_row SET state = 'posted', live_page = page WHERE state = 'reversed'"
    ),
    ("openings_against_entries", "page_repeated"): sql(
        "UPDATE opening_row SET page = 'same', state = 'posted'"
    ),
    ("records_against_entries", "record_missing"): sql(
        f"DELETE FROM service_record WHERE {_RECORD}"
    ),
    ("records_against_entries", "posted_too_early"): sql(
        f"UPDATE service_record SET state = 'awaiting_review' WHERE {_RECORD}"
    ),
    ("records_against_entries", "entry_missing"): sql(
        "UPDATE record_person SET entry_id = '' WHERE entry_id = :tail_entry"
    ),
    ("records_against_entries", "entry_unknown"): sql(
        "UPDATE record_person SET entry_id = :no_entry WHERE entry_id = :tail_entry"
    ),
    ("records_against_entries", "entry_kind"): sql(
        f"UPDATE record_person SET entry_id = {_REVERSING} WHERE entry_id = :tail_entry"
    ),
    ("records_against_entries", "date_differs"): sql(
        f"UPDATE service_record SET service_on = '2023-03-31' WHERE {_RECORD}"
    ),
    ("records_against_entries", "reversal_unseen"): sql(
        "UPDATE record_person SET live = 1 WHERE live = 0"
    ),
    ("records_against_entries", "entry_shared"): sql(
        "UPDATE record_person SET entry_id = :tail_entry WHERE entry_id <> ''"
    ),
    ("letters", "not_handed"): sql(letters("2023-01-03", "1")),
    ("people", "account_missing"): sql(
        f"UPDATE person SET account_id = 'acct_nowhere' WHERE {_ELDER}"
    ),
    ("accesses", "number_missing"): sql("DELETE FROM access WHERE number = 1"),
    ("accesses", "chain_broken"): sql("UPDATE access SET previous_hash = hash WHERE number = 2"),
    ("people", "not_forgotten"): sql(f"UPDATE person SET state = 'erased' WHERE {_ELDER}"),
}
