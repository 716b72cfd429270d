"""timebank/campaigns/packaging.py and its parts: whole, in editions, the same bytes each time."""

import io
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import docx
import openpyxl
import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.banks import AUDITOR, OPERATOR
from tests.support.campaigns import CLERK, RIVER, STATED, VISIT, Month, camera_picture
from timebank.campaigns.actions import open_campaign, return_package
from timebank.campaigns.editions import edition_bytes, forget_edition
from timebank.campaigns.keeping import (
    characters_of,
    keep_report,
    remove_report,
    write_summary,
)
from timebank.campaigns.packaging import (
    Submitted,
    commitment,
    package_of,
    submit_package,
    table_of,
)
from timebank.campaigns.photographs import keep_photograph, remove_photograph
from timebank.campaigns.queries import kept_of
from timebank.campaigns.reporting import frame_of
from timebank.campaigns.shown import Kept
from timebank.campaigns.table_reading import read_table
from timebank.campaigns.table_writing import template
from timebank.errors import MissingField, NotPermitted
from timebank.errors.campaigns import (
    LinkInvalid,
    PackageIncomplete,
    PhotographUnfit,
    SummaryTooLong,
    TooManyPhotographs,
    UnknownCampaignItem,
)
from timebank.pictures import redrawn


def where(month: Month) -> tuple[str, str]:
    return month.campaign_id, "XF"


def picture(month: Month, shade: int, *, consent: bool = True, caption: str = "河边清洁") -> str:
    return keep_photograph(
        month.tried.bank, CLERK, *where(month), camera_picture(shade), caption=caption,
        consent=consent,
    )  # fmt: skip


def submit(month: Month, **rest: Any) -> Submitted:
    return submit_package(month.tried.bank, CLERK, *where(month), key=month.key(), **rest)


def kept(month: Month) -> Kept:
    with month.tried.bank.read() as connection:
        return kept_of(month.tried.bank, connection, CLERK, *where(month))


def opened(month: Month, number: int) -> dict[str, bytes]:
    with month.tried.bank.read() as connection:
        content = edition_bytes(month.tried.bank, connection, AUDITOR, *where(month), number)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ready(month: Month) -> None:
    """Everything that a package needs, and a press report."""
    month.lived()
    for shade in (10, 60, 110):
        picture(month, shade)
    keep_report(
        month.tried.bank, CLERK, *where(month), title="=志愿者清洁母亲河", outlet="区融媒体中心",
        published_on=date(2023, 3, 6), link="https://example.org/1",
    )  # fmt: skip


def test_a_package_has_everything_and_says_what_the_ledger_says(month: Month) -> None:
    ready(month)
    assert submit(month).number == 1
    files = opened(month, 1)
    assert sorted(files) == ["总结.docx", "有关报道.xlsx", "清单.txt", "照片/1.jpg", "照片/2.jpg",
                             "照片/3.jpg", "项目表.xlsx"]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(files["项目表.xlsx"]))
    river, visit = list(book["志愿服务项目表"].iter_rows(min_row=3, values_only=True))
    assert (river[7], river[8], river[9], river[10], river[11]) == (
        2, 3.5, 0, "王德福", "13812345678",
    )  # fmt: skip
    # The visit awaits its second person: it is on the sheet of figures, not in the table.
    assert (visit[7], visit[8], visit[9]) == (0, 0, 0)
    figures = list(book["统计"].iter_rows(min_row=3, max_row=5, values_only=True))
    assert [row[1:5] for row in figures] == [
        ("已入账", 1, 0, 3.5), ("公示中", 0, 0, 0), ("待复核", 1, 30, 1),
    ]  # fmt: skip
    told = "\n".join(one.text for one in docx.Document(io.BytesIO(files["总结.docx"])).paragraphs)
    assert "共1场次，服务0人次，志愿服务时长3小时30分钟，参与志愿者2人，队伍1支" in told
    assert "待复核1小时" in told
    listed = dict(reversed(line.split("  ")) for line in files["清单.txt"].decode().splitlines())
    del files["清单.txt"]
    assert listed == {name: sha256(content).hexdigest() for name, content in files.items()}


def test_an_auditor_reads_the_table_without_who_leads(sqlite_month: Month) -> None:
    month = sqlite_month
    month.report()
    for actor, told in ((CLERK, ("王德福", "13812345678")), (AUDITOR, ("", ""))):
        with month.tried.bank.read() as connection:
            table = table_of(month.tried.bank, connection, actor, *where(month))
        sheet = openpyxl.load_workbook(io.BytesIO(table))["志愿服务项目表"]
        assert (sheet["B3"].value, sheet["K3"].value, sheet["L3"].value) == (RIVER[1], *told)


def test_a_title_that_looks_like_a_formula_is_text(month: Month) -> None:
    ready(month)
    submit(month)
    book = openpyxl.load_workbook(io.BytesIO(opened(month, 1)["有关报道.xlsx"]))
    cell = book["有关报道"]["B2"]
    assert (cell.value, cell.data_type) == ("=志愿者清洁母亲河", "s")


