"""Handing in an activity's hours: a service record for each line of its roster.

The records take the way of every record and bear the mark of a roster, so that a second person
approves them whatever the policy says.  Beside each stands a fact that names activity and campaign:
from the log alone anybody can add up what a campaign came to.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from ledger.draft import Draft, Facts
from ledger.errors import Refusal
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, activity_of, require_keeper
from timebank.campaigns.model import HAND_IN_HOURS
from timebank.campaigns.people import station_of
from timebank.campaigns.rosters import DEAD, is_open, roster_rows
from timebank.campaigns.tables import CAMPAIGN_RECORD, CAMPAIGN_ROSTER
from timebank.campaigns.texts import check_words
from timebank.errors import GroupTooLarge, PersonErased
from timebank.errors.campaigns import HeadsCounted, NothingToHandIn
from timebank.records.actions import record_beside
from timebank.records.beside import Beside
from timebank.records.classes import class_of
from timebank.records.model import BULK, ROSTER, Party, Service, State
from timebank.records.parties import parties_by_id
from timebank.records.posting import Recorder
from timebank.records.rows import Recorded
from timebank.records.tables import REGISTER_BATCH, SERVICE_RECORD
from timebank.stations.model import Actor

HOURS_KIND = "campaign_hours"
"""The kind of a submission that hands in the hours of an activity."""

PUBLIC = "公众"
"""Whom a record names as served where the table names nobody."""

MOST_HEADS = 1_000_000


def hand_in_hours(
    bank: Bank,
    actor: Actor,
    activity_id: str,
    *,
    heads: int | None = None,
    reason: str = "",
    key: str,
) -> Answer:
    """Make a record of every line that is signed in and out; each awaits a second person.

    ``heads`` are the people served, by default the table's 受益人次; they stand on one record of
    the activity.  A line that is refused, such as one who was elsewhere at that time, stays open
    and says why; the others go on.  The answer has ``batch``, which another person approves as an
    import's, ``accepted``, ``minutes`` credited once approved, and ``refused`` with codes.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        GroupTooLarge: fewer than 0 or more than :data:`MOST_HEADS` people served.
        UnknownActivity: there is none.
        NothingToHandIn: no line is signed in and out and open.
        HeadsCounted: a living record of the activity counts another number of people served.
    """
    require_keeper(actor, "hand_in_hours")
    check_words(reason)
    if heads is not None and not 0 <= heads <= MOST_HEADS:
        raise GroupTooLarge(field="head_count", count=heads, most=MOST_HEADS)
    station = station_of(bank, actor, "hand_in_hours", activity_id)
    with bank.read() as connection:
        rows = roster_rows(connection.execute, activity_id)
        parties = parties_by_id(bank, connection, [row.person_id for row in rows])
    batch_id = new_id("batch", bank.now_ms())
    people = {row.person_id: parties.get(row.person_id) for row in rows}
    handing = _Handing(bank, actor, activity_id, people, batch_id, heads, reason.strip())
    content = {"activity": activity_id, "heads": heads, "reason": reason}
    action = bank.action(
        actor, HOURS_KIND, handing.decide, key=key, content=content, station_code=station,
        batch=batch_id,
    )  # fmt: skip
    return bank.act(action)


class _Handing:
    """One activity's open lines; ``decide`` may run more than once."""

    def __init__(
        self,
        bank: Bank,
        actor: Actor,
        activity_id: str,
        people: dict[str, Party | None],
        batch_id: str,
        heads: int | None,
        reason: str,
    ) -> None:
        self._bank, self._actor, self._activity_id = bank, actor, activity_id
        self._people, self._batch, self._reason = people, batch_id, reason
        self._stated_heads = heads

    def decide(self, draft: Draft) -> dict[str, Any]:
        activity = activity_of(draft.query, self._actor, "hand_in_hours", self._activity_id)
        lines = [
            row
            for row in roster_rows(draft.query, self._activity_id)
            if row.signed_in_at
            and row.signed_out_at
            and is_open(row)
            and row.person_id in self._people  # who came since is handed in the next time
        ]
        if not lines:
            raise NothingToHandIn(activity=self._activity_id)
        draft.load_accounts(party.account_id for party in self._people.values() if party)
        heads = self._heads_left(draft, activity)
        recorder = Recorder(
            self._bank,
            draft,
            station_code=activity.station_code,
            recorded_by=self._actor.actor_id,
            reason=self._reason or activity.name,
            batch_id=self._batch,
            marks=(BULK, ROSTER),
        )
        services = {row.person_id: self._service(activity, row) for row in lines}
        beside = Beside(draft, [one for one in services.values() if one is not None])
        made: list[tuple[str, Recorded]] = []
        refused: list[list[str]] = []
        for person_id, service in services.items():
            try:
                if service is None:
                    raise PersonErased(person=person_id)
                given = replace(service, head_count=0 if made else heads)
                with draft.attempt():
                    one = record_beside(draft, recorder, given, beside)
                draft.state(self._activity_id, self._link(activity, one.record_id))
                made.append((person_id, one))
            except Refusal as refusal:
                draft.refuse_row(self._link(activity, ""), refusal)
                refused.append([person_id, refusal.code])
        recorder.store()
        minutes = sum(one.credited_minutes for _who, one in made)
        if made:
            self._keep(draft, activity, made, len(refused), minutes)
        return {
            "accepted": len(made),
            "batch": self._batch if made else "",
            "minutes": minutes,
            "refused": refused,
            "state": State.AWAITING_REVIEW.value,
        }

    def _heads_left(self, draft: Draft, activity: Any) -> int:
        """People served that no living record of the activity has yet.

        Raises:
            HeadsCounted: one has another number than was stated now.
        """
        record, link = SERVICE_RECORD.c, CAMPAIGN_RECORD.c
        query = (
            select(record.record_id, record.head_count)
            .join(
                CAMPAIGN_RECORD,
                (link.book_id == record.book_id) & (link.record_id == record.record_id),
            )
            .where(
                link.book_id == BOOK,
                link.activity_id == self._activity_id,
                record.state.not_in(DEAD),
                record.head_count > 0,
            )
        )
        counted, stated = draft.query(query).first(), self._stated_heads
        if counted is None:
            return stated if stated is not None else activity.stated_heads or 0
        if stated not in (None, counted.head_count):
            raise HeadsCounted(record=counted.record_id, heads=counted.head_count)
        return 0

    def _service(self, activity: Any, row: Any) -> Service | None:
        party = self._people[row.person_id]
        if party is None:
            return None
        return Service(
            datetime.fromisoformat(row.signed_in_at),
            datetime.fromisoformat(row.signed_out_at),
            activity.name,
            class_of(activity.name),
            (party,),
            (),
            activity.served or PUBLIC,
            0,
            activity.location,
        )

    def _link(self, activity: Any, record_id: str) -> Facts:
        said = {"record": record_id} if record_id else {}
        return {
            "activity": self._activity_id,
            "by": self._actor.actor_id,
            "campaign": activity.campaign_id,
            "do": HAND_IN_HOURS,
            "unit": activity.unit_code,
            **said,
        }

    def _keep(
        self,
        draft: Draft,
        activity: Any,
        made: Sequence[tuple[str, Recorded]],
        refused: int,
        minutes: int,
    ) -> None:
        rows = [
            {"book_id": BOOK, "record_id": one.record_id, "activity_id": self._activity_id}
            for _who, one in made
        ]
        draft.add(insert(CAMPAIGN_RECORD), rows)
        columns = CAMPAIGN_ROSTER.c
        draft.add(
            update(CAMPAIGN_ROSTER)
            .where(
                columns.book_id == BOOK,
                columns.activity_id == self._activity_id,
                columns.person_id == bindparam("who"),
            )
            .values(record_id=bindparam("became")),
            [{"who": person_id, "became": one.record_id} for person_id, one in made],
        )
        told = sha256("\n".join(one.record_id for _who, one in made).encode()).hexdigest()
        batch = {
            "book_id": BOOK,
            "batch_id": self._batch,
            "station_code": activity.station_code,
            "title": activity.name,
            "file_hash": told,
            "reason": self._reason,
            "imported_by": self._actor.actor_id,
            "imported_ms": draft.recorded_ms,
            "approved_by": "",
            "approved_ms": None,
            "state": State.AWAITING_REVIEW.value,
            "accepted": len(made),
            "refused": refused,
            "minutes": minutes,
            "refusals": "[]",
        }
        draft.add(insert(REGISTER_BATCH), [batch])
