"""Forms: what was typed is kept, and each refusal stands beside the field that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe

from ledger.errors import Refusal

KEY_FIELD = "key"
"""The hidden field that makes a form one attempt: sent twice, it is carried out once."""

KEY_LETTERS = 22
LONGEST_TEXT = 2_000
"""Characters of one field; more is cut off before anybody reads it."""

_FIELD_OF_CODE: dict[str, str] = {
    "in_the_future": "date",
    "not_a_date": "date",
    "no_profile_in_force": "date",
    "too_late_without_reason": "reason",
    "end_before_start": "end",
    "duration_mismatch": "end",
    "time_spent_invalid": "end",
    "duration_out_of_range": "end",
    "order_cap_exceeded": "end",
    "daily_cap_exceeded": "volunteer",
    "account_cap_exceeded": "volunteer",
    "ceiling_exceeded": "volunteer",
    "under_age": "volunteer",
    "not_retired": "volunteer",
    "not_redemption_day": "date",
    "quarter_used_up": "date",
    "overlapping_service": "start",
    "duplicate": "start",
    "wish_in_the_past": "date",
    "visit_not_that_day": "date",
    "volunteer_busy": "volunteer",
    "assistant_missing": "assistant",
    "confirmed_beyond_visit": "duration",
    "staff_exists": "login",
    "station_missing": "station",
    "unknown_station": "station",
    "too_young_to_redeem": "recipient",
    "floor_exceeded": "recipient",
    "slip_number_invalid": "slip",
    "slip_number_used": "slip",
    "header_not_found": "file",
    "nothing_to_read": "file",
    "unreadable_file": "file",
    "password_protected": "file",
    "workbook_too_large": "file",
    "request_too_large": "file",
    "roster_missing": "sheet",
    "roster_short": "signatures",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is drawn: its key, what was typed, and what is wrong with which field.

    ``general`` is what is wrong with no field in particular.
    """

    key: str
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    general: str = ""

    def value(self, name: str) -> str:
        """What was typed into a field."""
        return self.typed.get(name, "")

    @property
    def is_refused(self) -> bool:
        """Whether the form came back."""
        return bool(self.wrong or self.general)


def new_key() -> str:
    """A key for one attempt: 128 random bits."""
    return token_urlsafe(16)


def empty_form(**typed: str) -> Form:
    """A form for a new attempt, with what is known beforehand."""
    return Form(new_key(), typed)


def refused_form(
    typed: Mapping[str, str], refusal: Refusal, said: str, fields: frozenset[str]
) -> Form:
    """The form after a refusal that ``said`` words: what was typed is kept, under a new key.

    A refusal is remembered under its key, so what is mended is a new attempt.  ``fields`` are
    those of the form; a refusal about another one is shown above it.
    """
    name = field_of(refusal)
    if name in fields:
        return Form(new_key(), typed, {name: said})
    return Form(new_key(), typed, general=said)


def field_of(refusal: Refusal) -> str:
    """The form field that a refusal is about, empty where it is about none."""
    named = refusal.facts.get("field")
    return named if isinstance(named, str) else _FIELD_OF_CODE.get(refusal.code, "")


def typed_in(form: Mapping[str, object], names: frozenset[str]) -> dict[str, str]:
    """The texts of those fields, trimmed and bounded; files and unknown fields are left out."""
    found = {}
    for name in names:
        value = form.get(name)
        if isinstance(value, str):
            found[name] = value[:LONGEST_TEXT].strip()
    return found


def key_in(form: Mapping[str, object]) -> str:
    """The form's key as it was drawn, or a new one where somebody made the form themselves."""
    key = form.get(KEY_FIELD)
    if isinstance(key, str) and len(key) == KEY_LETTERS and key.isascii() and key.isprintable():
        return key
    return new_key()
