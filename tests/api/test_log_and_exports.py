"""api/routes/log.py and exports.py: the log as tlog-tiles lays it out, and what is taken home."""

import io
import zipfile
from base64 import b64decode

import pytest
from starlette.testclient import TestClient
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from api.app import create_app
from ledger.checkpoint import Checkpoint
from ledger.merkle import EMPTY_ROOT
from ledger.notes import Vkey, open_note, parse_note
from ledger.proofs import verify_consistency, verify_inclusion
from ledger.signatures import ML_DSA_44
from ledger.tiles import tile_path, tiles_of
from ledger.verify import verify
from tests.support.banks import new_bank


@pytest.fixture
def published_desk(desk):
    """A desk with more than one tile of leaves, published."""
    tried = desk.tried
    tried.people(*[f"V{number:04}" for number in range(260)])
    tried.issue("V0001", 60)
    tried.bank.publish()
    return desk


def size_of(desk):
    note = desk.client().get("/log/checkpoint").content
    return Checkpoint.parse(parse_note(note).text).size


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "vkey",
        "vkey-mldsa",
        "vkey-sm2",
        "proofs/0",
        "proof/consistency?from=0&to=0",
        "tile/0/000.p/1",
    ],
)
def test_nothing_is_served_before_it_is_published(path, tmp_path):
    with new_bank(tmp_path) as tried:
        # Not started as a server, so that nobody publishes.
        said = TestClient(create_app(tried.bank)).get(f"/log/{path}")

    assert (said.status_code, said.json()["code"]) == (404, "not_published_yet")


def test_the_checkpoint_is_asked_for_each_time(published_desk):
    said = published_desk.client().get("/log/checkpoint")

    assert said.headers["content-type"] == "text/plain; charset=utf-8"
    assert said.headers["cache-control"] == "no-cache"
    assert said.headers["access-control-allow-origin"] == "*"
    head = Checkpoint.parse(parse_note(said.content).text)
    assert head.origin == "timebank.example/test"
    assert published_desk.client().get("/log/vkey").text.startswith("timebank.example/test+")


def test_the_second_key_is_there_and_its_line_is_true(published_desk):
    client = published_desk.client()
    key = Vkey.parse(client.get("/log/vkey-mldsa").text.strip(), kinds=(ML_DSA_44,))

    text, signed = open_note(client.get("/log/checkpoint").content, [key])

    assert signed == (key,)
    assert text.startswith(f"{key.name}\n")


def test_every_tile_of_the_tree_is_there(published_desk):
    client = published_desk.client("auditor")
    for level, number, width in tiles_of(size_of(published_desk)):
        said = client.get(f"/log/{tile_path(level, number, width)}")

        assert said.status_code == 200
        assert said.headers["content-type"] == "application/octet-stream"
        if level != "entries":
            assert len(said.content) == 32 * width


def test_a_full_tile_may_be_kept_for_ever_and_a_partial_one_for_a_while(published_desk):
    client, rest = published_desk.client(), size_of(published_desk) % 256

    full = client.get("/log/tile/0/000").headers["cache-control"]
    partial = client.get(f"/log/tile/0/001.p/{rest}").headers["cache-control"]

    assert full == "public, max-age=31536000, immutable"
    assert partial == "public, max-age=3600"


def test_entries_are_for_an_auditor_and_for_no_shared_cache(published_desk):
    path = "/log/tile/entries/000"

    assert published_desk.client().get(path).status_code == 401
    assert published_desk.client("clerk").get(path).status_code == 403
    said = published_desk.client("auditor").get(path)
    assert said.status_code == 200
    assert said.headers["cache-control"].startswith("private")
    assert "access-control-allow-origin" not in said.headers


@pytest.mark.parametrize(
    "path",
    ["0/1", "0/0000", "0/x000/000", "0/000.p/256", "0/000.p/0", "64/000", "0/%2e%2e/%2e%2e/vkey",
     "0/999", "0/000/", "%00"],
)  # fmt: skip
def test_only_files_of_the_log_are_served(published_desk, path):
    said = published_desk.client("auditor").get(f"/log/tile/{path}")

    assert (said.status_code, said.json()["code"]) == (404, "not_published_yet")


