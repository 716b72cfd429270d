"""受托人: somebody whom an elder named to look after their orders, until it ends or is taken back.

Unlike the consent to one's family, it names one person, who need not be kin, and it may let them
ask for care as well (Civil Code, art. 161 to 165: agency by a written authority with its scope and
term).
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, text, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import (
    NotARecipient,
    NotPermitted,
    PersonErased,
    SamePerson,
)
from timebank.errors.delegates import DelegateNamed, NoDelegate
from timebank.people.directory import account_of_number, members
from timebank.people.masks import mask_name
from timebank.people.model import ELDER
from timebank.people.tables import DELEGATE
from timebank.said import check_last_day, said
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
LONGEST_PROOF = 200

IS_DELEGATE = (
    "SELECT may_ask FROM delegate WHERE book_id = 1 AND elder_id = :elder AND delegate_id = :me "
    "AND ended_ms IS NULL AND (until_on = '' OR until_on >= :on)"
)
"""Whether ``:me`` acts for ``:elder`` on the day ``:on``, and may ask for care."""

_RUNNING = (
    "SELECT 1 FROM delegate WHERE book_id = 1 AND elder_id = ? AND delegate_id = ? "
    "AND ended_ms IS NULL AND (until_on = '' OR until_on >= ?)"
)
_OF = text(
    "SELECT elder_id, delegate_id, may_ask, until_on FROM delegate WHERE book_id = 1 "
    "AND (elder_id = :me OR delegate_id = :me) AND ended_ms IS NULL "
    "AND (until_on = '' OR until_on >= :on) ORDER BY noted_ms, authority_id"
)


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom an elder named, for how long (``YYYY-MM-DD``; empty: until taken back), and for what.

    ``may_ask``: to ask for care in the elder's name, beside reading, confirming and disputing.
    """

    elder: str
    delegate: str
    proof: str = field(repr=False)
    until_on: str = ""
    may_ask: bool = False


@dataclass(frozen=True, slots=True)
class ShownDelegate:
    """An authority that runs, masked: who acts for whom."""

    elder_number: str
    elder_name: str
    delegate_number: str
    delegate_name: str
    may_ask: bool
    until_on: str


def name_delegate(bank: Bank, actor: Actor, authority: Authority) -> None:
    """Note an elder's written authority, seen at the counter; sealed for the elder.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        MissingField, OrderValueInvalid: no proof, or more than :data:`LONGEST_PROOF` characters.
        UnreadableDate, OrderValueInvalid: an end that is no day, or is over.
        UnknownMember: a number that stands for nobody.
        SamePerson: both stand for one person.
        NotARecipient: the first is no elder.
        PersonErased: nothing is left of one of them.
        DelegateNamed: the authority runs already.
    """
    require(actor, "name_delegate", Role.OPERATOR, Role.CLERK)
    shown = said("proof", authority.proof, LONGEST_PROOF)
    today = bank.today()
    check_last_day("until_on", authority.until_on, today)
    with bank.read() as connection:
        elder_id, _account = account_of_number(connection, authority.elder.strip().upper())
        delegate_id, _account = account_of_number(connection, authority.delegate.strip().upper())
        known = members(bank, connection, [elder_id, delegate_id])
    if elder_id == delegate_id:
        raise SamePerson(field="delegate")
    for one in (elder_id, delegate_id):
        if one not in known:
            raise PersonErased(person=one)
    if ELDER not in known[elder_id].roles:
        raise NotARecipient(field="elder")
    wrapped = bank.wrapped_keys.of([elder_id]).get(elder_id)
    sealed = bank.vault.seal(elder_id, wrapped, {"proof": shown})

    def change(draft: Draft) -> dict[str, Any]:
        if draft.rows(_RUNNING, elder_id, delegate_id, today.isoformat()):
            raise DelegateNamed(field="delegate")
        row = {
            "book_id": BOOK,
            "authority_id": draft.new_id("auth"),
            "elder_id": elder_id,
            "delegate_id": delegate_id,
            "noted_ms": draft.recorded_ms,
            "noted_by": actor.actor_id,
            "until_on": authority.until_on,
            "may_ask": int(authority.may_ask),
            "sealed": sealed,
            "ended_ms": None,
            "ended_by": "",
        }
        draft.add(insert(DELEGATE), [row])
        return {}

    bank.keep_house(change)


def end_delegate(bank: Bank, actor: Actor, elder: str, delegate: str) -> None:
    """Take an authority back; the elder, the delegate or staff may, at any time.

    Raises, the first that applies:
        NotPermitted: somebody else.
        UnknownMember: a number that stands for nobody.
        NoDelegate: none runs between the two.
    """
    require(actor, "end_delegate", Role.OPERATOR, Role.CLERK, Role.MEMBER)
    with bank.read() as connection:
        elder_id, _account = account_of_number(connection, elder.strip().upper())
        delegate_id, _account = account_of_number(connection, delegate.strip().upper())
    if actor.role is Role.MEMBER and actor.person_id not in (elder_id, delegate_id):
        raise NotPermitted(role=actor.role.value, action="end_delegate")
    today = bank.today().isoformat()

    def change(draft: Draft) -> dict[str, Any]:
        if not draft.rows(_RUNNING, elder_id, delegate_id, today):
            raise NoDelegate(field="delegate")
        mine = DELEGATE.c
        draft.add(
            update(DELEGATE)
            .where(
                mine.book_id == BOOK,
                mine.elder_id == elder_id,
                mine.delegate_id == delegate_id,
                mine.ended_ms.is_(None),
            )
            .values(ended_ms=draft.recorded_ms, ended_by=actor.actor_id)
        )
        return {}

    bank.keep_house(change)


def delegates_of(
    bank: Bank, connection: Connection, actor: Actor, number: str
) -> list[ShownDelegate]:
    """Authorities that run from or to a person, for staff and for themselves.

    Raises, the first that applies:
        NotPermitted: neither staff, auditor nor the person.
        UnknownMember: the number stands for nobody.
    """
    require(
        actor, "read_delegates",
        Role.OPERATOR, Role.CLERK, Role.REVIEWER, Role.AUDITOR, Role.MEMBER,
    )  # fmt: skip
    person_id, _account = account_of_number(connection, number.strip().upper())
    if actor.role is Role.MEMBER and actor.person_id != person_id:
        raise NotPermitted(role=actor.role.value, action="read_delegates")
    asked = {"me": person_id, "on": bank.today().isoformat()}
    rows = connection.execute(_OF, asked).all()
    known = members(bank, connection, {who for row in rows for who in row[:2]})
    return [
        ShownDelegate(
            known[row.elder_id].numbers[0],
            mask_name(known[row.elder_id].name),
            known[row.delegate_id].numbers[0],
            mask_name(known[row.delegate_id].name),
            bool(row.may_ask),
            row.until_on,
        )
        for row in rows
        if row.elder_id in known and row.delegate_id in known
    ]
