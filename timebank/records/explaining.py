"""Why a record's minutes are what they are: priced anew from what is stored, and compared.

The record's facts, the profile that its entries name and the order of the log are all that is
used.  Where they do not suffice, the answer says so; it never stands in for a missing fact.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from ledger.errors import Refusal
from ledger.leaf_parser import LeafRejected
from timebank.bank import Bank
from timebank.errors import UnknownProfile
from timebank.policy.explain import explain, result
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts, price
from timebank.records.circumstances import Circumstances, Then
from timebank.records.classes import is_professional
from timebank.records.model import Payer, State
from timebank.records.queries import ShownPerson, ShownRecord, own_record_of_leaf, record_of
from timebank.stations.model import Actor

_STATES: dict[str, tuple[str, str]] = {
    State.AWAITING_REVIEW: (
        "待复核：以下时间还没有入账，另一人通过后才入账",
        "awaits review: nothing is posted before a second person approves",
    ),
    State.UNDER_NOTICE: (
        "公示中：以下时间还没有入账，公示期满没有异议才入账",
        "under public notice: nothing is posted before it ends without objection",
    ),
    State.POSTED: ("已入账", "posted"),
    State.REJECTED: ("已退回：以下时间没有入账", "sent back: nothing was posted"),
    State.REVERSED: (
        "已更正：以下时间入账后已全部冲回",
        "corrected: what was posted went back again",
    ),
}
_AGREES = ("复算：与记录一致", "priced anew: equal to the record")
_DIFFERS = (
    "注意：按当时的规则复算，结果与记录不一致，请对账。复算如下：",
    "Note: priced anew, the result differs from the record; reconcile. It comes to:",
)
_UNKNOWN_PLACE = (
    "签名日志里看不出这次服务是在什么余额下计算的",
    "the log does not show what the volunteer had when it was priced",
)
_UNKNOWN_FACTS = (
    "记录的时长或起止时间不成立",
    "the stored length or hours cannot be those of a service",
)


class Outcome(StrEnum):
    """How the stored minutes stand against those that are priced anew."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_REPEATABLE = "not_repeatable"


@dataclass(frozen=True, slots=True)
class Minutes:
    """The results of a price, in whole minutes; what was given is a fact and stands apart."""

    credited: int
    charged: int
    overflow: int


@dataclass(frozen=True, slots=True)
class ExplainedPart:
    """One volunteer's part, its name masked; ``priced`` is ``None`` where no price came out."""

    number: str
    name: str
    entry_id: str
    policy: str
    outcome: Outcome
    stored: Minutes
    priced: Minutes | None
    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedRecord:
    """A record with what became of it, and each volunteer's part in the order of the record."""

    record: ShownRecord
    zh: tuple[str, ...]
    en: tuple[str, ...]
    parts: tuple[ExplainedPart, ...]

    @property
    def outcome(self) -> Outcome:
        """The least welcome outcome of its parts."""
        found = {part.outcome for part in self.parts}
        worst = (Outcome.DIFFERS, Outcome.NOT_REPEATABLE, Outcome.AGREES)
        return next(one for one in worst if one in found or one is Outcome.AGREES)


class _NotRepeatable(Exception):
    """Why a price cannot be found again, in both languages."""


def explain_record(
    bank: Bank, connection: Connection, actor: Actor, record_id: str
) -> ExplainedRecord:
    """Explain every volunteer's minutes of a record that ``actor`` may read.

    Raises: as :func:`timebank.records.queries.record_of`.
    """
    return _explained_record(bank, connection, record_of(bank, connection, actor, record_id))


def explain_own(
    bank: Bank, connection: Connection, actor: Actor, leaf_index: int
) -> ExplainedRecord:
    """Explain to the member who asks the minutes that the entry of a leaf credited them.

    Raises: as :func:`timebank.records.queries.own_record_of_leaf`.
    """
    record = own_record_of_leaf(bank, connection, actor, leaf_index)
    return _explained_record(bank, connection, record)


def _explained_record(bank: Bank, connection: Connection, record: ShownRecord) -> ExplainedRecord:
    looking = Circumstances(connection)
    zh, en = _STATES[record.state]
    when = f"{record.service_on} {record.started_at[11:]}–{record.ended_at[11:]}"
    return ExplainedRecord(
        record,
        (f"第 {record.number} 号服务记录（{record.station_code}），{when}", zh),
        (f"Service record {record.number} ({record.station_code}), {when}", en),
        tuple(
            _explained(bank, looking, record, person)
            for person in record.people
            if person.part == "volunteer"
        ),
    )


