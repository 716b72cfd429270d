"""QR codes read back: an SVG drawn out into squares, or a photograph, before another's reader."""

import re

import zxingcpp

_SCALE = 4
"""Pixels of a module in a drawing; readers want a few."""


def read_svg(svg: str) -> bytes:
    """The bytes in a QR code that consists of one path of horizontal strokes.

    Raises:
        ValueError: there is not exactly one code to be read.
    """
    box = re.search(r'viewBox="0 0 (\d+) ', svg)
    path = re.search(r'class="qrline"[^>]*? d="([^"]+)"|d="([^"]+)" class="qrline"', svg)
    if box is None or path is None:
        raise ValueError("no drawing of a QR code")
    size = int(box[1])
    rows = [bytearray(b"\xff" * size) for _row in range(size)]
    x = y = 0.0
    for command, values in re.findall(r"([Mmh])([^Mmh]*)", path[1] or path[2]):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", values)]
        if command == "h":
            rows[int(y)][int(x) : int(x + numbers[0])] = bytes(int(numbers[0]))
            x += numbers[0]
        elif command == "M":
            x, y = numbers
        else:
            x, y = x + numbers[0], y + numbers[1]
    wide = b"".join(bytes(one for one in row for _time in range(_SCALE)) * _SCALE for row in rows)
    return read_pixels(wide, size * _SCALE, size * _SCALE)


def read_pixels(grey: bytes, width: int, height: int) -> bytes:
    """The bytes in the one QR code of a picture of grey pixels, row by row.

    Raises:
        ValueError: there is not exactly one code to be read.
    """
    picture = memoryview(grey).cast("B", (height, width))
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    if len(found) != 1:
        raise ValueError(f"{len(found)} QR codes")
    data: bytes = found[0].bytes
    return data
