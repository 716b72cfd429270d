"""A book that follows a frozen one: the same people, accounts, balances and holds under new keys.

What counts is taken from the frozen log's verified leaves; the former data folder gives what no
leaf has: people and their sealed data, stations, staff, service records.  All of that goes into the
new book in the one commit that carries the balances, so whoever is interrupted finds all or nothing
of it, and the same call goes on from there.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select, text

from ledger.approvals import Roots
from ledger.carrying import carry_over
from ledger.checkpoint import open_checkpoint
from ledger.database import Database
from ledger.draft import Draft
from ledger.errors import BookNotFound
from ledger.ids import new_id
from ledger.log_keys import log_vkeys
from ledger.succession import CARRY_OVER, FormerBook, LastStand
from ledger.verify import Progress, verify
from ledger.verify_files import Layout
from timebank.bank import Bank
from timebank.call_backs.tables import CALL_BACK, CALL_DRAW, CALL_OUTCOME
from timebank.campaigns import tables as campaigns
from timebank.chart import Kind
from timebank.clearing import carrying as clearing
from timebank.clearing.tables import NETTING, PARTNER_ENDING, PARTNER_SETTLED
from timebank.clock import Clock, local_date
from timebank.config import Settings
from timebank.corrections.tables import CORRECTION
from timebank.databases import database_at, storage_told
from timebank.dormancy.tables import REMINDER
from timebank.errors import FormerBookUnfit
from timebank.estates.model import report_facts
from timebank.estates.tables import ESTATE, ESTATE_SHARE
from timebank.expiry import carrying as expiry
from timebank.expiry.tables import EXPIRY_ANNOUNCEMENT
from timebank.founding import (
    FOUNDER,
    Founded,
    check_names,
    create_tables_and_keys,
    enrol_scheduler,
    make_folders,
    refuse_a_place_in_use,
)
from timebank.integrity.tables import ACT_DEVICE
from timebank.keyring import ROOTS
from timebank.letters.tables import LETTER_RUN
from timebank.marker import Marker, clear, finish, has_begun, note_begun
from timebank.matching.tables import (
    AREA,
    MATCHING_ASKED,
    MATCHING_EXCLUSION,
    MATCHING_PERSON,
    MATCHING_SKILL,
    MATCHING_WINDOW,
)
from timebank.moves import carrying as moves
from timebank.moves.tables import ARRIVAL, DEPARTURE, PARTNER_BOOK
from timebank.notices.tables import NOTICE_OBJECTION, RECORD_NOTICE
from timebank.openings import carrying as openings
from timebank.openings.tables import OPENING_BATCH, OPENING_ROW
from timebank.orders.model import State as OrderState
from timebank.orders.tables import ORDER_DETAIL, ORDER_STEP, SERVICE_ORDER
from timebank.organisations.tables import ORGANISATION, ORGANISATION_MEMBER
from timebank.outbox.tables import OUTBOX_MESSAGE
from timebank.pairings.tables import PAIRING, PAIRING_MEMBER
from timebank.people.tables import (
    ACCESS,
    BLIND_INDEX,
    CARD,
    CONSENT,
    DELEGATE,
    KINSHIP,
    KINSHIP_PROOF,
    PERSON,
    PERSON_CONDITION,
    PERSON_NUMBER,
    PORTRAIT_PICTURE,
    VAULT,
)
from timebank.people.vault import load_master_key
from timebank.people.wrapped_keys import WrappedKeys
from timebank.policy.actions import adopt
from timebank.policy.consistency import check_timeline, choose
from timebank.policy.load import read_profile
from timebank.policy.model import Profile
from timebank.records.model import CARRIED_OVER, State
from timebank.records.tables import (
    RECORD_HOLD,
    RECORD_PERSON,
    RECORD_ROSTER,
    RECORD_TIME,
    REGISTER_BATCH,
    SERVICE_RECORD,
)
from timebank.shortfalls import carrying as shortfalls
from timebank.shortfalls.tables import REVERSAL_PROPOSAL, SHORTFALL
from timebank.stations.actions import give_key
from timebank.stations.tables import STAFF, STATION
from timebank.suspensions.tables import SUSPENSION, SUSPENSION_STEP
from timebank.transfers.carrying import carried
from timebank.transfers.tables import TRANSFER

SENT_BACK = "前一账本冻结时尚未复核，请在新账本重新登记"
"""Why a record that awaited review has no credit."""

_KEYS_AT_ONCE = 1_000

_AS_THEY_ARE: tuple[Table, ...] = (
    PERSON, PERSON_NUMBER, VAULT, BLIND_INDEX, CONSENT, KINSHIP, CARD, ACCESS, STAFF,
    ORDER_DETAIL, ORDER_STEP, AREA, MATCHING_PERSON, MATCHING_SKILL, MATCHING_WINDOW,
    MATCHING_EXCLUSION, MATCHING_ASKED, PERSON_CONDITION, PORTRAIT_PICTURE,
    OUTBOX_MESSAGE, RECORD_NOTICE, NOTICE_OBJECTION, ESTATE, ESTATE_SHARE, OPENING_BATCH,
    SUSPENSION, SUSPENSION_STEP, CORRECTION, RECORD_ROSTER,
    ORGANISATION, ORGANISATION_MEMBER, KINSHIP_PROOF, DELEGATE, PAIRING, PAIRING_MEMBER, REMINDER,
    CALL_DRAW, CALL_BACK, CALL_OUTCOME, ACT_DEVICE, PARTNER_BOOK, PARTNER_SETTLED,
    LETTER_RUN, *campaigns.ALL,
)  # fmt: skip
"""Companion tables whose rows come over unchanged; sessions, findings and job runs do not."""


@dataclass(frozen=True, slots=True)
class _Former:
    """The frozen book: its end, the note over it, its profiles, its vault's key."""

    end: FormerBook
    note: str
    profiles: tuple[Profile, ...]
    master_key: bytes


