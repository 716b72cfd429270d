"""Policy profiles for tests: a bare one with nothing but its unit, and parts to put on it."""

from timebank.policy.load import read_profile
from timebank.policy.model import Profile

HEAD = """
name = "test-1"
family = "test"
title_zh = "测试"
title_en = "Test"
example = true
in_force_from = 2020-01-01
rules = 1
[unit]
kind = { value = "time", source = "test" }
minutes_per_unit = { value = 60, source = "test" }
name_zh = { value = "小时", source = "test" }
name_en = { value = "hours", source = "test" }
"""

SHORT_IS_AN_HOUR = '[rounding]\nminimum_minutes = { value = 60, source = "Jiaozhou 2015" }'
NOTICE = '[review]\nnotice_working_days = { value = 3, source = "福建" }'
FOUR_EYES_AND_NOTICE = f'{NOTICE}\nfour_eyes = {{ value = true, source = "武汉东亭" }}'
FOUR_EYES = '[review]\nfour_eyes = { value = true, source = "武汉东亭" }'


def profile_with(*parts: str) -> Profile:
    """The bare profile with TOML ``parts`` put below it."""
    return read_profile(HEAD + "\n".join(parts))


def cap(span: str, minutes: int, excess: str) -> str:
    """A cap on ``span`` (``order``, ``day`` or ``account``) and where its excess goes."""
    return (
        f'[caps]\n{span}_minutes = {{ value = {minutes}, source = "c" }}\n'
        f'{span}_excess = {{ value = "{excess}", source = "e" }}\n'
    )


def steps(minutes: int, mode: str) -> str:
    """Rounding in steps of ``minutes``."""
    return (
        f'[rounding]\nstep_minutes = {{ value = {minutes}, source = "s" }}\n'
        f'mode = {{ value = "{mode}", source = "m" }}\n'
    )