def test_a_proof_leads_to_the_published_root(published_desk):
    size = size_of(published_desk)
    for index in (0, 255, 256, size - 1):
        told = published_desk.client().get(f"/log/proofs/{index}").json()
        hashes = [b64decode(one) for one in told["hashes"]]

        assert told["size"] == size
        assert verify_inclusion(
            index, size, b64decode(told["leaf_hash"]), hashes, b64decode(told["root"])
        )
        InclusionProof(index, size, hashes).check(
            b64decode(told["leaf_hash"]), b64decode(told["root"])
        )
        head = Checkpoint.parse(parse_note(told["checkpoint"].encode()).text)
        assert b64decode(told["root"]) == head.root


def test_a_leaf_beyond_the_log_has_no_proof(published_desk):
    size = size_of(published_desk)

    said = published_desk.client().get(f"/log/proofs/{size}")

    assert (said.status_code, said.json()["code"]) == (404, "leaf_not_found")
    assert said.json()["facts"] == {"leaf": size, "size": size}


def consistency(desk, old, new):
    return desk.client().get("/log/proof/consistency", params={"from": old, "to": new})


def test_an_older_checkpoint_is_shown_to_be_the_beginning(published_desk):
    older = Checkpoint.parse(
        parse_note(published_desk.client().get("/log/checkpoint").content).text
    )
    published_desk.tried.issue("V0001", 30)
    published_desk.tried.bank.publish()
    size = size_of(published_desk)
    assert size > older.size

    said = consistency(published_desk, older.size, size)

    told = said.json()
    hashes = [b64decode(one) for one in told["hashes"]]
    new_root = Checkpoint.parse(parse_note(told["checkpoint"].encode()).text).root
    assert b64decode(told["old_root"]) == older.root
    assert b64decode(told["new_root"]) == new_root
    assert verify_consistency(older.size, size, older.root, new_root, hashes)
    ConsistencyProof(older.size, size, hashes).check(older.root, new_root)
    assert said.headers["access-control-allow-origin"] == "*"


def test_every_pair_of_published_sizes_has_a_proof(published_desk):
    size = size_of(published_desk)
    for new in (1, 2, 255, 256, 257, size - 1, size):
        for old in {0, 1, new - 1, new} | {one for one in (255, 256, 257) if one <= new}:
            told = consistency(published_desk, old, new).json()
            hashes = [b64decode(one) for one in told["hashes"]]
            old_root, new_root = b64decode(told["old_root"]), b64decode(told["new_root"])

            assert (told["old_size"], told["new_size"]) == (old, new)
            assert verify_consistency(old, new, old_root, new_root, hashes)
            ConsistencyProof(old, new, hashes).check(old_root, new_root)
            if not old:
                assert old_root == EMPTY_ROOT


@pytest.mark.parametrize(
    ("before", "old_beside_new", "code"),
    [(-1, -1, None), (0, -1, None), (1, -1, "size_not_published"),
     (-1, 0, None), (-1, 1, "sizes_out_of_order"), (2, 1, "sizes_out_of_order")],
)  # fmt: skip
def test_sizes_are_in_order_and_published(published_desk, before, old_beside_new, code):
    size = size_of(published_desk)
    new = size + before

    said = consistency(published_desk, new + old_beside_new, new)

    assert said.status_code == {None: 200, "size_not_published": 404}.get(code, 422)
    assert said.json().get("code") == code
    if code == "size_not_published":
        assert said.json()["facts"] == {"asked": new, "size": size}


@pytest.mark.parametrize(("old", "status"), [(-1, 422), (0, 200), (1, 200)])
def test_no_tree_is_smaller_than_the_empty_one(published_desk, old, status):
    assert consistency(published_desk, old, 1).status_code == status


def test_a_proof_between_sizes_needs_no_leaf(published_desk):
    folder = published_desk.tried.bank.settings.log_folder / "tile" / "entries"
    folder.rename(folder.with_name("gone"))

    assert consistency(published_desk, 100, size_of(published_desk)).status_code == 200


def test_the_journal_is_streamed(published_desk):
    said = published_desk.client("auditor").get("/api/v1/exports/journal.csv")

    lines = said.text.splitlines()
    assert lines[0].startswith("number,entry_id,leaf_index")
    assert len(lines) == 2
    assert "content-length" not in said.headers


def test_the_bundle_verifies_and_has_the_streamed_journal(published_desk, tmp_path):
    client = published_desk.client("auditor")

    said = client.get("/api/v1/exports/bundle.zip")

    with zipfile.ZipFile(io.BytesIO(said.content)) as archive:
        archive.extractall(tmp_path)
    report = verify(tmp_path / "bundle")
    assert report.ok
    journal = client.get("/api/v1/exports/journal.csv").content
    assert (tmp_path / "bundle" / "journal.csv").read_bytes() == journal
