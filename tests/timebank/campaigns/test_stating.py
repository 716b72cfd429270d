"""timebank/campaigns/stating.py: a campaign from a TOML file and from the lines of a form."""

import pytest

from tests.support.campaigns import MONTH_TOML, STATED
from timebank.campaigns.model import Kind, StatedUnit, Theme
from timebank.campaigns.stating import (
    KIND_WORDS,
    stated_in_toml,
    themes_in,
    themes_text,
    units_in,
    units_text,
)
from timebank.errors.campaigns import CampaignUnfit


def test_a_file_says_a_campaign() -> None:
    stated = stated_in_toml(MONTH_TOML.encode())
    assert (stated.name, stated.themes) == (STATED.name, STATED.themes[:2])
    assert stated.units == STATED.units[:1]


@pytest.mark.parametrize(
    "changed",
    [
        ("starts_on = 2023-03-05", 'starts_on = "2023-03-05"'),
        ("starts_on = 2023-03-05", "starts_on = 2023-03-05T00:00:00"),
        ("receiver", "sender"),
        ('kind = "town"', 'kind = "village"'),
        ("[[units]]", "[units]"),
        ("name =", "name"),
    ],
)
def test_a_file_that_does_not_say_it_all_opens_nothing(changed: tuple[str, str]) -> None:
    with pytest.raises(CampaignUnfit):
        stated_in_toml(MONTH_TOML.replace(*changed).encode())


def test_a_file_in_another_encoding_is_not_guessed_at() -> None:
    with pytest.raises(CampaignUnfit):
        stated_in_toml(MONTH_TOML.encode("gb18030"))
    assert stated_in_toml(b"\xef\xbb\xbf" + MONTH_TOML.encode()).name == STATED.name


def test_what_a_form_shows_reads_back_as_it_was() -> None:
    assert themes_in(themes_text(STATED.themes)) == STATED.themes
    every = tuple(StatedUnit(f"U{at}", f"第 {at} 个", kind, "XFL") for at, kind in enumerate(Kind))
    assert units_in(units_text(every)) == every
    assert set(KIND_WORDS.values()) == set(Kind)


def test_lines_pasted_from_a_spreadsheet_are_read() -> None:
    assert units_in("\n XF\t幸福街道\ttown\tXFL \n\n") == (
        StatedUnit("XF", "幸福街道", Kind.TOWN, "XFL"),
    )
    assert themes_in("移风易俗, 公众\n") == (Theme("移风易俗", serves=False),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("XF，幸福街道，镇街", "单位第 1 行须有四栏"),
        ("XF，幸福街道，镇街，XFL，多", "单位第 1 行须有四栏"),
        ("\nXF，幸福街道，村，XFL", "单位第 2 行的类别“村”不认识"),
        ("\n" * 1_001, "最多 1000 行"),
    ],
)
def test_a_unit_that_cannot_be_read_is_named_by_its_line(text: str, why: str) -> None:
    with pytest.raises(CampaignUnfit) as refused:
        units_in(text)
    assert why in refused.value.in_chinese()


@pytest.mark.parametrize("text", ["绿水青山，大家", "绿水青山，公众，多"])
def test_a_theme_has_nothing_behind_it_but_that_it_serves_nobody(text: str) -> None:
    with pytest.raises(CampaignUnfit, match="主题第 1 行看不懂"):
        themes_in(text)
