"""What people do with keys away from the server: make one, prove it, read a request, approve it.

Needs no book and no network.  Proofs, requests and approvals are small text files; a request is
the text that root keys sign, an approval the same text with their lines under it.
"""

from dataclasses import dataclass
from pathlib import Path

from ledger.approvals import prove_possession
from ledger.checkpoint import Checkpoint
from ledger.encoding import OutOfProfile, decode
from ledger.keys import SigningKey
from ledger.notes import NoteRejected, Vkey, line_of, parse_note
from ledger.signatures import KINDS
from timebank.errors import KeyTextUnreadable

_ROLES_ZH = {
    "operator": "运营", "station": "站点", "device": "设备", "staff": "人员",
    "scheduler": "定时任务", "log": "日志", "cosigner": "日志补签",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """A key that somebody has shown to hold: what it is for, and the note that proves it."""

    origin: str
    role: str
    vkey: Vkey
    note: str


@dataclass(frozen=True, slots=True)
class Request:
    """What root keys are asked to agree to, in the words that they sign and in people's."""

    origin: str
    text: str
    zh: str
    en: str


def make_key(origin: str, role: str, name: str, file: Path) -> str:
    """Make a signing key in a new file of its own; answers its proof for the log ``origin``.

    Raises:
        FileExistsError: the file is there; a key is never written over another.
        NoteRejected: a name that no key can bear.
    """
    key = SigningKey.generate(name)
    key.save(file)
    return prove_possession(origin, role, key)


def read_proof(note: str) -> Proof:
    """The proof in a file's text; the signature itself is judged when the key enters.

    Raises:
        KeyTextUnreadable: anything else.
    """
    origin, said = _of_cosigner(note) or _parts(note, "possession")
    try:
        vkey = Vkey.parse(str(said["vkey"]), KINDS)
        return Proof(origin, str(said["role"]), vkey, note)
    except (KeyError, NoteRejected) as error:
        raise KeyTextUnreadable(what="proof") from error


def read_request(text: str) -> Request:
    """A request, or the approval that it is becoming.

    Raises:
        KeyTextUnreadable: no text that root keys are ever asked to sign.
    """
    origin, said = _parts(text, "approval")
    match said:
        case {"do": "add_key", "role": str(role), "vkey": str(vkey), **rest} if not rest:
            role_zh = _ROLES_ZH.get(role, role)
            zh = f"登记一把新的{role_zh}密钥：{vkey}"
            en = f"enrol a new {role} key: {vkey}"
        case {"do": "revoke_key", "key": str(key), **rest} if not rest:
            zh, en = f"停用密钥：{key}", f"revoke the key {key}"
        case {"do": "freeze", "successor": str(successor), **rest} if not rest:
            zh = f"永久冻结本账，后续账本为 {successor}；冻结后不能再记账"
            en = f"freeze this log for good; {successor} follows"
        case _:
            raise KeyTextUnreadable(what="request")
    lines = text.split("\n")
    return Request(origin, f"{lines[0]}\n{lines[1]}\n", f"{origin}：{zh}", f"{origin}: {en}")


def approve(text: str, root: SigningKey) -> str:
    """The request or approval with the line of one more root key.

    Raises:
        KeyTextUnreadable: as :func:`read_request`; or lines that are none.
    """
    request = read_request(text)
    line = line_of(root, request.text.encode("utf-8"))
    if text == request.text:
        return f"{text}\n{line}"
    try:
        note = parse_note(text)
    except NoteRejected as error:
        raise KeyTextUnreadable(what="request") from error
    return text if line in note.lines else f"{text}{line}"


def _of_cosigner(note: str) -> tuple[str, dict[str, object]] | None:
    """What the proof of one of the log's further keys says, a checkpoint of the empty log."""
    try:
        head = Checkpoint.parse(parse_note(note).text)
    except NoteRejected:
        return None
    try:
        said = decode("".join(head.extensions).encode("utf-8"))
    except OutOfProfile as error:
        raise KeyTextUnreadable(what="possession") from error
    return head.origin, dict(said) if isinstance(said, dict) else {}


def _parts(text: str, kind: str) -> tuple[str, dict[str, object]]:
    lines = text.split("\n")
    origin, _, header = lines[0].partition(" ")
    if header != f"{kind}/v1" or len(lines) < 3 or not origin:
        raise KeyTextUnreadable(what=kind)
    try:
        said = decode(lines[1].encode("utf-8"))
    except OutOfProfile as error:
        raise KeyTextUnreadable(what=kind) from error
    if not isinstance(said, dict):
        raise KeyTextUnreadable(what=kind)
    return origin, dict(said)
