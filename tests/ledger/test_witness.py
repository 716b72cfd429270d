"""ledger/witness.py, witnessing.py: whatever is answered, nobody hangs and nothing false counts."""

import threading
from datetime import timedelta
from functools import cache

import pytest

from ledger.notes import parse_note
from ledger.proofs import consistency_proof, nodes_over
from ledger.publish import publish
from ledger.tiles import TileFolder, TileRejected
from ledger.trust_policy import parse_trust_policy
from ledger.witness import MOST_ANSWER_BYTES, Answer, WitnessClient, add_checkpoint_body
from ledger.witness_state import Asked
from ledger.witnessing import Witnesses
from tests.support.log_builder import LogBuilder, cosigner_of
from tests.support.witnesses import (
    NAME,
    Site,
    answer,
    cosigned,
    forked,
    made_up_witness,
    our_witness,
    request_of,
)

SIZE = "Content-Type: text/x.tlog.size"


@cache
def log_of(size: int = 300) -> LogBuilder:
    log = LogBuilder()
    while log.size < size:
        log.refuse()
    return log


LOG = log_of()


def prove(old: int, new: int) -> list[bytes]:
    return consistency_proof(old, new, nodes_over(LOG.leaves[:new]))


def client_of(site: Site, seconds: int = 5) -> WitnessClient:
    return WitnessClient(site.vkey, site.address, seconds)


def true(site: Site, given: Answer, size: int) -> bool:
    text = LOG.checkpoint(size).text().encode()
    assert given.line is not None, given
    return given.why == "" and site.vkey.verifies(text, given.line.signature)


def test_a_request_reads_back_as_it_was_written():
    body = request_of(LOG, 7, 9)
    asked = Asked.parse(body)
    assert (asked.old_size, list(asked.proof), str(asked.note)) == (7, prove(7, 9), LOG.note(9))
    assert add_checkpoint_body(7, asked.proof, LOG.note(9)) == body
    assert add_checkpoint_body(0, [], "note\n") == b"old 0\n\nnote\n"


def test_our_witness_cosigns_as_the_log_grows(tmp_path):
    with our_witness(tmp_path, LOG.log_key.vkey) as site:
        client = client_of(site)
        for size in (1, 7, 256, 257, 257, 300):
            assert true(site, client.ask(LOG.note(size), prove), size)
        # Another client knows nothing of that, is told, and goes on from there.
        assert true(site, client_of(site).ask(LOG.note(300), prove), 300)
        ahead = client_of(site).ask(LOG.note(100), prove)
        assert (ahead.why, ahead.size) == ("ahead", 300)
        assert client_of(site).ask(forked(LOG, 300), prove).why in ("disagrees", "conflict")
        behind = client_of(site)
        assert behind.ask(LOG.note(100), prove).why == "ahead"
        assert behind.ask(LOG.note(100), prove).why == "ahead"


def test_a_witness_that_saw_another_past_disagrees(tmp_path):
    other = LogBuilder()
    while other.size < 50:
        other.fact()
    with our_witness(tmp_path, LOG.log_key.vkey) as site:
        theirs = client_of(site).ask(
            other.note(50), lambda old, new: consistency_proof(old, new, nodes_over(other.leaves))
        )
        assert theirs.line is not None
        assert client_of(site).ask(LOG.note(100), prove).why == "disagrees"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(404), "unknown_log"),
        (answer(403), "unknown_key"),
        (answer(422), "disagrees"),
        (answer(400), "refused"),
        (answer(500), "refused"),
        (answer(503), "refused"),
        (answer(204), "refused"),
        (answer(302, b"", "Location: http://127.0.0.1:1/add-checkpoint"), "refused"),
        (answer(307, b"", "Location: /add-checkpoint"), "refused"),
        (answer(409, b"7\n"), "malformed"),
        (answer(409, b"7", SIZE), "malformed"),
        (answer(409, b"07\n", SIZE), "malformed"),
        (answer(409, b"-1\n", SIZE), "malformed"),
        (answer(409, b"", SIZE), "malformed"),
        (answer(409, "７\n".encode(), SIZE), "malformed"),
        (answer(409, b"9999999999999999\n", SIZE), "malformed"),
        (answer(409, b"0\n", SIZE), "disagrees"),
        (answer(409, b"7\n", SIZE), "conflict"),
        (answer(409, b"101\n", SIZE), "ahead"),
        (answer(200), "malformed"),
        (answer(200, b"not a line\n"), "malformed"),
        (answer(200, b"\xff\xfe\n"), "malformed"),
        (answer(200, b"x" * (MOST_ANSWER_BYTES + 1)), "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\nConnection: close\r\n\r\n", "malformed"),
        (b"nonsense\r\n\r\nconnection: close\r\n", "unreachable"),
        (b"HTTP/1.1 abc OK\r\nConnection: close\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"Connection: close\r\n\r\n", "unreachable"),
        (b"\r\nconnection: close", "unreachable"),
    ],
)
def test_every_other_answer_is_a_word(said, why):
    with made_up_witness(lambda body: said) as (site, told):
        assert client_of(site).ask(LOG.note(100), prove).why == why
        assert len(told.requests) == (2 if why == "conflict" else 1)


