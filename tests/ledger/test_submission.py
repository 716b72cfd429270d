"""ledger/submission.py: a header, a canonical body with its place in the chain, and signatures."""

import json

import pytest

from ledger.encoding import MOST_BYTES, OutOfProfile
from ledger.notes import NoteRejected, open_parsed, sign_note
from ledger.submission import (
    FIRST_PREV,
    hash_text,
    parse_submission,
    sign_submission,
    write_text,
)
from tests.support.log_builder import ORIGIN, key_of

STATION, NEW = key_of(f"{ORIGIN}/stn/XF01"), key_of(f"{ORIGIN}/stn/XF02")


def test_a_submission_reads_back_as_it_was_signed():
    note, text_hash = sign_submission(
        ORIGIN, "service", {"given": 90, "on": "三月"}, STATION, seq=0, prev=FIRST_PREV
    )
    read = parse_submission(note)
    assert (read.origin, read.kind, read.seq, read.prev) == (ORIGIN, "service", 0, FIRST_PREV)
    assert read.body == {"given": 90, "on": "三月", "seq": 0, "prev": FIRST_PREV}
    assert (read.submitter, read.text_hash) == (STATION.name, text_hash)
    assert open_parsed(read.note, [STATION.vkey])[1] == (STATION.vkey,)


def test_the_text_is_a_header_line_and_a_sorted_body_line():
    text = write_text(ORIGIN, "gift", {"b": 1, "a": "é\n"}, seq=7, prev="ab" * 32)
    assert text == (
        f'timebank.example/xingfu gift/v1\n{{"a":"é\\n","b":1,"prev":"{"ab" * 32}","seq":7}}\n'
    )


def test_the_next_submission_names_the_hash_of_the_last_text():
    _, first = sign_submission(ORIGIN, "gift", {}, STATION, seq=0, prev=FIRST_PREV)
    note, _ = sign_submission(ORIGIN, "gift", {}, STATION, seq=1, prev=first)
    assert (
        parse_submission(note).prev
        == first
        == hash_text(write_text(ORIGIN, "gift", {}, seq=0, prev=FIRST_PREV))
    )


def test_the_first_line_is_the_submitters():
    note, _ = sign_submission(ORIGIN, "key", {}, STATION, NEW, seq=0, prev=FIRST_PREV)
    read = parse_submission(note)
    assert read.submitter == STATION.name
    assert [line.name for line in read.note.lines] == [STATION.name, NEW.name]


@pytest.mark.parametrize(("size", "fits"), [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_a_body_ends_at_its_bound(size, fits):
    room = size - len(json.dumps({"prev": FIRST_PREV, "seq": 0, "x": ""}, separators=(",", ":")))
    body = {"x": "x" * room}
    if fits:
        text = write_text(ORIGIN, "gift", body, seq=0, prev=FIRST_PREV)
        assert len(text.splitlines()[1]) == size
        return
    with pytest.raises(OutOfProfile):
        write_text(ORIGIN, "gift", body, seq=0, prev=FIRST_PREV)


def body_line(**changes: object) -> str:
    body = {"prev": FIRST_PREV, "seq": 0} | changes
    return json.dumps(body, separators=(",", ":"), sort_keys=True) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        f"{ORIGIN} gift/v1\n",
        f"{ORIGIN} gift/v1\n{body_line()}more\n",
        f"{ORIGIN} gift/v1\n{body_line()}\n",
        f"{ORIGIN} gift/v2\n{body_line()}",
        f"{ORIGIN} Gift/v1\n{body_line()}",
        f"{ORIGIN}  gift/v1\n{body_line()}",
        f" gift/v1\n{body_line()}",
        f"{ORIGIN} gift\n{body_line()}",
        f"{ORIGIN} gift/v1\n[]\n",
        f"{ORIGIN} gift/v1\n{{}}\n",
        f"{ORIGIN} gift/v1\n {body_line()}",
        f"{ORIGIN} gift/v1\n{body_line(seq=-1)}",
        f"{ORIGIN} gift/v1\n{body_line(seq=True)}",
        f"{ORIGIN} gift/v1\n{body_line(seq='0')}",
        f"{ORIGIN} gift/v1\n{body_line(prev=None)}",
        f"{ORIGIN} gift/v1\n{body_line(prev='AB' * 32)}",
        f"{ORIGIN} gift/v1\n{body_line(prev='ab' * 31)}",
        f"{ORIGIN} gift/v1\n{body_line(x=1.5)}",
    ],
    ids=lambda text: repr(text[22:50]),
)
def test_anything_else_is_rejected(text):
    with pytest.raises(NoteRejected):
        parse_submission(sign_note(text, STATION))


def test_a_text_alone_is_no_submission():
    with pytest.raises(NoteRejected):
        parse_submission(write_text(ORIGIN, "gift", {}, seq=0, prev=FIRST_PREV))
