"""Clearing with partner books: what both sides say, line by line, and what was netted by it."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from timebank.clearing.comparing import Mismatch, What, compare
from timebank.clearing.journal import Cleared, cleared_partners, journal_lines
from timebank.clearing.model import Line, MonthAccount, account_of_month
from timebank.clearing.statement import hash_of, head_text, kept_account
from timebank.clearing.tables import CLEARING_STATEMENT, PARTNER_STATEMENT
from timebank.clock import from_milliseconds, local_date
from timebank.reconciliation.model import Check, Difference, Fact, Need, Severity
from timebank.reconciliation.view import View

TRANSIT_DAYS = 30
"""Days within which a member has handed the file in at the other district."""

WORDS = {
    "in_transit": (
        "转往 {partner} 的 {ours} 分钟已超过三十天，对方清算单上还没有转入。",
        "{ours} minutes went to {partner} over thirty days ago, and its statements have them not.",
    ),
    "coming": (
        "{partner} 转出、应转入本区的 {theirs} 分钟已超过三十天，还没有人来办理。",
        "{theirs} minutes left {partner} for here over thirty days ago, and nobody brought them.",
    ),
    "unknown_there": (
        "本区按 {partner} 的结转单转入 {ours} 分钟，对方清算单上没有这笔转出。",
        "{ours} minutes came in from {partner}, whose statements do not have them.",
    ),
    "unknown_here": (
        "{partner} 的清算单写有从本区转入 {theirs} 分钟，本区没有这笔转出。",
        "{partner} states that {theirs} minutes came from here; this book sent none such.",
    ),
    "minutes_differ": (
        "与 {partner} 的一笔往来，本区记 {ours} 分钟，对方记 {theirs} 分钟。",
        "Of one line with {partner} this book has {ours} minutes and the other {theirs}.",
    ),
    "duplicate": (
        "与 {partner} 的一笔往来在同一方的账上出现了两次（{month}）。",
        "One line with {partner} stands twice on the same side ({month}).",
    ),
    "half_netted": (
        "与 {partner} 的轧差只有一方办理：本区 {ours} 分钟，对方 {theirs} 分钟。",
        "Only one side has netted with {partner}: {ours} minutes here, {theirs} there.",
    ),
    "carried": (
        "与 {partner} 的清算账户有从前一账簿承接的余额，对方没有对应的一笔。",
        "The account with {partner} has a balance of a former book, which the other cannot have.",
    ),
    "chain_broken": (
        "{partner} {month} 的清算单期初 {theirs} 分钟，接不上前一份的期末 {ours} 分钟。",
        "{partner} opens {month} with {theirs} minutes; the month before closed with {ours}.",
    ),
    "month_missing": (
        "缺 {partner} {month} 的清算单，请向对方索取。",
        "The statement of {partner} for {month} is missing; ask for it.",
    ),
    "statement_differs": (
        "本区给 {partner} 的 {month} 清算单与凭证不符。",
        "This book's own statement for {partner} and {month} is not what the journal says.",
    ),
    "kept_differs": (
        "保存的 {partner} {month} 清算单不是收到时的原文。",
        "What is kept of {partner}'s statement for {month} is not what was taken in.",
    ),
    "netting_differs": (
        "轧差登记为 {stated} 分钟，凭证转了 {moved} 分钟。",
        "The netting states {stated} minutes; its entry moves {moved}.",
    ),
    "netting_unstated": (
        "凭证 {entry} 是轧差，没有登记。",
        "The entry {entry} nets minutes and no netting says so.",
    ),
}

_STILL = {What.HALF_NETTED: Severity.WARNING, What.MONTH_MISSING: Severity.WARNING,
          What.CARRIED: Severity.NOTE}  # fmt: skip
_AGEING = (What.IN_TRANSIT, What.COMING)

_NETTED = """
SELECT n.netting_id, n.minutes,
       (SELECT coalesce(sum(m.minutes), 0) FROM entry e JOIN movement m
          ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
         WHERE e.book_id = n.book_id AND e.entry_id = n.entry_id AND m.kind = 'netted'),
       (SELECT count(*) FROM entry e WHERE e.book_id = n.book_id AND e.entry_id = n.entry_id)
  FROM netting n WHERE n.book_id = :book AND n.state = 'netted' ORDER BY n.netting_id
