"""timebank/policy/consistency.py: how long credit lives and when its holder is told go together."""

import pytest

from tests.support.profiles import HEAD
from timebank.errors import ProfileInvalid
from timebank.policy.load import examine, read_profile

LIVES, NOTICE = "credit_expires_after_months", "expiry_notice_months"


def text(**values: int) -> str:
    lines = (f'{key} = {{ value = {value}, source = "s" }}' for key, value in values.items())
    return HEAD + "\n".join(("[endings]", *lines))


@pytest.mark.parametrize("values", [(1, 1), (2, 2), (600, 24)], ids=str)
def test_both_at_their_bounds_are_a_rule(values: tuple[int, int]) -> None:
    endings = read_profile(text(**dict(zip((LIVES, NOTICE), values, strict=True)))).endings
    lives, notice = endings.credit_expires_after_months, endings.expiry_notice_months
    assert lives is not None
    assert notice is not None
    assert (lives.value, notice.value) == values


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({LIVES: 12}, NOTICE),
        ({NOTICE: 3}, NOTICE),
        ({LIVES: 3, NOTICE: 4}, NOTICE),
        ({LIVES: 0, NOTICE: 1}, LIVES),
        ({LIVES: 601, NOTICE: 1}, LIVES),
        ({LIVES: 60, NOTICE: 0}, NOTICE),
        ({LIVES: 60, NOTICE: 25}, NOTICE),
    ],
    ids=str,
)
def test_what_cannot_be_obeyed_names_its_key(values: dict[str, int], key: str) -> None:
    with pytest.raises(ProfileInvalid):
        read_profile(text(**values))
    _name, faults = examine(text(**values))
    assert [fault.where for fault in faults] == [f"endings.{key}"]
