"""Registering an organisation, and noting who belongs to it."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import MissingField
from timebank.errors.organisations import (
    BelongsAlready,
    BelongsNot,
    CreditCodeInvalid,
    CreditCodeTaken,
    GuardianMissing,
    UnknownOrganisation,
)
from timebank.organisations.model import ADULT_AGE, Guardian, NewOrganisation
from timebank.organisations.tables import ORGANISATION, ORGANISATION_MEMBER
from timebank.people.actions import register_beside
from timebank.people.directory import account_of_number, members
from timebank.people.identity import age_on, check_number, check_telephone, fold
from timebank.people.model import GROUP, VOLUNTEER, Newcomer
from timebank.said import said
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
LONGEST_NAME, LONGEST_TEXT = 50, 100

_BELONGS = (
    "SELECT 1 FROM organisation_member WHERE book_id = 1 AND organisation_id = ? "
    "AND person_id = ? AND until_on = ''"
)
_IS_ORGANISATION = "SELECT 1 FROM organisation WHERE book_id = 1 AND organisation_id = ?"
_CODE_TAKEN = (
    "SELECT 1 FROM organisation WHERE book_id = 1 AND credit_code = ? AND organisation_id <> ?"
)


def register_organisation(bank: Bank, actor: Actor, stated: NewOrganisation, *, key: str) -> str:
    """Register a body with an account of its own; answers its id.

    The same number and name again is the same body.

    Raises, the first that applies:
        CreditCodeInvalid: a code that is none.
        MissingField, OrderValueInvalid: no name, or one of more than :data:`LONGEST_NAME`
            characters.
        NumberInvalid, TelephoneInvalid: see :mod:`timebank.people.identity`.
        NotPermitted: neither operator nor clerk.
        NumberTaken: the number stands for somebody else.
        CreditCodeTaken: another body has that code.
    """
    code = check_credit_code(stated.credit_code) if stated.credit_code.strip() else ""
    newcomer = Newcomer(
        said("name", fold(stated.name), LONGEST_NAME),
        ((check_number(stated.number), f"{VOLUNTEER} {GROUP}"),),
        telephone=check_telephone(stated.telephone) if stated.telephone.strip() else None,
        is_organisation=True,
    )

    def beside(draft: Draft, organisation_id: str) -> None:
        if code and draft.rows(_CODE_TAKEN, code, organisation_id):
            raise CreditCodeTaken(field="credit_code")
        if not draft.rows(_IS_ORGANISATION, organisation_id):
            row = {
                "book_id": BOOK,
                "organisation_id": organisation_id,
                "kind": stated.kind.value,
                "credit_code": code,
            }
            draft.add(insert(ORGANISATION), [row])

    content = {"credit_code": code, "kind": stated.kind.value}
    return register_beside(bank, actor, newcomer, beside, key=key, content=content)


def check_credit_code(text: str) -> str:
    """A 统一社会信用代码 without blanks, in capitals (GB 32100).

    Raises:
        CreditCodeInvalid: anything else.
    """
    try:
        found: str = uscc.validate(text.strip().upper())
    except ValidationError:
        raise CreditCodeInvalid(field="credit_code") from None
    return found


def note_member(
    bank: Bank, actor: Actor, number: str, person_number: str, guardian: Guardian | None = None
) -> None:
    """Note that somebody belongs to an organisation from today on.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        UnknownMember: a number that stands for nobody.
        UnknownOrganisation: the first number is no organisation's, or the second is one's.
        GuardianMissing: a minor, or somebody of unknown age, without a guardian.
        MissingField, OrderValueInvalid, TelephoneInvalid: a guardian without name, telephone or
            proof.
        PersonErased: nothing is left of them.
        BelongsAlready: they do.
    """
    require(actor, "note_organisation_member", Role.OPERATOR, Role.CLERK)
    today = bank.today()
    organisation_id, person_id = _both(bank, number, person_number)
    with bank.read() as connection:
        member = members(bank, connection, [person_id]).get(person_id)
    born_on = None if member is None else member.born_on
    told = _guardian(guardian, born_on, today)
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    sealed = bank.vault.seal(person_id, wrapped, told)

    def change(draft: Draft) -> dict[str, Any]:
        if not draft.rows(_IS_ORGANISATION, organisation_id) or draft.rows(
            _IS_ORGANISATION, person_id
        ):
            raise UnknownOrganisation(field="organisation")
        if draft.rows(_BELONGS, organisation_id, person_id):
            raise BelongsAlready(field="number")
        mine = ORGANISATION_MEMBER.c
        same = {
            "book_id": BOOK,
            "organisation_id": organisation_id,
            "person_id": person_id,
            "from_on": today.isoformat(),
        }
        where = [mine[name] == value for name, value in same.items()]
        if draft.query(select(mine.until_on).where(*where)).first() is not None:
            draft.add(update(ORGANISATION_MEMBER).where(*where).values(until_on=""))
        else:
            draft.add(insert(ORGANISATION_MEMBER), [{**same, "until_on": "", "guardian": sealed}])
        return {}

    bank.keep_house(change)


def end_member(bank: Bank, actor: Actor, number: str, person_number: str) -> None:
    """Note that somebody belongs to an organisation up to today.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk.
        UnknownMember: a number that stands for nobody.
        BelongsNot: they do not belong to it.
    """
    require(actor, "note_organisation_member", Role.OPERATOR, Role.CLERK)
    today = bank.today().isoformat()
    organisation_id, person_id = _both(bank, number, person_number)

    def change(draft: Draft) -> dict[str, Any]:
        if not draft.rows(_BELONGS, organisation_id, person_id):
            raise BelongsNot(field="number")
        mine = ORGANISATION_MEMBER.c
        draft.add(
            update(ORGANISATION_MEMBER)
            .where(
                mine.book_id == BOOK,
                mine.organisation_id == organisation_id,
                mine.person_id == person_id,
                mine.until_on == "",
            )
            .values(until_on=today)
        )
        return {}

    bank.keep_house(change)


def _both(bank: Bank, number: str, person_number: str) -> tuple[str, str]:
    with bank.read() as connection:
        organisation_id, _account = account_of_number(connection, number.strip().upper())
        person_id, _account = account_of_number(connection, person_number.strip().upper())
    return organisation_id, person_id


def _guardian(guardian: Guardian | None, born_on: date | None, today: date) -> dict[str, str]:
    """What is sealed of a guardian; an adult has none."""
    if guardian is None:
        if born_on is None or age_on(born_on, today) < ADULT_AGE:
            raise GuardianMissing(field="guardian", minimum_age=ADULT_AGE)
        return {}
    if not guardian.telephone.strip():
        raise MissingField(field="guardian_telephone")
    return {
        "guardian": said("guardian", guardian.name, LONGEST_TEXT),
        "proof": said("proof", guardian.proof, LONGEST_TEXT),
        "telephone": check_telephone(guardian.telephone),
    }
