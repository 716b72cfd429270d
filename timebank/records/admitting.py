"""Whether the people of a service may give and receive it: asked of records and of orders alike."""

from datetime import date

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.errors import PayerNotAllowed
from timebank.errors.suspensions import PersonSuspended
from timebank.organisations.model import ADULT_AGE
from timebank.people.conditions import CONDITION_OF
from timebank.people.identity import age_on
from timebank.people.model import GROUP
from timebank.policy.eligibility import (
    check_earner,
    check_organisation,
    check_redeemer,
    check_redemption_day,
    check_relation,
    standing_asked,
)
from timebank.policy.model import Profile
from timebank.records.model import Party, Payer, Service
from timebank.suspensions.model import Part
from timebank.suspensions.participation import Suspended

_SAME_GROUP = (
    "SELECT 1 FROM organisation_member AS mine JOIN organisation_member AS other "
    "ON other.book_id = mine.book_id AND other.organisation_id = mine.organisation_id "
    "WHERE mine.book_id = 1 AND mine.person_id = ? AND other.person_id = ? "
    "AND mine.from_on <= ? AND (mine.until_on = '' OR mine.until_on >= ?) "
    "AND other.from_on <= ? AND (other.until_on = '' OR other.until_on >= ?)"
)
_KIN = "SELECT other_id, relation FROM kinship WHERE book_id = 1 AND person_id = ?"

# A service that an elder pays, once: as an order until it has a record, then as the record.
_REDEEMED = (
    "SELECT (SELECT count(*) FROM record_person AS part JOIN service_record AS record "
    "ON record.book_id = part.book_id AND record.record_id = part.record_id "
    "WHERE part.book_id = 1 AND part.person_id = ? AND part.part = 'recipient' AND part.live = 1 "
    "AND record.payer = 'elder' AND part.started_at >= ? AND part.started_at < ?) "
    "+ (SELECT count(*) FROM service_order WHERE book_id = 1 AND elder_id = ? AND payer = 'elder' "
    "AND record_id = '' AND wanted_on >= ? AND wanted_on < ? AND state IN ('matched', 'accepted', "
    "'signed_in', 'awaiting_confirmation', 'interrupted', 'disputed'))"
)


class Admission:
    """Judges services within one action; what it reads of a person it reads once."""

    def __init__(self, bank: Bank, draft: Draft) -> None:
        self._bank = bank
        self._draft = draft
        self._kin: dict[str, list[tuple[str, str]]] = {}
        self._noted: dict[str, frozenset[str]] = {}
        self._suspended: Suspended | None = None

    def check(self, profile: Profile, service: Service, on: date, *, held: bool = False) -> None:
        """Let a service pass whose people may give and receive it, whenever it is.

        ``held``: the minutes were held when an order was matched, and the calendar judged then.

        Raises, the first that applies:
            PersonSuspended: a volunteer, or the elder who pays, was suspended before that day.
            OrganisationEarnsNothing, UnderAge, NotRetired, RecordNotGood, SelfService, OwnSpouse:
                by the profile of its date.
            PayerNotAllowed: an elder pays, but there is not exactly one.
            TooYoungToRedeem, NotResident, NotRedeemable: the elder who pays may not, or not yet.
            NotRedemptionDay, QuarterUsedUp: not on that day, or not again in its quarter.
        """
        recipients = {party.person_id for party in service.recipients}
        self._check_participating(service, on)
        for party in service.volunteers:
            self._check_earner(profile, service, party, on)
            if party.person_id in recipients:
                check_relation(profile, "self")
        if recipients and profile.services.own_spouse_excluded is not None:
            for relation in self._relations(service):
                check_relation(profile, relation)
        if service.payer is not Payer.ELDER:
            return
        if len(service.recipients) != 1:
            raise PayerNotAllowed(payer=service.payer.value)
        elder = service.recipients[0]
        posted = self._draft.account(elder.account_id).posted
        noted = self._noted_of(profile, elder)
        check_redeemer(profile, _age(elder, on) or 0, posted, noted=noted)
        if not held:
            self._check_calendar(profile, elder, on)

    def _check_earner(self, profile: Profile, service: Service, party: Party, on: date) -> None:
        if GROUP in party.roles:
            check_organisation(profile)
            return
        age = _age(party, on)
        in_group = (
            age is not None and age < ADULT_AGE and self._is_led(service, party.person_id, on)
        )
        check_earner(
            profile, age, in_institution_group=in_group, noted=self._noted_of(profile, party)
        )

    def _is_led(self, service: Service, person_id: str, on: date) -> bool:
        """Whether an adult of the minor's own group gives the same service."""
        adults = [
            other.person_id
            for other in service.volunteers
            if GROUP not in other.roles and (_age(other, on) or 0) >= ADULT_AGE
        ]
        day = on.isoformat()
        return any(
            self._draft.rows(_SAME_GROUP, person_id, adult, day, day, day, day) for adult in adults
        )

    def _check_participating(self, service: Service, on: date) -> None:
        if self._suspended is None:
            self._suspended = Suspended.in_draft(self._draft)
        parts = [("volunteer", Part.VOLUNTEER, one) for one in service.volunteers]
        if service.payer is Payer.ELDER:
            parts += [("elder", Part.ELDER, one) for one in service.recipients]
        for field, part, party in parts:
            if self._suspended.stops(party.person_id, part, on, first_day=False):
                raise PersonSuspended(field=field)

    def _check_calendar(self, profile: Profile, elder: Party, on: date) -> None:
        used = 0
        if profile.redeeming.times_per_quarter is not None:
            first, after = _quarter(on)
            asked = (elder.person_id, first, after)
            ((used,),) = self._draft.rows(_REDEEMED, *asked, *asked)
        check_redemption_day(profile, on, used)

    def _noted_of(self, profile: Profile, party: Party) -> frozenset[str]:
        """Codes that were noted of a person, where the profile asks about any."""
        if not standing_asked(profile):
            return frozenset()
        if party.person_id not in self._noted:
            rows = self._draft.rows(CONDITION_OF, party.person_id)
            opened = [
                self._bank.vault.open(party.person_id, party.wrapped, bytes(row[0])) for row in rows
            ]
            self._noted[party.person_id] = frozenset(code for one in opened for code in one)
        return self._noted[party.person_id]

    def _relations(self, service: Service) -> list[str]:
        """How volunteers call those recipients who are their kin; most services have none."""
        found = []
        recipients = {party.person_id for party in service.recipients}
        for party in service.volunteers:
            if party.person_id not in self._kin:
                kin = self._draft.rows(_KIN, party.person_id)
                self._kin[party.person_id] = [(row[0], row[1]) for row in kin]
            found += [
                relation for other, relation in self._kin[party.person_id] if other in recipients
            ]
        return found


def _age(party: Party, on: date) -> int | None:
    return age_on(date.fromisoformat(party.born_on), on) if party.born_on else None


def _quarter(on: date) -> tuple[str, str]:
    """The first day of the quarter of ``on``, and the first day after it."""
    month = on.month - (on.month - 1) % 3
    first = date(on.year, month, 1)
    after = date(on.year + month // 10, (month + 2) % 12 + 1, 1)
    return first.isoformat(), after.isoformat()
