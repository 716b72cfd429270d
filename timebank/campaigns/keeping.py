"""What a unit keeps for its package beside photographs: press reports and its summary's text."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, require_keeper, unit_of
from timebank.campaigns.model import MOST_SUMMARY_CHARACTERS
from timebank.campaigns.tables import CAMPAIGN_REPORT, CAMPAIGN_UNIT
from timebank.campaigns.texts import check_words
from timebank.errors import MissingField
from timebank.errors.campaigns import LinkInvalid, ListFull, SummaryTooLong, UnknownCampaignItem
from timebank.stations.model import Actor

LONGEST_TITLE, LONGEST_LINK = 100, 500
MOST_REPORTS = 200
"""Of one unit; they stand in one sheet of its package."""


def keep_report(
    bank: Bank,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    *,
    title: str,
    outlet: str,
    published_on: date,
    link: str = "",
) -> str:
    """Keep a press report (有关报道); answers its id.  The same one is kept once.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: no title or outlet, or one beyond :data:`LONGEST_TITLE` characters.
        LinkInvalid: no ``http`` or ``https`` address, or beyond :data:`LONGEST_LINK` characters.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        ListFull: the unit has :data:`MOST_REPORTS`.
    """
    require_keeper(actor, "keep_report")
    said = {"title": " ".join(title.split()), "outlet": " ".join(outlet.split())}
    check_words(campaign_id, unit_code, *said.values(), link)
    for field, value in said.items():
        if not value or len(value) > LONGEST_TITLE:
            raise MissingField(field=field)
    link = _checked_link(link.strip())
    said |= {"published_on": published_on.isoformat(), "link": link}

    def change(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, "keep_report", campaign_id, unit_code)
        columns = CAMPAIGN_REPORT.c
        row = {"book_id": BOOK, "campaign_id": campaign_id, "unit_code": unit_code, **said}
        query = select(columns.report_id).where(*(columns[name] == row[name] for name in row))
        known = draft.query(query).scalar()
        if known is not None:
            return {"report": known}
        mine = (columns[name] == row[name] for name in ("book_id", "campaign_id", "unit_code"))
        if draft.query(select(func.count()).where(*mine)).scalar_one() >= MOST_REPORTS:
            raise ListFull(field="reports", most=MOST_REPORTS)
        made = {"report_id": draft.new_id("rprt"), "kept_by": actor.actor_id,
                "kept_ms": draft.recorded_ms}  # fmt: skip
        draft.add(insert(CAMPAIGN_REPORT), [row | made])
        return {"report": made["report_id"]}

    return str(bank.keep_house(change)["report"])


def remove_report(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, report_id: str
) -> None:
    """Let a press report go; packages that were submitted keep theirs.

    Raises, the first that applies:
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: as :func:`keep_report`.
        UnknownCampaignItem: the unit keeps none of that id.
    """
    require_keeper(actor, "remove_report")
    check_words(campaign_id, unit_code, report_id)

    def change(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, "remove_report", campaign_id, unit_code)
        columns = CAMPAIGN_REPORT.c
        mine = (
            columns.book_id == BOOK,
            columns.campaign_id == campaign_id,
            columns.unit_code == unit_code,
            columns.report_id == report_id,
        )
        if draft.query(select(columns.report_id).where(*mine)).first() is None:
            raise UnknownCampaignItem(item=report_id[:60])
        draft.add(delete(CAMPAIGN_REPORT).where(*mine))
        return {}

    bank.keep_house(change)


def write_summary(bank: Bank, actor: Actor, campaign_id: str, unit_code: str, text: str) -> None:
    """Keep a unit's own summary; an empty text lets the drafted one stand again.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        SummaryTooLong: more than :data:`MOST_SUMMARY_CHARACTERS`, see :func:`characters_of`.
        UnknownCampaign, UnknownCampaignUnit: there is none.
    """
    require_keeper(actor, "write_summary")
    check_words(campaign_id, unit_code, text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = "\n".join(line for line in lines if line)
    check_length(kept)

    def change(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, "write_summary", campaign_id, unit_code)
        columns = CAMPAIGN_UNIT.c
        draft.add(
            update(CAMPAIGN_UNIT)
            .where(
                columns.book_id == BOOK,
                columns.campaign_id == campaign_id,
                columns.unit_code == unit_code,
            )
            .values(summary=kept)
        )
        return {}

    bank.keep_house(change)


def characters_of(text: str) -> int:
    """Characters as an editor counts them: everything but blanks and line ends."""
    return sum(not letter.isspace() for letter in text)


def check_length(text: str) -> None:
    """Let a summary pass that is short enough.

    Raises:
        SummaryTooLong: it is not.
    """
    count = characters_of(text)
    if count > MOST_SUMMARY_CHARACTERS:
        raise SummaryTooLong(characters=count, most=MOST_SUMMARY_CHARACTERS)


def _checked_link(link: str) -> str:
    if not link:
        return ""
    try:
        found = urlsplit(link)
    except ValueError as error:
        raise LinkInvalid(field="link") from error
    if found.scheme not in ("http", "https") or not found.netloc or len(link) > LONGEST_LINK:
        raise LinkInvalid(field="link")
    return link