def found_successor(
    settings: Settings,
    clock: Clock,
    *,
    origin: str,
    bundle: Path,
    former: Settings,
    roots: Roots | None = None,
    cores: int = 1,
    progress: Progress | None = None,
) -> Founded:
    """Found the book that follows a frozen one, with all that it ended with.

    ``bundle`` is the last export of the frozen book, ``former`` where its data folder lies;
    nothing of either is changed.  Profiles, people, stations and staff come over, so do their
    passwords, cards and PINs.  Stations and the district get new keys.  Called again after it broke
    off, it goes on; ``roots`` are then those of the first call.

    Raises, the first that applies:
        OriginInvalid: not a name that keys of the log can bear.
        BookExists: the place is in use, or something else was begun there.
        BookNotFound, VaultKeyMissing, VaultKeyInvalid: of the former book.
        FormerBookUnfit: ``not_sound``, ``not_frozen``, ``other_successor``, ``other_end``.
        NoProfileInForce: the former book has no profile for today.
        SettingInvalid, StorageFault: a database that cannot be understood or reached.
    """
    check_names(origin, [])
    if not has_begun(settings.data):
        refuse_a_place_in_use(settings)
    with _opened(former) as (rows, keys):
        book = _read(rows, former, bundle, origin, cores, progress)
        today = local_date(clock.now())
        priced_by = choose(book.profiles, today)
        make_folders(settings)
        head = book.end.checkpoint
        intent = {"follows": head.origin, "origin": origin, "root": head.root.hex()}
        marker = _begun(settings, intent)
        if marker is None:
            marker = create_tables_and_keys(
                settings, clock, origin, roots, book.profiles[0].version,
                predecessor=book.note, master_key=book.master_key,
            )  # fmt: skip
        with Bank.open(settings, clock, marker) as bank:
            for profile in book.profiles:
                adopt(bank, FOUNDER, profile, key=f"adopt-{profile.version}")
            _copy_keys(keys, bank.wrapped_keys)
            _carry(bank, book.end, rows, today, priced_by.version)
            bank.reload()
            enrol_scheduler(bank)
            for row in rows.execute(select(STATION)).all():
                give_key(bank, FOUNDER, row.code, row.name, key=f"found-{row.code}/key")
    finish(settings.data, marker)
    made = "" if roots else str(settings.keys_folder / ROOTS)
    versions = "、".join(profile.version for profile in book.profiles)
    return Founded(marker.book, origin, versions, (), made)


