"""Photographs of a unit's activities: drawn anew, so that nothing a camera wrote goes along.

A photograph with people in it needs their consent in writing; whether a unit has it is a flag, and
without it no package is made.
"""

import io
import struct
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

from PIL import Image, UnidentifiedImageError
from sqlalchemy import ColumnElement, delete, func, insert, select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.campaigns.finding import BOOK, require_keeper, unit_of
from timebank.campaigns.model import MOST_PHOTOGRAPHS
from timebank.campaigns.tables import CAMPAIGN_PHOTOGRAPH
from timebank.campaigns.texts import check_words
from timebank.errors import MissingField
from timebank.errors.campaigns import PhotographUnfit, TooManyPhotographs, UnknownCampaignItem
from timebank.stations.model import Actor

MOST_PIXELS = 50_000_000
"""More than any camera of a station has; what claims more would be a bomb."""

LONGEST_SIDE = 1_600
"""Pixels of the longer side as kept: enough for a printed page."""

LONGEST_CAPTION = 60
FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 85
_SMOOTH = ("L", "LA", "RGB", "RGBA")
_DECODING = BoundedSemaphore(2)
"""Each photograph that is decoded takes up to 400 MB, however many are uploaded at once."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn back what a camera held so; Exif 2.3, tag 274."""


def redrawn(content: bytes) -> tuple[bytes, int, int]:
    """A photograph as a JPEG of its pixels alone, with its width and height.

    It is turned as the camera held it, at most :data:`LONGEST_SIDE` long, on white where it was
    transparent.  The same bytes give the same bytes.

    Raises:
        PhotographUnfit: no photograph of :data:`FORMATS`, damaged, or beyond :data:`MOST_PIXELS`.
    """
    try:
        with _DECODING, Image.open(io.BytesIO(content), formats=FORMATS) as given:
            if given.width * given.height > MOST_PIXELS:
                raise PhotographUnfit(why="像素太多")
            turn = _TURNS.get(_held_as(given))
            # Made small before anything else is made of it: a copy of all its pixels is 200 MB.
            small = given if given.mode in _SMOOTH else given.convert("RGBA")
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            turned = (small if turn is None else small.transpose(turn)).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotographUnfit(why="像素太多") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PhotographUnfit(why="不是 JPEG、PNG 或 WebP 照片，或已损坏") from error
    clean = Image.new("RGB", turned.size, "white")
    clean.paste(turned, mask=turned)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), clean.width, clean.height


def _held_as(given: Image.Image) -> int:
    """How the camera says that it was held; 1, upright, where its words are damaged."""
    try:
        return int(given.getexif().get(_ORIENTATION, 1))
    except (struct.error, OSError, SyntaxError, ValueError, TypeError, KeyError):
        return 1


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
        PhotographUnfit: see :func:`redrawn`.
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
