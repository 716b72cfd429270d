"""What was announced and what expired: for the holder, for their copy, and month by month."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger.balances import balance_of
from timebank.bank import Bank
from timebank.errors import NoProfileInForce
from timebank.expiry.model import Coming, State, kept_since, older, terms_of
from timebank.expiry.receipts import received_since
from timebank.people.directory import (
    account_of_number,
    members,
    names_not_shown,
    numbers_of_accounts,
)
from timebank.people.masks import mask_name
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_NOT_USED = (State.ANNOUNCED, State.EXPIRED, State.GIVEN_BACK, State.LAPSED)
READERS = (Role.OPERATOR, Role.AUDITOR)

_OPEN = text(
    "SELECT due_on, sum(minutes) AS minutes FROM expiry_announcement "
    "WHERE book_id = 1 AND account_id = :account AND state = 'announced' "
    "GROUP BY due_on ORDER BY due_on"
)
_OF_PERSON = text(
    "SELECT announcement_id, minutes, announced_on, due_on, state, why, expired_minutes, entry_id "
    "FROM expiry_announcement WHERE book_id = 1 AND person_id = :person ORDER BY announcement_id"
)
_BY_MONTH = text(
    "SELECT due_on, state, count(DISTINCT account_id) AS holders, sum(minutes) AS minutes, "
    "sum(expired_minutes) AS expired FROM expiry_announcement WHERE book_id = 1 "
    "GROUP BY due_on, state ORDER BY due_on DESC, state"
)
_LISTED = (
    "SELECT announcement_id, account_id, station_code, minutes, announced_on, due_on, state, why, "
    "expired_minutes, entry_id, policy, reason FROM expiry_announcement "
    "WHERE book_id = 1 AND announcement_id > :after"
)


_EXPIRED = (
    "SELECT n.announcement_id, n.account_id, n.person_id, n.expired_minutes, n.due_on, n.state, "
    "n.reason, e.entry_id AS here FROM expiry_announcement n "
    "LEFT JOIN entry e ON e.book_id = n.book_id AND e.entry_id = n.entry_id "
    "WHERE n.book_id = 1 AND n.state IN ('expired', 'given_back') "
    "AND (:account = '' OR n.account_id = :account) "
    "AND (:after = '' OR n.announcement_id < :after) ORDER BY n.announcement_id DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class MonthOfExpiry:
    """What was announced for a month (``YYYY-MM``) and what became of it, in whole minutes.

    ``holders`` are accounts; of what was announced ``open_minutes`` wait for their day,
    ``lapsed_minutes`` were not carried out, and the rest was spent or set aside in time.
    """

    month: str
    holders: int
    announced_minutes: int
    open_minutes: int
    expired_minutes: int
    given_back_minutes: int
    lapsed_minutes: int
    used_minutes: int


@dataclass(frozen=True, slots=True)
class ExpiryRule:
    """What a profile says of the end of credit, with the clauses."""

    expires_after_months: int
    expires_source: str
    notice_months: int
    notice_source: str
    policy: str


@dataclass(frozen=True, slots=True)
class ListedExpiry:
    """One announcement; see :class:`timebank.expiry.tables.ExpiryAnnouncement`."""

    announcement_id: str
    account_id: str
    station_code: str
    minutes: int
    announced_on: str
    due_on: str
    state: str
    why: str
    expired_minutes: int
    entry_id: str
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExpiredCredit:
    """What expired of somebody, as the operator gives it back; the name is masked.

    ``returnable`` is false where it came back already, for ``reason``, or where its entry stands in
    the book before this one.
    """

    announcement_id: str
    number: str
    name: str
    minutes: int
    due_on: str
    state: str
    reason: str
    returnable: bool


def coming_expiries(
    bank: Bank, connection: Connection, account_id: str, until: date | None = None
) -> list[Coming]:
    """What an account loses on which day if nothing is used until then, the next day first.

    Nothing where nothing was announced, where today's policy lets credit live, and for a statement
    whose last day, ``until``, is over: what was handed out for a past period never changes.
    """
    if until is not None and until < bank.today():
        return []
    opened = connection.execute(_OPEN, {"account": account_id}).all()
    balance = balance_of(connection, account_id)
    if not opened or balance is None:
        return []
    try:
        terms = terms_of(bank.profile_on(bank.today()))
    except NoProfileInForce:
        return []
    if terms is None:
        return []
    dues = [date.fromisoformat(row.due_on) for row in opened]
    days = [kept_since(due, terms) for due in dues]
    received = received_since(connection.execute, [balance.account_no], days)
    found, covered = [], 0
    for row, due, day in zip(opened, dues, days, strict=True):
        left = max(0, older(balance.posted, received[balance.account_no][day]) - balance.held)
        minutes = min(covered + int(row.minutes), left) - min(covered, left)
        covered = min(covered + int(row.minutes), left)
        if minutes:
            found.append(Coming(due, minutes))
    return found


def expiry_rule(bank: Bank) -> ExpiryRule | None:
    """The rule of today; ``None`` where credit lives for ever, or no profile is in force."""
    try:
        profile = bank.profile_on(bank.today())
    except NoProfileInForce:
        return None
    lives = profile.endings.credit_expires_after_months
    notice = profile.endings.expiry_notice_months
    if lives is None or notice is None:
        return None
    return ExpiryRule(lives.value, lives.source, notice.value, notice.source, profile.version)


def told_of_expiries(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """Every announcement to a person and what became of it, for their own copy."""
    rows = connection.execute(_OF_PERSON, {"person": person_id})
    return [dict(row) for row in rows.mappings()]


def expiries_by_month(connection: Connection, actor: Actor) -> list[MonthOfExpiry]:
    """What was announced for each month and what became of it, the newest first.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "read_expiries", *READERS)
    months: dict[str, Counter[str]] = {}
    for row in connection.execute(_BY_MONTH):
        month = months.setdefault(row.due_on[:7], Counter())
        month["holders"] += int(row.holders)
        month["all"] += int(row.minutes)
        month[row.state] += int(row.expired) or int(row.minutes)
    return [
        MonthOfExpiry(
            name,
            month["holders"],
            month["all"],
            month[State.ANNOUNCED],
            month[State.EXPIRED],
            month[State.GIVEN_BACK],
            month[State.LAPSED],
            month["all"] - sum(month[state] for state in _NOT_USED),
        )
        for name, month in months.items()
    ]


