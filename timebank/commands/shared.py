"""What all commands share: the data folder, output for people or programs, refusals, progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer
from pydantic import SecretStr, ValidationError
from sqlalchemy import select

from ledger.errors import LedgerFault, Refusal
from timebank.bank import Bank
from timebank.bars import bar
from timebank.config import Settings
from timebank.databases import storage_told
from timebank.errors import NotConfirmed, SettingInvalid, UnknownStaff
from timebank.founding import FOUNDER
from timebank.stations.model import Actor, Role
from timebank.stations.tables import STAFF

REFUSED, USAGE = 1, 2
_LONGEST_KEY, _SHORTEST_KEY = 64, 8


def _checked_key(key: str | None) -> str | None:
    if key is not None and not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise typer.BadParameter(f"{_SHORTEST_KEY} to {_LONGEST_KEY} characters")
    return key


Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="数据文件夹 Folder of the book [default: ./timebank-data, or TIMEBANK_DATA]",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象 Print one JSON object")]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="请求编号 Idempotency key, 8 to 64 characters; a repeated key repeats the answer",
        callback=_checked_key,
    ),
]


def settings_of(data: Path | None) -> Settings:
    """The settings of the environment, with the folder that the command line names.

    Raises:
        SettingInvalid: the first one that cannot be used.
    """
    try:
        return Settings(data=data) if data is not None else Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]) or "keys"
        why = first["msg"].removeprefix("Value error, ")
        raise SettingInvalid(setting=f"TIMEBANK_{name.upper()}", why=why) from error


def settings_of_former(data: Path, database_url: str | None) -> Settings:
    """Where a frozen book lies: its keys and its vault beside ``data``, whatever is set for ours.

    Raises:
        SettingInvalid: as :func:`settings_of`.
    """
    url = None if database_url is None else SecretStr(database_url)
    try:
        return Settings(
            data=data,
            database_url=url,
            database_owner_url=None,
            keys=None,
            vault_master_key_file=None,
            wrapped_keys_url=None,
        )  # type: ignore[call-arg]
    except ValidationError as error:
        why = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise SettingInvalid(setting="TIMEBANK_FORMER_DATABASE_URL", why=why) from error


@contextmanager
def opened(data: Path | None) -> Iterator[Bank]:
    """The open bank of a data folder."""
    with Bank.open(settings_of(data)) as bank:
        yield bank


def say(as_json: bool, found: dict[str, Any], *lines: str) -> None:
    """Print ``found`` for a program, or ``lines`` for a person."""
    if as_json:
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    else:
        for line in lines:
            sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stop(as_json: bool, code: str, zh: str, en: str, exit_code: int = REFUSED) -> NoReturn:
    """End with the reason, in JSON on standard output or in words on the other."""
    if as_json:
        say(True, {"error": {"code": code, "message": en, "message_zh": zh}})
    else:
        sys.stderr.write(f"{zh}\n{en}\n")
    raise typer.Exit(exit_code)


def asked(given: str | None, question: str, *, secret: bool = True, twice: bool = False) -> str:
    """What an option says, or else what is typed; the question goes to standard error, because
    standard output belongs to the answer.
    """
    if given is not None:
        return given
    if secret:
        return str(typer.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))
    typer.echo(f"{question}: ", nl=False, err=True)
    return sys.stdin.readline().strip()


def confirmed(question: str, *, yes: bool) -> None:
    """Go on if ``yes`` was given or is typed; the question goes to standard error.

    Raises:
        NotConfirmed: anything else was typed.
    """
    if yes:
        return
    typer.echo(f"{question} [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "是"):
        raise NotConfirmed


@contextmanager
def told(as_json: bool) -> Iterator[None]:
    """Turn refusals and faults inside into a sentence and exit code 1, or 2 for a wrong setting."""
    try:
        with storage_told():
            yield
    except SettingInvalid as error:
        stop(as_json, error.code, error.in_chinese(), str(error), USAGE)
    except (Refusal, LedgerFault) as error:
        stop(as_json, error.code, error.in_chinese(), str(error))


@contextmanager
def progress(as_json: bool, title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, nothing elsewhere; call it with (done, of)."""
    if as_json:
        yield lambda done, of: None
        return
    with bar(title) as told_of:
        yield told_of


def staff_actor(bank: Bank, login: str | None) -> Actor:
    """Whoever works at this machine's command line: a login, or the book's operator.

    The command line is the operator's own door: who may read the keys folder may act.

    Raises:
        UnknownStaff: no active member of staff has that login.
    """
    if login is None:
        return FOUNDER
    with bank.read() as connection:
        row = connection.execute(
            select(STAFF).where(STAFF.c.book_id == 1, STAFF.c.login == login)
        ).first()
    if row is None or not row.active:
        raise UnknownStaff(staff=login)
    return Actor(row.staff_id, Role(row.role), row.station_code, title=row.title)
