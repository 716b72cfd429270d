"""Volunteers sign themselves in and out of an activity, by a code that staff show there.

The code changes every few minutes and belongs to the time at which it is shown: whoever states
one was there then, also where a telephone without network hands the time in later.
"""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, Ask, activity_of, require_keeper
from timebank.campaigns.model import SIGN_ROSTER, Signing
from timebank.campaigns.rosters import ROSTER_KIND, check_open, check_times, is_open, roster_rows
from timebank.campaigns.signings import note_signings
from timebank.campaigns.tables import (
    CAMPAIGN,
    CAMPAIGN_ACTIVITY,
    CAMPAIGN_DOOR,
    CAMPAIGN_ROSTER,
    CAMPAIGN_UNIT,
)
from timebank.clock import local_datetime
from timebank.errors import InTheFuture
from timebank.errors.campaigns import RosterCodeWrong, RosterTimesUnfit, UnknownActivity
from timebank.orders.presence import Means
from timebank.records.model import wall_time
from timebank.records.tables import SERVICE_RECORD
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

SLOT_MINUTES = 5
"""How long a code is shown; the one before is taken too, so one is good for 5 to 10 minutes."""

SCANNED = "timebank:activity:"
"""How the text of an activity's QR code begins; its id and the code follow."""

LONGEST_SCAN = 80
MOST_SHOWN = 50
DAYS_SHOWN = 30
"""For how long after its day an activity stands in a volunteer's list."""

_SECRET_BYTES = 16
_DIGITS = 6
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local wall times on both sides


@dataclass(frozen=True, slots=True)
class OwnActivity:
    """An activity on whose roster somebody stands; ``steps`` are what they may do now."""

    activity_id: str
    campaign: str
    name: str
    held_on: str
    starts_at: str
    ends_at: str
    location: str
    signed_in_at: str
    signed_out_at: str
    state: str
    steps: tuple[Signing, ...]


def code_at(secret: bytes, at: datetime) -> str:
    """The code that is shown at a local wall time: six digits."""
    slot = int((at - _EPOCH).total_seconds()) // (60 * SLOT_MINUTES)
    digest = hmac.digest(secret, slot.to_bytes(8, "big"), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**_DIGITS:0{_DIGITS}}"


def scanned_text(activity_id: str, code: str) -> str:
    """What the QR code on the staff's screen says."""
    return f"{SCANNED}{activity_id}:{code}"


def make_codes(bank: Bank, actor: Actor, activity_id: str) -> None:
    """Let volunteers sign themselves in at an activity; again, so that former codes end.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownActivity: there is none.
    """
    require_keeper(actor, "make_roster_codes")

    def change(draft: Draft) -> dict[str, Any]:
        activity_of(draft.query, actor, "make_roster_codes", activity_id)
        made = {
            "secret": os.urandom(_SECRET_BYTES),
            "made_by": actor.actor_id,
            "made_ms": draft.recorded_ms,
        }
        columns = CAMPAIGN_DOOR.c
        if _secret(draft.query, activity_id) is None:
            draft.add(
                insert(CAMPAIGN_DOOR), [{"book_id": BOOK, "activity_id": activity_id, **made}]
            )
        else:
            here = (columns.book_id == BOOK, columns.activity_id == activity_id)
            draft.add(update(CAMPAIGN_DOOR).where(*here).values(made))
        return {}

    bank.keep_house(change)


def code_now(bank: Bank, connection: Connection, actor: Actor, activity_id: str) -> str:
    """The code that staff show at this minute; empty where volunteers do not sign themselves.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownActivity: there is none.
    """
    require_keeper(actor, "show_roster_code")
    activity_of(connection.execute, actor, "show_roster_code", activity_id)
    secret = _secret(connection.execute, activity_id)
    return "" if secret is None else code_at(secret, _now(bank))


def sign_self(
    bank: Bank,
    actor: Actor,
    activity_id: str,
    step: Signing,
    *,
    code: str = "",
    at: str = "",
    key: str,
) -> Answer:
    """Sign oneself in or out; done before, the time that stands is answered and stays.

    ``at`` is a local wall time, ``YYYY-MM-DDTHH:MM``, by default this minute.  Signing out without
    a code is taken at the volunteer's word, which staff see beside the time.

    Raises, the first that applies:
        NotPermitted: no member.
        UnknownActivity: there is none, or one does not stand on its roster.
        RosterLineHandedIn: one's time was handed in and not sent back.
        RosterTimesUnfit: no such time; InTheFuture: it is not over.
        RosterCodeWrong: no code to sign in, or not the one of that time.
        RosterTimesUnfit: on another day, or signed out before in.
    """
    require(actor, SIGN_ROSTER, Role.MEMBER)
    with bank.read() as connection:
        station = _activity(connection.execute, activity_id).station_code

    def decide(draft: Draft) -> dict[str, Any]:
        activity, line = _own(draft.query, actor, activity_id)
        times = {Signing.IN: line.signed_in_at, Signing.OUT: line.signed_out_at}
        facts: Facts = {
            "activity": activity_id,
            "by": actor.actor_id,
            "do": SIGN_ROSTER,
            "step": step.value,
        }
        if times[step]:  # What was asked for stands already: the fact has no means.
            draft.state(activity_id, facts)
            return _stands(activity_id, times)
        check_open(line)
        when = _stated(bank, at)
        means = _shown(draft.query, activity_id, step, code.strip(), when)
        times[step] = wall_time(when)
        check_times(activity, times[Signing.IN], times[Signing.OUT])
        draft.state(activity_id, {**facts, "means": means.value})
        draft.add(*_signed(activity_id, actor.person_id, step, times[step]))
        done = (actor.person_id, step, times[step])
        note_signings(draft, activity_id, [done], by=actor.actor_id, means=means.value)
        return _stands(activity_id, times)

    content = {"activity": activity_id, "at": at, "code": code, "step": step.value}
    action = bank.action(actor, ROSTER_KIND, decide, key=key, content=content, station_code=station)
    return bank.act(action)


