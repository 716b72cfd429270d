"""Who may see whom: staff see masks, a member sees their own account and nobody else's."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from ledger.balances import AccountBalance, balance_of
from ledger.errors import AccountNotFound
from ledger.lines import sum_of
from timebank.bank import Bank
from timebank.clock import milliseconds
from timebank.errors import NotPermitted, UnknownMember
from timebank.people.directory import (
    account_of_number,
    member_of_number,
    members,
    names_not_shown,
    people_listed,
    state_of_account,
)
from timebank.people.masks import mask_id_number, mask_name, mask_telephone
from timebank.people.model import Member
from timebank.people.tables import PERSON, PERSON_NUMBER
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
STAFF = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)


@dataclass(frozen=True, slots=True)
class MaskedPerson:
    """A person as a list shows them; whatever names them is masked, the number is not.

    ``state`` is ``active``, ``restricted`` or ``erased``.
    """

    number: str
    role: str
    person_id: str
    account_id: str
    station_code: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class MaskedMember:
    """One person with all their numbers; empty text where the vault has nothing.

    ``state`` is ``active``, ``restricted`` or ``erased``.
    """

    person_id: str
    account_id: str
    numbers: tuple[str, ...]
    roles: tuple[str, ...]
    name: str
    id_number: str
    telephone: str
    state: str


def people_shown(
    bank: Bank, connection: Connection, actor: Actor, *, after: str = "", most: int = 50
) -> list[MaskedPerson]:
    """A page of member numbers in their order; a station's staff see its own and the district's.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_people", *STAFF)
    rows = people_listed(connection, after=after, most=most, station_code=actor.station_code)
    ids = {row.person_id for row in rows}
    names = names_not_shown(connection, ids)
    names |= {who: mask_name(one.name) for who, one in members(bank, connection, ids).items()}
    return [
        MaskedPerson(
            row.number,
            row.role,
            row.person_id,
            row.account_id,
            row.station_code,
            names.get(row.person_id, ""),
            row.state,
        )
        for row in rows
    ]


def person_shown(bank: Bank, connection: Connection, actor: Actor, number: str) -> MaskedMember:
    """The person of a member number, masked; of who asked to be forgotten, numbers and roles.

    Raises, the first that applies:
        NotPermitted: neither staff nor the person.
        UnknownMember: the number stands for nobody.
    """
    account_of_reader(connection, actor, number)
    asked = number.strip().upper()
    person_id, account_id = account_of_number(connection, asked)
    name = names_not_shown(connection, [person_id]).get(person_id)
    if name is None:
        return _masked(member_of_number(bank, connection, asked))
    query = select(PERSON_NUMBER.c.number, PERSON_NUMBER.c.role).where(
        PERSON_NUMBER.c.book_id == BOOK, PERSON_NUMBER.c.person_id == person_id
    )
    rows = connection.execute(query.order_by(PERSON_NUMBER.c.number)).all()
    roles = tuple(dict.fromkeys(role for row in rows for role in row.role.split()))
    numbers = tuple(row.number for row in rows)
    state = state_of_account(connection, account_id)
    return MaskedMember(person_id, account_id, numbers, roles, name, "", "", state)


def account_of_reader(connection: Connection, actor: Actor, name: str) -> str:
    """The account that ``name`` means, an account id or a member number, if ``actor`` may read it.

    Staff and the auditor read any account, a member their own; whether another exists is not said.

    Raises, the first that applies:
        NotPermitted: neither staff nor the member whose account it is.
        AccountNotFound, UnknownMember: there is no such account or number.
    """
    if actor.role is Role.MEMBER:
        own = connection.execute(
            select(PERSON.c.account_id).where(
                PERSON.c.book_id == BOOK, PERSON.c.person_id == actor.person_id
            )
        ).scalar()
        if own is None or own != _account_or_none(connection, name):
            raise NotPermitted(role=actor.role.value, action="read_others")
        return str(own)
    require(actor, "read_account", *STAFF)
    if name.startswith("acct_"):
        return name
    return account_of_number(connection, name.strip().upper())[1]


def balance_shown(connection: Connection, actor: Actor, name: str) -> AccountBalance:
    """The balance of an account id or a member number.

    Raises: as :func:`account_of_reader`.
    """
    account_id = account_of_reader(connection, actor, name)
    balance = balance_of(connection, account_id)
    if balance is None:
        raise AccountNotFound(account=account_id[:80])
    return balance


def posted_at(
    connection: Connection,
    balance: AccountBalance,
    *,
    effective_until: date | None,
    known_before: datetime | None,
) -> int:
    """Posted minutes of an account for any pair: effective on or before a day, as known before
    an instant; ``None`` is no bound."""
    return sum_of(
        connection,
        balance.account_no,
        effective_until=None if effective_until is None else effective_until.isoformat(),
        known_before_ms=None if known_before is None else milliseconds(known_before),
    )


def _account_or_none(connection: Connection, name: str) -> str | None:
    if name.startswith("acct_"):
        return name
    try:
        return account_of_number(connection, name.strip().upper())[1]
    except UnknownMember:
        return None


def _masked(member: Member) -> MaskedMember:
    return MaskedMember(
        member.person_id,
        member.account_id,
        member.numbers,
        member.roles,
        mask_name(member.name),
        mask_id_number(member.id_number) if member.id_number else "",
        mask_telephone(member.telephone) if member.telephone else "",
        "active",
    )