"""

_UNSTATED = """
SELECT DISTINCT e.entry_id FROM movement m JOIN entry e
    ON e.book_id = m.book_id AND e.leaf_index = m.leaf_index
 WHERE m.book_id = :book AND m.kind = 'netted'
   AND NOT EXISTS (SELECT 1 FROM netting n
                    WHERE n.book_id = e.book_id AND n.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""


def check(view: View) -> Iterator[Difference]:
    """Both sides of each clearing account; nettings against entries, those of a former book are
    its.
    """
    for partner in cleared_partners(view.connection):
        lines = journal_lines(view.connection, partner.origin, partner.account_id)
        yield from _own(view, partner, lines)
        said, changed = _kept(view, partner)
        yield from changed
        for one in compare(lines, said):
            unheard = one.what is What.CARRIED and not said
            if not unheard and _matters(view, partner, one):
                yield _told(partner, one)
    for netting, stated, moved, here in view.rows(_NETTED):
        if here and abs(stated) != moved:
            facts = {"stated": abs(int(stated)), "moved": int(moved)}
            yield Difference(f"netting {netting}", "netting_differs", facts)
    for (entry,) in view.rows(_UNSTATED):
        yield Difference(f"entry {entry}", "netting_unstated", {"entry": entry})


def _own(view: View, partner: Cleared, lines: list[Line]) -> Iterator[Difference]:
    """This book's statements against its journal."""
    columns = CLEARING_STATEMENT.c
    rows = view.connection.execute(
        select(CLEARING_STATEMENT)
        .where(columns.book_id == view.book_id, columns.origin == partner.origin)
        .order_by(columns.month)
    )
    for row in rows:
        origin = row.head.partition(" ")[0]
        text = head_text(account_of_month(origin, partner.origin, row.month, lines))
        if row.head != text or row.hash != hash_of(text):
            facts = {"month": row.month, "partner": partner.name}
            subject = f"month {row.month} {partner.origin}"
            yield Difference(subject, "statement_differs", facts)


def _kept(view: View, partner: Cleared) -> tuple[list[MonthAccount], list[Difference]]:
    """The partner's statements, and those that are not what was taken in."""
    columns = PARTNER_STATEMENT.c
    rows = view.connection.execute(
        select(PARTNER_STATEMENT)
        .where(columns.book_id == view.book_id, columns.origin == partner.origin)
        .order_by(columns.month)
    )
    said, changed = [], []
    for row in rows:
        try:
            one = kept_account(row.note, row.lines)
            is_same = hash_of(head_text(one)) == row.hash
        except ValueError:  # It is no statement any more.
            is_same = False
        if is_same:
            said.append(one)
        else:
            facts = {"month": row.month, "partner": partner.name}
            subject = f"month {row.month} {partner.origin}"
            changed.append(Difference(subject, "kept_differs", facts))
    return said, changed


def _matters(view: View, partner: Cleared, one: Mismatch) -> bool:
    """Whether it is more than a file on its way between two districts that work together."""
    if one.what not in _AGEING:
        return True
    today = local_date(from_milliseconds(view.now_ms))
    return partner.is_active and date.fromisoformat(one.on) < today - timedelta(days=TRANSIT_DAYS)


def _told(partner: Cleared, one: Mismatch) -> Difference:
    facts: dict[str, Fact] = {
        "month": one.month, "ours": abs(one.ours), "partner": partner.name,
        "theirs": abs(one.theirs),
    }  # fmt: skip
    severity = Severity.WARNING if one.what in _AGEING else _STILL.get(one.what)
    subject = f"entry {one.entry}" if one.entry else f"month {one.month} {partner.origin}"
    return Difference(subject, one.what.value, facts, severity)


CHECK = Check(
    "clearing",
    "本区与各往来账本的清算单逐笔相符，轧差双方都已办理，在途的按时转入",
    "Clearing statements of both books agree line by line, and both have netted",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
