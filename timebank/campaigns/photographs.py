"""Photographs of a unit's activities, drawn anew as :mod:`timebank.pictures` does.

A photograph with people in it needs their consent in writing; whether a unit has it is a flag, and
without it no package is made.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, require_keeper, unit_of
from timebank.campaigns.model import MOST_PHOTOGRAPHS
from timebank.campaigns.tables import CAMPAIGN_PHOTOGRAPH
from timebank.campaigns.texts import check_words
from timebank.errors import MissingField
from timebank.errors.campaigns import TooManyPhotographs, UnknownCampaignItem
from timebank.pictures import redrawn
from timebank.stations.model import Actor

LONGEST_CAPTION = 60


def keep_photograph(
    bank: Bank,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    content: bytes,
    *,
    caption: str,
    consent: bool,
) -> str:
    """Keep a photograph for a unit's package; answers its id.

    The same one is kept once, with the caption and the consent of the last time: so consent is
    given later, and taken back.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        MissingField: no caption, or one beyond :data:`LONGEST_CAPTION` characters.
        PhotographUnfit: see :func:`timebank.pictures.redrawn`.
        UnknownCampaign, UnknownCampaignUnit: there is none.
        TooManyPhotographs: the unit has as many as a package takes.
    """
    require_keeper(actor, "keep_photograph")
    caption = " ".join(caption.split())
    check_words(campaign_id, unit_code, caption)
    if not caption or len(caption) > LONGEST_CAPTION:
        raise MissingField(field="caption")
    said = {"caption": caption, "consent": int(consent)}
    jpeg, width, height = redrawn(content)
    digest = sha256(jpeg).hexdigest()

    def change(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, "keep_photograph", campaign_id, unit_code)
        columns, mine = CAMPAIGN_PHOTOGRAPH.c, _of_unit(campaign_id, unit_code)
        query = select(columns.photograph_id).where(*mine, columns.digest == digest)
        known = draft.query(query).scalar()
        if known is not None:
            draft.add(
                update(CAMPAIGN_PHOTOGRAPH).where(*mine, columns.digest == digest).values(said)
            )
            return {"photograph": known}
        count = draft.query(select(func.count()).where(*mine)).scalar_one()
        if count >= MOST_PHOTOGRAPHS:
            raise TooManyPhotographs(most=MOST_PHOTOGRAPHS)
        at = {"book_id": BOOK, "campaign_id": campaign_id, "unit_code": unit_code}
        row = {
            **at,
            **said,
            "photograph_id": draft.new_id("phot"),
            "jpeg": jpeg,
            "digest": digest,
            "width": width,
            "height": height,
            "kept_by": actor.actor_id,
            "kept_ms": draft.recorded_ms,
        }
        draft.add(insert(CAMPAIGN_PHOTOGRAPH), [row])
        return {"photograph": row["photograph_id"]}

    return str(bank.keep_house(change)["photograph"])


def remove_photograph(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, photograph_id: str
) -> None:
    """Let a photograph go; packages that were submitted keep theirs.

    Raises, the first that applies:
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: as :func:`keep_photograph`.
        UnknownCampaignItem: the unit keeps none of that id.
    """
    require_keeper(actor, "remove_photograph")
    check_words(campaign_id, unit_code, photograph_id)

    def change(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, "remove_photograph", campaign_id, unit_code)
        columns = CAMPAIGN_PHOTOGRAPH.c
        mine = (
            columns.book_id == BOOK,
            columns.campaign_id == campaign_id,
            columns.unit_code == unit_code,
            columns.photograph_id == photograph_id,
        )
        if draft.query(select(columns.photograph_id).where(*mine)).first() is None:
            raise UnknownCampaignItem(item=photograph_id[:60])
        draft.add(delete(CAMPAIGN_PHOTOGRAPH).where(*mine))
        return {}

    bank.keep_house(change)


def _of_unit(campaign_id: str, unit_code: str) -> tuple[ColumnElement[bool], ...]:
    columns = CAMPAIGN_PHOTOGRAPH.c
    return (
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
    )
