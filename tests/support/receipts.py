"""Receipts without a database: out of a log in memory, with witnesses whose keys never change."""

import hashlib

from ledger.checkpoint import sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.notes import Signer, parse_note
from ledger.proofs import inclusion_proof, nodes_over
from ledger.receipt import Receipt
from ledger.signatures import COSIGNATURE, ML_DSA_44
from tests.support.log_builder import ORIGIN, LogBuilder

SIGNED_AT_S = 1_678_000_100


def cosigner(name: str, kind: int = COSIGNATURE) -> Cosigner:
    """The cosigner of this name, always the same one, whose clock stands still."""
    seed = hashlib.sha256(f"seed of {name}".encode()).digest()
    return Cosigner(kind, name, seed, lambda: SIGNED_AT_S)


WITNESS = cosigner("witness.example/w1")
SECOND_KEY = cosigner(ORIGIN, ML_DSA_44)
"""The log's own ML-DSA key."""


def receipt_of(log: LogBuilder, index: int, *cosigners: Signer, size: int | None = None) -> Receipt:
    """The receipt of one leaf in the tree of ``size`` leaves, by default of all."""
    head = log.checkpoint(size)
    proof = inclusion_proof(index, head.size, nodes_over(log.leaves[: head.size]))
    note = parse_note(sign_checkpoint(head, log.log_key, *cosigners))
    return Receipt(index, tuple(proof), note, log.leaves[index])
