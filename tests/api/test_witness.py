"""api/witness.py: the answers of tlog-witness, byte by byte, and a body that is bounded."""

import pytest
from starlette.testclient import TestClient

from api.witness import STATUS, create_witness
from ledger.signatures import COSIGNATURE
from ledger.witness_state import MOST_REQUEST_BYTES, Outcome, Witness
from tests.support.log_builder import LogBuilder, cosigner_of, key_of, little_log
from tests.support.witnesses import NAME, cosigned, forked, request_of

KEY = cosigner_of(NAME, COSIGNATURE)
LOG = little_log()


@pytest.fixture
def client(tmp_path) -> TestClient:
    return TestClient(create_witness(Witness(tmp_path, KEY, [LOG.log_key.vkey])))


def ask(client: TestClient, body: bytes):
    return client.post("/add-checkpoint", content=body)


def test_a_checkpoint_is_cosigned(client):
    said = ask(client, request_of(LOG, 0, 7))
    assert (said.status_code, said.content) == (200, cosigned(request_of(LOG, 0, 7), KEY))
    assert said.headers["content-type"] == "text/plain; charset=utf-8"


def test_another_size_is_told_in_the_protocols_own_type(client):
    said = ask(client, request_of(LOG, 3, 7))
    assert (said.status_code, said.content) == (409, b"0\n")
    assert said.headers["content-type"] == "text/x.tlog.size"
    assert ask(client, request_of(LOG, 0, 7)).status_code == 200
    assert ask(client, request_of(LOG, 0, 9)).content == b"7\n"
    assert ask(client, request_of(LOG, 7, 7, forked(LOG, 7))).status_code == 409


def test_whatever_is_wrong_has_its_status(client):
    stranger = LogBuilder(bare=True)
    stranger.log_key = key_of("timebank.example/other")
    note = LOG.note(7).replace("timebank.example/xingfu", "timebank.example/other")
    assert ask(client, request_of(LOG, 0, 7, note)).status_code == 404
    signed_by_another = LOG.note(7).replace(LOG.note(7)[-20:-4], "A" * 16)
    assert ask(client, request_of(LOG, 0, 7, signed_by_another)).status_code == 403
    assert ask(client, request_of(LOG, 9, 7)).status_code == 400
    assert ask(client, b"").status_code == 400
    proof = b"old 0\n" + b"A" * 43 + b"=\n"
    assert ask(client, proof + request_of(LOG, 0, 7)[6:]).status_code == 422
    assert set(STATUS) == set(Outcome)


def test_a_body_beyond_the_bound_is_not_read_to_its_end(client):
    at_most = request_of(LOG, 0, 7).ljust(MOST_REQUEST_BYTES, b"x")
    assert ask(client, at_most).status_code == 400
    assert ask(client, at_most + b"x").status_code == 413


def test_there_is_nothing_else(client):
    assert client.get("/add-checkpoint").status_code == 405
    assert client.post("/").status_code == 404


def test_a_witness_whose_disk_or_memory_fails_signs_nothing(client, tmp_path):
    assert ask(client, request_of(LOG, 0, 7)).status_code == 200
    (file,) = [path for path in tmp_path.glob("log-*") if path.is_file()]
    file.write_bytes(b"damaged")
    said = ask(client, request_of(LOG, 7, 9))
    assert (said.status_code, said.content) == (503, b"")
    file.unlink()
    file.mkdir()
    assert ask(client, request_of(LOG, 0, 9)).status_code == 503