@contextmanager
def _opened(former: Settings) -> Iterator[tuple[Connection, WrappedKeys]]:
    """The former book's rows, as one moment shows them, and its store of wrapped keys."""
    databases: list[Database] = []
    try:
        for url in (former.engine_url(), former.store_url()):
            if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
                raise BookNotFound(f"the database or key store of {former.data} is missing")
            databases.append(database_at(url, "TIMEBANK_FORMER_DATABASE_URL"))
        with storage_told(), databases[0].read() as connection:
            yield connection, WrappedKeys(databases[1])
    finally:
        for database in databases:
            database.dispose()


def _read(
    rows: Connection,
    former: Settings,
    bundle: Path,
    origin: str,
    cores: int,
    progress: Progress | None,
) -> _Former:
    """The former book, once its bundle is found sound, frozen for ``origin``, and at its end."""
    master_key = load_master_key(former.vault_key_path)
    head = rows.execute(text("SELECT origin, size, root FROM head WHERE book_id = 1")).first()
    if head is None:
        raise BookNotFound(f"{former.data} has no book")
    vkey, stand = log_vkeys(rows)[-1], LastStand()
    report = verify(bundle, vkey=str(vkey), rules=stand, cores=cores, progress=progress)
    if report.findings:
        raise FormerBookUnfit(why="not_sound")
    note = Layout.of(bundle).log.joinpath("checkpoint").read_text("utf-8")
    end = stand.book(open_checkpoint(note, [vkey]), vkey)
    if end.successor != origin:
        raise FormerBookUnfit(why="other_successor" if end.successor else "not_frozen")
    at = end.checkpoint
    if (head.origin, head.size, bytes(head.root)) != (at.origin, at.size, at.root):
        raise FormerBookUnfit(why="other_end")
    profiles = check_timeline(read_profile(profile) for profile in stand.policies.values())
    return _Former(end, note, profiles, master_key)


def _begun(settings: Settings, intent: dict[str, str]) -> Marker | None:
    """The book that an earlier call has made; without one, all that it left behind is removed."""
    if not note_begun(settings.data, intent):
        return None
    url = settings.engine_url()
    if not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).is_file():
        database = database_at(url, "TIMEBANK_DATABASE_URL")
        try:
            with storage_told(), database.read() as connection:
                if inspect(connection).has_table("head"):
                    row = connection.execute(text("SELECT book, origin FROM head")).first()
                    if row is not None:
                        return Marker(row.book, row.origin)
        finally:
            database.dispose()
    # Keys that never signed anything, and the file of a database without a book.
    for folder in (settings.keys_folder, settings.vault_folder, settings.data):
        clear(folder)
    return None


def _copy_keys(former: WrappedKeys, own: WrappedKeys) -> None:
    """Copy every wrapped key that is not there yet; whoever comes later finds them."""
    owners = former.owners()
    while person_ids := list(islice(owners, _KEYS_AT_ONCE)):
        there = own.of(person_ids)
        own.put({who: key for who, key in former.of(person_ids).items() if who not in there})


def _rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


@dataclass(frozen=True, slots=True)
class _Services:
    """Records and orders as the new book has them; ``sent_back`` are ids of records."""

    records: dict[Table, list[dict[str, Any]]]
    orders: list[dict[str, Any]]
    sent_back: frozenset[str]

    @classmethod
    def of(cls, connection: Connection) -> "_Services":
        """Read them.  Numbers stay, and what was credited stays known, so nobody is paid twice.

        What awaits review was stated in the former log and cannot be credited by this one: it comes
        over as sent back, and its people and hours are free to be recorded anew.
        """
        tables = (SERVICE_RECORD, RECORD_PERSON, REGISTER_BATCH, RECORD_HOLD, RECORD_TIME)
        found = {table: _rows_of(connection, table) for table in tables}
        waiting = [row for row in found[SERVICE_RECORD] if row["state"] == State.AWAITING_REVIEW]
        sent_back = frozenset(row["record_id"] for row in waiting)
        for row in waiting:
            row.update(state=State.REJECTED.value, reason=SENT_BACK)
        for row in found[SERVICE_RECORD]:
            if row["state"] in (State.POSTED, State.REVERSED):
                row["marks"] = " ".join(sorted({*row["marks"].split(), CARRIED_OVER}))
        for row in found[RECORD_PERSON]:
            row["live"] = 0 if row["record_id"] in sent_back else row["live"]
        for row in found[REGISTER_BATCH]:
            if row["state"] == State.AWAITING_REVIEW:
                row["state"] = State.REJECTED.value
        kept = [row for row in found[RECORD_HOLD] if row["record_id"] not in sent_back]
        found[RECORD_HOLD] = kept
        return cls(found, _rows_of(connection, SERVICE_ORDER), sent_back)

    def orders_with(self, holds: Collection[str]) -> list[dict[str, Any]]:
        """The orders where ``holds`` are open; what was sent back waits to be confirmed again."""
        rows = [dict(row) for row in self.orders]
        for row in rows:
            if row["record_id"] in self.sent_back:
                row.update(state=OrderState.AWAITING_CONFIRMATION.value, record_id="")
            if row["hold_id"] not in holds:
                row.update(hold_id="", held_minutes=0)
        return rows


