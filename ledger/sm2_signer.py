"""The log's SM2 key: adds a 国密 line to checkpoints, beside the Ed25519 line that always stands.

The key file is a line as that of :mod:`ledger.keys`, with ``0xff ‖ identifier ‖ secret ‖ point`` in
its base64: the library cannot find the point from the secret, so both are kept, and loading tries
them against each other.
"""

from pathlib import Path

from ledger.keys import KeyFileRejected, read_secret, write_secret
from ledger.notes import NoteRejected, Vkey
from ledger.signatures import OTHER
from ledger.sm2 import SM2_NAME, SM2_SECRET_BYTES, new_sm2_pair, sm2_missing, sm2_sign

LOG_SM2_KEY = "log-sm2.key"
"""Where a book's keys folder has this file, its checkpoints carry an SM2 line."""

_PROBE = b"probe\n"


class Sm2SigningKey:
    """An SM2 key and the name under which it signs: for a log, its origin."""

    __slots__ = ("_secret", "vkey")

    def __init__(self, name: str, secret: bytes, public: bytes) -> None:
        """``secret`` are 32 bytes, ``public`` the identifier and the point.

        Raises, the first that applies:
            NoteRejected: a name that no note can carry, or no point; or the extra ``gm`` is
                missing.
            ValueError: the secret is none, or is not that of the point.
        """
        self.vkey = Vkey.of(OTHER, name, public)
        self._secret = secret
        if not self.vkey.verifies(_PROBE, self.sign_text(_PROBE)):
            raise ValueError("the secret does not belong to the point")

    @classmethod
    def generate(cls, name: str) -> "Sm2SigningKey":
        """A new key.

        Raises:
            ValueError: the extra ``gm`` is missing.
        """
        return cls(name, *new_sm2_pair())

    @property
    def name(self) -> str:
        """The name in every signature line."""
        return self.vkey.name

    def sign_text(self, text: bytes) -> bytes:
        """The DER signature over ``text``; another one each time."""
        return sm2_sign(self._secret, self.vkey.public, text)

    def __repr__(self) -> str:
        return f"Sm2SigningKey({self.name}+{self.vkey.key_id.hex()})"

    def save(self, path: Path) -> None:
        """Write the key to a new file, as :meth:`ledger.keys.SigningKey.save` does."""
        point = self.vkey.public.removeprefix(SM2_NAME)
        write_secret(path, self.vkey, SM2_NAME + self._secret + point)

    @classmethod
    def load(cls, path: Path) -> "Sm2SigningKey":
        """Read a key that :meth:`save` wrote.

        Raises, the first that applies:
            FileNotFoundError: no such file.
            KeyFileOpen: readable by others.
            KeyFileRejected: not such a line with matching name, secret and point; or the extra
                ``gm`` is missing, which the message says.
        """
        name, key_id, kind, data = read_secret(path)
        if missing := sm2_missing(data):
            raise KeyFileRejected(f"{path}: {missing}")
        pair = data.removeprefix(SM2_NAME)
        if kind != OTHER or pair == data:
            raise KeyFileRejected(f"{path} holds no SM2 key")
        secret, point = pair[:SM2_SECRET_BYTES], pair[SM2_SECRET_BYTES:]
        try:
            key = cls(name, secret, SM2_NAME + point)
        except (NoteRejected, ValueError) as error:
            raise KeyFileRejected(f"{path} holds no SM2 key") from error
        if key_id != key.vkey.key_id.hex():
            raise KeyFileRejected(f"{path} holds no SM2 key of that name")
        return key


def log_sm2_key(keys_folder: Path) -> Sm2SigningKey | None:
    """The log's SM2 key, ``None`` where the folder has none.

    Raises:
        KeyFileOpen, KeyFileRejected: as :meth:`Sm2SigningKey.load`.
    """
    path = keys_folder.joinpath(LOG_SM2_KEY)
    return Sm2SigningKey.load(path) if path.exists() else None
