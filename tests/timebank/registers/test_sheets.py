"""timebank/registers/sheets.py and delimited.py: what is no sheet is refused in words."""

import zipfile
import zlib
from contextlib import suppress
from random import Random

import pytest

from tests.support.register_files import Grid, write
from timebank.errors import BankRefusal, HeaderNotFound, UnreadableFile
from timebank.registers import read_register
from timebank.registers.sheets import open_sheets

HEADER = "日期,开始时间,结束时间,志愿者,服务对象,服务内容\n"
LINE = "2023-03-05,8:30,9:30,王德,杨玲英,助餐\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空"),
        (b" \r\n\t\n", "空"),
        (b"<html><table><tr><td>1</td></tr></table>", "网页"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "网页"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是表格"),
        (b"PK\x03\x04" + b"junk" * 50, "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "损坏"),
        (b"\xff\x81\x30\x81,\xff\xff\n", "编码"),
        (HEADER.encode() + b'2023-03-05,8:30,9:30,"\xe7\x8e\x8b\xe5\xbe\xb7,x,y\n' * 3, "引号"),
    ],
)
def test_files_that_are_no_sheets(tmp_path, content, why):
    path = tmp_path / "r.xls"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert why in caught.value.in_chinese()


def test_no_file_at_all(tmp_path):
    with pytest.raises(UnreadableFile):
        read_register(tmp_path / "none.csv")


def test_the_bytes_decide_and_not_the_name(tmp_path):
    path = write(tmp_path / "r.xlsx", Grid("a", [line.split(",") for line in (HEADER, LINE)]))
    for suffix in (".xls", ".csv", ".ods", ""):
        renamed = path.rename(path.with_suffix(suffix))
        assert read_register(renamed).row_count == 1
        path = renamed
    text = tmp_path / "t.xls"
    text.write_text(HEADER + LINE, "utf-8")
    assert read_register(text).row_count == 1


def test_an_encrypted_workbook_says_so(tmp_path):
    path = tmp_path / "r.xlsx"
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + name + b"\0" * 600)
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert "密码" in caught.value.in_chinese()


def test_a_cell_far_away_does_not_take_all_memory(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "日期"
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(UnreadableFile) as caught:
        read_register(tmp_path / "far.xlsx")
    assert "太大" in caught.value.in_chinese()


def test_an_archive_that_unpacks_beyond_the_bound(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (97 << 20))
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert "CSV" in caught.value.in_chinese()


def test_a_header_that_lacks_a_column_is_named(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(HEADER.replace("志愿者", "某某") + LINE, "utf-8")
    with pytest.raises(HeaderNotFound) as caught:
        read_register(path)
    assert "志愿者" in caught.value.in_chinese()
    assert "日期" not in caught.value.in_chinese()


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('\n"两行\n标题"\n' + HEADER + "\n" + LINE, "utf-8")
    (row,) = read_register(path).rows()
    assert row.row == 5


def test_what_a_spreadsheet_writes_to_keep_text_text(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(HEADER + LINE.replace("王德", '="0001"').replace("助餐", "'助餐"), "utf-8")
    (row,) = read_register(path).rows()
    assert (row.volunteers[0].number, row.content) == ("0001", "助餐")


def test_cells_before_the_first_used_column_are_counted(tmp_path):
    rows = [[None, None, *line.strip().split(",")] for line in (HEADER, LINE)]
    for suffix in (".xlsx", ".xls", ".ods"):
        path = write(tmp_path / f"r{suffix}", Grid("a", [[], [], *rows]))
        (sheet,) = open_sheets(path)
        lines = list(sheet.rows())
        assert [len(line) for line in lines[2:]] == [8, 8]
        assert lines[2][2] == "日期"


def _damaged_stream(path, member):
    """The archive with bytes in the middle of one member's deflate stream turned over."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(member)
    raw = bytearray(path.read_bytes())
    name, extra = (int.from_bytes(raw[at : at + 2], "little") for at in
                   (info.header_offset + 26, info.header_offset + 28))  # fmt: skip
    first = info.header_offset + 30 + name + extra
    for at in range(first + 4, first + info.compress_size - 4):
        raw[at] ^= 0xFF
    path.write_bytes(raw)
    with zipfile.ZipFile(path) as archive, pytest.raises(zlib.error):
        archive.read(member)


def _marked_encrypted(path):
    """The archive with the bit set in every header that says its member is encrypted."""
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + offset] |= 1
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)


_MEMBER = {".xlsx": "xl/worksheets/sheet1.xml", ".ods": "content.xml"}


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_a_damaged_stream_inside_an_archive_is_a_damaged_file(tmp_path, suffix):
    path = write(tmp_path / f"r{suffix}", Grid("a", [HEADER.split(","), LINE.split(",")] * 40))
    _damaged_stream(path, _MEMBER[suffix])
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert "损坏" in caught.value.in_chinese()


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_an_archive_under_a_password_says_so(tmp_path, suffix):
    path = write(tmp_path / f"r{suffix}", Grid("a", [HEADER.split(","), LINE.split(",")]))
    _marked_encrypted(path)
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert "密码" in caught.value.in_chinese()


@pytest.mark.parametrize("rows", [0xFFFFFFFF, 0xFFFF0000, 0x10000000])
def test_a_size_that_no_memory_holds_does_not_end_the_process(tmp_path, rows):
    path = write(tmp_path / "r.xls", Grid("a", [HEADER.split(","), LINE.split(",")]))
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\x00\x02\x0e\x00\0\0\0\0") + 8  # DIMENSIONS: type, length, first, last row
    raw[at : at + 4] = rows.to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile) as caught:
        read_register(path)
    assert "损坏" in caught.value.in_chinese()


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_whatever_byte_is_wrong_the_clerk_gets_a_refusal(tmp_path, suffix):
    path = write(tmp_path / f"r{suffix}", Grid("a", [HEADER.split(","), LINE.split(",")]))
    sound, turned = path.read_bytes(), Random(20230305)
    for _ in range(20 if suffix == ".xls" else 200):
        raw = bytearray(sound)
        raw[turned.randrange(len(raw))] ^= turned.randrange(1, 256)
        path.write_bytes(raw)
        with suppress(BankRefusal):
            list(read_register(path).rows())
