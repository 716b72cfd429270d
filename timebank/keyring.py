"""The keys of a book as files in the keys folder, one Ed25519 key a file, readable by its owner.

``log.key`` signs checkpoints and nothing else, ``operator.key`` the district's submissions,
``station-<code>.key`` those of a station's office.
"""

from pathlib import Path

from ledger.keys import SigningKey

LOG_KEY = "log"
OPERATOR_KEY = "operator"
_STATION = "station-"


def load_keys(folder: Path) -> dict[str, SigningKey]:
    """Every signing key of the folder, by file name without ``.key``.

    Raises, the first that applies:
        FileNotFoundError: the log's or the operator's key is missing.
        KeyFileRejected: a file that others may read, or that holds no key.
    """
    names = [LOG_KEY, OPERATOR_KEY, *sorted(path.stem for path in folder.glob(_STATION + "*.key"))]
    return {name: SigningKey.load(folder / f"{name}.key") for name in names}


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
        KeyFileRejected: a file that others may read, or that holds no key.
    """
    names = {path.stem for path in folder.glob(_STATION + "*.key")}
    name = station_file(code)
    return SigningKey.load(folder / f"{name}.key") if name in names else None
