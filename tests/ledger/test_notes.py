"""ledger/notes.py: a signed note has one spelling, and only a known key's true line counts."""

import pytest

from ledger.notes import (
    MOST_SIGNATURES,
    NoteRejected,
    SignatureLine,
    Vkey,
    line_of,
    open_note,
    parse_note,
    sign_note,
)
from tests.support.log_builder import key_of

TEXT = "时间\n\nline\n"
ALICE, BOB = key_of("example.com/alice"), key_of("example.com/bob")
NOTE = sign_note(TEXT, ALICE, BOB)

# The example in the documentation of Go's golang.org/x/mod/sumdb/note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_that_another_implementation_signed_opens():
    vkey = Vkey.parse(GO_VKEY)
    text, signed = open_note(GO_NOTE.encode(), [vkey])
    assert text == GO_NOTE.partition("\n\n")[0] + "\n"
    assert signed == (vkey,)
    assert str(vkey) == GO_VKEY


def test_every_signer_is_named_in_the_order_of_the_lines():
    assert open_note(NOTE, [BOB.vkey, ALICE.vkey]) == (TEXT, (ALICE.vkey, BOB.vkey))
    assert str(parse_note(NOTE)) == NOTE
    assert parse_note(NOTE.encode()) == parse_note(NOTE)


def test_lines_of_unknown_keys_are_ignored():
    assert open_note(NOTE, [BOB.vkey]) == (TEXT, (BOB.vkey,))
    same_name = key_of("example.com/alice").vkey
    stranger = Vkey.ed25519("example.com/alice", key_of("other").vkey.public)
    assert open_note(NOTE, [stranger, same_name])[1] == (same_name,)


@pytest.mark.parametrize("keys", [[], [key_of("example.com/carol").vkey]], ids=["none", "other"])
def test_a_note_that_no_known_key_signed_is_rejected(keys):
    with pytest.raises(NoteRejected, match="no known key"):
        open_note(NOTE, keys)


def test_one_wrong_line_of_a_known_key_spoils_the_note():
    wrong = str(SignatureLine(BOB.name, BOB.vkey.key_id, bytes(64)))
    note = sign_note(TEXT, ALICE) + wrong
    assert open_note(note, [ALICE.vkey])[1] == (ALICE.vkey,)
    with pytest.raises(NoteRejected, match="does not verify"):
        open_note(note, [ALICE.vkey, BOB.vkey])


def test_the_same_key_signs_once():
    line = NOTE.splitlines(keepends=True)[-1]
    with pytest.raises(NoteRejected, match="two signatures"):
        open_note(NOTE + line, [BOB.vkey])


@pytest.mark.parametrize(("lines", "fits"), [(MOST_SIGNATURES, True), (MOST_SIGNATURES + 1, False)])
def test_the_number_of_lines_is_bounded(lines, fits):
    line = str(SignatureLine("someone", b"\1\2\3\4", b"x"))
    note = f"{TEXT}\n{line * lines}"
    if fits:
        assert len(parse_note(note).lines) == lines
        return
    with pytest.raises(NoteRejected, match="signatures"):
        parse_note(note)


def test_no_byte_of_a_note_can_change():
    data = sign_note(TEXT, ALICE).encode()
    for at in range(len(data)):
        for bit in (0x01, 0x20, 0x80):
            with pytest.raises(NoteRejected):
                open_note(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :], [ALICE.vkey])
    for cut in range(len(data)):
        with pytest.raises(NoteRejected):
            open_note(data[:cut], [ALICE.vkey])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "\n— a AAAAAAA=\n",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n—a AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— a  AAAAAAA=\n",
        "text\n\n— a+b AAAAAAA=\n",
        "text\n\n— a\u3000b AAAAAAA=\n",
        "text\n\n— a AAAAAAA=",
        "text\n\n— a AAAAAAA= \n",
        "text\n\n— a AAAAAAA\n",
        "text\n\n— a AAAAAAB=\n",
        "text\n\n— a AAAA\n",
        "text\n\n— a AA-_AAA=\n",
        "te\rxt\n\n— a AAAAAAA=\n",
        "te\txt\n\n— a AAAAAAA=\n",
        "te\0xt\n\n— a AAAAAAA=\n",
        b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
    ],
    ids=repr,
)
def test_other_spellings_are_rejected(note):
    with pytest.raises(NoteRejected):
        parse_note(note)


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "\ud800\n"], ids=repr)
def test_a_text_that_no_note_can_hold_is_not_signed(text):
    with pytest.raises(NoteRejected):
        sign_note(text, ALICE)


def test_somebody_must_sign():
    with pytest.raises(NoteRejected, match="needs a signature"):
        sign_note(TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==",
    ],
    ids=repr,
)
def test_other_spellings_of_a_key_are_rejected(text):
    with pytest.raises(NoteRejected):
        Vkey.parse(text)


def test_a_point_that_is_no_key_verifies_nothing():
    off_the_curve = (2).to_bytes(32, "little")
    assert not Vkey.ed25519("zero", off_the_curve).verifies(b"", bytes(64))
    with pytest.raises(NoteRejected):
        Vkey.ed25519("short", bytes(31))


def test_lines_are_added_below_and_found_by_name_and_id():
    note = parse_note(sign_note(TEXT, ALICE))
    more = note.with_lines(line_of(BOB, TEXT.encode()))
    assert str(more) == NOTE
    assert more.lines_of(BOB.vkey) == more.lines[1:]
    assert note.lines_of(BOB.vkey) == ()
    same_name = key_of("another-seed").vkey
    assert more.lines_of(Vkey.ed25519(BOB.name, same_name.public)) == ()
    assert len(more.with_lines(more.lines[0]).lines_of(ALICE.vkey)) == 2
