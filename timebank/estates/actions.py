"""Reporting a death, withdrawing a wrong report, and giving what the account has to others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, text, update

from ledger.draft import Draft, Facts
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from ledger.units import positive_minutes
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import UMBRELLA_ACCOUNT, Kind, title_of
from timebank.clock import from_milliseconds, local_date
from timebank.errors import HoldsOpen, InTheFuture, MissingField, UnreadableDate
from timebank.errors.estates import (
    EstateSettled,
    HeirNotKin,
    NothingLeft,
    PersonDeceased,
    ReporterDecides,
    SettlementCarriedOver,
    UnknownEstate,
)
from timebank.estates.living import IS_DECEASED, check_living
from timebank.estates.model import (
    MOST_HEIRS,
    REVERSE,
    SETTLE,
    SETTLEMENT,
    UMBRELLA,
    WITHDRAW,
    Left,
    left_of,
    movements_of,
    report_facts,
)
from timebank.estates.tables import ESTATE, ESTATE_SHARE
from timebank.people.directory import account_of_number
from timebank.people.tables import CARD
from timebank.said import said
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import end_sessions
from timebank.transfers.model import check_room
from timebank.transfers.store import coming_to

BOOK = 1
LONGEST_TEXT = 200
REPORT_KIND, SETTLEMENT_KIND = "estate_report", "estate"
"""Kinds of submissions: a station's word, and what the district decides."""

_ESTATE = (
    "SELECT person_id, account_id, station_code, reported_by FROM estate "
    "WHERE book_id = 1 AND estate_id = ? AND withdrawn_ms IS NULL"
)
_SETTLED = "SELECT 1 FROM estate_share WHERE book_id = 1 AND estate_id = ? AND reversed = 0"
_BY_ENTRY = (
    "SELECT s.estate_id, s.settled_by, e.entry_id FROM estate_share s "
    "LEFT JOIN entry e ON e.book_id = s.book_id AND e.entry_id = s.entry_id "
    "WHERE s.book_id = 1 AND s.entry_id = ? AND s.reversed = 0"
)
_KIN = (
    "SELECT k.relation FROM kinship k JOIN person p ON p.book_id = k.book_id "
    "AND p.person_id = k.other_id AND p.state = 'active' "
    "WHERE k.book_id = 1 AND k.person_id = ? AND k.other_id = ? AND k.relation <> 'friend'"
)
_HOME = text("SELECT station_code FROM person WHERE book_id = 1 AND person_id = :person")


@dataclass(frozen=True, slots=True)
class Share:
    """What a relative is to receive: their member number, whole minutes."""

    number: str
    minutes: int


