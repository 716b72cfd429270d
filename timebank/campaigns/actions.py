"""Opening a campaign, and sending back what a unit has reported."""

import re
from typing import Any

from sqlalchemy import insert, select, update

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.finding import Ask, unit_of
from timebank.campaigns.model import (
    OPEN_CAMPAIGN,
    RETURN_PACKAGE,
    RETURN_TABLE,
    Standing,
    StatedCampaign,
    StatedUnit,
    Theme,
)
from timebank.campaigns.tables import CAMPAIGN, CAMPAIGN_THEME, CAMPAIGN_UNIT
from timebank.campaigns.texts import check_words
from timebank.errors import MissingField, UnknownStation
from timebank.errors.campaigns import CampaignUnfit, TableNotReported
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.stations.tables import STATION

BOOK = 1
CAMPAIGN_KIND = "campaign"
"""The kind of a submission that opens a campaign or moves what a unit hands in."""

LONGEST_NAME = 60
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", re.ASCII)


def open_campaign(bank: Bank, actor: Actor, stated: StatedCampaign, *, key: str) -> Answer:
    """Open a campaign with its themes and units; answers its id.

    Raises, the first that applies:
        NotPermitted: no operator; the receiving unit works through the district's desk.
        MissingField: no name or receiver.
        CampaignUnfit: no theme or unit, one of them twice, a code that is none, names beyond
            :data:`LONGEST_NAME` characters, or days out of order.
        UnknownStation: a unit's station is none of the book's.
    """
    require(actor, "open_campaign", Role.OPERATOR)
    _check(stated)

    def decide(draft: Draft) -> dict[str, Any]:
        _check_stations(draft.query, {unit.station_code for unit in stated.units})
        campaign_id = draft.new_id("camp")
        facts: Facts = {
            "by": actor.actor_id,
            "campaign": campaign_id,
            "do": OPEN_CAMPAIGN,
            "from": stated.starts_on.isoformat(),
            "until": stated.ends_on.isoformat(),
            "units": [unit.code for unit in stated.units],
        }
        draft.state(campaign_id, facts)
        row = {
            "book_id": BOOK,
            "campaign_id": campaign_id,
            "name": stated.name.strip(),
            "receiver": stated.receiver.strip(),
            "starts_on": stated.starts_on.isoformat(),
            "ends_on": stated.ends_on.isoformat(),
            "tables_due_on": stated.tables_due_on.isoformat(),
            "summaries_due_on": stated.summaries_due_on.isoformat(),
            "opened_by": actor.actor_id,
            "opened_ms": draft.recorded_ms,
        }
        draft.add(insert(CAMPAIGN), [row])
        places = enumerate(stated.themes, start=1)
        themes = [_theme_row(campaign_id, place, theme) for place, theme in places]
        draft.add(insert(CAMPAIGN_THEME), themes)
        draft.add(insert(CAMPAIGN_UNIT), [_unit_row(campaign_id, one) for one in stated.units])
        return {"campaign": campaign_id}

    action = bank.action(actor, CAMPAIGN_KIND, decide, key=key, content=_content(stated))
    return bank.act(action)


def check_campaign(ask: Ask, actor: Actor, stated: StatedCampaign) -> None:
    """Let pass what could be opened so, before anything is opened.

    Raises: as :func:`open_campaign`.
    """
    require(actor, "open_campaign", Role.OPERATOR)
    _check(stated)
    _check_stations(ask, {unit.station_code for unit in stated.units})


def return_table(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, reason: str, *, key: str
) -> Answer:
    """Send a reported project table back; its unit reports another.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField: no reason.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        TableNotReported: nothing was reported, or it went back before.
    """
    return _return(bank, actor, campaign_id, unit_code, reason, RETURN_TABLE, "table", key)


def return_package(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, reason: str, *, key: str
) -> Answer:
    """Send a submitted package back; its edition stays, its unit submits another.

    Raises: as :func:`return_table`.
    """
    return _return(bank, actor, campaign_id, unit_code, reason, RETURN_PACKAGE, "package", key)


