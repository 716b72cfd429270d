"""Reading campaigns: the board, a unit's activities, rosters, and what it keeps for its package."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from timebank.bank import Bank
from timebank.campaigns.figures import CampaignFigures, added_up, figure_lines
from timebank.campaigns.finding import (
    BOOK,
    READERS,
    activity_of,
    campaign_of,
    unit_of,
)
from timebank.campaigns.model import Standing, standing_is_late
from timebank.campaigns.rosters import is_open, roster_rows
from timebank.campaigns.shown import (
    Kept,
    ShownActivity,
    ShownCampaign,
    ShownEdition,
    ShownLine,
    ShownPhotograph,
    ShownReport,
    ShownUnit,
)
from timebank.campaigns.tables import (
    CAMPAIGN,
    CAMPAIGN_ACTIVITY,
    CAMPAIGN_EDITION,
    CAMPAIGN_PHOTOGRAPH,
    CAMPAIGN_REPORT,
    CAMPAIGN_ROSTER,
    CAMPAIGN_THEME,
    CAMPAIGN_UNIT,
)
from timebank.clock import from_milliseconds, local_date
from timebank.errors.campaigns import UnknownCampaignItem
from timebank.people.directory import members, names_not_shown
from timebank.people.masks import mask_name
from timebank.records.tables import SERVICE_RECORD
from timebank.stations.actions import require
from timebank.stations.model import Actor


def campaigns_listed(connection: Connection, actor: Actor) -> list[ShownCampaign]:
    """Every campaign, the newest first; a district has one or a few in a year.

    Raises:
        NotPermitted: no staff.
    """
    require(actor, "read_campaigns", *READERS)
    columns = CAMPAIGN.c
    query = select(CAMPAIGN).where(columns.book_id == BOOK)
    rows = connection.execute(query.order_by(columns.starts_on.desc(), columns.campaign_id)).all()
    return _campaigns(connection, rows)


def campaign_shown(connection: Connection, actor: Actor, campaign_id: str) -> ShownCampaign:
    """One campaign.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownCampaign: there is none.
    """
    require(actor, "read_campaigns", *READERS)
    return _campaigns(connection, [campaign_of(connection.execute, campaign_id)])[0]


def board(bank: Bank, connection: Connection, actor: Actor, campaign_id: str) -> list[ShownUnit]:
    """Where every unit stands: 未报, 已报 or 退回; names of units are no secret among staff.

    Raises: as :func:`campaign_shown`.
    """
    campaign = campaign_shown(connection, actor, campaign_id)
    columns = CAMPAIGN_UNIT.c
    query = select(CAMPAIGN_UNIT).where(columns.book_id == BOOK, columns.campaign_id == campaign_id)
    rows = connection.execute(query.order_by(columns.unit_code))
    return [_unit(row, campaign, bank.today()) for row in rows]


def activities_listed(
    connection: Connection, actor: Actor, campaign_id: str, unit_code: str
) -> list[ShownActivity]:
    """The lines of a unit's table in their order.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        NotPermitted: it is another station's.
    """
    require(actor, "read_campaigns", *READERS)
    unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    columns = CAMPAIGN_ACTIVITY.c
    query = select(CAMPAIGN_ACTIVITY).where(
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
        columns.live == 1,
    )
    return [_activity(row) for row in connection.execute(query.order_by(columns.serial))]


def activity_shown(connection: Connection, actor: Actor, activity_id: str) -> ShownActivity:
    """One activity.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownActivity: there is none.
    """
    require(actor, "read_campaigns", *READERS)
    return _activity(activity_of(connection.execute, actor, "read_campaigns", activity_id))


def roster_shown(
    bank: Bank, connection: Connection, actor: Actor, activity_id: str
) -> list[ShownLine]:
    """Everybody on a roster in the order in which they came onto it.

    Raises: as :func:`activity_shown`.
    """
    activity_shown(connection, actor, activity_id)
    rows = roster_rows(connection.execute, activity_id)
    ids = {row.person_id for row in rows}
    known = members(bank, connection, ids)
    others = names_not_shown(connection, ids)
    shown = []
    for row in rows:
        member = known.get(row.person_id)
        shown.append(
            ShownLine(
                row.person_id,
                member.numbers[0] if member and member.numbers else "",
                mask_name(member.name) if member else others.get(row.person_id, ""),
                row.signed_in_at,
                row.signed_out_at,
                row.record_id,
                row.state or "",
                is_open(row),
            )
        )
    return shown


def figures_of(
    connection: Connection,
    actor: Actor,
    campaign_id: str,
    *,
    unit_code: str = "",
    until_on: str = "",
) -> CampaignFigures:
    """The figures of a campaign or of one unit, up to a service day.

    Raises, the first that applies:
        NotPermitted: no staff.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        NotPermitted: the unit is another station's.
    """
    campaign = campaign_shown(connection, actor, campaign_id)
    if unit_code:
        unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    columns = CAMPAIGN_UNIT.c
    codes = connection.execute(
        select(columns.unit_code)
        .where(columns.book_id == BOOK, columns.campaign_id == campaign_id)
        .order_by(columns.unit_code)
    ).scalars()
    units = [code for code in codes if unit_code in ("", code)]
    lines = figure_lines(connection, campaign_id, until_on=until_on, unit_code=unit_code)
    return added_up(lines, until_on, [name for name, _serves in campaign.themes], units)


def kept_of(
    bank: Bank, connection: Connection, actor: Actor, campaign_id: str, unit_code: str
) -> Kept:
    """What a unit keeps for its package, and the editions that it has submitted.

    Raises: as :func:`activities_listed`.
    """
    campaign = campaign_shown(connection, actor, campaign_id)
    row = unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    photographs = _of_unit(connection, CAMPAIGN_PHOTOGRAPH, row, "kept_ms", "photograph_id")
    reports = _of_unit(connection, CAMPAIGN_REPORT, row, "published_on", "report_id")
    editions = _of_unit(connection, CAMPAIGN_EDITION, row, "number")
    return Kept(
        _unit(row, campaign, bank.today()),
        row.summary,
        [
            ShownPhotograph(
                one.photograph_id, one.caption, bool(one.consent), one.width, one.height, one.digest
            )
            for one in photographs
        ],
        [
            ShownReport(one.report_id, one.title, one.outlet, one.published_on, one.link)
            for one in reports
        ],
        [
            ShownEdition(
                one.number, one.until_on, one.digest, one.size, one.submitted_by,
                one.submitted_ms,
            )
            for one in editions
        ],
    )  # fmt: skip


def photograph_bytes(
    connection: Connection, actor: Actor, campaign_id: str, unit_code: str, photograph_id: str
) -> bytes:
    """A photograph as it is kept.

    Raises, the first that applies:
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: see :func:`activities_listed`.
        UnknownCampaignItem: the unit keeps none of that id.
    """
    require(actor, "read_campaigns", *READERS)
    unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    columns = CAMPAIGN_PHOTOGRAPH.c
    query = select(columns.jpeg).where(
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
        columns.photograph_id == photograph_id,
    )
    jpeg = connection.execute(query).scalar()
    if jpeg is None:
        raise UnknownCampaignItem(item=photograph_id[:60])
    return bytes(jpeg)


def told_of_campaigns(connection: Connection, person_id: str) -> list[dict[str, Any]]:
    """The rosters on which a person stands, for their own copy."""
    roster, activity, record = CAMPAIGN_ROSTER.c, CAMPAIGN_ACTIVITY.c, SERVICE_RECORD.c
    query = (
        select(
            activity.campaign_id, activity.unit_code, activity.name, activity.theme,
            activity.held_on, roster.signed_in_at, roster.signed_out_at, roster.record_id,
            record.state,
        )
        .join(
            CAMPAIGN_ACTIVITY,
            (activity.book_id == roster.book_id) & (activity.activity_id == roster.activity_id),
        )
        .outerjoin(
            SERVICE_RECORD,
            (record.book_id == roster.book_id) & (record.record_id == roster.record_id),
        )
        .where(roster.book_id == BOOK, roster.person_id == person_id)
        .order_by(activity.held_on, activity.activity_id)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


# Parts -------------------------------------------------------------------------------------


def _campaigns(connection: Connection, rows: Iterable[Any]) -> list[ShownCampaign]:
    every = list(rows)
    columns = CAMPAIGN_THEME.c
    query = select(columns.campaign_id, columns.name, columns.serves).where(
        columns.book_id == BOOK,
        columns.campaign_id.in_([row.campaign_id for row in every] or [""]),
    )
    themes: dict[str, list[tuple[str, bool]]] = {}
    for campaign_id, name, serves in connection.execute(query.order_by(columns.place)):
        themes.setdefault(campaign_id, []).append((name, bool(serves)))
    return [
        ShownCampaign(
            row.campaign_id, row.name, row.receiver, row.starts_on, row.ends_on,
            row.tables_due_on, row.summaries_due_on, tuple(themes.get(row.campaign_id, ())),
        )
        for row in every
    ]  # fmt: skip


def _unit(row: Any, campaign: ShownCampaign, today: date) -> ShownUnit:
    def late(state: str, at_ms: int | None, due_on: str) -> bool:
        came = state == Standing.REPORTED and at_ms is not None
        reported_on = local_date(from_milliseconds(at_ms or 0)) if came else None
        return standing_is_late(reported_on, date.fromisoformat(due_on), today)

    return ShownUnit(
        row.unit_code, row.name, row.kind, row.station_code,
        row.table_state, row.table_ms, row.table_reason,
        late(row.table_state, row.table_ms, campaign.tables_due_on),
        row.package_state, row.package_ms, row.package_reason,
        late(row.package_state, row.package_ms, campaign.summaries_due_on),
    )  # fmt: skip


def _activity(row: Any) -> ShownActivity:
    names = ShownActivity.__dataclass_fields__
    return ShownActivity(**{name: getattr(row, name) for name in names})


def _of_unit(connection: Connection, table: Any, unit: Any, *order: str) -> list[Any]:
    """Rows of a unit without the bytes that they keep."""
    columns = table.c
    shown = [one for one in columns if one.name not in ("jpeg", "sealed")]
    query = select(*shown).where(
        columns.book_id == BOOK,
        columns.campaign_id == unit.campaign_id,
        columns.unit_code == unit.unit_code,
    )
    return list(connection.execute(query.order_by(*(columns[name] for name in order))))
