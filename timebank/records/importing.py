"""Importing a register: each row is posted or refused; the same file twice posts nothing twice.

A file is read twice with flat memory: once for the people it mentions, once in parts of
:data:`ROWS_AT_ONCE` rows, each part one submission.  A part knows of the earlier ones through the
books, so a row means the same whether its neighbour came a line or a year before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert

from ledger.draft import Draft
from ledger.ids import new_id
from timebank.attempts import part_key
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import NothingToRead
from timebank.integrity.acts import ENTERED, note_act
from timebank.records.judging import Part, PartResult, RefusedRow, WaitingEvent
from timebank.records.model import State
from timebank.records.parties import People, people_of
from timebank.records.tables import REGISTER_BATCH
from timebank.registers import (
    PersonMention,
    Register,
    RowRefusal,
    SkippedSheet,
    read_register,
    write_error_sheet,
)
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

ROWS_AT_ONCE = 2_000

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""


@dataclass(slots=True)
class ImportResult:
    """What became of a register.

    ``minutes`` are credited minutes of the accepted rows, ``by_volunteer`` the same by member
    number; ``refusals`` stand in sheet order.  ``stated_minutes`` is the register's own 合计, and
    ``skipped_sheets`` are those that were taken for no part of it.
    ``batch_id`` is empty where nothing was posted.  ``events`` are records of many volunteers,
    which wait for a signed roster whatever ``state`` says.
    """

    batch_id: str
    state: str
    title: str
    accepted: int = 0
    already_posted: int = 0
    refused: int = 0
    minutes: int = 0
    refused_minutes: int = 0
    stated_minutes: int | None = None
    by_volunteer: dict[str, int] = field(default_factory=dict)
    refusals: list[RefusedRow] = field(default_factory=list)
    events: list[WaitingEvent] = field(default_factory=list)
    several_sheets: bool = False
    skipped_sheets: tuple[SkippedSheet, ...] = ()

    def add(self, part: PartResult) -> None:
        """Count one part in."""
        self.accepted += part.accepted
        self.already_posted += part.already_posted
        self.refused += len(part.refused)
        self.refused_minutes += part.refused_minutes
        for credit in part.credits:
            self.minutes += credit.minutes
            total = self.by_volunteer.get(credit.number, 0)
            self.by_volunteer[credit.number] = total + credit.minutes
        self.refusals += part.refused
        self.events += part.events


def import_register(
    bank: Bank,
    actor: Actor,
    station_code: str,
    path: Path,
    *,
    key: str,
    reason: str = "",
    dry_run: bool = False,
    extra: Callable[[Iterable[PersonMention]], People] | None = None,
    progress: Progress = lambda done, of: None,
) -> ImportResult:
    """Post every row of a register that may be posted, and say of each other one why not.

    ``key`` names this attempt: the same key repeats the same answers; a new key judges every row
    anew, and rows that are posted already count as ``already_posted``.  ``reason`` explains rows
    older than the policy's working days, by default with the register's own title.  ``extra``
    finds people in a members file that is not registered yet, for a dry run.

    Raises, the first that applies:
        NotPermitted: neither clerk nor operator, or of another station.
        ContentOutOfProfile: a reason that no database can hold.
        UnreadableFile, HeaderNotFound: see :func:`timebank.registers.read_register`.
        NothingToRead: the header is followed by no line of a service.
        UnknownStation: the book has no such station.
        LedgerFault: storage failed; the same key goes on where it stopped.
    """
    require(actor, "import_register", Role.CLERK, Role.OPERATOR)
    require_station(actor, "import_register", station_code)
    check_text(reason, station_code)
    register = _services_in(path)
    title = (register.title or path.stem).replace("\0", "")
    people = _people(bank, register, extra)
    batch_id = _batch_id(actor, key)
    result = ImportResult(batch_id, "posted", title, stated_minutes=register.stated_minutes)
    result.several_sheets = register.has_several_sheets
    result.skipped_sheets = register.skipped
    total, done = register.row_count, 0
    reason = reason.strip() or title
    for number, rows in enumerate(_parts(register)):
        part = Part(
            bank,
            actor,
            station_code,
            batch_id,
            people,
            rows,
            reason=reason,
            several_sheets=register.has_several_sheets,
            rehearsal=dry_run,
        )
        result.add(_act(bank, part, part_key(key, f"{number}")))
        done += len(rows)
        progress(done, total)
        result.state = part.state.value
    if dry_run:
        result.batch_id, result.state = "", "dry_run"
    else:
        _keep_batch(bank, actor, station_code, path, result, reason)
    return result


def write_refused(register_file: Path, result: ImportResult, sheet: Path) -> int:
    """Write the refused rows as a workbook that can be mended and imported again; how many.

    The register is read once more, so that a long one need not be kept in memory.
    """
    register = read_register(register_file)
    refused = {(one.sheet, one.row): one for one in result.refusals}
    rows = (
        (row, RowRefusal(told.code, told.explanation, told.mend))
        for row in register.rows()
        if (told := refused.get((row.sheet, row.row))) is not None
    )
    return write_error_sheet(sheet, register, rows)


def _services_in(path: Path) -> Register:
    register = read_register(path)
    if not register.row_count:
        raise NothingToRead
    return register


def _act(bank: Bank, part: Part, key: str) -> PartResult:
    action = bank.action(
        part.actor,
        "register",
        part.decide,
        key=key,
        content={"rows": part.digest},
        station_code=part.station_code,
        batch=new_id("batch", bank.now_ms()),
        rehearsal=part.rehearsal,
    )
    answer = bank.act(action)
    return part.result_of(answer.body)


def _batch_id(actor: Actor, key: str) -> str:
    """The import's id follows from who imports and the key, so that a retry names the same one."""
    return "batch_" + sha256(f"{actor.actor_id}\n{key}".encode()).hexdigest()[:32]


def _people(
    bank: Bank,
    register: Register,
    extra: Callable[[Iterable[PersonMention]], People] | None,
) -> People:
    mentions = {
        mention for row in register.rows() for mention in (*row.volunteers, *row.recipients)
    }
    if extra is not None:
        return extra(mentions)
    with bank.read() as connection:
        return people_of(bank, connection, mentions)


def _parts(register: Register) -> Iterator[list[Any]]:
    rows = register.rows()
    while part := list(islice(rows, ROWS_AT_ONCE)):
        yield part


def _keep_batch(
    bank: Bank,
    actor: Actor,
    station_code: str,
    path: Path,
    result: ImportResult,
    reason: str,
) -> None:
    digest = sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    row = {
        "book_id": 1,
        "batch_id": result.batch_id,
        "station_code": station_code,
        "title": result.title,
        "file_hash": digest.hexdigest(),
        "reason": reason,
        "imported_by": actor.actor_id,
        "imported_ms": bank.now_ms(),
        "approved_by": "",
        "approved_ms": None,
        "state": State(result.state).stored.value,
        "accepted": result.accepted,
        "refused": result.refused,
        "minutes": result.minutes,
        "refusals": orjson.dumps(
            [{"sheet": one.sheet, "row": one.row, "code": one.code} for one in result.refusals]
        ).decode(),
    }

    def change(draft: Draft) -> dict[str, Any]:
        known = draft.query(
            REGISTER_BATCH.select().where(
                REGISTER_BATCH.c.book_id == 1, REGISTER_BATCH.c.batch_id == result.batch_id
            )
        ).first()
        if known is None:
            draft.add(insert(REGISTER_BATCH), [row])
            note_act(draft, actor, result.batch_id, ENTERED)
        return {}

    bank.keep_house(change)
