"""ledger/spelling.py: what the writer lets into a leaf, the strict reader takes out again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import leaf_parser, spelling

PAIRS = [
    (spelling.check_id, leaf_parser._ID),
    (spelling.check_word, leaf_parser._WORD),
    (spelling.check_key_name, leaf_parser._NAME),
    (spelling.check_policy_version, leaf_parser._POLICY),
]
NEARLY = st.text(alphabet="aZ09_-./+@~:A\n é", max_size=12)
LONG = st.integers(31, 122).map("a".__mul__)


@pytest.mark.parametrize(
    ("check", "pattern"), PAIRS, ids=lambda part: getattr(part, "__name__", "")
)
@given(text=NEARLY | LONG)
def test_writer_and_reader_agree_on_every_spelling(check, pattern, text):
    try:
        check(text)
        passes = True
    except spelling.Misspelled:
        passes = False
    assert passes == (pattern.fullmatch(text) is not None)


@pytest.mark.parametrize(
    ("check", "longest"),
    [
        (spelling.check_id, 80),
        (spelling.check_word, 40),
        (spelling.check_submission_kind, 32),
        (spelling.check_key_name, 120),
        (spelling.check_policy_version, 80),
    ],
)
def test_lengths_at_their_bounds(check, longest):
    check("a" * (longest - 1))
    check("a" * longest)
    with pytest.raises(spelling.Misspelled):
        check("a" * (longest + 1))
    with pytest.raises(spelling.Misspelled):
        check("")


LAST_MS = 253_402_300_799_999


@pytest.mark.parametrize(
    ("moment", "passes"),
    [
        (-1, False), (0, True), (1, True),
        (LAST_MS - 1, True), (LAST_MS, True), (LAST_MS + 1, False),
        (True, False), (1.0, False), (None, False),
    ],
)  # fmt: skip
def test_moments_at_their_bounds(moment, passes):
    if passes:
        spelling.check_moment(moment)
    else:
        with pytest.raises(spelling.Misspelled):
            spelling.check_moment(moment)
