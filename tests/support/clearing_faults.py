"""Faults of clearing: a partner's statements, and lines of its account, planted as owner would."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, text

from ledger.ids import new_id
from ledger.notes import sign_note
from tests.support.banks import TriedBank
from tests.support.planting import Plant, sql, values
from timebank.chart import Kind
from timebank.clearing.model import Line, MonthAccount, Way
from timebank.clearing.statement import hash_of, head_text, lines_text
from timebank.clearing.tables import CLEARING_STATEMENT, PARTNER_STATEMENT
from timebank.moves.tables import PARTNER_BOOK

WEST = "timebank.example/west"
LONG_AGO, FAR_OFF = "2000-01", "2999-01"


def _partner(connection: Connection, account_id: str) -> None:
    row = {
        "book_id": 1, "partner_id": "partner_1", "origin": WEST, "live_origin": WEST, "vkey": "",
        "name": "西区", "account_id": account_id, "state": "active", "proposed_by": "",
        "proposed_ms": 1, "decided_by": "", "decided_ms": 1,
    }  # fmt: skip
    connection.execute(insert(PARTNER_BOOK), [row])


def _states(connection: Connection, tried: TriedBank, said: MonthAccount, **changed: str) -> None:
    head = head_text(said)
    row: dict[str, Any] = {
        "book_id": 1, "origin": WEST, "month": said.month, "statement_id": "clear_1",
        "note": sign_note(head, tried.bank.log_key), "lines": lines_text(said.lines),
        "hash": hash_of(head), "opening": said.opening, "closing": said.closing, "taken_by": "",
        "taken_ms": 1,
    }  # fmt: skip
    connection.execute(insert(PARTNER_STATEMENT), [row | changed])


def theirs(*lines: Line, month: str = LONG_AGO, opening: int = 0, **changed: str) -> Plant:
    """A partner without a line here states these of a month."""

    def plant(connection: Connection, tried: TriedBank) -> None:
        _partner(connection, tried.bank.account_of(Kind.SUSPENSE))
        said = MonthAccount(WEST, tried.bank.origin, month, opening, lines)
        _states(connection, tried, said, **changed)

    return plant


def ours(kind: str, *lines: Line, on: str = "2000-01-01", month: str = FAR_OFF) -> Plant:
    """A partner has the account of somebody with credit, whose lines are called of that kind.

    What the partner states names one of their entries where ``other`` is a star.
    """

    def plant(connection: Connection, tried: TriedBank) -> None:
        anna = values(connection, tried)["anna"]
        _partner(connection, tried.account("V0001"))
        called = {"kind": kind, "on": on, "anna": anna}
        for table, where in (("movement", "to_no"), ("line", "account_no")):
            changed = f"UPDATE {table} SET kind = :kind, effective_on = :on WHERE {where} = :anna"
            connection.execute(text(changed), called)
        asked = "SELECT min(e.entry_id) FROM entry e JOIN movement m "
        asked += "ON m.leaf_index = e.leaf_index WHERE m.to_no = :anna"
        entry = connection.execute(text(asked), called).scalar_one()
        named = tuple(replace(one, other=entry if one.other == "*" else one.other) for one in lines)
        _states(connection, tried, MonthAccount(WEST, tried.bank.origin, month, 0, named))

    return plant


def _stated_otherwise(connection: Connection, tried: TriedBank) -> None:
    _partner(connection, tried.bank.account_of(Kind.SUSPENSE))
    head = head_text(MonthAccount(tried.bank.origin, WEST, LONG_AGO, 7, ()))
    row = {
        "book_id": 1, "origin": WEST, "month": LONG_AGO, "head": head, "lines": "",
        "hash": hash_of(head), "opening": 7, "closing": 7, "made_by": "", "made_ms": 1,
    }  # fmt: skip
    connection.execute(insert(CLEARING_STATEMENT), [row])


def _gap(connection: Connection, tried: TriedBank) -> None:
    theirs()(connection, tried)
    _states(connection, tried, MonthAccount(WEST, tried.bank.origin, "2000-03", 0, ()))


_DAY = f"{LONG_AGO}-05"
_HERS, _GONE = new_id("entry", 1), new_id("entry", 2)
TAKEN = Line(_HERS, -7, _DAY, _GONE, Way.IN)
SENT = Line(_HERS, 7, _DAY, "", Way.OUT)
_AFTER = Line(_HERS, -1, f"{FAR_OFF}-05", "*", Way.IN)

UNKNOWN_HERE = theirs(TAKEN)

NETTED_AMISS = sql(
    "INSERT INTO netting (book_id, netting_id, origin, month, live_origin, live_month, minutes, "
    "ours, theirs, state, entry_id, proposed_by, proposed_ms, decided_by, decided_ms) SELECT 1, "
    f"'net_1', '{WEST}', '{LONG_AGO}', NULL, NULL, 7, '', '', 'netted', :tail_entry, '', 1, '', 1"
)

CLEARING_VARIANTS: dict[tuple[str, str], Plant] = {
    ("clearing", "in_transit"): ours("moved_away"),
    ("clearing", "coming"): theirs(SENT),
    ("clearing", "unknown_there"): ours("moved_in"),
    ("clearing", "minutes_differ"): ours("moved_away", _AFTER),
    ("clearing", "duplicate"): theirs(SENT, SENT),
    ("clearing", "half_netted"): theirs(Line(_HERS, 7, _DAY, LONG_AGO, Way.NETTED)),
    ("clearing", "carried"): ours("carried_over"),
    ("clearing", "chain_broken"): theirs(opening=7),
    ("clearing", "month_missing"): _gap,
    ("clearing", "statement_differs"): _stated_otherwise,
    ("clearing", "kept_differs"): theirs(SENT, lines="\n"),
    ("clearing", "netting_differs"): NETTED_AMISS,
    ("clearing", "netting_unstated"): sql(
        "UPDATE movement SET kind = 'netted' WHERE leaf_index = (SELECT max(leaf_index) FROM entry)"
    ),
}
"""A fault for each code of the check that the fault of the table does not bring out."""
