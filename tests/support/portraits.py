"""Photographs of people as a camera writes them, and the desk that keeps them."""

import io

from PIL import Image

from tests.support.orders import CLERK, Journey
from timebank.people.portraits import agree_to_portrait, keep_portrait

_GPS = 0x8825
_MAKER = 0x010F


def face(wide: int = 600, high: int = 480, *, shade: int = 90) -> bytes:
    """A photograph that says where it was taken: GPS, the camera's maker and a comment."""
    exif = Image.Exif()
    exif[_MAKER] = "secret maker"
    exif[_GPS] = {1: "N", 2: (31.0, 13.0, 48.0), 3: "E", 4: (121.0, 28.0, 25.0)}
    out = io.BytesIO()
    picture = Image.new("RGB", (wide, high), (shade, 120, 255 - shade))
    picture.save(out, "JPEG", exif=exif, comment=b"secret place")
    return out.getvalue()


def pictured(journey: Journey, *numbers: str) -> None:
    """Each of them agrees to it and is photographed at the counter."""
    for number in numbers:
        agree_to_portrait(journey.tried.bank, CLERK, number, given=True)
        keep_portrait(journey.tried.bank, CLERK, number, face())
