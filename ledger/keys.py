"""Ed25519 signing keys that live in a file: the log's, the operator's, a station's.

The file has one line, ``PRIVATE+KEY+<name>+<8 hex digits>+<base64(type ‖ seed)>``, the twin of the
verifier key, so that a key can never be used under another's name.  It is made with mode 0600; on
Windows the folder's access list is what protects it.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Vkey
from ledger.signatures import ED25519

_HEAD = "PRIVATE+KEY+"


class KeyFileRejected(ValueError):
    """The file holds no signing key, or others than its owner may read it."""


class KeyFileOpen(KeyFileRejected):
    """Others than its owner may read the file."""


class SigningKey:
    """A software key and the name under which it signs."""

    __slots__ = ("_private", "_seed", "vkey")

    def __init__(self, name: str, seed: bytes) -> None:
        """``seed`` are the 32 secret bytes of RFC 8032.

        Raises:
            NoteRejected: a name that no note can carry.
            ValueError: not 32 bytes.
        """
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.vkey = Vkey.ed25519(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> "SigningKey":
        """A new key from the system's random numbers."""
        return cls(name, os.urandom(32))

    @property
    def name(self) -> str:
        """The name in every signature line."""
        return self.vkey.name

    def sign_text(self, text: bytes) -> bytes:
        """The 64 bytes of the signature over ``text``."""
        return self._private.sign(text)

    def __repr__(self) -> str:
        return f"SigningKey({self.vkey})"

    def save(self, path: Path) -> None:
        """Write the key to a new file and to the disk below it; never over an existing one.

        Raises:
            FileExistsError: ``path`` is taken.
        """
        write_secret(path, self.vkey, self._seed)

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """Read a key that :meth:`save` wrote.

        Raises:
            FileNotFoundError: no such file.
            KeyFileOpen: readable by others.
            KeyFileRejected: not such a line with matching name and key.
        """
        name, key_id, kind, seed = read_secret(path)
        try:
            key = cls(name, seed)
        except ValueError as error:
            raise KeyFileRejected(f"{path} holds no signing key") from error
        if kind != ED25519 or key_id != key.vkey.key_id.hex():
            raise KeyFileRejected(f"{path} holds no signing key of that name")
        return key


def write_secret(path: Path, vkey: Vkey, seed: bytes) -> None:
    """Write a key's line to a new file and to the disk below it; never over an existing one.

    Raises:
        FileExistsError: ``path`` is taken.
    """
    secret = base64.b64encode(bytes([vkey.kind]) + seed).decode("ascii")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"{_HEAD}{vkey.name}+{vkey.key_id.hex()}+{secret}\n")
        file.flush()
        os.fsync(file.fileno())


def read_secret(path: Path) -> tuple[str, str, int, bytes]:
    """Name, key id in hex, type byte and secret of a file that :func:`write_secret` wrote.

    Raises:
        FileNotFoundError: no such file.
        KeyFileOpen: readable by others.
        KeyFileRejected: not such a line.
    """
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise KeyFileOpen(f"others may read {path}: chmod 600 {path}")
    try:
        line = path.read_bytes().decode("utf-8")
        name, key_id, secret = line.removeprefix(_HEAD).removesuffix("\n").split("+", 2)
        data = base64.b64decode(secret.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyFileRejected(f"{path} holds no signing key") from error
    if not line.startswith(_HEAD) or len(data) < 2:
        raise KeyFileRejected(f"{path} holds no signing key")
    return name, key_id, data[0], data[1:]
