"""The keys of a book as files in the keys folder, one Ed25519 key a file, readable by its owner.

``log.key`` signs checkpoints and nothing else, ``log-<key id>.key`` is one that takes over from it;
``operator.key`` signs the district's submissions, ``station-<code>.key`` those of a station's
office.  ``roots/`` is where root keys lie until they are carried away.
"""

from pathlib import Path

from ledger.keys import KeyFileOpen, KeyFileRejected, SigningKey
from timebank.errors import KeyFileUnusable

LOG_KEY = "log"
OPERATOR_KEY = "operator"
ROOTS = "roots"
"""The folder of root keys within the keys folder."""

_STATION = "station-"


def load_keys(folder: Path) -> dict[str, SigningKey]:
    """Every signing key of the folder, by file name without ``.key``.

    Raises:
        KeyFileUnusable: the log's or the operator's key is missing; a file that others may read, or
            that holds no key.
    """
    names = [LOG_KEY, OPERATOR_KEY, *sorted(path.stem for path in folder.glob(_STATION + "*.key"))]
    return {name: _load(folder, name) for name in names}


def new_key(folder: Path, file_name: str, key_name: str) -> SigningKey:
    """Make a key and keep it in the folder; an existing file is never touched.

    Raises:
        FileExistsError: the file exists.
    """
    key = SigningKey.generate(key_name)
    key.save(folder / f"{file_name}.key")
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
    return _load(folder, name) if name in names else None


def log_key_of(folder: Path, vkey: str) -> SigningKey | None:
    """The log's key of this vkey, ``None`` where the folder has none.

    Raises:
        KeyFileUnusable: a file that others may read, or that holds no key.
    """
    for path in (folder / f"{LOG_KEY}.key", *sorted(folder.glob(f"{LOG_KEY}-????????.key"))):
        if path.exists():
            key = _load(folder, path.stem)
            if str(key.vkey) == vkey:
                return key
    return None


def _load(folder: Path, name: str) -> SigningKey:
    file = f"{name}.key"
    try:
        return SigningKey.load(folder / file)
    except FileNotFoundError as error:
        raise KeyFileUnusable(file=file, why="missing") from error
    except KeyFileOpen as error:
        raise KeyFileUnusable(file=file, why="open_to_others") from error
    except KeyFileRejected as error:
        raise KeyFileUnusable(file=file, why="no_key") from error
