"""What the time bank asks of any database: opening it, saying what is wrong with it, its texts."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ledger.database import Database, open_database
from ledger.errors import ContentOutOfProfile, StorageFault
from timebank.errors import SettingInvalid


def database_at(url: str, setting: str) -> Database:
    """The database of ``url``, which ``setting`` names; nothing is asked of it yet.

    Raises:
        SettingInvalid: no URL, another kind of database, or a driver that is not installed.  The
            reason repeats no part of the URL: it may hold a password.
    """
    try:
        return open_database(url)
    except ImportError as error:
        raise SettingInvalid(setting=setting, why=f"{error.name} is not installed") from error
    except (ArgumentError, ValueError) as error:
        why = "not a URL of SQLite or PostgreSQL"
        raise SettingInvalid(setting=setting, why=why) from error


def check_text(*texts: str) -> None:
    """Let texts pass that every database can hold.

    Raises:
        ContentOutOfProfile: one has a NUL sign, which no text of PostgreSQL can have.
    """
    if any("\0" in text for text in texts):
        raise ContentOutOfProfile(why="text")


@contextmanager
def storage_told() -> Iterator[None]:
    """Turn what a database or a disk says inside into a fault with a code.

    Raises:
        StorageFault: with the driver's own words, and without the statement and its values.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        said = str(cause).strip().splitlines() or [""]
        raise StorageFault(f"{type(cause).__name__}: {said[0]}") from error
