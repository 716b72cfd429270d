"""Reading the statement of an account, in the order of the journal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time

from sqlalchemy import Connection, text

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from ledger.lines import Line, lines_of, sum_of
from timebank.clock import day_ends, from_milliseconds, instant_of, milliseconds
from timebank.expiry.model import Coming
from timebank.people.directory import account_of_number, numbers_of_accounts, state_of_account
from timebank.statements.model import OpenHold, Statement, StatementLine
from timebank.statements.services import Behind, with_entries

NO_PAGES: Mapping[int, str] = {}
"""Where no entry came from an older scheme's page."""

_OPEN_HOLDS = text(
    "SELECT h.minutes, h.expires_ms FROM hold_placed h "
    "LEFT JOIN hold_ended e ON e.book_id = h.book_id AND e.hold_id = h.hold_id "
    "WHERE h.book_id = 1 AND h.payer_no = :account AND e.hold_id IS NULL "
    "ORDER BY h.expires_ms, h.leaf_index"
)


def statement(
    connection: Connection,
    account_id: str,
    *,
    from_on: date | None,
    to_on: date | None,
    pages: Mapping[int, str] = NO_PAGES,
    expiring: Sequence[Coming] = (),
) -> Statement:
    """The statement over days of recording (local, both inside); ``pages`` by leaf index.

    ``expiring`` is what was announced to end, see :func:`timebank.expiry.queries.coming_expiries`.

    An entry belongs to the period in which it was recorded, so a statement that was handed out
    never changes; the day of the service stands beside it (decision 8).  A period that ends before
    it begins has no lines, and closes with what it opened with.

    Raises:
        AccountNotFound: the book has no such account.
    """
    account = balance_of(connection, account_id)
    if account is None:
        raise AccountNotFound(account=account_id[:80])
    from_ms, before_ms = recorded_within(from_on, to_on)
    opening = (
        0 if from_ms is None else sum_of(connection, account.account_no, known_before_ms=from_ms)
    )
    if from_ms is not None and before_ms is not None and before_ms <= from_ms:
        closing = opening
    else:
        closing = sum_of(connection, account.account_no, known_before_ms=before_ms)
    found = lines_of(connection, account.account_no, from_ms=from_ms, before_ms=before_ms)
    return Statement(
        account_id,
        account.kind,
        numbers_of_accounts(connection, [account_id]).get(account_id, ""),
        state_of_account(connection, account_id),
        from_on,
        to_on,
        opening,
        closing,
        account.held,
        running(connection, found, opening, pages),
        open_holds(connection, account.account_no),
        tuple(expiring),
    )


def open_holds(connection: Connection, account_no: int) -> tuple[OpenHold, ...]:
    """The holds that set minutes of an account aside now, the first to expire first."""
    rows = connection.execute(_OPEN_HOLDS, {"account": account_no})
    return tuple(OpenHold(row.minutes, row.expires_ms) for row in rows)


def recorded_within(from_on: date | None, to_on: date | None) -> tuple[int | None, int | None]:
    """Local days, both inside, as UTC milliseconds: the first inside and the first behind.

    The first and the last day that a calendar has bound nothing.
    """
    from_ms = before_ms = None
    if from_on is not None and from_on > date.min:
        from_ms = milliseconds(instant_of(from_on, time.min))
    if to_on is not None and to_on < date.max:
        before_ms = milliseconds(day_ends(to_on))
    return from_ms, before_ms


def running(
    connection: Connection, lines: Iterator[Line], opening: int, pages: Mapping[int, str]
) -> Iterator[StatementLine]:
    """Lines with the balance after each, which begins at ``opening`` minutes."""
    kinds = account_kinds(connection)
    balance = opening
    for line, behind in with_entries(connection, lines):
        balance += line.minutes
        other = kinds.get(line.other_no, "member")
        yield _stated(line, other, balance, pages.get(line.leaf_index, ""), behind)


def newest_lines(
    connection: Connection,
    account_id: str,
    most: int,
    pages: Mapping[int, str] = NO_PAGES,
    *,
    before: tuple[int, int] | None = None,
) -> list[StatementLine]:
    """The last ``most`` lines of an account, newest first, each with the balance after it.

    ``before`` is the (leaf_index, place) of the last one of the page before.

    Raises:
        AccountNotFound: the book has no such account.
    """
    account = balance_of(connection, account_id)
    if account is None:
        raise AccountNotFound(account=account_id[:80])
    kinds = account_kinds(connection)
    balance, found = account.posted, []
    number = account.account_no
    if before is not None:
        balance = sum_of(connection, number, up_to=(before[0], before[1] - 1))
    newest = lines_of(connection, number, after=before, most=most, newest_first=True)
    for line, behind in with_entries(connection, newest):
        other = kinds.get(line.other_no, "member")
        found.append(_stated(line, other, balance, pages.get(line.leaf_index, ""), behind))
        balance -= line.minutes
    return found


def _stated(line: Line, other_kind: str, balance: int, page: str, behind: Behind) -> StatementLine:
    service = behind.service
    return StatementLine(
        line.number,
        line.place,
        line.leaf_index,
        line.kind,
        line.effective_on,
        recorded_at(line.recorded_ms),
        other_kind,
        line.minutes,
        balance,
        page,
        None if service is None else service.given_minutes,
        "" if service is None else service.policy,
        service is not None and service.is_late,
        behind.entry_id,
    )


def account_kinds(connection: Connection) -> dict[int, str]:
    """Kinds of the accounts that are no member's, by their serial: a few dozen."""
    rows = connection.execute(
        text("SELECT account_no, kind FROM account WHERE book_id = 1 AND kind <> 'member'")
    )
    return {row.account_no: row.kind for row in rows}


def account_named(connection: Connection, name: str) -> str:
    """The account id that ``name`` means: an account id, or a member number.

    Raises, the first that applies:
        AccountNotFound: an account id that the book does not have.
        UnknownMember: a number that stands for nobody.
    """
    if name.startswith("acct_"):
        if balance_of(connection, name) is None:
            raise AccountNotFound(account=name[:80])
        return name
    return account_of_number(connection, name.strip().upper())[1]


def recorded_at(ms: int) -> str:
    """A moment as statements show it: RFC 3339, UTC, with milliseconds."""
    return from_milliseconds(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
