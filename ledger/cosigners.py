"""Cosigners: keys that state, at a time, that a checkpoint extends all that they saw before.

A witness cosigns with Ed25519 (type 0x04), the log itself adds an ML-DSA-44 line (type 0x06) under
its own name.  Both sign nothing but checkpoints.

Source: https://c2sp.org/tlog-cosignature
"""

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.keys import KeyFileRejected, read_secret, write_secret
from ledger.notes import Vkey
from ledger.signatures import (
    COSIGNATURE,
    ML_DSA_44,
    cosigned_message,
    cosigned_text,
    stamped,
)

NowSeconds = Callable[[], int]
"""The time in POSIX seconds, as a cosignature states it."""


class Cosigner:
    """An Ed25519 or ML-DSA-44 key that cosigns checkpoints under ``name``.

    ``kind`` is the type byte, ``seed`` the 32 secret bytes, ``now_s`` tells the time of signing.
    """

    __slots__ = ("_now_s", "_private", "_seed", "vkey")

    def __init__(self, kind: int, name: str, seed: bytes, now_s: NowSeconds) -> None:
        """Take up a key.

        Raises:
            NoteRejected: a name that no note can carry.
            ValueError: not 32 bytes, or no kind of a cosigner.
        """
        if kind not in (COSIGNATURE, ML_DSA_44):
            raise ValueError("a cosigner's key is of type 0x04 or 0x06")
        self._private: Ed25519PrivateKey | MLDSA44PrivateKey = (
            Ed25519PrivateKey.from_private_bytes(seed)
            if kind == COSIGNATURE
            else MLDSA44PrivateKey.from_seed_bytes(seed)
        )
        self._seed = seed
        self._now_s = now_s
        self.vkey = Vkey.of(kind, name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, kind: int, name: str, now_s: NowSeconds) -> "Cosigner":
        """A new key from the system's random numbers."""
        return cls(kind, name, os.urandom(32), now_s)

    @property
    def name(self) -> str:
        """The name in every signature line."""
        return self.vkey.name

    def sign_text(self, text: bytes) -> bytes:
        """The stamped signature over a checkpoint's text.

        Raises:
            ValueError: ``text`` is no checkpoint.
        """
        seconds = self._now_s()
        if self.vkey.kind == COSIGNATURE:
            message = cosigned_text(seconds, text)
        else:
            message = cosigned_message(self.name, seconds, text)
        return stamped(seconds, self._private.sign(message))

    def __repr__(self) -> str:
        return f"Cosigner({self.name}+{self.vkey.key_id.hex()})"

    def save(self, path: Path) -> None:
        """Write the key to a new file, as :meth:`ledger.keys.SigningKey.save` does."""
        write_secret(path, self.vkey, self._seed)

    @classmethod
    def load(cls, path: Path, now_s: NowSeconds) -> "Cosigner":
        """Read a key that :meth:`save` wrote.

        Raises:
            FileNotFoundError, KeyFileOpen, KeyFileRejected: as
                :meth:`ledger.keys.SigningKey.load`.
        """
        name, key_id, kind, seed = read_secret(path)
        try:
            key = cls(kind, name, seed, now_s)
        except ValueError as error:
            raise KeyFileRejected(f"{path} holds no cosigner's key") from error
        if key_id != key.vkey.key_id.hex():
            raise KeyFileRejected(f"{path} holds no cosigner's key of that name")
        return key
