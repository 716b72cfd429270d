"""People of a campaign who are no members: who leads an activity, and whom it serves.

Each is sealed under a wrapped key of their own, beside the members' keys, so that one of them can
be forgotten without touching another: destroying the key and emptying the seal is all there is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ledger.draft import Draft
from ledger.errors import Refusal
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.finding import Ask, activity_of, require_keeper
from timebank.campaigns.model import GUARDED, Served
from timebank.campaigns.tables import CAMPAIGN_ACTIVITY, CAMPAIGN_PERSON, CAMPAIGN_THEME
from timebank.campaigns.texts import check_words
from timebank.errors import MissingField
from timebank.errors.campaigns import (
    ChildWithoutGuardian,
    ListFull,
    ThemeServesNobody,
    UnknownCampaignItem,
)
from timebank.people.masks import mask_name
from timebank.stations.model import Actor

BOOK = 1
LEADER = "leader"
PEOPLE_KIND = "campaign_people"
"""The kind of a submission that notes or forgets somebody whom an activity serves."""

MOST_SERVED = 500
"""Of one activity; those who were forgotten count, since their rows stay."""

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Prepared:
    """Somebody sealed and not stored yet: ``wrapped`` is their key."""

    person_id: str
    sealed: bytes
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownServed:
    """Somebody whom an activity serves, masked; empty names where they were forgotten."""

    person_id: str
    category: str
    name: str
    guardian: str


def prepare(bank: Bank, facts: Mapping[str, str]) -> Prepared:
    """Seal what names somebody under a new key."""
    person_id = new_id("cprs", bank.now_ms())
    wrapped = bank.vault.new_key(person_id)
    return Prepared(person_id, bank.vault.seal(person_id, wrapped, dict(facts)), wrapped)


def act_with_keys(bank: Bank, action: Any, prepared: Collection[Prepared]) -> Answer:
    """Act with the keys in their store beforehand; a refusal takes them back.

    A repeated attempt answers what the first one stored, and keeps no key of the second.
    """
    keys = {one.person_id: one.wrapped for one in prepared}
    bank.wrapped_keys.put(keys)
    try:
        answer: Answer = bank.act(action)
    except Refusal:
        bank.wrapped_keys.destroy(keys)
        raise
    bank.wrapped_keys.destroy(keys.keys() - set(answer.body.get("people", ())))
    return answer


def person_row(
    prepared: Prepared, activity_id: str, category: str, actor: Actor, at_ms: int
) -> dict[str, Any]:
    """Somebody prepared, as a row of ``campaign_person``."""
    return {
        "book_id": BOOK,
        "person_id": prepared.person_id,
        "activity_id": activity_id,
        "category": category,
        "sealed": prepared.sealed,
        "noted_by": actor.actor_id,
        "noted_ms": at_ms,
    }


def note_served(bank: Bank, actor: Actor, activity_id: str, served: Served, *, key: str) -> Answer:
    """Note somebody in particular whom an activity serves; answers their id.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: no name.
        ChildWithoutGuardian: a child without a guardian.
        UnknownActivity: there is none.
        ThemeServesNobody: its theme is for nobody in particular.
        ListFull: the activity has :data:`MOST_SERVED`.
    """
    require_keeper(actor, "note_served")
    facts = _checked(served)
    prepared = prepare(bank, facts)

    def decide(draft: Draft) -> dict[str, Any]:
        activity = activity_of(draft.query, actor, "note_served", activity_id)
        if not _serves(draft.query, activity):
            raise ThemeServesNobody(theme=activity.theme)
        theirs = (CAMPAIGN_PERSON.c.book_id == BOOK, CAMPAIGN_PERSON.c.activity_id == activity_id)
        noted = select(func.count()).where(*theirs, CAMPAIGN_PERSON.c.category != LEADER)
        if draft.query(noted).scalar_one() >= MOST_SERVED:
            raise ListFull(field="served", most=MOST_SERVED)
        row = person_row(prepared, activity_id, served.category.value, actor, draft.recorded_ms)
        draft.state(activity_id, {"by": actor.actor_id, "do": "note_served"})
        draft.add(insert(CAMPAIGN_PERSON), [row])
        return {"people": [prepared.person_id]}

    told = bank.vault.blind_index("name", "|".join(facts.values())).hex()
    content = {"activity": activity_id, "category": served.category.value, "served": told}
    action = bank.action(
        actor, PEOPLE_KIND, decide, key=key, content=content,
        station_code=station_of(bank, actor, "note_served", activity_id),
    )  # fmt: skip
    return act_with_keys(bank, action, [prepared])


def forget_served(bank: Bank, actor: Actor, person_id: str, *, key: str) -> Answer:
    """Destroy what names somebody who is no member; that the activity served them stays.

    Asked again, it completes what may have broken off.

    Raises, the first that applies:
        NotPermitted: neither operator nor a keeper of the activity.
        UnknownCampaignItem: there is nobody of that id.
    """
    require_keeper(actor, "forget_served")

    def decide(draft: Draft) -> dict[str, Any]:
        row = _row(draft.query, person_id)
        activity_of(draft.query, actor, "forget_served", row.activity_id)
        draft.state(row.activity_id, {"by": actor.actor_id, "do": "forget_served"})
        draft.add(emptied([person_id]))
        return {"forgotten": person_id}

    with bank.read() as connection:
        activity_id = _row(connection.execute, person_id).activity_id
    action = bank.action(
        actor, PEOPLE_KIND, decide, key=key, content={"forget": person_id},
        station_code=station_of(bank, actor, "forget_served", activity_id),
    )  # fmt: skip
    answer = bank.act(action)
    bank.wrapped_keys.destroy([person_id])
    return answer


def emptied(person_ids: Collection[str]) -> Any:
    """The statement that empties the seals of those people."""
    columns = CAMPAIGN_PERSON.c
    return (
        update(CAMPAIGN_PERSON)
        .where(columns.book_id == BOOK, columns.person_id.in_(sorted(person_ids)))
        .values(sealed=b"")
    )


def served_of(bank: Bank, connection: Connection, activity_id: str) -> list[ShownServed]:
    """Whom an activity serves, masked, in the order in which they were noted."""
    columns = CAMPAIGN_PERSON.c
    query = select(CAMPAIGN_PERSON).where(
        columns.book_id == BOOK,
        columns.activity_id == activity_id,
        columns.category != LEADER,
    )
    rows = connection.execute(query.order_by(columns.noted_ms, columns.person_id)).all()
    facts = opened_facts(bank, rows)
    return [
        ShownServed(
            row.person_id,
            row.category,
            mask_name(facts[row.person_id].get("name", "")),
            mask_name(facts[row.person_id].get("guardian", "")),
        )
        for row in rows
    ]


def leaders_of(bank: Bank, connection: Connection, activity_ids: Collection[str]) -> dict[str, Any]:
    """Name and telephone of who leads each of those activities, by activity, unmasked."""
    columns, activity = CAMPAIGN_PERSON.c, CAMPAIGN_ACTIVITY.c
    if not activity_ids:
        return {}
    query = (
        select(CAMPAIGN_PERSON)
        .join(
            CAMPAIGN_ACTIVITY,
            (activity.book_id == columns.book_id) & (activity.leader_id == columns.person_id),
        )
        .where(columns.book_id == BOOK, columns.activity_id.in_(sorted(activity_ids)))
    )
    rows = connection.execute(query).all()
    facts = opened_facts(bank, rows)
    return {row.activity_id: facts[row.person_id] for row in rows}


def opened_facts(bank: Bank, rows: Collection[Any]) -> dict[str, dict[str, str]]:
    """What names those people, by their id; nothing of whoever was forgotten."""
    keys = bank.wrapped_keys.of(row.person_id for row in rows)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        wrapped, sealed = keys.get(row.person_id), bytes(row.sealed)
        there = wrapped is not None and sealed
        facts = bank.vault.open(row.person_id, wrapped, sealed) if there else {}
        found[row.person_id] = {name: str(value) for name, value in facts.items()}
    return found


def station_of(bank: Bank, actor: Actor, action: str, activity_id: str) -> str:
    """The station that acts for an activity.

    Raises: as :func:`timebank.campaigns.finding.activity_of`.
    """
    with bank.read() as connection:
        return str(activity_of(connection.execute, actor, action, activity_id).station_code)


# Parts -------------------------------------------------------------------------------------


def _checked(served: Served) -> dict[str, str]:
    facts = {"name": served.name.strip(), "guardian": served.guardian.strip()}
    check_words(*facts.values())
    if not facts["name"] or len(facts["name"]) > _LONGEST or len(facts["guardian"]) > _LONGEST:
        raise MissingField(field="name")
    if served.category in GUARDED and not facts["guardian"]:
        raise ChildWithoutGuardian
    return facts


def _serves(ask: Ask, activity: Any) -> bool:
    columns = CAMPAIGN_THEME.c
    query = select(columns.serves).where(
        columns.book_id == BOOK,
        columns.campaign_id == activity.campaign_id,
        columns.name == activity.theme,
    )
    return bool(ask(query).scalar())


def _row(ask: Ask, person_id: str) -> Any:
    columns = CAMPAIGN_PERSON.c
    query = select(CAMPAIGN_PERSON).where(
        columns.book_id == BOOK, columns.person_id == person_id, columns.category != LEADER
    )
    row = ask(query).first()
    if row is None:
        raise UnknownCampaignItem(item=person_id[:60])
    return row