def explanation_as_json(found: ExplainedRecord) -> dict[str, Any]:
    """The answer of the API and of the command line: ``zh`` and ``en`` have every line in order."""
    record = found.record
    return {
        "record_id": record.record_id,
        "number": record.number,
        "station_code": record.station_code,
        "state": record.state,
        "given_minutes": record.given_minutes,
        "policy": record.policy,
        "outcome": found.outcome,
        "zh": [*found.zh, *_every((f"志愿者 {who(one)[0]}", *one.zh) for one in found.parts)],
        "en": [*found.en, *_every((f"Volunteer {who(one)[1]}", *one.en) for one in found.parts)],
        "volunteers": [asdict(part) for part in found.parts],
    }


def who(part: ExplainedPart) -> tuple[str, str]:
    """A volunteer under the mask in both languages; nothing names somebody who was erased."""
    if not part.number:
        return "（个人信息已销毁）", "(personal data destroyed)"
    return f"{part.name}（{part.number}）", f"{part.name} ({part.number})"


def _every(groups: Iterable[tuple[str, ...]]) -> list[str]:
    return [line for group in groups for line in group]


def _explained(
    bank: Bank, looking: Circumstances, record: ShownRecord, person: ShownPerson
) -> ExplainedPart:
    stored = Minutes(person.credited_minutes, person.charged_minutes, person.overflow_minutes)
    as_stored = result(
        Priced(record.given_minutes, stored.credited, stored.charged, stored.overflow, ())
    )
    policy, priced = record.policy, None
    zh: tuple[str, ...]
    en: tuple[str, ...]
    try:
        policy = _policy(looking, record, person)
        profile = _profile(bank, policy)
        anew = price(profile, _facts(looking, profile, record, person))
    except _NotRepeatable as error:
        outcome, (why_zh, why_en) = Outcome.NOT_REPEATABLE, error.args
        zh = (as_stored[0], f"无法复算：{why_zh}", f"规则：{policy}")
        en = (as_stored[1], f"cannot be priced anew: {why_en}", f"policy: {policy}")
    except Refusal as refused:
        outcome = Outcome.DIFFERS
        zh = (f"记录：{as_stored[0]}", _DIFFERS[0], refused.in_chinese(), f"规则：{policy}")
        en = (f"record: {as_stored[1]}", _DIFFERS[1], str(refused), f"policy: {policy}")
    else:
        priced = Minutes(anew.credited, anew.charged, anew.overflow)
        told = explain(profile, anew)
        outcome = Outcome.AGREES if priced == stored else Outcome.DIFFERS
        if outcome is Outcome.AGREES:
            zh, en = (*told.zh, _AGREES[0]), (*told.en, _AGREES[1])
        else:
            zh = (f"记录：{as_stored[0]}", _DIFFERS[0], *told.zh)
            en = (f"record: {as_stored[1]}", _DIFFERS[1], *told.en)
    return ExplainedPart(
        person.number, person.name, person.entry_id, policy, outcome, stored, priced, zh, en
    )


def _policy(looking: Circumstances, record: ShownRecord, person: ShownPerson) -> str:
    """The version that the entry names; somebody who joined later may have another's price."""
    try:
        return looking.policy(record.record_id, person.person_id) or record.policy
    except LeafRejected as error:
        raise _NotRepeatable(
            "签名日志里读不出这张凭证", "its entry cannot be read in the log"
        ) from error


def _profile(bank: Bank, version: str) -> Profile:
    try:
        return bank.profile_of(version)
    except UnknownProfile as error:
        raise _NotRepeatable(
            "账本没有采用过这份规则", "the book never adopted that profile"
        ) from error


def _facts(
    looking: Circumstances, profile: Profile, record: ShownRecord, person: ShownPerson
) -> ServiceFacts:
    """The facts as posting handed them to the rules; only caps ask what the volunteer had."""
    then = Then(0, 0)
    if profile.caps.day_minutes is not None or profile.caps.account_minutes is not None:
        try:
            then = looking.then(record.record_id, person.person_id)
        except LeafRejected as error:
            raise _NotRepeatable(*_UNKNOWN_PLACE) from error
    spent = looking.spent(record.record_id)
    try:
        hour, minute = int(record.started_at[11:13]), int(record.started_at[14:16])
        return ServiceFacts(
            given_minutes=record.given_minutes,
            service_class=record.class_code,
            professional=is_professional(record.class_code),
            travel_minutes=spent.travel_minutes,
            rest_minutes=spent.rest_minutes,
            aim_met=spent.aim_met,
            starts_at_minute=hour * 60 + minute,
            has_payer=record.payer != Payer.NOBODY,
            credited_that_day_minutes=then.credited_that_day,
            account_minutes=then.account,
        )
    except ValueError as error:
        raise _NotRepeatable(*_UNKNOWN_FACTS) from error
