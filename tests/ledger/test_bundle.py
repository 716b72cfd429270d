"""ledger/bundle.py: one signature covers every byte of every file of a bundle."""

import json
from hashlib import sha256

from ledger.bundle import files_of, hash_file
from ledger.encoding import encode_trusted
from ledger.notes import open_note
from tests.support.log_builder import ORIGIN, little_log


def test_the_manifest_names_every_other_file_and_is_the_text_of_its_note(tmp_path):
    log = little_log()
    folder = log.write_bundle(tmp_path / "bundle")
    data = folder.joinpath("manifest.json").read_bytes()
    manifest = json.loads(data)
    assert encode_trusted(manifest) + b"\n" == data
    others = set(files_of(folder)) - {"manifest.json", "manifest.note"}
    assert {"journal.csv", "accounts.csv", "journal.hledger", "log/checkpoint"} < others
    assert manifest["files"] == {
        path: sha256(folder.joinpath(path).read_bytes()).hexdigest() for path in others
    }
    assert (manifest["v"], manifest["origin"], manifest["size"]) == (1, ORIGIN, log.size)
    text, signed = open_note(folder.joinpath("manifest.note").read_bytes(), [log.log_key.vkey])
    assert text.encode() == data
    assert signed == (log.log_key.vkey,)


def test_files_are_listed_with_slashes_in_order(tmp_path):
    for path in ("b", "a/c", "a/b/d", "z/y"):
        tmp_path.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        tmp_path.joinpath(path).write_bytes(b"")
    assert sorted(files_of(tmp_path)) == ["a/b/d", "a/c", "b", "z/y"]
    assert hash_file(tmp_path / "b") == sha256(b"").hexdigest()