def _return(
    bank: Bank,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    reason: str,
    do: str,
    what: str,
    key: str,
) -> Answer:
    require(actor, do, Role.OPERATOR)
    if not reason.strip():
        raise MissingField(field="reason")
    check_words(reason)

    def decide(draft: Draft) -> dict[str, Any]:
        unit = unit_of(draft.query, actor, do, campaign_id, unit_code)
        state = getattr(unit, f"{what}_state")
        if state != Standing.REPORTED:
            raise TableNotReported(unit=unit_code, state=state)
        facts: Facts = {
            "by": actor.actor_id, "campaign": campaign_id, "do": do, "unit": unit_code
        }  # fmt: skip
        draft.state(campaign_id, facts)
        columns = CAMPAIGN_UNIT.c
        draft.add(
            update(CAMPAIGN_UNIT)
            .where(
                columns.book_id == BOOK,
                columns.campaign_id == campaign_id,
                columns.unit_code == unit_code,
            )
            .values({f"{what}_state": Standing.RETURNED.value, f"{what}_reason": reason.strip()})
        )
        return {"campaign": campaign_id, "state": Standing.RETURNED.value, "unit": unit_code}

    content = {"campaign": campaign_id, "do": do, "reason": reason, "unit": unit_code}
    return bank.act(bank.action(actor, CAMPAIGN_KIND, decide, key=key, content=content))


# Parts -------------------------------------------------------------------------------------


def _check(stated: StatedCampaign) -> None:
    for field, text in (("name", stated.name), ("owner", stated.receiver)):
        if not text.strip():
            raise MissingField(field=field)
    names = [theme.name.strip() for theme in stated.themes]
    codes = [unit.code for unit in stated.units]
    titles = [stated.name, stated.receiver, *names, *(unit.name for unit in stated.units)]
    check_words(*titles, *codes)
    for wrong, why in (
        (not names or not all(names) or len(set(names)) < len(names), "主题不能空缺或重复"),
        (not codes or len(set(codes)) < len(codes), "单位不能空缺，代码不能重复"),
        (not all(_CODE.fullmatch(code) for code in codes), "单位代码为 1 到 20 个字母、数字或短横"),
        (not all(unit.name.strip() for unit in stated.units), "单位须有名称"),
        (any(len(title) > LONGEST_NAME for title in titles), f"名称最多 {LONGEST_NAME} 个字"),
        (stated.starts_on > stated.ends_on, "开始日期晚于结束日期"),
        (stated.tables_due_on > stated.summaries_due_on, "项目表截止日期晚于总结截止日期"),
    ):
        if wrong:
            raise CampaignUnfit(why=why)


def _check_stations(ask: Ask, wanted: set[str]) -> None:
    known = ask(
        select(STATION.c.code).where(STATION.c.book_id == BOOK, STATION.c.code.in_(sorted(wanted)))
    )
    missing = wanted - set(known.scalars())
    if missing:
        raise UnknownStation(station=min(missing)[:20])


def _theme_row(campaign_id: str, place: int, theme: Theme) -> dict[str, Any]:
    return {
        "book_id": BOOK,
        "campaign_id": campaign_id,
        "name": theme.name.strip(),
        "place": place,
        "serves": int(theme.serves),
    }


def _unit_row(campaign_id: str, unit: StatedUnit) -> dict[str, Any]:
    return {
        "book_id": BOOK,
        "campaign_id": campaign_id,
        "unit_code": unit.code,
        "name": unit.name.strip(),
        "kind": unit.kind.value,
        "station_code": unit.station_code,
        "table_state": Standing.NOT_REPORTED.value,
        "table_ms": None,
        "table_by": "",
        "table_reason": "",
        "package_state": Standing.NOT_REPORTED.value,
        "package_ms": None,
        "package_reason": "",
        "summary": "",
    }


def _content(stated: StatedCampaign) -> dict[str, Any]:
    days = (stated.starts_on, stated.ends_on, stated.tables_due_on, stated.summaries_due_on)
    return {
        "days": [day.isoformat() for day in days],
        "name": stated.name,
        "receiver": stated.receiver,
        "themes": [[theme.name, theme.serves] for theme in stated.themes],
        "units": [[one.code, one.name, one.kind.value, one.station_code] for one in stated.units],
    }