def test_the_same_books_give_the_same_bytes_and_no_new_edition(month: Month) -> None:
    ready(month)
    with month.tried.bank.read() as connection:
        first = package_of(month.tried.bank, connection, CLERK, *where(month))
    month.tried.clock.move(timedelta(hours=3))
    with month.tried.bank.read() as connection:
        again = package_of(month.tried.bank, connection, CLERK, *where(month))
    assert first == again
    assert submit(month) == submit(month) == Submitted(1, first.digest)


def test_editions_are_numbered_and_never_overwritten(month: Month) -> None:
    ready(month)
    submit(month)
    before = opened(month, 1)
    picture(month, 160)
    assert submit(month).number == 2
    assert (opened(month, 1), len(opened(month, 2))) == (before, len(before) + 1)
    owner = month.tried.bank.database.writing
    for attack in ("UPDATE campaign_edition SET digest = ''", "DELETE FROM campaign_edition"):
        with pytest.raises(DBAPIError), owner.begin() as connection:
            connection.execute(text(attack))
    assert [one.number for one in kept(month).editions] == [1, 2]
    with pytest.raises(UnknownCampaignItem):
        opened(month, 3)


def test_the_log_has_a_salted_commitment_to_an_edition(month: Month) -> None:
    ready(month)
    digest = submit(month).digest
    with month.tried.bank.read() as connection:
        row = connection.execute(text("SELECT salt, size FROM campaign_edition")).one()
        content = edition_bytes(month.tried.bank, connection, AUDITOR, *where(month), 1)
        leaves = connection.execute(text("SELECT body FROM leaf")).scalars()
        log = b"\n".join(bytes(body) for body in leaves).decode()
    assert (sha256(content).hexdigest(), len(content)) == (digest, row.size)
    assert commitment(bytes(row.salt), digest) in log
    assert digest not in log


def test_an_edition_is_sealed_and_forgotten_as_a_whole(month: Month) -> None:
    ready(month)
    submit(month)
    submit(month)  # Nothing changed: no second key stays behind.
    bank = month.tried.bank
    with bank.read() as connection:
        key_id, sealed = connection.execute(
            text("SELECT key_id, sealed FROM campaign_edition")
        ).one()
    assert not bytes(sealed).startswith(b"PK")
    held = {one for one in bank.wrapped_keys.owners() if one.startswith("cprs_")}
    with pytest.raises(NotPermitted):
        forget_edition(bank, CLERK, *where(month), 1, key=month.key())
    for _time in range(2):
        forget_edition(bank, OPERATOR, *where(month), 1, key=month.key())
    assert held - set(bank.wrapped_keys.owners()) == {key_id}
    with pytest.raises(UnknownCampaignItem):
        opened(month, 1)
    with pytest.raises(UnknownCampaignItem):
        forget_edition(bank, OPERATOR, *where(month), 2, key=month.key())
    assert [one.number for one in kept(month).editions] == [1]


def test_a_returned_package_is_submitted_again_as_another_edition(month: Month) -> None:
    ready(month)
    submit(month)
    return_package(month.tried.bank, OPERATOR, *where(month), "照片不清", key=month.key())
    assert (kept(month).unit.package_state, kept(month).unit.package_reason) == (
        "returned", "照片不清",
    )  # fmt: skip
    assert submit(month).number == 2
    assert kept(month).unit.package_state == "reported"


@pytest.mark.parametrize(("count", "refusal"), [(2, "现有 2 张"), (3, ""), (4, ""), (5, "")])
def test_three_or_four_photographs(sqlite_month: Month, count: int, refusal: str) -> None:
    month = sqlite_month
    month.report()
    for at in range(min(count, 4)):
        picture(month, at * 50)
    if count == 5:
        with pytest.raises(TooManyPhotographs):
            picture(month, 250)
        picture(month, 0)  # The same one again is the one that is there.
        assert len(kept(month).photographs) == 4
    elif refusal:
        with pytest.raises(PackageIncomplete, match=r"2"):
            submit(month)
    else:
        assert submit(month).number == 1


def test_a_package_needs_a_table_and_consent(sqlite_month: Month) -> None:
    month = sqlite_month
    for shade in (10, 60):
        picture(month, shade)
    bare = picture(month, 110, consent=False)
    with pytest.raises(PackageIncomplete) as caught:
        submit(month)
    assert caught.value.facts["why"] == "项目表还没有报送；有照片没有取得肖像同意"
    remove_photograph(month.tried.bank, CLERK, *where(month), bare)
    picture(month, 110)
    month.report()
    assert submit(month).number == 1


def test_an_attempt_made_again_answers_as_the_first_time(month: Month) -> None:
    ready(month)
    attempt = (month.tried.bank, CLERK, *where(month))
    first = submit_package(*attempt, key="one-attempt")
    remove_photograph(*attempt, kept(month).photographs[0].photograph_id)
    assert submit_package(*attempt, key="one-attempt") == first
    with pytest.raises(PackageIncomplete):
        submit_package(*attempt, key="another-attempt")
    seals = [one for one in month.tried.bank.wrapped_keys.owners() if one.startswith("cprs_")]
    assert len(seals) == 3  # two leaders' and the edition's: what was refused kept none


