"""Photographs drawn anew, so that nothing a camera wrote goes along.

Where it was taken, when, by which camera and as what thumbnail: only its pixels are kept.
"""

import io
import struct
from threading import BoundedSemaphore

from PIL import Image, UnidentifiedImageError

from timebank.errors.campaigns import PhotographUnfit

MOST_PIXELS = 50_000_000
"""More than any camera of a station has; what claims more would be a bomb."""

LONGEST_SIDE = 1_600
"""Pixels of the longer side where nothing else is asked: enough for a printed page."""

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


def redrawn(content: bytes, longest: int = LONGEST_SIDE) -> tuple[bytes, int, int]:
    """A photograph as a JPEG of its pixels alone, with its width and height.

    It is turned as the camera held it, at most ``longest`` pixels long, on white where it was
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
            small.thumbnail((longest, longest))
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
