"""Reading the statement of an account, in the order of the journal."""

from collections.abc import Iterator
from datetime import date, time

from sqlalchemy import Connection, text

from ledger.balances import balance_of
from ledger.errors import AccountNotFound
from ledger.lines import Line, lines_of, sum_of
from timebank.clock import day_ends, from_milliseconds, instant_of, milliseconds
from timebank.people.directory import account_of_number, numbers_of_accounts, state_of_account
from timebank.statements.model import Statement, StatementLine


def statement(
    connection: Connection, account_id: str, *, from_on: date | None, to_on: date | None
) -> Statement:
    """The statement over days of recording (local, both inside).

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
        running(connection, found, opening),
    )


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


def running(connection: Connection, lines: Iterator[Line], opening: int) -> Iterator[StatementLine]:
    """Lines with the balance after each, which begins at ``opening`` minutes."""
    kinds = account_kinds(connection)
    balance = opening
    for line in lines:
        balance += line.minutes
        yield StatementLine(
            line.number,
            line.place,
            line.leaf_index,
            line.kind,
            line.effective_on,
            recorded_at(line.recorded_ms),
            kinds.get(line.other_no, "member"),
            line.minutes,
            balance,
        )


def newest_lines(connection: Connection, account_id: str, most: int) -> list[StatementLine]:
    """The last ``most`` lines of an account, newest first, each with the balance after it.

    Raises:
        AccountNotFound: the book has no such account.
    """
    account = balance_of(connection, account_id)
    if account is None:
        raise AccountNotFound(account=account_id[:80])
    kinds = account_kinds(connection)
    balance, found = account.posted, []
    for line in lines_of(connection, account.account_no, most=most, newest_first=True):
        found.append(
            StatementLine(
                line.number,
                line.place,
                line.leaf_index,
                line.kind,
                line.effective_on,
                recorded_at(line.recorded_ms),
                kinds.get(line.other_no, "member"),
                line.minutes,
                balance,
            )
        )
        balance -= line.minutes
    return found


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
