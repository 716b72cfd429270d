"""Checkpoints and inclusion proofs before Sigstore's verifier, which is JavaScript.

Needs node and the packages of `tests/judges/packages.txt` beside that file, as `.ci/run` installs
them: `npm install --prefix tests/judges --no-save --no-package-lock --ignore-scripts` and the
lines of the file.
"""

import base64
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.notes import Vkey
from ledger.proofs import inclusion_proof, nodes_over
from ledger.signatures import COSIGNATURE, ECDSA_P256, ED25519, ML_DSA_44
from ledger.tiles import TileFolder
from tests.support.log_builder import ORIGIN, LogBuilder, key_of, little_log
from tests.support.p256 import P256Key
from tests.support.parts import need, need_program

pytestmark = pytest.mark.slow

JUDGES = Path(__file__).parents[1] / "judges"
SIZES = [1, 2, 3, 21, 255, 256, 257, 700, 65_537]

Entry = dict[str, Any]


def judge(vkey: Vkey, entries: list[Entry]) -> list[str | None]:
    """What Sigstore's verifier says of each entry; it trusts ``vkey`` and nobody else."""
    node = need_program("node")
    installed = JUDGES / "node_modules/@sigstore/verify"
    need(installed.is_dir(), "@sigstore/verify (npm: tests/judges/packages.txt)")
    done = subprocess.run(
        [node, JUDGES / "sigstore.cjs"],
        input=json.dumps({"tlog": tlog(vkey), "entries": entries}),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[str | None] = json.loads(done.stdout)
    assert len(found) == len(entries)
    return found


def tlog(vkey: Vkey) -> Entry:
    """A transparency log as Sigstore's trusted root names one."""
    spki, details = vkey.public, "PKIX_ECDSA_P256_SHA_256"
    if vkey.kind == ED25519:
        public = Ed25519PublicKey.from_public_bytes(vkey.public)
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        details = "PKIX_ED25519"
    return {
        "baseUrl": f"https://{vkey.name}",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64(spki), "keyDetails": details},
        "checkpointKeyId": {"keyId": b64(vkey.key_id)},
    }


def entry(leaf: bytes, index: int, checkpoint: Checkpoint, note: str, proof: list[bytes]) -> Entry:
    """A leaf with its checkpoint and proof as a bundle of Sigstore's carries them."""
    return {
        "logIndex": str(index),
        "kindVersion": {"kind": "timebank", "version": "1"},
        "inclusionProof": {
            "logIndex": str(index),
            "rootHash": b64(checkpoint.root),
            "treeSize": str(checkpoint.size),
            "hashes": [b64(item) for item in proof],
            "checkpoint": {"envelope": note},
        },
        "canonicalizedBody": b64(leaf),
    }


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@cache
def long_log() -> LogBuilder:
    log = little_log()
    while log.size < SIZES[-1]:
        log.refuse()
    return log


@pytest.fixture(params=SIZES)
def published(request, tmp_path) -> tuple[Checkpoint, str, list[Entry]]:
    """A published log's checkpoint, its note, and entries from all over it with their proofs."""
    log, size = long_log(), request.param
    folder = log.write_log(tmp_path / "log", size)
    reader = TileFolder(folder)
    note = (reader.checkpoint_note() or b"").decode()
    checkpoint = log.checkpoint(size)
    places = {0, 1, 2, 20, 254, 255, 256, size // 2, size - 2, size - 1}
    entries = [
        entry(
            reader.entry(index, size), index, checkpoint, note,
            inclusion_proof(index, size, reader.nodes(size)),
        )
        for index in sorted(places)
        if 0 <= index < size
    ]  # fmt: skip
    return checkpoint, note, entries


def test_sigstore_finds_every_leaf_in_the_published_log(published):
    _, _, entries = published
    assert judge(key_of(ORIGIN).vkey, entries) == [None] * len(entries)


def changed(made: Entry, note: str, size: int) -> dict[str, Entry]:
    """The same entry with one thing wrong."""
    proof = made["inclusionProof"]
    index, hashes = int(proof["logIndex"]), [base64.b64decode(item) for item in proof["hashes"]]
    leaf = base64.b64decode(made["canonicalizedBody"])

    def other(**parts: Any) -> Entry:
        body = parts.pop("body", made["canonicalizedBody"])
        return made | {"canonicalizedBody": body, "inclusionProof": proof | parts}

    wrong = {
        "another leaf": other(body=b64(leaf + b" ")),
        "another index": other(logIndex=str(index ^ 1)),
        "beyond the tree": other(logIndex=str(size)),
        "one hash too many": other(hashes=[*proof["hashes"], b64(bytes(32))]),
        "another size": other(checkpoint={"envelope": note.replace(f"\n{size}\n", "\n9\n", 1)}),
        "another origin": other(checkpoint={"envelope": "x" + note}),
        "nobody's signature": other(checkpoint={"envelope": note.replace("— ", "— x", 1)}),
    }
    if hashes:
        flipped = bytes([hashes[0][0] ^ 1]) + hashes[0][1:]
        wrong["another hash"] = other(hashes=[b64(flipped), *proof["hashes"][1:]])
        wrong["a hash too few"] = other(hashes=proof["hashes"][1:])
    return wrong


def test_sigstore_refuses_whatever_is_changed(published):
    checkpoint, note, entries = published
    wrong = changed(entries[-1], note, checkpoint.size)
    said = dict(zip(wrong, judge(key_of(ORIGIN).vkey, list(wrong.values())), strict=True))
    for what, refusal in said.items():
        assert refusal is not None, what
        assert "TLOG_INCLUSION_PROOF_ERROR" in refusal, what


def test_sigstore_refuses_the_checkpoint_of_another_key(published):
    _, _, entries = published
    stranger = LogBuilder()
    stranger.log_key = key_of(f"{ORIGIN}/other")
    vkey = Vkey.ed25519(ORIGIN, stranger.log_key.vkey.public)
    assert judge(vkey, entries[:1]) == ["TLOG_INCLUSION_PROOF_ERROR: invalid checkpoint signature"]


@pytest.mark.parametrize("kind", [ED25519, ECDSA_P256])
def test_further_lines_do_not_disturb_it_and_either_kind_of_key_is_judged(kind):
    log = little_log()
    first = log.log_key if kind == ED25519 else P256Key(ORIGIN)
    others = [
        Cosigner(ML_DSA_44, ORIGIN, bytes(32), lambda: 7),
        Cosigner(COSIGNATURE, "witness.example/w", bytes(32), lambda: 7),
    ]
    note = sign_checkpoint(log.checkpoint(), first, *others)
    assert note.count("— ") == 3
    size = log.size
    entries = [
        entry(leaf, n, log.checkpoint(), note, inclusion_proof(n, size, nodes_over(log.leaves)))
        for n, leaf in enumerate(log.leaves)
    ]
    assert judge(first.vkey, entries) == [None] * size
