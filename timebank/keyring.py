"""The keys of a book as files in the keys folder, one key a file, readable by its owner.

``log.key`` signs checkpoints and nothing else, ``log-<key id>.key`` is one that takes over from it;
``operator.key`` signs the district's submissions, ``station-<code>.key`` those of a station's
office, ``scheduler.key`` those of jobs; these are Ed25519.  ``log-mldsa.key`` and ``log-sm2.key``
sign published checkpoints besides, with ML-DSA-44 and SM2.  ``roots/`` is where root keys lie until
they are carried away.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ledger.cosigners import Cosigner, NowSeconds
from ledger.further_keys import kind_in
from ledger.keys import KeyFileOpen, KeyFileRejected, SigningKey
from ledger.notes import Signer
from ledger.signatures import ED25519, ML_DSA_44
from ledger.sm2 import gmssl
from ledger.sm2_signer import LOG_SM2_KEY, Sm2SigningKey, log_sm2_key
from timebank.errors import KeyFileUnusable

LOG_KEY = "log"
OPERATOR_KEY = "operator"
SCHEDULER_KEY = "scheduler"
ROOTS = "roots"
"""The folder of root keys within the keys folder."""

LOG_COSIGNER = "log-mldsa"
_STATION = "station-"

Key = TypeVar("Key")


def load_keys(folder: Path) -> dict[str, SigningKey]:
    """Every signing key of the folder, by file name without ``.key``.

    Raises:
        KeyFileUnusable: the log's, operator's or scheduler's key is missing; a file that others
            may read, or that holds no key.
    """
    stations = sorted(path.stem for path in folder.glob(_STATION + "*.key"))
    names = (LOG_KEY, OPERATOR_KEY, SCHEDULER_KEY, *stations)
    return {name: _load(folder, name, SigningKey.load) for name in names}


def new_key(folder: Path, file_name: str, key_name: str) -> SigningKey:
    """Make a key and keep it in the folder; an existing file is never touched.

    Raises:
        FileExistsError: the file exists.
    """
    key = SigningKey.generate(key_name)
    key.save(folder / f"{file_name}.key")
    return key


def new_log_cosigner(folder: Path, origin: str, now_s: NowSeconds) -> Cosigner:
    """Make the log's ML-DSA-44 key and keep it in the folder; an existing file is never touched.

    Raises:
        FileExistsError: the file exists.
    """
    key = Cosigner.generate(ML_DSA_44, origin, now_s)
    key.save(folder / f"{LOG_COSIGNER}.key")
    return key


def new_log_sm2_key(folder: Path, origin: str) -> Sm2SigningKey:
    """Make the log's SM2 key and keep it in the folder; an existing file is never touched.

    Raises, the first that applies:
        ValueError: the extra ``gm`` is missing.
        FileExistsError: the file exists.
    """
    key = Sm2SigningKey.generate(origin)
    key.save(folder / LOG_SM2_KEY)
    return key


def load_log_cosigners(folder: Path, origin: str, now_s: NowSeconds) -> tuple[Signer, ...]:
    """The log's further keys, in the order of their lines.

    The SM2 key is passed over where the extra ``gm`` is missing: the other lines still stand, and
    ``doctor`` says what they lack.

    Raises:
        KeyFileUnusable: a file that others may read, or that holds no such key of this log.
    """
    sm2 = None
    if gmssl() is not None:
        sm2 = _load(folder, Path(LOG_SM2_KEY).stem, lambda path: log_sm2_key(path.parent))
    if sm2 is not None and sm2.name != origin:
        raise KeyFileUnusable(file=LOG_SM2_KEY, why="no_key")
    found: tuple[Signer | None, ...] = (load_log_cosigner(folder, origin, now_s), sm2)
    return tuple(key for key in found if key is not None)


def load_log_cosigner(folder: Path, origin: str, now_s: NowSeconds) -> Cosigner | None:
    """The log's ML-DSA-44 key; ``None`` in a folder that was made before there was one.

    Raises:
        KeyFileUnusable: a file that others may read, or that holds no such key of this log.
    """
    if not (folder / f"{LOG_COSIGNER}.key").exists():
        return None
    key = load_cosigner(folder, LOG_COSIGNER, ML_DSA_44, now_s)
    if key.name != origin:
        raise KeyFileUnusable(file=f"{LOG_COSIGNER}.key", why="no_key")
    return key


def load_cosigner(folder: Path, name: str, kind: int, now_s: NowSeconds) -> Cosigner:
    """The cosigner's key of that file name, without ``.key``, and type byte.

    Raises:
        KeyFileUnusable: missing; a file that others may read, or that holds no such key.
    """
    key = _load(folder, name, lambda path: Cosigner.load(path, now_s))
    if key.vkey.kind != kind:
        raise KeyFileUnusable(file=f"{name}.key", why="no_key")
    return key


def station_file(code: str) -> str:
    """The file name, without ``.key``, of a station's key."""
    return _STATION + code


def station_key(folder: Path, code: str) -> SigningKey | None:
    """The key of a station, ``None`` where the folder has none; ``code`` may be any text.

    Raises:
        KeyFileUnusable: a file that others may read, or that holds no key.
    """
    names = {path.stem for path in folder.glob(_STATION + "*.key")}
    name = station_file(code)
    return _load(folder, name, SigningKey.load) if name in names else None


def log_key_of(folder: Path, vkey: str) -> SigningKey | None:
    """The log's key of this vkey, ``None`` where the folder has none.

    Raises:
        KeyFileUnusable: a file that others may read, or that holds no key.
    """
    for path in (folder / f"{LOG_KEY}.key", *sorted(folder.glob(f"{LOG_KEY}-????????.key"))):
        if path.exists():
            key = _load(folder, path.stem, SigningKey.load)
            if str(key.vkey) == vkey:
                return key
    return None


class LogKeys:
    """What signs for the log, found by vkey; ``first`` is the key that gave the log its name.

    The folder is looked at again for a vkey that is not known yet, so a process that is running
    takes up a key that was made meanwhile.

    Raises:
        KeyFileUnusable: as :func:`load_log_cosigners`, at once and at each look.
    """

    def __init__(self, folder: Path, first: SigningKey, now_s: NowSeconds) -> None:
        self._folder, self._first, self._now_s = folder, first, now_s
        self._further = self._look()

    def find(self, vkey: str) -> Signer | None:
        """The key of this vkey; ``None`` where the folder has none, or an extra is missing."""
        if vkey == str(self._first.vkey):
            return self._first
        if kind_in(vkey) == ED25519:
            return log_key_of(self._folder, vkey)
        if vkey not in self._further:
            self._further = self._look()
        return self._further.get(vkey)

    def _look(self) -> dict[str, Signer]:
        held = load_log_cosigners(self._folder, self._first.name, self._now_s)
        return {str(key.vkey): key for key in held}


def _load(folder: Path, name: str, load: Callable[[Path], Key]) -> Key:
    file = f"{name}.key"
    try:
        return load(folder / file)
    except FileNotFoundError as error:
        raise KeyFileUnusable(file=file, why="missing") from error
    except KeyFileOpen as error:
        raise KeyFileUnusable(file=file, why="open_to_others") from error
    except KeyFileRejected as error:
        raise KeyFileUnusable(file=file, why="no_key") from error