def test_consent_is_given_later_and_taken_back(month: Month) -> None:
    month.lived()
    first = picture(month, 10, consent=False)
    for consent in (True, False, True):
        assert picture(month, 10, consent=consent, caption="再说一次") == first
        (one,) = kept(month).photographs
        assert (one.consent, one.caption) == (consent, "再说一次")


def test_a_photograph_loses_what_the_camera_wrote_and_keeps_its_turn() -> None:
    given = camera_picture(90, turned=True)
    assert b"Exif" in given
    assert b"secret" in given
    jpeg, width, height = redrawn(given)
    assert (width, height) == (48, 64)
    assert b"Exif" not in jpeg
    assert b"secret" not in jpeg
    with Image.open(io.BytesIO(jpeg)) as found:
        assert (dict(found.getexif()), found.size) == ({}, (48, 64))
        assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert redrawn(given)[0] == jpeg


@pytest.mark.parametrize("side", [1_599, 1_600, 1_601])
def test_a_photograph_has_a_longest_side(side: int) -> None:
    out = io.BytesIO()
    Image.new("RGB", (side, 10)).save(out, "PNG")
    assert redrawn(out.getvalue())[1] == min(side, 1_600)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a", camera_picture(5)[:400]])
def test_what_is_no_photograph_is_refused(content: bytes) -> None:
    with pytest.raises(PhotographUnfit):
        redrawn(content)


def test_what_claims_too_many_pixels_is_refused_unread() -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(out, "PNG")
    with pytest.raises(PhotographUnfit) as caught:
        redrawn(out.getvalue())
    assert caught.value.facts["why"] == "像素太多"


@pytest.mark.parametrize("count", [1_499, 1_500, 1_501])
def test_a_summary_has_a_most(sqlite_month: Month, count: int) -> None:
    month = sqlite_month
    said = "字 " * count
    assert characters_of(said) == count
    if count > 1_500:
        with pytest.raises(SummaryTooLong):
            write_summary(month.tried.bank, CLERK, *where(month), said)
    else:
        write_summary(month.tried.bank, CLERK, *where(month), said)
        assert characters_of(kept(month).summary) == count
        write_summary(month.tried.bank, CLERK, *where(month), "")
        assert kept(month).summary == ""


def test_press_reports_are_kept_once_checked_and_removed(month: Month) -> None:
    bank, at = month.tried.bank, where(month)
    said: dict[str, Any] = {"outlet": "日报", "published_on": date(2023, 3, 6)}
    first, again = (keep_report(bank, CLERK, *at, title="学雷锋", **said) for _time in range(2))
    assert first == again
    for link in (
        "javascript:alert(1)",
        "ftp://x/y",
        "http://",
        "https://[",
        f"https://x/{'y' * 500}",
    ):
        with pytest.raises(LinkInvalid):
            keep_report(bank, CLERK, *at, title="学雷锋", link=link, **said)
    with pytest.raises(MissingField):
        keep_report(bank, CLERK, *at, title=" ", **said)
    with pytest.raises(NotPermitted):
        keep_report(bank, AUDITOR, *at, title="学雷锋", **said)
    remove_report(bank, CLERK, *at, first)
    assert kept(month).reports == []
    with pytest.raises(UnknownCampaignItem):
        remove_report(bank, CLERK, *at, first)


def test_a_template_is_read_back_and_checks_its_cells(month: Month) -> None:
    content = template([theme.name for theme in STATED.themes], "项目表")
    assert content == template([theme.name for theme in STATED.themes], "项目表")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["志愿服务项目表"]
    rules = {
        str(one.sqref).split(":")[0][0]: one.type for one in sheet.data_validations.dataValidation
    }
    assert rules == {"A": "whole", "C": "list", "G": "whole", "H": "whole", "J": "whole"}
    for row in (RIVER, VISIT):
        sheet.append(list(row))
    path = month.folder / "filled.xlsx"
    book.save(path)
    with month.tried.bank.read() as connection:
        frame = frame_of(connection.execute, month.campaign_id)
    found = read_table(path, frame)
    assert ([one.serial for one in found.lines], found.wrong) == ([1, 2], ())


def test_our_own_table_is_read_back(month: Month) -> None:
    month.lived()
    path = month.folder / "ours.xlsx"
    with month.tried.bank.read() as connection:
        path.write_bytes(table_of(month.tried.bank, connection, CLERK, *where(month)))
        frame = frame_of(connection.execute, month.campaign_id)
    found = read_table(path, frame)
    assert found.wrong == ()
    assert [(one.serial, one.minutes, one.attended) for one in found.lines] == [
        (1, 210, 2), (2, None, 0),
    ]  # fmt: skip


def test_a_campaign_with_as_many_themes_as_it_likes_has_a_template(month: Month) -> None:
    answer = open_campaign(month.tried.bank, OPERATOR, STATED, key=month.key())
    assert answer.body["campaign"] != month.campaign_id
    assert template(["一" * 60] * 20, "项目表")
