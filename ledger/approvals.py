"""What stands behind a change of keys: proof that a key is held, and the word of the root keys.

Both are signed notes of their own, which the submission carries in its body: they do not depend on
where the submitter's chain stands, so a device or an offline key can sign them beforehand.

    possession   <origin> possession/v1\\n{"role":…,"vkey":…}\\n   signed by the new key
    of a cosigner, which signs nothing but checkpoints, that of the empty log with the same object
    as its extension line
    approval     <origin> approval/v1\\n{"do":…, …}\\n             signed by k of the n root keys

Neither can be used twice: a key is added once and ended once, and a log is frozen once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.checkpoint import Checkpoint
from ledger.encoding import Json, encode
from ledger.merkle import EMPTY_ROOT
from ledger.notes import Note, NoteRejected, Signer, Vkey, open_parsed, parse_note, sign_note
from ledger.signatures import ECDSA_P256, ED25519

SUBMITTING_KINDS = (ED25519, ECDSA_P256)
"""Kinds of key that may sign submissions: P-256 for browsers that have no Ed25519."""

OPERATOR, STATION, DEVICE, STAFF, SCHEDULER, LOG, COSIGNER = (
    "operator", "station", "device", "staff", "scheduler", "log", "cosigner",
)  # fmt: skip
ROLES = (OPERATOR, STATION, DEVICE, STAFF, SCHEDULER, LOG, COSIGNER)
"""A cosigner is one of the log's further keys, see :mod:`ledger.further_keys`."""
OF_THE_LOG = (LOG, COSIGNER)
"""Roles whose keys bear the name of the log itself."""
ROLES_OF_ROOTS = (OPERATOR, *OF_THE_LOG)
"""Roles whose keys come and go by the root keys' word alone."""


@dataclass(frozen=True, slots=True)
class Roots:
    """The offline keys on which everything hangs: ``needed`` of ``vkeys`` must agree."""

    needed: int
    vkeys: tuple[Vkey, ...]

    @classmethod
    def of(cls, needed: int, vkeys: Sequence[str]) -> "Roots":
        """Read root keys as a genesis leaf names them.

        Raises:
            NoteRejected: none, more than 16, fewer than are needed, two alike, or no Ed25519 keys.
        """
        keys = tuple(Vkey.parse(text) for text in vkeys)
        if not 1 <= needed <= len(keys) <= 16:
            raise NoteRejected(f"{needed} of {len(keys)} root keys")
        if len({key.public for key in keys}) < len(keys) or len({k.name for k in keys}) < len(keys):
            raise NoteRejected("the same root key twice")
        return cls(needed, keys)

    def approve(self, note: object, text: str) -> bool:
        """Whether ``note`` is over exactly ``text`` and enough of the root keys signed it.

        A line of a root key that does not verify spoils the note.
        """
        parsed = _note_over(note, text)
        if parsed is None:
            return False
        try:
            _text, signed = open_parsed(parsed, self.vkeys)
        except NoteRejected:
            return False
        return len(signed) >= self.needed


def possession_text(origin: str, role: str, vkey: Vkey) -> str:
    """What a new key signs to prove that somebody holds it."""
    said: dict[str, Json] = {"role": role, "vkey": str(vkey)}
    if role == COSIGNER:
        extension = encode(said).decode("utf-8")
        return Checkpoint(origin, 0, EMPTY_ROOT, (extension,)).text()
    return _text(origin, "possession", said)


def prove_possession(origin: str, role: str, signer: Signer) -> str:
    """The note by which ``signer`` proves that it is held, to be kept in a submission's body."""
    return sign_note(possession_text(origin, role, signer.vkey), signer)


def is_possessed(note: object, origin: str, role: str, vkey: Vkey) -> bool:
    """Whether ``note`` is the proof of ``vkey`` for this log and role."""
    parsed = _note_over(note, possession_text(origin, role, vkey))
    if parsed is None or len(parsed.lines) != 1:
        return False
    try:
        open_parsed(parsed, [vkey])
    except NoteRejected:
        return False
    return True


def add_key_text(origin: str, role: str, vkey: Vkey | str) -> str:
    """What root keys sign so that a key may enter; its text will do where nobody can read it."""
    return _text(origin, "approval", {"do": "add_key", "role": role, "vkey": str(vkey)})


def revoke_key_text(origin: str, key: str) -> str:
    """What root keys sign so that the key with the identifier ``key`` ends."""
    return _text(origin, "approval", {"do": "revoke_key", "key": key})


def freeze_text(origin: str, successor: str) -> str:
    """What root keys sign so that a log ends for good; ``successor`` is the origin after it."""
    return _text(origin, "approval", {"do": "freeze", "successor": successor})


def key_identifier(vkey: Vkey, role: str) -> str:
    """The id of a key's leaf: its name, which is never used again.

    The log's keys all bear the log's name, because checkpoints want it so; they are told apart by
    their key ids.
    """
    return f"{vkey.name}:{vkey.key_id.hex()}" if role in OF_THE_LOG else vkey.name


def _text(origin: str, kind: str, body: dict[str, Json]) -> str:
    return f"{origin} {kind}/v1\n{encode(body).decode('utf-8')}\n"


def _note_over(note: object, text: str) -> Note | None:
    if not isinstance(note, str):
        return None
    try:
        parsed = parse_note(note)
    except NoteRejected:
        return None
    return parsed if parsed.text == text else None