def own_activities(bank: Bank, connection: Connection, actor: Actor) -> list[OwnActivity]:
    """The activities on whose roster a member stands, of the last days and to come, in order.

    Raises:
        NotPermitted: no member.
    """
    require(actor, SIGN_ROSTER, Role.MEMBER)
    roster, activity, record = CAMPAIGN_ROSTER.c, CAMPAIGN_ACTIVITY.c, SERVICE_RECORD.c
    since = bank.today() - timedelta(days=DAYS_SHOWN)
    query = (
        select(CAMPAIGN_ACTIVITY, CAMPAIGN.c.name.label("campaign"), roster.signed_in_at,
               roster.signed_out_at, roster.record_id, record.state)
        .join(
            CAMPAIGN_ROSTER,
            (roster.book_id == activity.book_id) & (roster.activity_id == activity.activity_id),
        )
        .join(
            CAMPAIGN,
            (CAMPAIGN.c.book_id == activity.book_id)
            & (CAMPAIGN.c.campaign_id == activity.campaign_id),
        )
        .outerjoin(
            SERVICE_RECORD,
            (record.book_id == roster.book_id) & (record.record_id == roster.record_id),
        )
        .where(
            activity.book_id == BOOK, activity.live == 1, roster.person_id == actor.person_id,
            activity.held_on >= since.isoformat(),
        )
        .order_by(activity.held_on, activity.activity_id)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    today = bank.today()
    return [_shown_own(row, today.isoformat()) for row in connection.execute(query)]


# Parts -------------------------------------------------------------------------------------


def _shown_own(row: Any, today: str) -> OwnActivity:
    steps: tuple[Signing, ...] = ()
    if is_open(row) and row.held_on <= today:
        if not row.signed_in_at and row.held_on == today:
            steps = (Signing.IN,)
        elif row.signed_in_at and not row.signed_out_at:
            steps = (Signing.OUT,)
    return OwnActivity(
        row.activity_id, row.campaign, row.name, row.held_on, row.starts_at, row.ends_at,
        row.location, row.signed_in_at, row.signed_out_at, row.state or "", steps,
    )  # fmt: skip


def _activity(ask: Ask, activity_id: str) -> Any:
    activity, unit = CAMPAIGN_ACTIVITY.c, CAMPAIGN_UNIT.c
    query = (
        select(CAMPAIGN_ACTIVITY, unit.station_code)
        .join(
            CAMPAIGN_UNIT,
            (unit.book_id == activity.book_id)
            & (unit.campaign_id == activity.campaign_id)
            & (unit.unit_code == activity.unit_code),
        )
        .where(activity.book_id == BOOK, activity.activity_id == activity_id, activity.live == 1)
    )
    row = ask(query).first()
    if row is None:
        raise UnknownActivity(activity=activity_id[:60])
    return row


def _signed(activity_id: str, person_id: str, step: Signing, at: str) -> tuple[Any, Any]:
    column = "signed_in_at" if step is Signing.IN else "signed_out_at"
    columns = CAMPAIGN_ROSTER.c
    statement = (
        update(CAMPAIGN_ROSTER)
        .where(
            columns.book_id == BOOK,
            columns.activity_id == bindparam("which"),
            columns.person_id == bindparam("who"),
        )
        .values({column: bindparam("signed_at")})
    )
    return statement, [{"which": activity_id, "who": person_id, "signed_at": at}]


def _own(ask: Ask, actor: Actor, activity_id: str) -> tuple[Any, Any]:
    """The activity and one's own line; who is not on the roster hears of no activity."""
    activity = _activity(ask, activity_id)
    for line in roster_rows(ask, activity_id):
        if line.person_id == actor.person_id:
            return activity, line
    raise UnknownActivity(activity=activity_id[:60])


def _secret(ask: Ask, activity_id: str) -> bytes | None:
    columns = CAMPAIGN_DOOR.c
    query = select(columns.secret).where(
        columns.book_id == BOOK, columns.activity_id == activity_id
    )
    secret = ask(query).scalar()
    return None if secret is None else bytes(secret)


def _shown(ask: Ask, activity_id: str, step: Signing, code: str, when: datetime) -> Means:
    """How somebody showed to be there at that time."""
    if not code and step is Signing.OUT:
        return Means.WORD
    scanned = code.startswith(SCANNED)
    if scanned:
        named, _, code = code[len(SCANNED) :].partition(":")
        code = code if named == activity_id else ""
    secret = _secret(ask, activity_id)
    if secret is not None:
        for at in (when, when - timedelta(minutes=SLOT_MINUTES)):
            if hmac.compare_digest(code.encode(), code_at(secret, at).encode()):
                return Means.QR if scanned else Means.CODE
    raise RosterCodeWrong(field="code")


def _stated(bank: Bank, at: str) -> datetime:
    now = _now(bank)
    if not at:
        return now
    try:
        when = datetime.strptime(at, "%Y-%m-%dT%H:%M")
    except ValueError:
        raise RosterTimesUnfit(field="start") from None
    if when > now:
        raise InTheFuture(on=at, today=wall_time(now))
    return when


def _now(bank: Bank) -> datetime:
    return local_datetime(bank.clock.now()).replace(tzinfo=None, second=0, microsecond=0)


def _stands(activity_id: str, times: dict[Signing, str]) -> dict[str, Any]:
    return {
        "activity": activity_id,
        "signed_in_at": times[Signing.IN],
        "signed_out_at": times[Signing.OUT],
    }
