"""ledger/approvals.py: nobody enters without holding the key, and roots speak only together."""

import pytest

from ledger.approvals import (
    LOG,
    STATION,
    Roots,
    add_key_text,
    is_possessed,
    key_identifier,
    possession_text,
    prove_possession,
    revoke_key_text,
)
from ledger.notes import NoteRejected, sign_note
from tests.support.log_builder import ORIGIN, key_of

STATION_KEY = key_of(f"{ORIGIN}/stn/XF01")
OTHER = key_of(f"{ORIGIN}/stn/XF02")
ROOT = [key_of(f"{ORIGIN}/roots/{number}") for number in (1, 2, 3)]
TEXT = add_key_text(ORIGIN, STATION, STATION_KEY.vkey)


def roots(needed: int = 2, count: int = 3) -> Roots:
    return Roots.of(needed, [str(key.vkey) for key in ROOT[:count]])


def test_the_texts_are_a_line_of_purpose_and_a_line_of_canonical_json():
    vkey = STATION_KEY.vkey
    assert possession_text(ORIGIN, STATION, vkey) == (
        f'{ORIGIN} possession/v1\n{{"role":"station","vkey":"{vkey}"}}\n'
    )
    assert (f'{ORIGIN} approval/v1\n{{"do":"add_key","role":"station","vkey":"{vkey}"}}\n') == TEXT
    assert revoke_key_text(ORIGIN, "a/b") == (
        f'{ORIGIN} approval/v1\n{{"do":"revoke_key","key":"a/b"}}\n'
    )


def test_a_key_is_possessed_by_its_own_word_for_this_log_and_role():
    note = prove_possession(ORIGIN, STATION, STATION_KEY)
    vkey = STATION_KEY.vkey

    assert is_possessed(note, ORIGIN, STATION, vkey)
    assert not is_possessed(note, "timebank.example/other", STATION, vkey)
    assert not is_possessed(note, ORIGIN, "device", vkey)
    assert not is_possessed(note, ORIGIN, STATION, OTHER.vkey)
    by_another = sign_note(possession_text(ORIGIN, STATION, vkey), OTHER)
    two_lines = sign_note(possession_text(ORIGIN, STATION, vkey), STATION_KEY, OTHER)
    for wrong in (by_another, two_lines, "", "words", None, 7):
        assert not is_possessed(wrong, ORIGIN, STATION, vkey)


@pytest.mark.parametrize(("signers", "enough"), [(1, False), (2, True), (3, True)])
def test_as_many_root_keys_as_are_needed_must_agree(signers, enough):
    assert roots().approve(sign_note(TEXT, *ROOT[:signers]), TEXT) is enough


def test_neither_strangers_nor_repetitions_nor_other_words_count():
    twice = sign_note(TEXT, ROOT[0]) + sign_note(TEXT, ROOT[0]).partition("\n\n")[2]
    with_stranger = sign_note(TEXT, ROOT[0], OTHER)
    other_words = sign_note(add_key_text(ORIGIN, STATION, OTHER.vkey), *ROOT)
    good = sign_note(TEXT, ROOT[0])
    forged = good + sign_note("else\n", ROOT[1]).partition("\n\n")[2]
    for wrong in (twice, with_stranger, other_words, forged, good + "x", "", None):
        assert not roots().approve(wrong, TEXT)


@pytest.mark.parametrize(
    ("needed", "count"), [(0, 3), (4, 3), (1, 0)], ids=["none needed", "too many", "nobody"]
)
def test_how_many_roots_there_can_be(needed, count):
    with pytest.raises(NoteRejected, match="root keys"):
        roots(needed, count)


def test_sixteen_roots_are_the_most():
    keys = [str(key_of(f"{ORIGIN}/roots/{number}").vkey) for number in range(17)]
    assert len(Roots.of(1, keys[:16]).vkeys) == 16
    with pytest.raises(NoteRejected, match="root keys"):
        Roots.of(1, keys)
    with pytest.raises(NoteRejected, match="twice"):
        Roots.of(1, [keys[0], keys[0]])


def test_the_keys_of_the_log_share_a_name_and_are_told_apart():
    key = key_of(ORIGIN)
    assert key_identifier(key.vkey, LOG) == f"{ORIGIN}:{key.vkey.key_id.hex()}"
    assert key_identifier(STATION_KEY.vkey, STATION) == STATION_KEY.name
