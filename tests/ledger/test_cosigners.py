"""ledger/cosigners.py: a cosigner's key lives in a file and serves one kind only."""

import pytest

from ledger.cosigners import Cosigner
from ledger.keys import KeyFileOpen, KeyFileRejected, SigningKey
from ledger.notes import NoteRejected
from ledger.signatures import COSIGNATURE, ED25519, ML_DSA_44

NOW_S = 1_700_000_000


@pytest.mark.parametrize("kind", [COSIGNATURE, ML_DSA_44])
def test_a_key_is_saved_and_taken_up_again(tmp_path, kind):
    key = Cosigner.generate(kind, "witness.example/w", lambda: NOW_S)
    file = tmp_path / "w.key"
    key.save(file)

    assert Cosigner.load(file, lambda: NOW_S).vkey == key.vkey
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        key.save(file)
    file.chmod(0o640)
    with pytest.raises(KeyFileOpen):
        Cosigner.load(file, lambda: NOW_S)


def test_a_key_serves_the_kind_that_it_was_made_for(tmp_path):
    SigningKey.generate("witness.example/w").save(tmp_path / "signing.key")
    Cosigner.generate(COSIGNATURE, "witness.example/w", lambda: 0).save(tmp_path / "cosigning.key")

    with pytest.raises(KeyFileRejected):
        Cosigner.load(tmp_path / "signing.key", lambda: 0)
    with pytest.raises(KeyFileRejected):
        SigningKey.load(tmp_path / "cosigning.key")


@pytest.mark.parametrize("change", [("w+", "v+"), ("w+", "w x+"), ("PRIVATE", "PUBLIC")])
def test_a_line_that_was_changed_is_no_key(tmp_path, change):
    file = tmp_path / "w.key"
    Cosigner.generate(ML_DSA_44, "witness.example/w", lambda: 0).save(file)
    file.write_text(file.read_text("utf-8").replace(*change, 1), "utf-8")

    with pytest.raises(KeyFileRejected):
        Cosigner.load(file, lambda: 0)


def test_neither_words_nor_other_kinds_make_a_cosigner():
    with pytest.raises(ValueError, match="type 0x04 or 0x06"):
        Cosigner(ED25519, "witness.example/w", bytes(32), lambda: 0)
    with pytest.raises(NoteRejected):
        Cosigner(COSIGNATURE, "two words", bytes(32), lambda: 0)
    shown = repr(Cosigner(COSIGNATURE, "witness.example/w", bytes(range(32)), lambda: 0))
    assert shown.startswith("Cosigner(witness.example/w+")
