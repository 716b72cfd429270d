"""timebank/campaigns/whole.py: every unit's latest package in one file, flat in memory."""

import io
import random
import tracemalloc
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from tests.support.banks import AUDITOR, OPERATOR
from tests.support.campaigns import CLERK, RIVER, STATED, VISIT, Month, camera_picture, month_with
from timebank.campaigns.actions import open_campaign, return_package
from timebank.campaigns.editions import edition_bytes, forget_edition
from timebank.campaigns.keeping import write_summary
from timebank.campaigns.model import Kind, StatedUnit
from timebank.campaigns.packaging import submit_package
from timebank.campaigns.photographs import keep_photograph
from timebank.campaigns.whole import FIGURES, LIST, TABLE, whole_package
from timebank.errors import NotPermitted
from timebank.errors.campaigns import UnknownCampaign


def whole(month: Month, **rest: str) -> bytes:
    with month.tried.bank.read() as connection:
        return b"".join(
            whole_package(month.tried.bank, connection, OPERATOR, month.campaign_id, **rest)
        )


def submitted(month: Month, unit: str = "XF", *pictures: bytes) -> int:
    at = (month.campaign_id, unit)
    for content in pictures:
        keep_photograph(month.tried.bank, CLERK, *at, content, caption="河边", consent=True)
    return submit_package(month.tried.bank, CLERK, *at, key=month.key()).number


def sheet_of(files: zipfile.ZipFile, name: str) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(files.read(name)))
    return list(book.worksheets[0].iter_rows(values_only=True))


PICTURES = tuple(camera_picture(shade) for shade in (10, 60, 110))


def test_every_units_latest_package_lies_in_one_file(month: Month) -> None:
    month.lived()
    submitted(month, "XF", *PICTURES)
    write_summary(month.tried.bank, CLERK, month.campaign_id, "XF", "我们清洁了母亲河。")
    assert submitted(month) == 2
    content = whole(month)
    assert whole(month) == content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert files.testzip() is None
        names = files.namelist()
        listed = files.read(LIST).decode()
        told = {name: sha256(files.read(name)).hexdigest() for name in names if name != LIST}
        with month.tried.bank.read() as connection:
            edition = edition_bytes(
                month.tried.bank, connection, OPERATOR, month.campaign_id, "XF", 2
            )
        with zipfile.ZipFile(io.BytesIO(edition)) as own:
            assert {name: own.read(name) for name in own.namelist()} == {
                name.removeprefix("XF 幸福街道/"): files.read(name)
                for name in names
                if name.startswith("XF 幸福街道/")
            }
    assert (names[0], names[1], names[-1]) == (TABLE, FIGURES, LIST)
    lines = listed.splitlines()
    sums = dict(line.split("  ")[::-1] for line in lines if not line.startswith("#"))
    assert sums == told
    assert lines[1] == "# WM 文明实践中心 未报"
    digest = sha256(edition).hexdigest()
    assert lines[2] == f"# XF 幸福街道 已报 第2版 截至 2023-04-05 SHA-256 {digest}"


def test_the_tables_add_up_every_unit_and_keep_the_states_apart(sqlite_month: Month) -> None:
    month = sqlite_month
    month.lived()
    month.report([(7, *VISIT[1:])], unit="WM")
    with zipfile.ZipFile(io.BytesIO(whole(month))) as files:
        table, figures = sheet_of(files, TABLE), sheet_of(files, FIGURES)
    assert [row[:4] for row in table[2:]] == [
        ("WM", "文明实践中心", 7, "敬老陪伴"),
        ("XF", "幸福街道", 1, "保护母亲河清洁"),
        ("XF", "幸福街道", 2, "敬老陪伴"),
    ]
    river = dict(zip(table[1], table[3], strict=True))
    assert (river["实到人数"], river["服务时长（小时）"], river["负责人"]) == (2, 3.5, "王德福")
    assert "截至服务日期 2023-04-05" in str(figures[1][0])
    said = {row[:4]: row[4:] for row in figures[3:]}
    assert said["", "合计", "合计", "已入账"] == (1, 0, 3.5, 2, 1)
    assert said["XF", "幸福街道", "绿水青山", "已入账"] == (1, 0, 3.5, 2, 1)
    assert said["XF", "幸福街道", "关心关爱", "待复核"] == (1, 30, 1, 1, 1)
    assert said["WM", "文明实践中心", "合计", "已入账"] == (0, 0, 0, 0, 0)
    with zipfile.ZipFile(io.BytesIO(whole(month, until_on="2023-03-04"))) as files:
        early = {row[:4]: row[4:] for row in sheet_of(files, FIGURES)[3:]}
    assert early["", "合计", "合计", "已入账"] == (0, 0, 0, 0, 0)


def test_what_went_back_or_was_forgotten_is_said(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    submitted(month, "XF", *PICTURES)
    at = (month.campaign_id, "XF")
    return_package(month.tried.bank, OPERATOR, *at, "照片不清", key=month.key())
    with zipfile.ZipFile(io.BytesIO(whole(month))) as files:
        assert "# XF 幸福街道 退回 第1版" in files.read(LIST).decode()
        assert "XF 幸福街道/总结.docx" in files.namelist()
    forget_edition(month.tried.bank, OPERATOR, *at, 1, key=month.key())
    with zipfile.ZipFile(io.BytesIO(whole(month))) as files:
        assert files.read(LIST).decode().splitlines()[2].endswith(" 已删除")
        assert files.namelist() == [TABLE, FIGURES, LIST]


def test_only_the_operator_takes_it_away(sqlite_month: Month) -> None:
    month = sqlite_month
    with month.tried.bank.read() as connection:
        for actor in (CLERK, AUDITOR):
            asked = whole_package(month.tried.bank, connection, actor, month.campaign_id)
            with pytest.raises(NotPermitted):
                next(asked)
        with pytest.raises(UnknownCampaign):
            next(whole_package(month.tried.bank, connection, OPERATOR, "camp_none"))


def noisy(seed: int) -> bytes:
    """A photograph that nothing can make small."""
    pixels = random.Random(seed).randbytes(600 * 400 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (600, 400), pixels).save(out, "PNG")
    return out.getvalue()


def test_more_units_take_no_more_memory(tmp_path: Path) -> None:
    codes = [f"U{at}" for at in range(8)]
    units = tuple(StatedUnit(code, f"单位{code}", Kind.UNIT, "XFL") for code in codes)

    def peak_of(month: Month) -> tuple[int, int]:
        with month.tried.bank.read() as connection:
            tracemalloc.start()
            pieces = whole_package(month.tried.bank, connection, OPERATOR, month.campaign_id)
            size = sum(len(piece) for piece in pieces)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return size, peak

    with month_with(tmp_path) as month:
        stated = replace(STATED, units=units)
        answer = open_campaign(month.tried.bank, OPERATOR, stated, key="wider-month")
        month.campaign_id = str(answer.body["campaign"])
        for code in codes:
            month.report([RIVER], unit=code)
        submitted(month, "U0", *(noisy(seed) for seed in range(3)))
        submitted(month, "U1", *(noisy(seed) for seed in range(3)))
        peak_of(month)  # Whatever is imported once is imported now.
        small, few = peak_of(month)
        for code in codes[2:]:
            submitted(month, code, *(noisy(seed) for seed in range(3)))
        large, many = peak_of(month)
    assert large > 3 * small
    assert many < 1.3 * few