def expiries_listed(
    connection: Connection, actor: Actor, *, month: str = "", after: str = "", most: int = 50
) -> list[ListedExpiry]:
    """A page of announcements in their order, of the month (``YYYY-MM``) in which they fall due.

    Raises:
        NotPermitted: neither operator nor auditor.
    """
    require(actor, "read_expiries", *READERS)
    query, asked = _LISTED, dict[str, Any](after=after, most=most)
    if month:
        query += " AND due_on = :due"
        asked["due"] = f"{month}-01"
    query += " ORDER BY announcement_id LIMIT :most"
    return [ListedExpiry(*row) for row in connection.execute(text(query), asked)]


def expired_credit(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    *,
    number: str = "",
    after: str = "",
    most: int = 50,
) -> list[ExpiredCredit]:
    """A page of what expired, the newest first; with ``number``, of that person alone.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownMember: the number stands for nobody.
    """
    require(actor, "read_expired_credit", Role.OPERATOR)
    account = account_of_number(connection, number.strip().upper())[1] if number.strip() else ""
    asked = {"account": account, "after": after, "most": most}
    rows = connection.execute(text(_EXPIRED), asked).all()
    ids = {row.person_id for row in rows}
    names = names_not_shown(connection, ids)
    names |= {who: mask_name(one.name) for who, one in members(bank, connection, ids).items()}
    numbers = numbers_of_accounts(connection, {row.account_id for row in rows})
    return [
        ExpiredCredit(
            row.announcement_id,
            numbers.get(row.account_id, ""),
            names.get(row.person_id, ""),
            int(row.expired_minutes),
            row.due_on,
            row.state,
            row.reason,
            row.state == State.EXPIRED and row.here is not None,
        )
        for row in rows
    ]
