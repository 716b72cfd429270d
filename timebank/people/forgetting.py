"""Forgetting a person: restricted while the books must be kept, destroyed afterwards.

While retention runs the law asks that the data be kept and not used (personal information law, art.
47, second paragraph); afterwards that it be gone.  Account, entries and every proof stay: they bear
opaque ids only.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, text, update

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import BalanceRemains, HoldsOpen, PersonErased
from timebank.matching.tables import MATCHING_EXCLUSION, OF_A_PERSON
from timebank.notices.tables import NOTICE_OBJECTION
from timebank.people.consents import delete_portrait
from timebank.people.directory import account_of_number
from timebank.people.tables import (
    BLIND_INDEX,
    CARD,
    CONSENT,
    DELEGATE,
    KINSHIP,
    KINSHIP_PROOF,
    PERSON,
    PERSON_CONDITION,
    VAULT,
)
from timebank.people.wrapped_keys import KEY_BACKUP_DAYS
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import end_sessions

BOOK = 1
RESTRICTED, FORGOTTEN = "restricted", "forgotten"

_LAST_RECORD = text(
    "SELECT max(r.recorded_ms) FROM record_person p JOIN service_record r "
    "ON r.book_id = p.book_id AND r.record_id = p.record_id "
    f"WHERE p.book_id = {BOOK} AND p.person_id = :person"
)
_LAST_LINE = text(
    f"SELECT max(recorded_ms) FROM line WHERE book_id = {BOOK} AND account_no = :account"
)
_LAST_MOVEMENT = text(
    f"SELECT max(m.recorded_ms) FROM movement m WHERE m.book_id = {BOOK} AND m.leaf_index >= "
    f"(SELECT leaf_index FROM line_mark WHERE book_id = {BOOK}) "
    "AND (m.from_no = :account OR m.to_no = :account)"
)
"""Only behind the lines that are derived: the journal itself is not ordered by account."""

_OPENINGS = text(
    f"UPDATE service_record SET opening = :nothing WHERE book_id = {BOOK} AND record_id IN ("
    f"SELECT p.record_id FROM record_person p WHERE p.book_id = {BOOK} AND p.person_id = :person "
    "AND (p.part = 'recipient' OR NOT EXISTS (SELECT 1 FROM record_person o "
    "WHERE o.book_id = p.book_id AND o.record_id = p.record_id AND o.part = 'volunteer' "
    "AND o.person_id <> p.person_id)))"
).bindparams(bindparam("nothing", b""))
"""Salts of the services that the person received, or gave alone.  Of what several gave together the
salt is sealed under one of their keys, and goes with that one."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What became of the request: ``outcome`` is ``restricted`` until ``until_on``, or
    ``forgotten``.

    From ``unreadable_on`` on no backup of the key store may be left that has the person's key, and
    then no backup of the book can be read either.
    """

    person_id: str
    outcome: str
    until_on: date | None
    unreadable_on: date

    def as_json(self) -> dict[str, Any]:
        """The outcome for a program."""
        return {
            "person": self.person_id,
            "outcome": self.outcome,
            "until": None if self.until_on is None else self.until_on.isoformat(),
            "backups_unreadable_from": self.unreadable_on.isoformat(),
        }


def forget(bank: Bank, actor: Actor, number: str, *, key: str) -> Forgotten:
    """Restrict the person of a number, or destroy what names them where retention is over.

    The photograph goes either way.  Destroyed are the sealed data, the look-up hashes, cards, kin,
    consents, what matching knows, salts and, last of all, the wrapped key.  Asked again of somebody
    forgotten, it completes what may have broken off.

    Raises, the first that applies:
        NotPermitted: neither operator nor scheduler.
        UnknownMember: the number stands for nobody.
        PersonErased: they were forgotten before.
        HoldsOpen: minutes are set aside for an order that has not ended.
        BalanceRemains: the account still has minutes, whose use is theirs to decide.
    """
    require(actor, "forget_person", Role.OPERATOR, Role.SCHEDULER)
    with bank.read() as connection:
        person_id, account_id = account_of_number(connection, number.strip().upper())
    return forget_person(bank, actor, person_id, account_id, key=key)


def forget_person(
    bank: Bank, actor: Actor, person_id: str, account_id: str, *, key: str
) -> Forgotten:
    """As :func:`forget`, by the ids of person and account."""

    def decide(draft: Draft) -> dict[str, Any]:
        return _decide(bank, draft, person_id, account_id)

    content = {"person": person_id}
    try:
        answer: Answer = bank.act(bank.action(actor, "forget", decide, key=key, content=content))
    except PersonErased:
        bank.wrapped_keys.destroy([person_id])
        raise
    bank.people_seen.clear()
    until, on = (date.fromisoformat(answer.body[name]) for name in ("until", "on"))
    if answer.body["outcome"] == RESTRICTED:
        return Forgotten(person_id, RESTRICTED, until, until + timedelta(days=KEY_BACKUP_DAYS))
    bank.wrapped_keys.destroy([person_id])
    return Forgotten(person_id, FORGOTTEN, None, on + timedelta(days=KEY_BACKUP_DAYS))


def retention_ends(last_on: date, years: int) -> date:
    """The first day on which what was last written on ``last_on`` need not be kept any more.

    29 February becomes 1 March where the year has none.
    """
    try:
        return last_on.replace(year=last_on.year + years)
    except ValueError:
        return date(last_on.year + years, 3, 1)


def is_over(bank: Bank, person_id: str, account_id: str) -> bool:
    """Whether nothing obliges the books any more to keep who this was."""

    def ask(draft: Draft) -> dict[str, Any]:
        return {"over": bank.today() >= _until(bank, draft, person_id, account_id)}

    return bool(bank.keep_house(ask)["over"])


def _until(bank: Bank, draft: Draft, person_id: str, account_id: str) -> date:
    """When retention ends: years after the last record or movement, or after registration."""
    account = draft.account(account_id)
    registered = select(PERSON.c.registered_ms).where(
        PERSON.c.book_id == BOOK, PERSON.c.person_id == person_id
    )
    moments = (
        draft.query(registered).scalar_one(),
        draft.query(_LAST_RECORD, {"person": person_id}).scalar(),
        draft.query(_LAST_LINE, {"account": account.number}).scalar(),
        draft.query(_LAST_MOVEMENT, {"account": account.number}).scalar(),
    )
    last_ms = max(moment for moment in moments if moment is not None)
    return retention_ends(local_date(from_milliseconds(last_ms)), bank.settings.retention_years)


def _decide(bank: Bank, draft: Draft, person_id: str, account_id: str) -> dict[str, Any]:
    mine = (PERSON.c.book_id == BOOK) & (PERSON.c.person_id == person_id)
    if draft.query(select(PERSON.c.state).where(mine)).scalar_one() == "erased":
        raise PersonErased(person=person_id)
    account = draft.account(account_id)
    if account.held:
        raise HoldsOpen(minutes=account.held)
    if account.posted > 0:
        raise BalanceRemains(minutes=account.posted)
    today = bank.today()
    until = _until(bank, draft, person_id, account_id)
    outcome = RESTRICTED if today < until else FORGOTTEN
    facts: Facts = {"account": account_id, "do": f"person_{outcome}", "person": person_id}
    draft.state(draft.new_id("forget"), facts)
    end_sessions(draft, person_id=person_id)
    _end_delegates(draft, person_id)
    delete_portrait(draft, person_id)  # No book rests on a face: it does not wait for retention.
    if outcome == RESTRICTED:
        _lose_cards(draft, person_id)
        draft.add(update(PERSON).where(mine).values(state="restricted"))
    else:
        _destroy(draft, person_id)
        draft.add(update(PERSON).where(mine).values(state="erased"))
    return {"on": today.isoformat(), "outcome": outcome, "until": until.isoformat()}


def _end_delegates(draft: Draft, person_id: str) -> None:
    """Nobody acts for somebody who is forgotten, nor do they for others."""
    side = or_(DELEGATE.c.elder_id == person_id, DELEGATE.c.delegate_id == person_id)
    running = (DELEGATE.c.book_id == BOOK) & side & DELEGATE.c.ended_ms.is_(None)
    draft.add(update(DELEGATE).where(running).values(ended_ms=draft.recorded_ms))


def _lose_cards(draft: Draft, person_id: str) -> None:
    cards = (CARD.c.book_id == BOOK) & (CARD.c.person_id == person_id)
    draft.add(update(CARD).where(cards).values(state="lost"))


def _destroy(draft: Draft, person_id: str) -> None:
    for table in (VAULT, BLIND_INDEX, CARD, CONSENT, PERSON_CONDITION, *OF_A_PERSON):
        columns = table.c
        draft.add(delete(table).where(columns.book_id == BOOK, columns.person_id == person_id))
    for table in (KINSHIP, KINSHIP_PROOF):
        either = or_(table.c.person_id == person_id, table.c.other_id == person_id)
        draft.add(delete(table).where(table.c.book_id == BOOK, either))
    apart = MATCHING_EXCLUSION.c
    side = or_(apart.elder_id == person_id, apart.volunteer_id == person_id)
    draft.add(delete(MATCHING_EXCLUSION).where(apart.book_id == BOOK, side))
    draft.add(_OPENINGS.bindparams(person=person_id))
    said = NOTICE_OBJECTION.c  # Their own words; that somebody objected stays.
    mine = (said.book_id == BOOK) & (said.objected_by == person_id)
    draft.add(update(NOTICE_OBJECTION).where(mine).values(reason=""))
