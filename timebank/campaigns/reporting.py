"""Reporting a unit's project table: whole or not at all, and as often as needed.

Lines are known by their 序号.  A later table changes what it says of a line, adds lines and drops
others; what has a roster keeps its theme and day, because hours hang on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from ledger.bundle import hash_file
from ledger.draft import Draft, Facts
from timebank.bank import Bank
from timebank.campaigns.actions import CAMPAIGN_KIND
from timebank.campaigns.finding import BOOK, Ask, campaign_of, require_keeper, unit_of
from timebank.campaigns.model import REPORT_TABLE, Standing
from timebank.campaigns.people import LEADER, Prepared, act_with_keys, emptied, person_row, prepare
from timebank.campaigns.table_reading import Frame, ReadActivity, Wrong, read_table
from timebank.campaigns.tables import (
    CAMPAIGN_ACTIVITY,
    CAMPAIGN_PERSON,
    CAMPAIGN_ROSTER,
    CAMPAIGN_THEME,
    CAMPAIGN_UNIT,
)
from timebank.errors import NothingToRead
from timebank.errors.campaigns import ActivityInUse
from timebank.records.model import wall_time
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class TableResult:
    """What became of a table: with anything ``wrong`` nothing of it was taken."""

    reported: bool
    activities: int
    added: int
    changed: int
    dropped: int
    wrong: tuple[Wrong, ...]


def report_table(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, path: Path, *, key: str
) -> TableResult:
    """Take a unit's project table, or say of every cell that is wrong what to do.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        UnreadableFile, HeaderNotFound: see :func:`timebank.campaigns.table_reading.read_table`.
        NothingToRead: the header is followed by no line.
        ActivityInUse: a line with a roster is gone, or under another theme or day.
    """
    require_keeper(actor, "report_table")
    with bank.read() as connection:
        unit = unit_of(connection.execute, actor, "report_table", campaign_id, unit_code)
        frame = frame_of(connection.execute, campaign_id)
    table = read_table(path, frame)
    if not table.lines and not table.wrong:
        raise NothingToRead
    if table.wrong:
        return TableResult(False, len(table.lines), 0, 0, 0, table.wrong)
    report = _Report(bank, actor, unit, table.lines)
    content = {"campaign": campaign_id, "table": hash_file(path), "unit": unit_code}
    action = bank.action(
        actor, CAMPAIGN_KIND, report.decide, key=key, content=content,
        station_code=unit.station_code,
    )  # fmt: skip
    body = act_with_keys(bank, action, list(report.leaders.values())).body
    bank.wrapped_keys.destroy(body["former"])
    return TableResult(
        True, body["activities"], body["added"], body["changed"], body["dropped"], ()
    )


def frame_of(ask: Ask, campaign_id: str) -> Frame:
    """What a campaign says about every line of a table.

    Raises:
        UnknownCampaign: there is none.
    """
    campaign, columns = campaign_of(ask, campaign_id), CAMPAIGN_THEME.c
    themes = ask(
        select(columns.name)
        .where(columns.book_id == BOOK, columns.campaign_id == campaign_id)
        .order_by(columns.place)
    )
    days = (date.fromisoformat(campaign.starts_on), date.fromisoformat(campaign.ends_on))
    return Frame(tuple(themes.scalars()), *days)


class _Report:
    """One table on its way into the books; ``decide`` may run more than once."""

    def __init__(self, bank: Bank, actor: Actor, unit: Any, lines: tuple[ReadActivity, ...]):
        self._actor, self._unit, self._lines = actor, unit, lines
        self.leaders: dict[int, Prepared] = {
            line.serial: prepare(bank, {"name": line.leader, "telephone": line.telephone})
            for line in lines
            if line.leader or line.telephone
        }

    def decide(self, draft: Draft) -> dict[str, Any]:
        unit = self._unit
        known = {row.serial: row for row in draft.query(_live(unit))}
        self._check_used(draft, known)
        wanted = {line.serial: line for line in self._lines}
        ids = {
            serial: known[serial].activity_id if serial in known else draft.new_id("actv")
            for serial in wanted
        }
        facts: Facts = {
            "by": self._actor.actor_id,
            "campaign": unit.campaign_id,
            "do": REPORT_TABLE,
            "rows": len(wanted),
            "unit": unit.unit_code,
        }
        draft.state(unit.campaign_id, facts)
        rows = [self._row(line, ids[line.serial]) for line in self._lines]
        _store(draft, rows, {row.activity_id for row in known.values()})
        gone = [row.activity_id for serial, row in known.items() if serial not in wanted]
        if gone:
            draft.add(_changed(gone, live=0))
        former = sorted(row.leader_id for row in known.values() if row.leader_id)
        if former:
            draft.add(emptied(former))
        people = [
            person_row(one, ids[serial], LEADER, self._actor, draft.recorded_ms)
            for serial, one in self.leaders.items()
        ]
        if people:
            draft.add(insert(CAMPAIGN_PERSON), people)
        draft.add(self._reported(draft.recorded_ms))
        return {
            "activities": len(wanted),
            "added": len(wanted.keys() - known.keys()),
            "changed": len(wanted.keys() & known.keys()),
            "dropped": len(gone),
            "former": former,
            "people": [one.person_id for one in self.leaders.values()],
        }

    def _check_used(self, draft: Draft, known: dict[int, Any]) -> None:
        columns = CAMPAIGN_ROSTER.c
        query = select(columns.activity_id).where(
            columns.book_id == BOOK,
            columns.activity_id.in_([row.activity_id for row in known.values()] or [""]),
        )
        used = set(draft.query(query.distinct()).scalars())
        wanted = {line.serial: (line.theme, line.held_on.isoformat()) for line in self._lines}
        for serial, row in sorted(known.items()):
            if row.activity_id in used and wanted.get(serial) != (row.theme, row.held_on):
                raise ActivityInUse(serial=serial)

    def _row(self, line: ReadActivity, activity_id: str) -> dict[str, Any]:
        leader = self.leaders.get(line.serial)
        return {
            "book_id": BOOK,
            "activity_id": activity_id,
            "campaign_id": self._unit.campaign_id,
            "unit_code": self._unit.unit_code,
            "serial": line.serial,
            "name": line.name,
            "theme": line.theme,
            "served": line.served,
            "held_on": line.held_on.isoformat(),
            "starts_at": wall_time(line.starts_at) if line.starts_at else "",
            "ends_at": wall_time(line.ends_at) if line.ends_at else "",
            "location": line.location,
            "wanted": line.wanted,
            "stated_attended": line.attended,
            "stated_minutes": line.minutes,
            "stated_heads": line.heads,
            "leader_id": "" if leader is None else leader.person_id,
            "team": line.team or self._unit.name,
            "note": line.note,
            "live": 1,
        }

    def _reported(self, at_ms: int) -> Any:
        columns = CAMPAIGN_UNIT.c
        return (
            update(CAMPAIGN_UNIT)
            .where(
                columns.book_id == BOOK,
                columns.campaign_id == self._unit.campaign_id,
                columns.unit_code == self._unit.unit_code,
            )
            .values(
                table_state=Standing.REPORTED.value,
                table_ms=at_ms,
                table_by=self._actor.actor_id,
                table_reason="",
            )
        )


def _live(unit: Any) -> Any:
    columns = CAMPAIGN_ACTIVITY.c
    return select(CAMPAIGN_ACTIVITY).where(
        columns.book_id == BOOK,
        columns.campaign_id == unit.campaign_id,
        columns.unit_code == unit.unit_code,
        columns.live == 1,
    )


def _changed(activity_ids: Iterable[str], **values: Any) -> Any:
    columns = CAMPAIGN_ACTIVITY.c
    return (
        update(CAMPAIGN_ACTIVITY)
        .where(columns.book_id == BOOK, columns.activity_id.in_(list(activity_ids)))
        .values(**values)
    )


def _store(draft: Draft, rows: list[dict[str, Any]], known: set[str]) -> None:
    """Insert new lines and write the others anew, in one statement each."""
    new = [row for row in rows if row["activity_id"] not in known]
    old = [row for row in rows if row["activity_id"] in known]
    if new:
        draft.add(insert(CAMPAIGN_ACTIVITY), new)
    if old:
        columns = CAMPAIGN_ACTIVITY.c
        written = [name for name in old[0] if name not in ("book_id", "activity_id")]
        draft.add(
            update(CAMPAIGN_ACTIVITY)
            .where(columns.book_id == BOOK, columns.activity_id == bindparam("which"))
            .values({name: bindparam(f"new_{name}") for name in written}),
            [
                {"which": row["activity_id"]} | {f"new_{name}": row[name] for name in written}
                for row in old
            ],
        )