def test_only_its_own_true_line_over_this_checkpoint_counts():
    stranger = cosigner_of("witness.example/other", 0x04)
    with made_up_witness(lambda body: b"") as (site, told):

        def ask(*lines: bytes) -> Answer:
            told.say = lambda body: answer(200, b"".join(lines))
            return client_of(site).ask(LOG.note(100), prove)

        mine = cosigned(request_of(LOG, 0, 100), site.cosigner)
        elsewhere = cosigned(request_of(LOG, 0, 99), site.cosigner)
        theirs = cosigned(request_of(LOG, 0, 100), stranger)
        assert true(site, ask(mine), 100)
        assert true(site, ask(theirs, mine), 100)
        assert ask(theirs).why == "no_signature"
        assert ask(elsewhere).why == "wrong_signature"
        assert ask(mine, mine).why == "wrong_signature"
        assert ask(mine, elsewhere).why == "wrong_signature"
        assert ask(mine[:-1]).why == "malformed"
        assert ask(mine[:40]).why == "malformed"
        assert ask(b"\n" + mine).why == "malformed"
        assert ask(mine, b"\n" + mine).why == "malformed"


def test_a_conflict_is_asked_once_more_from_the_size_that_it_tells():
    with made_up_witness(lambda body: b"") as (site, told):

        def say(body: bytes) -> bytes:
            if body.startswith(b"old 64\n"):
                return answer(200, cosigned(body, site.cosigner))
            return answer(409, b"64\n", SIZE)

        told.say = say
        assert true(site, client_of(site).ask(LOG.note(100), prove), 100)
        assert [Asked.parse(body).old_size for body in told.requests] == [0, 64]
        assert list(Asked.parse(told.requests[1]).proof) == prove(64, 100)


def test_who_is_silent_or_not_there_is_given_up():
    with made_up_witness(lambda body: b"") as (site, _told):
        assert client_of(site, seconds=1).ask(LOG.note(100), prove).why == "slow"
    assert client_of(site).ask(LOG.note(100), prove).why == "unreachable"


def test_a_proof_that_cannot_be_made_is_a_word(tmp_path):
    def broken(_old: int, _new: int) -> list[bytes]:
        raise TileRejected("tile/0/000 is missing")

    with our_witness(tmp_path, LOG.log_key.vkey) as site:
        assert client_of(site).ask(LOG.note(100), broken).why == "no_proof"