def report_death(
    bank: Bank, actor: Actor, number: str, died_on: str, proof: str, *, key: str
) -> Answer:
    """Note that a member has died: cards and sessions end, the account rests; answers the estate.

    ``died_on`` is ``YYYY-MM-DD``, ``proof`` what was shown; both are sealed.  Services that were
    given before are still recorded.

    Raises, the first that applies:
        NotPermitted: neither staff nor the district's operator.
        UnreadableDate: no day.
        InTheFuture: a day that has not come.
        MissingField: no proof.
        OrderValueInvalid: a proof of more than :data:`LONGEST_TEXT` characters.
        UnknownMember: the number stands for nobody.
        NotPermitted: a member of another station.
        PersonErased: nothing is left of them.
        PersonDeceased: it was reported before.
    """
    require(actor, "report_death", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    _check_day(bank, died_on)
    words = said("proof", proof, LONGEST_TEXT)
    with bank.read() as connection:
        person_id, account_id = account_of_number(connection, number.strip().upper())
        station = str(connection.execute(_HOME, {"person": person_id}).scalar_one())
    if station:
        require_station(actor, "report_death", station)
    station = station or actor.station_code
    wrapped = bank.wrapped_keys.of([person_id]).get(person_id)
    sealed = bank.vault.seal(person_id, wrapped, {"died_on": died_on, "proof": words})

    def decide(draft: Draft) -> dict[str, Any]:
        if draft.rows(IS_DECEASED, person_id):
            raise PersonDeceased(field="number")
        estate_id = draft.new_id("est")
        facts = report_facts(by=actor.actor_id, estate=estate_id, account=account_id)
        draft.state(estate_id, facts)
        row = {
            "book_id": BOOK,
            "estate_id": estate_id,
            "person_id": person_id,
            "account_id": account_id,
            "station_code": station,
            "opening": sealed,
            "reported_by": actor.actor_id,
            "reported_ms": draft.recorded_ms,
            "withdrawn_by": "",
            "withdrawn_ms": None,
            "reason": "",
        }
        draft.add(insert(ESTATE), [row])
        lost = update(CARD).where(CARD.c.book_id == BOOK, CARD.c.person_id == person_id)
        draft.add(lost.values(state="lost"))
        end_sessions(draft, person_id=person_id)
        return {"estate": estate_id}

    content = {"died_on": died_on, "do": "report", "person": person_id, "proof": words}
    return bank.act(bank.action(actor, REPORT_KIND, decide, key=key, content=content))


def withdraw_report(bank: Bank, actor: Actor, estate_id: str, reason: str, *, key: str) -> Answer:
    """Take a wrong report back; the member gets a new card.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownEstate: there is no such report.
        ReporterDecides: whoever reported it.
        EstateSettled: time was given away.
    """
    require(actor, "withdraw_report", Role.REVIEWER, Role.OPERATOR)
    words = said("reason", reason, LONGEST_TEXT)

    def decide(draft: Draft) -> dict[str, Any]:
        _person, _account, station, reporter = _estate(draft, estate_id)
        if station:
            require_station(actor, "withdraw_report", station)
        if reporter == actor.actor_id:
            raise ReporterDecides(estate=estate_id)
        if draft.rows(_SETTLED, estate_id):
            raise EstateSettled(estate=estate_id)
        draft.state(estate_id, {"by": actor.actor_id, "do": WITHDRAW, "estate": estate_id})
        draft.add(
            update(ESTATE)
            .where(ESTATE.c.book_id == BOOK, ESTATE.c.estate_id == estate_id)
            .values(withdrawn_by=actor.actor_id, withdrawn_ms=draft.recorded_ms, reason=words)
        )
        return {"estate": estate_id}

    content = {"do": "withdraw", "estate": estate_id, "reason": words}
    return bank.act(bank.action(actor, REPORT_KIND, decide, key=key, content=content))


def settle_estate(
    bank: Bank, actor: Actor, estate_id: str, shares: Sequence[Share], *, key: str
) -> Answer:
    """Give what is on the account to relatives, pool and umbrella body; answers the entry, minutes.

    What comes in later, from a service that is recorded late, is settled once more.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField: more than :data:`MOST_HEIRS` relatives.
        NotWholeMinutes: a share is not a positive whole number.
        UnknownMember: a number stands for nobody.
        UnknownEstate, ReporterDecides: there is no such report, or the actor reported it.
        HoldsOpen: minutes are set aside for an order or a gift; those end first.
        NothingLeft: the account is empty.
        HeirNotKin, PersonDeceased: no active, registered relative, named twice, or dead as well.
        SharesTooLarge: see :func:`timebank.estates.model.left_of`.
        AccountCapExceeded: a relative's account would hold more than the policy allows.
    """
    require(actor, "settle_estate", Role.OPERATOR)
    if len(shares) > MOST_HEIRS:
        raise MissingField(field="number")
    with bank.read() as connection:
        heirs = [
            (*account_of_number(connection, one.number.strip().upper()),
             positive_minutes(one.minutes))
            for one in shares
        ]  # fmt: skip

    def decide(draft: Draft) -> dict[str, Any]:
        person_id, account_id, _station, reporter = _estate(draft, estate_id)
        if reporter == actor.actor_id:
            raise ReporterDecides(estate=estate_id)
        account = draft.account(account_id)
        if account.held:
            raise HoldsOpen(minutes=account.held)
        if not account.posted:
            raise NothingLeft(estate=estate_id)
        relations = _relations(draft, person_id, heirs)
        on = local_date(from_milliseconds(draft.recorded_ms))
        profile = bank.profile_on(on)
        to_heirs = [(to, minutes) for _person, to, minutes in heirs]
        left = left_of(profile, account.posted, sum(minutes for _to, minutes in to_heirs))
        for to, minutes in to_heirs:
            check_room(profile, draft.account(to).posted, coming_to(draft, to), minutes)
        movements = movements_of(account_id, bank.account_of(Kind.POOL), left, to_heirs)
        _open_umbrella(draft, left)
        facts: Facts = {"by": actor.actor_id, "do": SETTLE, "estate": estate_id}
        entry = JournalEntry(SETTLEMENT, movements, on.isoformat(), profile.version)
        entry_id = draft.post(entry, facts)
        people = {to: (person, relations[to]) for person, to, _minutes in heirs}
        _keep_shares(draft, actor, estate_id, entry_id, movements, people)
        told = {"pool_minutes": left.pool, "umbrella_minutes": left.umbrella}
        return {"entry": entry_id, "estate": estate_id, **told}

    content = {
        "do": "settle", "estate": estate_id,
        "shares": [[one, minutes] for one, _to, minutes in heirs],
    }  # fmt: skip
    return _decided(bank, actor, decide, key, content)


def reverse_settlement(bank: Bank, actor: Actor, entry_id: str, reason: str, *, key: str) -> Answer:
    """Undo a settlement by a linked reversal; what was spent meanwhile bars it.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, OrderValueInvalid: no reason, or one that is too long.
        UnknownEstate: the entry settles none, or was reversed.
        ReporterDecides: whoever settled it.
        SettlementCarriedOver: it stands in the log before this one.
        FloorExceeded: somebody has spent what would have to go back.
    """
    require(actor, "reverse_settlement", Role.OPERATOR)
    words = said("reason", reason, LONGEST_TEXT)

    def decide(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_BY_ENTRY, entry_id)
        if not rows:
            raise UnknownEstate(estate="–")  # A remembered answer names no entry that is none.
        estate_id, settled_by, is_here = rows[0]
        if settled_by == actor.actor_id:
            raise ReporterDecides(estate=estate_id)
        if not is_here:
            raise SettlementCarriedOver(estate=estate_id)
        on = local_date(from_milliseconds(draft.recorded_ms))
        facts: Facts = {"by": actor.actor_id, "do": REVERSE, "estate": estate_id}
        policy = bank.profile_on(on).version
        made = draft.reverse(entry_id, effective_on=on.isoformat(), policy=policy, facts=facts)
        columns = ESTATE_SHARE.c
        draft.add(
            update(ESTATE_SHARE)
            .where(columns.book_id == BOOK, columns.entry_id == entry_id)
            .values(reversed=1)
        )
        return {"entry": made, "estate": estate_id}

    return _decided(bank, actor, decide, key, {"do": "reverse", "entry": entry_id, "reason": words})


# Parts -------------------------------------------------------------------------------------


def _estate(draft: Draft, estate_id: str) -> tuple[str, str, str, str]:
    rows = draft.rows(_ESTATE, estate_id)
    if not rows:
        raise UnknownEstate(estate=estate_id[:60])
    person_id, account_id, station, reporter = rows[0]
    return str(person_id), str(account_id), str(station), str(reporter)


def _open_umbrella(draft: Draft, left: Left) -> None:
    """Open the umbrella body's account where this is the book's first share for it."""
    if left.umbrella and draft.view.account(UMBRELLA_ACCOUNT) is None:
        title = title_of(Kind.UMBRELLA)
        draft.open_account(
            UMBRELLA_ACCOUNT, title.kind.value, floor=title.floor, ceiling=title.ceiling,
            facts={"do": "open_account", "kind": title.kind.value},
        )  # fmt: skip


def _relations(
    draft: Draft, person_id: str, heirs: Sequence[tuple[str, str, int]]
) -> dict[str, str]:
    """How the deceased called each heir, by account."""
    found: dict[str, str] = {}
    for heir_id, account_id, _minutes in heirs:
        kin = draft.rows(_KIN, person_id, heir_id)
        if not kin or account_id in found:
            raise HeirNotKin(field="number")
        check_living(draft, heir_id, "number")
        found[account_id] = str(kin[0][0])
    return found


def _keep_shares(
    draft: Draft,
    actor: Actor,
    estate_id: str,
    entry_id: str,
    movements: Sequence[Movement],
    people: dict[str, tuple[str, str]],
) -> None:
    """Keep to whom each movement of a settlement went; ``people`` by account, with the relation."""
    rows = []
    for one in movements:
        other = ("", UMBRELLA if one.to_account == UMBRELLA_ACCOUNT else "")
        person_id, relation = people.get(one.to_account, other)
        rows.append(
            {
                "book_id": BOOK,
                "entry_id": entry_id,
                "to_account": one.to_account,
                "estate_id": estate_id,
                "to_person": person_id,
                "relation": relation,
                "minutes": one.minutes,
                "settled_by": actor.actor_id,
                "settled_ms": draft.recorded_ms,
                "reversed": 0,
            }
        )
    draft.add(insert(ESTATE_SHARE), rows)


def _check_day(bank: Bank, text_of_day: str) -> None:
    try:
        on = date.fromisoformat(text_of_day)
    except ValueError:
        raise UnreadableDate(field="date", given=text_of_day[:40]) from None
    if on > bank.today():
        raise InTheFuture(on=text_of_day, today=bank.today().isoformat())


def _decided(bank: Bank, actor: Actor, decide: Any, key: str, content: dict[str, Any]) -> Answer:
    action = bank.action(
        actor, SETTLEMENT_KIND, decide, key=key, content=content,
        batch=new_id("batch", bank.now_ms()),
    )  # fmt: skip
    return bank.act(action)
