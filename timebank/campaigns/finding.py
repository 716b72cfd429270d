"""Finding campaigns, units and activities for whoever may act for them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, select

from timebank.campaigns.tables import CAMPAIGN, CAMPAIGN_ACTIVITY, CAMPAIGN_UNIT
from timebank.errors.campaigns import UnknownActivity, UnknownCampaign, UnknownCampaignUnit
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
KEEPERS = (Role.CLERK, Role.REVIEWER, Role.OPERATOR)
"""Who keeps tables, rosters and packages: a station's staff for its own units, or the district."""

READERS = (*KEEPERS, Role.AUDITOR)

Ask = Callable[[Executable], Any]
"""Runs a query: a connection's ``execute`` or a draft's ``query``."""


def campaign_of(ask: Ask, campaign_id: str) -> Any:
    """The campaign's row.

    Raises:
        UnknownCampaign: there is none.
    """
    columns = CAMPAIGN.c
    query = select(CAMPAIGN).where(columns.book_id == BOOK, columns.campaign_id == campaign_id)
    row = ask(query).first()
    if row is None:
        raise UnknownCampaign(campaign=campaign_id[:60])
    return row


def unit_of(ask: Ask, actor: Actor, action: str, campaign_id: str, unit_code: str) -> Any:
    """The unit's row, for whoever may do ``action`` for it; everybody who reads may read all.

    Raises, the first that applies:
        UnknownCampaign, UnknownCampaignUnit: there is none.
        NotPermitted: it is another station's.
    """
    campaign_of(ask, campaign_id)
    columns = CAMPAIGN_UNIT.c
    query = select(CAMPAIGN_UNIT).where(
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
    )
    row = ask(query).first()
    if row is None:
        raise UnknownCampaignUnit(unit=unit_code[:20])
    require_station(actor, action, row.station_code)
    return row


def activity_of(ask: Ask, actor: Actor, action: str, activity_id: str) -> Any:
    """The activity's row with its unit's ``station_code`` and its theme's ``serves``.

    Raises, the first that applies:
        UnknownActivity: there is none, or a later table left it out.
        NotPermitted: it is another station's.
    """
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
    require_station(actor, action, row.station_code)
    return row


def require_keeper(actor: Actor, action: str) -> None:
    """Let staff pass who keep what units hand in.

    Raises:
        NotPermitted: anybody else.
    """
    require(actor, action, *KEEPERS)
