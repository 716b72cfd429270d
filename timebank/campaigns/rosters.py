"""Rosters: who takes part in an activity, and when they signed in and out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, Ask, activity_of, require_keeper
from timebank.campaigns.model import KEEP_ROSTER, MOST_LINES, Line, Signing
from timebank.campaigns.people import station_of
from timebank.campaigns.signings import Noted, note_signings
from timebank.campaigns.tables import CAMPAIGN_ROSTER
from timebank.errors import GroupTooLarge, MissingField
from timebank.errors.campaigns import (
    RosterLineHandedIn,
    RosterTimesUnfit,
    UnknownCampaignItem,
)
from timebank.people.directory import account_of_number
from timebank.records.model import MOST_MINUTES, State, wall_time
from timebank.records.parties import find, mentions_of, people_of
from timebank.records.tables import SERVICE_RECORD
from timebank.stations.model import Actor

ROSTER_KIND = "campaign_roster"
"""The kind of a submission that keeps a roster."""

DEAD = (State.REJECTED.value, State.REVERSED.value)
"""States of a record after which its line may be handed in anew."""


def keep_roster(
    bank: Bank, actor: Actor, activity_id: str, lines: Sequence[Line], *, key: str
) -> Answer:
    """Put people on a roster, or sign in and out who stands there; all lines or none.

    A time that is absent leaves what stands there.  One text may name several people, joined by 、.
    Answers how many lines were kept.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownActivity: there is none.
        MissingField: nobody is named.
        UnknownMember, NotAVolunteer, AmbiguousMember: see :func:`timebank.records.parties.find`.
        GroupTooLarge: more than :data:`MOST_LINES` people.
        RosterLineHandedIn: one of them was handed in and not sent back.
        RosterTimesUnfit: on another day, signed out before in, more than a day after or without
            having signed in, or somebody stands on two lines that say different things.
    """
    require_keeper(actor, "keep_roster")
    station = station_of(bank, actor, "keep_roster", activity_id)
    wanted = _people_in(bank, lines)

    def decide(draft: Draft) -> dict[str, Any]:
        activity = activity_of(draft.query, actor, "keep_roster", activity_id)
        known = {row.person_id: row for row in roster_rows(draft.query, activity_id)}
        if len(known.keys() | wanted.keys()) > MOST_LINES:
            count = len(known.keys() | wanted.keys())
            raise GroupTooLarge(field="volunteer", count=count, most=MOST_LINES)
        kept = [
            _kept(activity, person_id, line, known.get(person_id), actor, draft.recorded_ms)
            for person_id, (_account, line) in wanted.items()
        ]
        facts: Facts = {
            "activity": activity_id,
            "by": actor.actor_id,
            "do": KEEP_ROSTER,
            "volunteers": [account for account, _line in wanted.values()],
        }
        draft.state(activity_id, facts)
        _store(draft, kept, set(known))
        note_signings(draft, activity_id, _done(kept, known), by=actor.actor_id)
        return {"activity": activity_id, "kept": len(kept)}

    content = {"activity": activity_id, "lines": [_told(line) for line in lines]}
    action = bank.action(actor, ROSTER_KIND, decide, key=key, content=content, station_code=station)
    return bank.act(action)


def take_off_roster(bank: Bank, actor: Actor, activity_id: str, number: str, *, key: str) -> Answer:
    """Take somebody off a roster who was not handed in.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownActivity, UnknownMember: there is none.
        UnknownCampaignItem: they are not on the roster.
        RosterLineHandedIn: their time was handed in and not sent back.
    """
    require_keeper(actor, "keep_roster")
    station = station_of(bank, actor, "keep_roster", activity_id)
    with bank.read() as connection:
        person_id, account_id = account_of_number(connection, number.strip().upper())

    def decide(draft: Draft) -> dict[str, Any]:
        activity_of(draft.query, actor, "keep_roster", activity_id)
        known = {row.person_id: row for row in roster_rows(draft.query, activity_id)}
        if person_id not in known:
            raise UnknownCampaignItem(item=number[:20])
        check_open(known[person_id])
        facts: Facts = {
            "activity": activity_id,
            "by": actor.actor_id,
            "do": KEEP_ROSTER,
            "gone": account_id,
        }
        draft.state(activity_id, facts)
        gone = (person_id, Signing.OFF, "")
        note_signings(draft, activity_id, [gone], by=actor.actor_id)
        columns = CAMPAIGN_ROSTER.c
        draft.add(
            delete(CAMPAIGN_ROSTER).where(
                columns.book_id == BOOK,
                columns.activity_id == activity_id,
                columns.person_id == person_id,
            )
        )
        return {"activity": activity_id, "kept": 0}

    content = {"activity": activity_id, "gone": number}
    action = bank.action(actor, ROSTER_KIND, decide, key=key, content=content, station_code=station)
    return bank.act(action)


def roster_rows(ask: Ask, activity_id: str) -> list[Any]:
    """The lines of a roster with the ``state`` of the record that each last became, if any."""
    roster, record = CAMPAIGN_ROSTER.c, SERVICE_RECORD.c
    query = (
        select(CAMPAIGN_ROSTER, record.state)
        .outerjoin(
            SERVICE_RECORD,
            (record.book_id == roster.book_id) & (record.record_id == roster.record_id),
        )
        .where(roster.book_id == BOOK, roster.activity_id == activity_id)
        .order_by(roster.kept_ms, roster.person_id)
    )
    return list(ask(query))


def is_open(row: Any) -> bool:
    """Whether a line may be changed and handed in: never was, or its record is dead."""
    return not row.record_id or row.state in DEAD


# Parts -------------------------------------------------------------------------------------


def _people_in(bank: Bank, lines: Sequence[Line]) -> dict[str, tuple[str, Line]]:
    """Account and line of everybody who is named, by person."""
    if not any(line.volunteer.strip() for line in lines):
        raise MissingField(field="volunteer")
    texts = [line.volunteer for line in lines]
    with bank.read() as connection:
        people = people_of(bank, connection, mentions_of(texts))
    wanted: dict[str, tuple[str, Line]] = {}
    for line in lines:
        for party in find(people, (line.volunteer,), "volunteer"):
            _account, before = wanted.setdefault(party.person_id, (party.account_id, line))
            if _told(before)[1:] != _told(line)[1:]:
                raise RosterTimesUnfit(field="volunteer")
    return wanted


def _kept(
    activity: Any, person_id: str, line: Line, known: Any, actor: Actor, at_ms: int
) -> dict[str, Any]:
    if known is not None:
        check_open(known)
    before = (known.signed_in_at, known.signed_out_at) if known is not None else ("", "")
    given = (line.signed_in_at, line.signed_out_at)
    times = [wall_time(new) if new else old for new, old in zip(given, before, strict=True)]
    check_times(activity, *times)
    return {
        "book_id": BOOK,
        "activity_id": activity.activity_id,
        "person_id": person_id,
        "signed_in_at": times[0],
        "signed_out_at": times[1],
        "record_id": "",
        "kept_by": actor.actor_id,
        "kept_ms": at_ms,
    }


def _done(kept: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> Iterator[Noted]:
    """What each line was not before: put on the roster, signed in or out, or mended."""
    for row in kept:
        before = known.get(row["person_id"])
        if before is None:
            yield row["person_id"], Signing.PUT, ""
        for step, name in ((Signing.IN, "signed_in_at"), (Signing.OUT, "signed_out_at")):
            if row[name] != ("" if before is None else getattr(before, name)):
                yield row["person_id"], step, row[name]


def check_open(row: Any) -> None:
    """Let a line pass that may be changed.

    Raises:
        RosterLineHandedIn: it was handed in and not sent back.
    """
    if not is_open(row):
        raise RosterLineHandedIn(record=row.record_id)


def check_times(activity: Any, signed_in: str, signed_out: str) -> None:
    """Let wall times pass that fit the activity's day; a sign-out may be after the next midnight.

    Raises:
        RosterTimesUnfit: another day, or signed out before in, or without having signed in.
    """
    if signed_out and (not signed_in or signed_out <= signed_in):
        raise RosterTimesUnfit(field="end")
    on = date.fromisoformat(activity.held_on)
    if signed_in and datetime.fromisoformat(signed_in).date() != on:
        raise RosterTimesUnfit(field="start")
    if signed_out and _minutes(signed_in, signed_out) > MOST_MINUTES:
        raise RosterTimesUnfit(field="end")


def _minutes(signed_in: str, signed_out: str) -> int:
    length = datetime.fromisoformat(signed_out) - datetime.fromisoformat(signed_in)
    return int(length.total_seconds()) // 60


def _store(draft: Draft, kept: list[dict[str, Any]], known: set[str]) -> None:
    new = [row for row in kept if row["person_id"] not in known]
    old = [row for row in kept if row["person_id"] in known]
    if new:
        draft.add(insert(CAMPAIGN_ROSTER), new)
    if old:
        columns = CAMPAIGN_ROSTER.c
        draft.add(
            update(CAMPAIGN_ROSTER)
            .where(
                columns.book_id == BOOK,
                columns.activity_id == bindparam("which"),
                columns.person_id == bindparam("who"),
            )
            .values(
                signed_in_at=bindparam("signed_in"),
                signed_out_at=bindparam("signed_out"),
                record_id=bindparam("record"),
                kept_by=bindparam("keeper"),
            ),
            [
                {
                    "which": row["activity_id"], "who": row["person_id"],
                    "signed_in": row["signed_in_at"], "signed_out": row["signed_out_at"],
                    "record": row["record_id"], "keeper": row["kept_by"],
                }
                for row in old
            ],
        )  # fmt: skip


def _told(line: Line) -> list[str | None]:
    times = (line.signed_in_at, line.signed_out_at)
    return [line.volunteer, *(wall_time(one) if one else None for one in times)]
