"""ledger/checkpoint.py: origin, size and root in one spelling, signed by the origin's key."""

import pytest

from ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.notes import NoteRejected, sign_note
from ledger.units import MOST_INTEGER
from tests.support.log_builder import key_of

KEY = key_of("example.com/log")
ROOT = bytes(range(32))
HEAD = Checkpoint("example.com/log", 20_852_163, ROOT)
ROOT_TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_the_text_has_three_lines():
    assert HEAD.text() == f"example.com/log\n20852163\n{ROOT_TEXT}\n"
    assert Checkpoint.parse(HEAD.text()) == HEAD


def test_extension_lines_are_read_and_covered():
    text = HEAD.text() + "extra\n更多\n"
    head = open_checkpoint(sign_note(text, KEY), [KEY.vkey])
    assert head.extensions == ("extra", "更多")
    assert head.text() == text


def test_a_signed_checkpoint_opens_with_its_key():
    assert open_checkpoint(sign_checkpoint(HEAD, KEY), [KEY.vkey]) == HEAD


def test_cosignatures_of_others_change_nothing():
    witness = key_of("witness.example")
    note = sign_checkpoint(HEAD, KEY, witness)
    assert open_checkpoint(note, [KEY.vkey]) == HEAD
    assert open_checkpoint(note, [witness.vkey, KEY.vkey]) == HEAD


def test_the_origins_own_key_must_have_signed():
    witness = key_of("witness.example")
    with pytest.raises(NoteRejected, match="origin"):
        open_checkpoint(sign_checkpoint(HEAD, witness), [witness.vkey])


@pytest.mark.parametrize("size", [0, 1, MOST_INTEGER])
def test_sizes_up_to_the_bound(size):
    head = Checkpoint("o", size, ROOT)
    assert Checkpoint.parse(head.text()) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"o\n1\n{ROOT_TEXT}",
        f"\n1\n{ROOT_TEXT}\n",
        f"o\n\n{ROOT_TEXT}\n",
        "o\n1\n\n",
        "o\n1\n",
        f"o\n01\n{ROOT_TEXT}\n",
        f"o\n-1\n{ROOT_TEXT}\n",
        f"o\n+1\n{ROOT_TEXT}\n",
        f"o\n１\n{ROOT_TEXT}\n",
        f"o\n1 \n{ROOT_TEXT}\n",
        f"o\n{MOST_INTEGER + 1}\n{ROOT_TEXT}\n",
        f"o\n{'9' * 5000}\n{ROOT_TEXT}\n",
        f"o\n1\n{ROOT_TEXT[:-1]}\n",
        f"o\n1\n{ROOT_TEXT[:-2]}9=\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT_TEXT}\n\n",
        f"o\n1\n{ROOT_TEXT}\n\nx\n",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_other_spellings_are_rejected(text):
    with pytest.raises(NoteRejected):
        Checkpoint.parse(text)
