"""ledger/encoding.py: one value has one spelling, and RFC 8785 agrees which."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.encoding import (
    MOST_BYTES,
    MOST_DEPTH,
    OutOfProfile,
    decode,
    decode_unchecked,
    encode,
    encode_trusted,
)
from ledger.units import MOST_INTEGER

KEYS = st.text(st.characters(max_codepoint=0x7F), max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MOST_INTEGER, MOST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value):
    assert encode_trusted(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_encoded_is_decoded_again(value):
    try:
        data = encode(value)
    except OutOfProfile as refusal:
        assert "deeper" in str(refusal)  # noqa: PT017  the only limit these values can break
    else:
        assert decode(data) == decode_unchecked(data) == value


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(("depth", "fits"), [(MOST_DEPTH, True), (MOST_DEPTH + 1, False)])
def test_depth_ends_at_its_bound(depth, fits):
    data = b"[" * depth + b"]" * depth
    if fits:
        assert encode(nested(depth)) == data
        assert decode(data) == nested(depth)
        return
    with pytest.raises(OutOfProfile):
        encode(nested(depth))
    with pytest.raises(OutOfProfile):
        decode(data)


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_length_ends_at_its_bound(size, fits):
    text = "x" * (size - 2)
    if fits:
        assert decode(encode(text)) == text
        return
    with pytest.raises(OutOfProfile):
        encode(text)
    with pytest.raises(OutOfProfile):
        decode(b'"' + text.encode() + b'"')


@pytest.mark.parametrize("number", [MOST_INTEGER, -MOST_INTEGER])
def test_integers_up_to_the_bound_pass_and_no_further(number):
    assert decode(encode([number])) == [number]
    beyond = number + (1 if number > 0 else -1)
    for make in (
        lambda: encode([beyond]),
        lambda: decode(b"[%d]" % beyond),
        lambda: encode(beyond),
    ):
        with pytest.raises(OutOfProfile):
            make()


@pytest.mark.parametrize(
    "value", [1.0, [0.5], {"é": 1}, {1: 1}, "\ud800", (1,), {"a": {1, 2}}, b"x"], ids=repr
)
def test_what_the_profile_leaves_out_cannot_be_written(value):
    with pytest.raises(OutOfProfile):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"", b" 1", b"1 ", b"1\n", b"01", b"-0", b"1.0", b"1e2", b"NaN", b"[1,]", b"[1, 2]",
        b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a": 1}', b'"\\u0041"', b'"\\/"', b'"\\u00E9"',
        b'"\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b"\xef\xbb\xbf1", '{"é":1}'.encode(), b"nul",
        b'"\\u000A"', b'"a\nb"', b"[18446744073709551616]", b"'a'",
    ],
    ids=repr,
)  # fmt: skip
def test_every_second_spelling_is_rejected(data):
    with pytest.raises(OutOfProfile):
        decode(data)