@pytest.mark.parametrize(
    "url",
    [
        "", "witness.example", "ftp://witness.example", "http://", "http:///x", "file:///etc",
        "http://a@witness.example", "http://witness.example/?x", "http://witness.example/#x",
        "http://witness.example/a b", "http://witness.example/\r\nX: y", "http://见证.example/",
        "http://witness.example:99999/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match=r"address|[Pp]ort"):
        WitnessClient(cosigner_of(NAME, 0x04).vkey, url, 1)


# All witnesses of a policy ------------------------------------------------------------------


@pytest.fixture
def tiles(tmp_path) -> TileFolder:
    publish(tmp_path / "log", LOG.read, LOG.note(), durable=False)
    return TileFolder(tmp_path / "log")


def witnesses(text: str, **bounds: timedelta) -> Witnesses:
    return Witnesses(parse_trust_policy(text.encode()), **bounds)


def test_a_quorum_completes_the_note_and_is_not_asked_again(tiles, tmp_path):
    with (
        our_witness(tmp_path / "1", LOG.log_key.vkey, name="witness.example/1") as one,
        made_up_witness(lambda body: answer(500), "witness.example/2") as (two, told),
        our_witness(tmp_path / "3", LOG.log_key.vkey, name="witness.example/3") as three,
    ):
        lines = one.line("w1") + two.line("w2") + three.line("w3")
        asked = witnesses(lines + "group g 2 w1 w2 w3\nquorum g\n")
        note = asked.complete(LOG.note(), tiles)
        assert note is not None
        assert asked.policy.witnessed(parse_note(note)) == {"w1", "w3"}
        assert note.startswith(LOG.note())
        assert [one.why for one in asked.standings()] == ["", "refused", ""]
        assert asked.complete(note, tiles) == note
        assert len(told.requests) == 1


def test_without_a_quorum_there_is_no_note(tiles, tmp_path):
    with (
        our_witness(tmp_path / "1", LOG.log_key.vkey, name="witness.example/1") as one,
        made_up_witness(lambda body: answer(404), "witness.example/2") as (two, told),
    ):
        asked = witnesses(one.line("w1") + two.line("w2") + "group g all w1 w2\nquorum g\n")
        assert asked.complete(LOG.note(), tiles) is None
        told.say = lambda body: answer(200, cosigned(body, two.cosigner))
        note = asked.complete(LOG.note(), tiles)
        assert note is not None
        assert len(parse_note(note).lines) == 3


def test_a_silent_witness_delays_nobody_for_long_and_is_given_up(tiles, tmp_path):
    with (
        our_witness(tmp_path / "1", LOG.log_key.vkey, name="witness.example/1") as one,
        made_up_witness(lambda body: b"", "witness.example/2") as (two, told),
    ):
        # A test that waits for the hour would be ended by its own time limit.
        asked = witnesses(
            one.line("w1") + two.line("w2") + "group g any w1 w2\nquorum g\n",
            wait=timedelta(hours=1),
            grace=timedelta(milliseconds=10),
        )
        for size in (100, 200, 300):
            assert asked.complete(LOG.note(size), tiles) is not None
        assert [one.why != "" for one in asked.standings()] == [False, True]
        asked.close()
        assert len(told.requests) >= 1


def test_threads_that_ask_at_once_take_turns(tiles, tmp_path):
    """The guard of a server's first post must not take the publisher's question for a slow one."""
    with our_witness(tmp_path / "1", LOG.log_key.vkey) as site:
        asked = witnesses(site.line() + "quorum w1\n")
        start, heard = threading.Barrier(6), []

        def ask() -> None:
            start.wait()
            heard.append(asked.ask(LOG.note(), tiles)["w1"])

        threads = [threading.Thread(target=ask) for _place in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.why for one in heard] == [""] * 6


def test_a_note_with_a_false_line_is_mended(tiles, tmp_path):
    with our_witness(tmp_path / "1", LOG.log_key.vkey) as site:
        asked = witnesses(site.line() + "quorum w1\n")
        false = cosigned(request_of(LOG, 0, 299), site.cosigner).decode()
        note = asked.complete(LOG.note() + false, tiles)
        assert note is not None
        assert false not in note
        assert asked.policy.is_met(asked.policy.witnessed(parse_note(note)))


def test_with_quorum_none_lines_are_welcome_and_not_needed(tiles, tmp_path):
    with our_witness(tmp_path / "1", LOG.log_key.vkey) as site:
        asked = witnesses(site.line() + "quorum none\n", grace=timedelta(seconds=60))
        note = asked.complete(LOG.note(), tiles)
        assert note is not None
        assert len(parse_note(note).lines) == 2
    assert witnesses("quorum none\n").complete(LOG.note(), tiles) == LOG.note()


def test_a_quorum_that_can_never_be_is_refused_at_the_start():
    vkey = cosigner_of(NAME, 0x04).vkey
    with pytest.raises(ValueError, match="can never be the quorum"):
        witnesses(f"witness w1 {vkey}\nquorum w1\n")
