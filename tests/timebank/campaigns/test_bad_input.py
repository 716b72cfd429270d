"""What a campaign is given that no database, workbook or Word document could hold."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

from api.pages.campaign_views import unit_rows
from ledger.errors import ContentOutOfProfile
from tests.support.banks import OPERATOR
from tests.support.campaigns import CLERK, RIVER, STATED, Month, camera_picture
from timebank.campaigns.actions import open_campaign, return_table
from timebank.campaigns.editions import edition_bytes
from timebank.campaigns.keeping import keep_report, remove_report, write_summary
from timebank.campaigns.model import Category, Served, Theme
from timebank.campaigns.people import note_served
from timebank.campaigns.photographs import keep_photograph, remove_photograph
from timebank.campaigns.queries import board, figures_of
from timebank.campaigns.table_reading import Frame, read_table
from timebank.errors.campaigns import PhotographUnfit, UnknownCampaignItem
from timebank.pictures import LONGEST_SIDE, redrawn

UNWRITABLE = ["a\0b", "a\x01b", "a\x1bb", "a\ufffeb", "a\ud800b"]
"""NUL, two control signs, no character, and half a surrogate pair."""


@pytest.mark.parametrize("words", UNWRITABLE)
def test_what_no_document_can_hold_is_refused_when_it_is_typed(
    sqlite_month: Month, words: str
) -> None:
    month, bank = sqlite_month, sqlite_month.tried.bank
    month.report()
    of_unit = (bank, CLERK, month.campaign_id, "XF")
    named = {"outlet": "日报", "published_on": date(2023, 3, 6)}
    unit = replace(STATED.units[0], name=words)
    attempts: list[Callable[[], Any]] = [
        lambda: open_campaign(bank, OPERATOR, replace(STATED, name=words), key=month.key()),
        lambda: open_campaign(bank, OPERATOR, replace(STATED, units=(unit,)), key=month.key()),
        lambda: open_campaign(
            bank, OPERATOR, replace(STATED, themes=(Theme(words),)), key=month.key()
        ),
        lambda: return_table(bank, OPERATOR, month.campaign_id, "XF", words, key=month.key()),
        lambda: write_summary(*of_unit, words),
        lambda: keep_report(*of_unit, title=words, **named),
        lambda: keep_photograph(*of_unit, camera_picture(9), caption=words, consent=True),
        lambda: note_served(
            bank, CLERK, month.activity(2), Served(Category.ELDER, words), key=month.key()
        ),
    ]
    for attempt in attempts:
        with pytest.raises(ContentOutOfProfile):
            attempt()


@pytest.mark.parametrize("words", ["清\x01洁", "清\ufffe洁"])
def test_a_cell_that_no_document_can_hold_is_named(sqlite_month: Month, words: str) -> None:
    path = sqlite_month.folder / "table.csv"
    cells = ["" if cell is None else str(cell) for cell in RIVER]
    cells[1] = words
    path.write_text("序号,项目名称,服务类别,服务对象,时间\n" + ",".join(cells[:5]), "utf-8")
    assert [one.code for one in sqlite_month.take(path).wrong] == ["content_out_of_profile"]


@pytest.mark.parametrize(
    ("serial", "reported"),
    [("1000000", True), ("1000001", False), ("0" * 12 + "7", True),
     ("0" * 8 + "19999999999999999999", False), ("9" * 5_000, False), ("٣", False)],
)  # fmt: skip
def test_a_count_is_as_long_as_it_is_written(
    sqlite_month: Month, serial: str, reported: bool
) -> None:
    result = sqlite_month.report([(serial, *RIVER[1:])])
    assert result.reported is reported
    assert [one.code for one in result.wrong] == ([] if reported else ["unreadable_count"])


@pytest.mark.parametrize(
    ("when", "on"),
    [
        ("6月1日", "2023-06-01"),
        ("12月31日 22:00-24:00", "2023-12-31"),
        ("1月1日", "2024-01-01"),
        ("5月30日", "2024-05-30"),
        ("5月31日", None),
        ("2023-01-01", None),
    ],
)
def test_a_short_day_is_that_within_the_campaign(tmp_path: Path, when: str, on: str | None) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"序号,项目名称,服务类别,时间\n1,清洁,绿水青山,{when}", "utf-8")
    frame = Frame(("绿水青山",), date(2023, 6, 1), date(2024, 5, 30))
    read = read_table(path, frame)
    assert [one.held_on.isoformat() for one in read.lines] == ([on] if on else [])
    assert [one.code for one in read.wrong] == ([] if on else ["outside_campaign"])


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**63, 10**30])
def test_no_edition_has_such_a_number(month: Month, number: int) -> None:
    with month.tried.bank.read() as connection, pytest.raises(UnknownCampaignItem):
        edition_bytes(month.tried.bank, connection, CLERK, month.campaign_id, "XF", number)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_name_with_a_nul_halts_nobody_elses_writing(month: Month, at: int) -> None:
    bank, asked = month.tried.bank, [month.campaign_id, "XF", "phot_1"]
    asked[at] += "\0"
    campaign, unit, item = asked
    for remove in (remove_photograph, remove_report):
        with pytest.raises(ContentOutOfProfile):
            remove(bank, CLERK, campaign, unit, item)
    if at < 2:
        with pytest.raises(ContentOutOfProfile):
            write_summary(bank, CLERK, campaign, unit, "字")


def test_two_units_of_one_name_have_a_line_each(sqlite_month: Month) -> None:
    bank = sqlite_month.tried.bank
    both = tuple(replace(one, name="幸福街道") for one in STATED.units)
    stated = replace(STATED, units=both)
    opened = open_campaign(bank, OPERATOR, stated, key="twins").body["campaign"]
    with bank.read() as connection:
        figures = figures_of(connection, OPERATOR, opened)
        rows = unit_rows(figures, board(bank, connection, OPERATOR, opened))
    assert [row.name for row in rows] == ["幸福街道", "幸福街道"]


# Photographs -------------------------------------------------------------------------------


def png_with(exif: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (6, 4), "red").save(out, "PNG")
    raw = out.getvalue()
    at = raw.index(b"IDAT") - 4
    body = b"eXIf" + exif
    chunk = struct.pack(">I", len(exif)) + body + struct.pack(">I", zlib.crc32(body))
    return raw[:at] + chunk + raw[at:]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own, of what a camera wrote wrongly
@pytest.mark.parametrize("exif", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff"])
def test_what_a_camera_wrote_wrongly_does_not_spoil_its_photograph(exif: bytes) -> None:
    assert redrawn(png_with(exif))[1:] == (6, 4)


@pytest.mark.parametrize(("held", "corner"), [(1, 0), (2, 1), (3, 3), (4, 2), (5, 0), (6, 1),
                                              (7, 3), (8, 2)])  # fmt: skip
def test_a_photograph_is_turned_as_it_was_held(held: int, corner: int) -> None:
    # The first pixel that is stored comes to this corner: 0 and 1 above, 2 and 3 below.
    picture = Image.new("L", (48, 32), 255)
    picture.paste(0, (0, 0, 16, 16))
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = held
    picture.save(out, "PNG", exif=exif)
    drawn = Image.open(io.BytesIO(redrawn(out.getvalue())[0])).convert("L")
    right, below = drawn.width - 4, drawn.height - 4
    seen = [drawn.getpixel(at) for at in ((4, 4), (right, 4), (4, below), (right, below))]
    assert [at for at, shade in enumerate(seen) if isinstance(shade, int) and shade < 99] == [
        corner
    ]
    assert drawn.size == ((48, 32) if held < 5 else (32, 48))


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1)])
def test_a_photograph_keeps_at_least_a_pixel(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("L", size).save(out, "PNG")
    assert sorted(redrawn(out.getvalue())[1:]) == [1, LONGEST_SIDE]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_whatever_byte_of_a_photograph_is_wrong_it_is_drawn_or_refused(kind: str) -> None:
    out, exif, turned = io.BytesIO(), Image.Exif(), Random(20230305)
    exif[0x0112] = 6
    Image.new("RGB", (32, 24), "red").save(out, kind, exif=exif)
    sound, refused = out.getvalue(), 0
    for _ in range(300):
        raw = bytearray(sound)
        raw[turned.randrange(len(raw))] = turned.randrange(256)
        try:
            redrawn(bytes(raw))
        except PhotographUnfit:
            refused += 1
    assert 0 < refused < 300
