"""Receipts: one leaf with everything that convicts the log if it is ever dropped or changed.

    c2sp.org/tlog-proof@v1\\n
    extra <base64 of the leaf>\\n
    index <leaf index>\\n
    <base64 of a hash>\\n                 none or more, from the leaf's sibling upwards
    \\n
    <checkpoint, a signed note>

``extra`` is not signed: the leaf in it is believed only once its hash leads to the signed root.

Source: https://c2sp.org/tlog-proof
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ledger.checkpoint import Checkpoint
from ledger.merkle import HASH_BYTES, leaf_hash
from ledger.notes import Note, NoteRejected, Vkey, open_parsed, parse_note
from ledger.proofs import verify_inclusion
from ledger.signed import Signed
from ledger.trust_policy import TrustPolicy
from ledger.units import MOST_INTEGER

MOST_BYTES = 2**19
"""Bytes of a receipt: the longest leaf and a checkpoint with as many lines as a note may have."""

MOST_HASHES = 63
"""Hashes of an inclusion proof; no tree of at most 2^53 leaves needs as many."""

_HEADER = "c2sp.org/tlog-proof@v1"


class ReceiptRejected(ValueError):
    """Not a receipt, or one that proves nothing; ``rule`` is a permanent word, see the format."""

    def __init__(self, rule: str, evidence: str) -> None:
        super().__init__(f"{rule}: {evidence}")
        self.rule = rule
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Receipt:
    """A well-formed receipt, of which nothing has been believed yet.

    ``note`` is the checkpoint with its lines, ``extra`` the leaf's bytes, empty where there are
    none.
    """

    index: int
    proof: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def __str__(self) -> str:
        extra = [f"extra {_base64(self.extra)}"] if self.extra else []
        lines = [_HEADER, *extra, f"index {self.index}", *map(_base64, self.proof), ""]
        return "\n".join(lines) + f"\n{self.note}"

    @classmethod
    def parse(cls, data: str | bytes) -> "Receipt":
        """Read the one spelling that ``str`` writes.

        Raises:
            ReceiptRejected: ``receipt``, any other spelling, or longer than :data:`MOST_BYTES`.
        """
        try:
            spelled = data if isinstance(data, bytes) else data.encode("utf-8")
            if len(spelled) > MOST_BYTES:
                raise ReceiptRejected("receipt", f"longer than {MOST_BYTES} bytes")
            text = spelled.decode("utf-8")
            receipt = _parse(text)
            spelled_again = str(receipt)
        except (ValueError, binascii.Error) as error:  # NoteRejected and UnicodeError are such.
            if isinstance(error, ReceiptRejected):
                raise
            raise ReceiptRejected("receipt", str(error)) from error
        if spelled_again != text:
            raise ReceiptRejected("receipt", "not the canonical spelling")
        return receipt

    @property
    def checkpoint(self) -> Checkpoint:
        """The tree head that the note states."""
        return Checkpoint.parse(self.note.text)

    def for_paper(self) -> "Receipt":
        """The receipt without the lines that no QR code has room for; it proves no less."""
        lines = tuple(line for line in self.note.lines if _goes_on_paper(line.signature))
        return replace(self, note=Note(self.note.text, lines))


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proves: its leaf stands in the tree of ``checkpoint``, which ``signed`` state.

    ``strangers`` counts the lines of keys that nobody asked about.
    """

    checkpoint: Checkpoint
    signed: tuple[Signed, ...]
    strangers: int


def verify_receipt(
    receipt: Receipt,
    leaf: bytes,
    log: Vkey | None,
    witnesses: Iterable[Vkey] = (),
    policy: TrustPolicy | None = None,
) -> Proven:
    """Hold a receipt of ``leaf`` against the log's key and everybody else who must have signed.

    Every one of ``witnesses`` is demanded; a log's own second key is given like a witness's.  Of a
    ``policy`` one of its logs must have signed, where it names any, and the quorum of its
    witnesses.  Without ``log`` the policy's logs are all that the signature is held against.

    Raises, the first that applies:
        ReceiptRejected: ``origin``, no ``log`` is given and the policy names none of this origin;
            ``signature``, a demanded line is missing, or a line of a known key stands twice or does
            not verify; ``quorum``, the policy's witnesses are none; ``origin``, the checkpoint is
            another log's; ``inclusion``, the leaf is not at its index of the signed tree.
    """
    head = receipt.checkpoint
    demanded = tuple(dict.fromkeys((*(() if log is None else (log,)), *witnesses)))
    logs = () if policy is None else policy.logs_of(head.origin)
    if log is None and not logs:
        raise ReceiptRejected("origin", f"nobody gave a key of {head.origin}")
    cosigners = () if policy is None else tuple(one.vkey for one in policy.witnesses)
    try:
        _text, found = open_parsed(receipt.note, (*demanded, *logs, *cosigners))
    except NoteRejected as error:
        raise ReceiptRejected("signature", str(error)) from error
    for key in demanded:
        if key not in found:
            raise ReceiptRejected("signature", f"{key.name} did not sign")
    if policy is not None:
        if policy.logs and not set(logs) & set(found):
            raise ReceiptRejected("signature", "no log of the policy signed")
        if not policy.is_met({one.name for one in policy.witnesses if one.vkey in found}):
            raise ReceiptRejected("quorum", "the witnesses that signed are no quorum of the policy")
    if log is not None and head.origin != log.name:
        raise ReceiptRejected("origin", f"the checkpoint is of {head.origin}")
    if not verify_inclusion(receipt.index, head.size, leaf_hash(leaf), receipt.proof, head.root):
        raise ReceiptRejected(
            "inclusion", f"the leaf is not at {receipt.index} of the {head.size} that were signed"
        )
    signed = tuple(Signed.of(receipt.note, key) for key in found)
    return Proven(head, signed, len(receipt.note.lines) - len(found))


def _goes_on_paper(signature: bytes) -> bool:
    """Whether it is as long as Ed25519's, or as a cosignature by it, which begins with the time.

    An SM2 signature may be as long as the latter and begins with the 0x30 of DER.
    """
    return len(signature) == 64 or (len(signature) == 72 and signature[0] == 0)


def _parse(text: str) -> Receipt:
    head, _, note = text.partition("\n\n")
    header, *rows = head.split("\n")
    extra = rows.pop(0).removeprefix("extra ") if rows and rows[0].startswith("extra ") else ""
    if header != _HEADER or not rows or not rows[0].startswith("index "):
        raise ValueError("not a receipt")
    number = rows.pop(0).removeprefix("index ")
    if not (number.isascii() and number.isdecimal() and len(number) <= 16):
        raise ValueError("the index is no number")
    proof = tuple(base64.b64decode(row.encode("ascii"), validate=True) for row in rows)
    if len(proof) > MOST_HASHES or any(len(one) != HASH_BYTES for one in proof):
        raise ValueError("not an inclusion proof")
    receipt = Receipt(
        int(number),
        proof,
        parse_note(note),
        base64.b64decode(extra.encode("ascii"), validate=True),
    )
    if receipt.index > MOST_INTEGER or receipt.checkpoint.size <= receipt.index:
        raise ValueError("the index is beyond the checkpoint")
    return receipt


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
