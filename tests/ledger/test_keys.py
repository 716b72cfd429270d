"""ledger/keys.py: a key file is made once, for its owner alone, and keeps name and key together."""

import os

import pytest

from ledger.keys import KeyFileRejected, SigningKey
from ledger.notes import NoteRejected, open_note, sign_note

SEED = bytes(range(32))


def test_the_test_vector_of_rfc_8032():
    key = SigningKey(
        "k",
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    )
    assert key.vkey.public.hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert key.sign_text(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974")


def test_a_saved_key_signs_as_before(tmp_path):
    path = tmp_path / "op.key"
    key = SigningKey.generate("example.com/op")
    key.save(path)
    again = SigningKey.load(path)
    assert (again.name, again.vkey) == (key.name, key.vkey)
    assert open_note(sign_note("x\n", again), [key.vkey])[0] == "x\n"


def test_two_generated_keys_differ():
    assert SigningKey.generate("a").vkey != SigningKey.generate("a").vkey


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "op.key"
    SigningKey("a", SEED).save(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        SigningKey("b", SEED).save(path)
    assert path.read_bytes() == before


def test_the_seed_does_not_show():
    assert SEED.hex() not in repr(SigningKey("a", SEED))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    path = tmp_path / "op.key"
    SigningKey("a", SEED).save(path)
    if os.name == "nt":
        assert SigningKey.load(path).name == "a"
        return
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(mode)
    with pytest.raises(KeyFileRejected, match="chmod 600"):
        SigningKey.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda line: "",
        lambda line: line.replace("PRIVATE", "PUBLIC"),
        lambda line: line.replace("example", "exempla"),
        lambda line: line[:-6] + "\n",
        lambda line: line.replace("+AQ", "+Ag"),
        lambda line: line + line,
        lambda line: "\xff",
    ],
)
def test_a_damaged_file_is_refused(tmp_path, change):
    path = tmp_path / "op.key"
    SigningKey("example.com/op", SEED).save(path)
    path.write_text(change(path.read_text("utf-8")), "latin-1")
    with pytest.raises(KeyFileRejected):
        SigningKey.load(path)


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        SigningKey.load(tmp_path / "none.key")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_a_name_that_no_note_can_carry(name):
    with pytest.raises(NoteRejected):
        SigningKey(name, SEED)
