"""Hundreds of random registers in random layouts, against the truth that they were made from."""

from collections import Counter

import pytest

from tests.support.register_generator import Expected, generate
from tests.support.registers import PureImport, import_purely
from timebank.registers import place_of

SEEDS = range(300)


def found(result: PureImport) -> list[Expected]:
    accepted = [
        Expected(
            one.row.sheet,
            one.row.row,
            None,
            one.volunteers,
            one.recipients,
            one.row.starts_at,
            one.row.ends_at,
            one.row.content,
        )
        for one in result.accepted
    ]
    refused = [Expected(row.sheet, row.row, no.code) for row, no in result.refused]
    sheets = [sheet.name for sheet in result.register.sheets]
    return sorted(accepted + refused, key=lambda one: (sheets.index(one.sheet), one.row))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_import_says_what_the_generator_meant(seed, tmp_path):
    made = generate(seed, tmp_path)
    result = import_purely(made.register, made.members, today=made.today)
    if made.register.suffix == ".csv":
        made.rows = [Expected("CSV", *_rest(row)) for row in made.rows]

    assert found(result) == made.rows, made.how
    credited: Counter[str] = Counter()
    for one in result.accepted:
        for person in one.verdict.adds_volunteers:
            credited[person] += one.row.minutes
    assert credited == made.minutes_by_volunteer
    assert result.register.stated_minutes == made.stated_minutes
    several = result.register.has_several_sheets
    for row, refusal in result.refused:
        place = place_of(row.sheet, row.row, name_sheet=several)
        assert refusal.explanation.startswith(f"{place}：")


def _rest(one: Expected):
    return one.row, one.code, one.volunteers, one.elders, one.start, one.end, one.content


def test_every_fault_is_planted_somewhere(tmp_path):
    planted = Counter(row.code for seed in range(60) for row in generate(seed, tmp_path).rows)
    assert set(planted) == {
        None, "missing_field", "unreadable_date", "unreadable_time", "unreadable_duration",
        "end_before_start", "duration_mismatch", "unknown_member", "ambiguous_member",
        "in_the_future", "duplicate", "overlapping_service",
    }  # fmt: skip