def _carry(bank: Bank, end: FormerBook, rows: Connection, today: date, policy: str) -> None:
    """Accounts, balances, holds and everything beside them, in one commit."""
    counter = next(name for name, one in end.accounts.items() if one.kind == Kind.OPENING)
    companions: list[tuple[Table, list[dict[str, Any]]]] = [
        (table, _rows_of(rows, table)) for table in _AS_THEY_ARE
    ]
    stations = _rows_of(rows, STATION)
    for row in stations:
        row["key_name"] = bank.key_name(row["code"])
    services, transfers = _Services.of(rows), _rows_of(rows, TRANSFER)
    balances = (OPENING_ROW, [openings.carried(row) for row in _rows_of(rows, OPENING_ROW)])
    away = (DEPARTURE, [moves.carried_away(row) for row in _rows_of(rows, DEPARTURE)])
    come = (ARRIVAL, [moves.carried_in(row) for row in _rows_of(rows, ARRIVAL)])
    told = _rows_of(rows, EXPIRY_ANNOUNCEMENT)
    expiring = (EXPIRY_ANNOUNCEMENT, [expiry.carried(row) for row in told])
    short = [row for row in _rows_of(rows, SHORTFALL) if row["open_minutes"]]
    proposed = [shortfalls.carried_proposal(row) for row in _rows_of(rows, REVERSAL_PROPOSAL)]
    nets = (NETTING, [clearing.carried_netting(row) for row in _rows_of(rows, NETTING)])
    ends = (PARTNER_ENDING, [clearing.carried_end(row) for row in _rows_of(rows, PARTNER_ENDING)])
    companions += [
        (STATION, stations), *services.records.items(), balances, away, come, expiring, nets, ends,
        (REVERSAL_PROPOSAL, proposed),
    ]  # fmt: skip

    estates = [row for row in _rows_of(rows, ESTATE) if row["withdrawn_ms"] is None]

    def decide(draft: Draft) -> dict[str, Any]:
        carry_over(draft, end, counter=counter, effective_on=today.isoformat(), policy=policy)
        running = {name for name, hold in end.holds.items() if hold.expires_ms > draft.recorded_ms}
        orders = (SERVICE_ORDER, services.orders_with(running))
        given = (TRANSFER, [carried(row, running) for row in transfers])
        for table, found in (*companions, orders, given):
            if found:
                draft.add(insert(table), found)
        for row in estates:  # Whoever settles one here finds the report in this log.
            named = {"by": row["reported_by"], "estate": row["estate_id"]}
            draft.state(row["estate_id"], report_facts(account=row["account_id"], **named))
        shortfalls.state_open(draft, short)
        settled = _rows_of(rows, PARTNER_SETTLED)
        moves.state_partners(draft, _rows_of(rows, PARTNER_BOOK), settled)
        return {"accounts": len(end.accounts)}

    head = end.checkpoint
    content = {"origin": head.origin, "root": head.root.hex(), "size": head.size}
    batch = new_id("batch", bank.now_ms())
    bank.act(bank.action(FOUNDER, CARRY_OVER, decide, key=CARRY_OVER, content=content, batch=batch))
