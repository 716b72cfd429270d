"""Sealing what names a person: a key for each person, wrapped by one master key.

Forgetting somebody is destroying their wrapped key; the hours and every proof stay.  A name, an ID
number or a telephone is found by a blind index, a keyed hash that nobody can try names against
without the master key.  Nothing here logs, prints or keeps an opened value.

    wrapped   version 1 ‖ key id (4) ‖ nonce (12) ‖ AES-256-GCM(data key)
    sealed    version 1 ‖ nonce (12) ‖ AES-256-GCM(JSON, padded with spaces to 64 bytes)

The associated data of both binds the purpose and the person's id, so that neither can be moved to
somebody else.  All keys come from the master key by HKDF-SHA-256 under labels of their own.
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from timebank.errors import (
    PersonErased,
    SealBroken,
    VaultKeyExists,
    VaultKeyInvalid,
    VaultKeyMissing,
)
from timebank.people.identity import name_key

Sealed = Mapping[str, str | int | None]

INDEXED = ("name", "id_number", "telephone")
"""Fields that can be looked up; each has an index key of its own."""

_VERSION = b"\x01"
_FILE_HEAD = "timebank-vault-key/1"
_KEY_BYTES = 32
_KEY_ID_BYTES = 4
_SALT_BYTES = 16
_NONCE_BYTES = 12
_BLOCK = 64


def create_master_key(path: Path, key: bytes | None = None) -> bytes:
    """Make a master key and keep it in a new file that only its owner may read (mode 0600).

    With ``key`` that one is kept: a book that follows another opens what was sealed there.

    The file and its folder are flushed to the disk before the key is returned, because a name
    sealed under a lost key is lost.

    Raises:
        VaultKeyExists: there is a file; a master key is never overwritten.
    """
    key = key or os.urandom(_KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise VaultKeyExists(file=path.name) from None
    with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
        file.write(f"{_FILE_HEAD} {b64encode(key).decode()} {_check(key)}\n")
        file.flush()
        os.fsync(file.fileno())
    if (
        os.name == "posix"
    ):  # Windows cannot open a folder, and keeps its entries in its own journal.
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return key


def load_master_key(path: Path) -> bytes:
    """The master key from its file.

    Raises, the first that applies:
        VaultKeyMissing: there is no such file.
        VaultKeyInvalid: ``damaged``: not such a file, or its check digits do not fit.
    """
    try:
        words = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        raise VaultKeyMissing(file=path.name) from None
    except UnicodeDecodeError:
        raise VaultKeyInvalid(why="damaged") from None
    try:
        head, encoded, check = words
        key = b64decode(encoded, validate=True)
    except (ValueError, NotBase64):
        raise VaultKeyInvalid(why="damaged") from None
    if head != _FILE_HEAD or len(key) != _KEY_BYTES or check != _check(key):
        raise VaultKeyInvalid(why="damaged")
    return key


def _check(key: bytes) -> str:
    return hashlib.sha256(b"timebank vault key check" + key).hexdigest()[:8]


class Sealer:
    """Seals and opens under one master key of 32 bytes; safe to share between threads."""

    __slots__ = ("_index_keys", "_key_id", "_master", "_wrap")

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_BYTES:
            raise VaultKeyInvalid(why="damaged")
        self._master = master
        wrap_key = self.derive("wrap")
        self._wrap = AESGCM(wrap_key)
        self._key_id = hashlib.sha256(wrap_key).digest()[:_KEY_ID_BYTES]
        self._index_keys = {field: self.derive(f"index {field}") for field in INDEXED}

    def __repr__(self) -> str:
        return f"Sealer(key id {self._key_id.hex()})"

    def derive(self, label: str) -> bytes:
        """A key of 32 bytes for another purpose, for example the pepper of ``people.pins``."""
        info = f"timebank vault v1 {label}".encode()
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(self._master)

    def new_key(self, person_id: str) -> bytes:
        """A fresh data key for one person, wrapped; store it apart from what it seals."""
        return self._wrapped(person_id, os.urandom(_KEY_BYTES))

    def salt_for(self, person_id: str, wrapped: bytes | None, purpose: str) -> bytes:
        """16 bytes that only this person's key yields, the same each time; gone when it is.

        Raises:
            PersonErased, VaultKeyInvalid, SealBroken: as :meth:`open`.
        """
        data_key = self._data_key(person_id, wrapped)
        return hmac.digest(data_key, _bound(f"salt {purpose}", person_id), "sha256")[:_SALT_BYTES]

    def seal(self, person_id: str, wrapped: bytes | None, facts: Sealed) -> bytes:
        """``facts`` of the person, sealed under their wrapped key; keys and values are text.

        Raises:
            PersonErased, VaultKeyInvalid, SealBroken: as :meth:`open`.
        """
        plain = orjson.dumps(dict(facts), option=orjson.OPT_SORT_KEYS)
        plain += b" " * (-len(plain) % _BLOCK)  # so that the length of a name does not show
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(self._data_key(person_id, wrapped))
        return _VERSION + nonce + cipher.encrypt(nonce, plain, _bound("facts", person_id))

    def open(
        self, person_id: str, wrapped: bytes | None, sealed: bytes
    ) -> dict[str, str | int | None]:
        """What :meth:`seal` was given.

        Raises, the first that applies:
            PersonErased: there is no wrapped key any more.
            VaultKeyInvalid: ``other_book``: the key was wrapped by another master key.
            SealBroken: key or facts were altered, or belong to somebody else.
        """
        data_key = self._data_key(person_id, wrapped)
        plain = _opened(AESGCM(data_key), sealed, "facts", person_id)
        facts: dict[str, str | int | None] = orjson.loads(plain)
        return facts

    def rewrap(self, person_id: str, wrapped: bytes | None, successor: "Sealer") -> bytes:
        """The same data key, wrapped by ``successor``: a master key is rotated without resealing.

        The blind index must be made anew, because its keys come from the master key too.

        Raises:
            PersonErased, VaultKeyInvalid, SealBroken: as :meth:`open`.
        """
        return successor._wrapped(person_id, self._data_key(person_id, wrapped))

    def blind_index(self, field: str, text: str) -> bytes:
        """Keyed hash (HMAC-SHA-256, 32 bytes) by which ``text`` is found; ``field`` of INDEXED.

        A name is compared as ``name_key`` folds it; pass ID numbers and telephones as checked.

        Raises:
            KeyError: the field has no index.
        """
        key = self._index_keys[field]
        folded = name_key(text) if field == "name" else text
        return hmac.digest(key, folded.encode(), "sha256")

    def _wrapped(self, person_id: str, data_key: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        boxed = self._wrap.encrypt(nonce, data_key, _bound("key", person_id))
        return _VERSION + self._key_id + nonce + boxed

    def _data_key(self, person_id: str, wrapped: bytes | None) -> bytes:
        if not wrapped:
            raise PersonErased(person=person_id)
        head = len(_VERSION) + _KEY_ID_BYTES
        if wrapped[len(_VERSION) : head] != self._key_id:
            raise VaultKeyInvalid(why="other_book")
        return _opened(self._wrap, wrapped[: len(_VERSION)] + wrapped[head:], "key", person_id)


def _opened(cipher: AESGCM, box: bytes, purpose: str, person_id: str) -> bytes:
    head = len(_VERSION) + _NONCE_BYTES
    try:
        if box[: len(_VERSION)] != _VERSION:
            raise InvalidTag
        return cipher.decrypt(box[len(_VERSION) : head], box[head:], _bound(purpose, person_id))
    except (InvalidTag, ValueError):  # ValueError: cut short
        raise SealBroken(person=person_id) from None


def _bound(purpose: str, person_id: str) -> bytes:
    return f"timebank vault v1 {purpose} {person_id}".encode()
