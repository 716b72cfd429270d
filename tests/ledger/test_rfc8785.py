"""ledger/encoding.py: the examples of RFC 8785 that our profile has, and why it lacks the others.

Sources: RFC 8785, 3.2.2, 3.2.3 and appendix B; the test data of its author's reference code.
"""

import pytest
import rfc8785

from ledger.encoding import OutOfProfile, decode, encode

CANONICAL = {
    "3.2.2 without numbers": '{"literals":[null,true,false],'
    '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    "3.2.3 with the ASCII keys": '{"\\r":"Carriage Return","1":"One"}',
    "arrays": '[56,{"1":[],"10":null,"d":true}]',
    "structures": '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},'
    '"10":{},"111":[{}],"A":{},"a":{}}',
    "unicode, not normalised": '{"Unnormalized Unicode":"A\u030a"}',
    "controls": '"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\u0080\u2028\u2029/<>&"',
    "beyond the basic plane": '["\U0001f600","\U0010ffff"]',
}
"""One spelling each: what the standard writes and what is read."""

INPUTS = {
    "arrays": '[\n  56,\n  {\n    "d": true,\n    "10": null,\n    "1": [ ]\n  }\n]',
    "structures": '{"1": {"f": {"f": "hi","F": 5} ,"\\n": 56.0}, "10": { }, "": "empty"}',
    "escapes": '{"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"}',
    "order": '{"b":1,"B":2}',
    "surrogates as escapes": '"\\ud83d\\ude00"',
}
"""The same facts as a parser would take them, which is not how they may be signed."""

KEYS = {
    "3.2.3": '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With '
    'Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With '
    'Dagesh"}',
    "french": '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but '
    'canonicalization MUST","sin":"ignore locale"}',
}
"""Canonical, but sorted by UTF-16 or by code point, or by language: readers have disagreed."""

NUMBERS = [
    "5e-324", "-5e-324", "1.7976931348623157e+308", "-1.7976931348623157e+308",
    "9007199254740992", "-9007199254740992", "295147905179352830000", "9.999999999999997e+22",
    "1e+23", "1.0000000000000001e+23", "999999999999999700000", "999999999999999900000", "1e+21",
    "9.999999999999997e-7", "0.000001", "333333333.3333332", "333333333.33333325",
    "333333333.3333333", "333333333.3333334", "333333333.33333343", "-0.0000033333333333333333",
    "1424953923781206.2", "NaN", "Infinity", "-Infinity", "-0", "4.50", "2e-3", "1E30", "0.0",
]  # fmt: skip
"""Appendix B but for its zero, and the numbers of 3.2.2 as they come in."""


@pytest.mark.parametrize("text", CANONICAL.values(), ids=CANONICAL)
def test_what_the_standard_writes_is_read_and_written_again(text):
    value = decode(text.encode())
    assert encode(value) == text.encode() == rfc8785.dumps(value)


@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
def test_what_the_standard_would_still_have_to_rewrite_is_rejected(text):
    with pytest.raises(OutOfProfile, match="canonical"):
        decode(text.encode())


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS)
def test_keys_beyond_ascii_are_rejected_although_canonical(text):
    with pytest.raises(OutOfProfile, match=r"ASCII|canonical"):
        decode(text.encode())


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_that_readers_round_differently_are_rejected(number):
    for text in (number, f"[{number}]", f'{{"n":{number}}}'):
        with pytest.raises(OutOfProfile):
            decode(text.encode())


@pytest.mark.parametrize(
    "number", [0, 1, -1, 56, 9_007_199_254_740_991, -9_007_199_254_740_991], ids=str
)
def test_whole_numbers_that_everybody_has_exactly_are_read(number):
    assert decode(b'{"n":%d}' % number) == {"n": number}
    assert encode({"n": number}) == rfc8785.dumps({"n": number}) == b'{"n":%d}' % number
