"""统一编号: one number for each person, so that the ID number is never shown (MZ/T 061).

``U``, seven digits that count, and a check digit by ISO/IEC 7064, MOD 11,10 (as GB/T 17710): a
number that was typed wrongly by one digit, or with two neighbours swapped, stands for nobody.
"""

import re

from stdnum.iso7064 import mod_11_10

MOST_UNIFIED = 9_999_999

_UNIFIED = re.compile(r"U[0-9]{8}", re.ASCII)

NEWEST_UNIFIED = (
    "SELECT max(number) FROM person_number WHERE book_id = 1 AND number >= 'U00000000' "
    "AND number <= 'U99999999' AND length(number) = 9"
)
"""The unified number that was given last; they go up, as text and as numbers."""


def unified_number(serial: int) -> str:
    """The unified number of a serial, 1 to :data:`MOST_UNIFIED`.

    Raises:
        ValueError: the serial is out of bounds.
    """
    if not 1 <= serial <= MOST_UNIFIED:
        raise ValueError(f"{serial} is no serial of a unified number")
    digits = f"{serial:07}"
    return f"U{digits}{mod_11_10.calc_check_digit(digits)}"


def is_unified(number: str) -> bool:
    """Whether a number has the form of a unified one, whatever its check digit."""
    return _UNIFIED.fullmatch(number) is not None


def fits(number: str) -> bool:
    """Whether the check digit of a unified number is right; any other number has none."""
    return not is_unified(number) or bool(mod_11_10.is_valid(number[1:]))


def serial_of(number: str | None) -> int:
    """The serial of a unified number; 0 for none."""
    return 0 if number is None else int(number[1:8])
