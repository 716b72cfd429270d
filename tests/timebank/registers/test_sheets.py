"""timebank/registers/sheets.py and delimited.py: what is no sheet is refused in words."""

import zipfile

import pytest

from tests.support.register_files import Grid, write
from timebank.errors import HeaderNotFound, UnreadableFile
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
