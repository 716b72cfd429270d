"""A real founded bank for tests: keys, tables, policy, stations, first logins, a clock we set.

Ask for the fixture ``bank`` (SQLite and PostgreSQL) or ``sqlite_bank``, or open one with other
policies or stations by :func:`new_bank`.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, text

from ledger.database import open_database
from ledger.draft import Draft, Facts
from ledger.ids import new_id
from ledger.journal import JournalEntry, Movement
from tests.support.clock import FrozenClock
from tests.support.founded import ORIGIN, FoundedPostgres, Founding, Place, copied
from tests.support.postgres import Database
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import local_date
from timebank.config import Settings
from timebank.founding import FOUNDER, Founded, found
from timebank.people.actions import register
from timebank.people.directory import account_of_number
from timebank.people.model import Newcomer
from timebank.stations.model import Actor, Role

POLICY = "plain-2026"
STATION = ("XFL", "幸福里")
OPERATOR = Actor("staff_operator", Role.OPERATOR)
AUDITOR = Actor("staff_auditor", Role.AUDITOR)
SCHEDULER = Actor("scheduler", Role.SCHEDULER)

_OF_THE_BOOK = {
    "database_owner_url",
    "database_url",
    "keys",
    "vault_master_key_file",
}
"""Settings that founding itself depends on, and no copy can follow."""


@dataclass
class TriedBank:
    """An open bank with all that a test may want to move or to break.

    ``bank`` is the one that the test acts on; :meth:`again` opens another as a second process
    would.  ``founded`` has the first logins with their passwords.
    """

    bank: Bank
    clock: FrozenClock
    settings: Settings
    founded: Founded
    _keys_made: int = 0

    @property
    def is_sqlite(self) -> bool:
        """Whether the book is in a file rather than on a server."""
        return self.bank.database.is_sqlite

    @property
    def policy(self) -> str:
        """The version of the first profile that the book adopted."""
        return self.bank.profiles[0].version

    def actor(self, role: Role, station_code: str = STATION[0]) -> Actor:
        """Somebody of that role; the district's own staff have no station."""
        district = role in (Role.OPERATOR, Role.AUDITOR, Role.SCHEDULER)
        return Actor(f"staff_{role.value}", role, "" if district else station_code)

    def people(self, *numbers: str) -> list[str]:
        """Register invented people by member number (``V…`` volunteer, ``E…`` elder), in order."""
        newcomers = [
            Newcomer(f"成员{number}", ((number, "volunteer" if number[0] == "V" else "elder"),))
            for number in numbers
        ]
        self._keys_made += 1
        return register(self.bank, OPERATOR, newcomers, key=f"people-{self._keys_made:06}")

    def account(self, number: str) -> str:
        """The account of the member with that number."""
        with self.bank.read() as connection:
            return account_of_number(connection, number)[1]

    def post(self, giver: str, receiver: str, minutes: int, **rest: Any) -> Answer:
        """Post one movement between accounts; ``kind``, ``on`` and ``key`` may be given."""
        on = rest.get("on", local_date(self.clock.now()).isoformat())
        kind = rest.get("kind", "adjustment")
        entry = JournalEntry(kind, (Movement(giver, receiver, minutes),), on, self.policy)
        facts: Facts = {"do": "post", "minutes": minutes, "on": on}

        def decide(draft: Draft) -> dict[str, Any]:
            return {"entry": draft.post(entry, facts)}

        return self._act("adjust", decide, rest.get("key"), {"minutes": minutes})

    def issue(self, number: str, minutes: int, **rest: Any) -> Answer:
        """Give newly issued minutes to a member, without a service record."""
        issuance = self.bank.account_of(Kind.ISSUANCE)
        return self.post(issuance, self.account(number), minutes, **rest)

    def hold(self, payer: str, payee: str, minutes: int, *, expires_ms: int) -> str:
        """Place a hold between two accounts; answers its id."""

        def decide(draft: Draft) -> dict[str, Any]:
            return {
                "hold": draft.place_hold(
                    payer=payer, payee=payee, minutes=minutes, expires_ms=expires_ms,
                    facts={"do": "hold", "minutes": minutes},
                )
            }  # fmt: skip

        return str(self._act("hold", decide, None, {"minutes": minutes}).body["hold"])

    def settle(self, hold_id: str, minutes: int) -> str:
        """Settle a hold in part or whole; answers the entry's id."""
        on = local_date(self.clock.now()).isoformat()

        def decide(draft: Draft) -> dict[str, Any]:
            facts: Facts = {"do": "settle", "minutes": minutes}
            return {
                "entry": draft.settle(
                    hold_id, minutes=minutes, effective_on=on, policy=self.policy, facts=facts
                )
            }

        return str(self._act("settle", decide, None, {"minutes": minutes}).body["entry"])

    def again(self) -> Bank:
        """Another :class:`Bank` on the same book; the caller closes it."""
        return Bank.open(self.settings, self.clock)

    def behind(self, *statements: str, **values: Any) -> None:
        """Change the database behind the ledger's back, as its owner with all guards off.

        Triggers are put aside and put back, so that only the rows show what happened; CHECKs are
        off on SQLite alone.
        """
        database = open_database(self.settings.owner_url())
        try:
            with database.writing.connect() as connection:
                if database.is_sqlite:
                    connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                    connection.rollback()
                with (
                    connection.begin(),
                    guards_put_aside(connection, database.is_sqlite),
                ):
                    for statement in statements:
                        connection.execute(text(statement), values)
        finally:
            database.dispose()

    def _act(self, kind: str, decide: Any, key: str | None, content: dict[str, Any]) -> Answer:
        self._keys_made += 1
        made = f"act-{self._keys_made:06}" if key is None else key
        return self.bank.act(self.bank.action(OPERATOR, kind, decide, key=made, content=content))


@contextmanager
def guards_put_aside(connection: Connection, is_sqlite: bool) -> Iterator[None]:
    """Within a transaction of the owner: no trigger of ours stands in the way until the end."""
    triggers = _put_aside(connection, is_sqlite)
    yield
    for sql in triggers:
        connection.exec_driver_sql(sql)


def _put_aside(connection: Connection, is_sqlite: bool) -> list[str]:
    """Take every trigger of ours out of the way; answers what puts them back."""
    if is_sqlite:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        found = connection.exec_driver_sql(query).all()
        for name, _sql in found:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return [sql for _name, sql in found]
    query = (
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    tables = connection.exec_driver_sql(query).scalars().all()
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE ONLY {table} DISABLE TRIGGER USER")
    return [f"ALTER TABLE ONLY {table} ENABLE TRIGGER USER" for table in tables]


@contextmanager
def new_bank(
    folder: Path,
    *,
    clock: FrozenClock | None = None,
    policies: Sequence[str] = (POLICY,),
    stations: Sequence[tuple[str, str]] = (STATION,),
    database: Place | None = None,
    origin: str = ORIGIN,
    **settings: Any,
) -> Iterator[TriedBank]:
    """A newly founded bank below ``folder``, closed at the end.

    With ``database`` (an empty PostgreSQL one, or the worker's own) the owner's role migrates and
    the service's role serves; without, the book is an SQLite file in the data folder.  It is a
    copy, unless the clock or a setting makes a difference to founding.  ``settings`` go into
    :class:`~timebank.config.Settings`.
    """
    if isinstance(database, Database):
        settings["database_url"] = SecretStr(database.service_url)
        settings["database_owner_url"] = SecretStr(database.owner_url)
    hands = clock or FrozenClock()
    made = Settings(data=folder / f"data-{new_id('x')[-6:]}", **settings)
    founding = Founding(origin, tuple(policies), tuple(stations), _profiles_in(made.policy_folder))
    alike = hands.now() == FrozenClock().now() and not settings.keys() & _OF_THE_BOOK
    with ExitStack() as stack:
        if isinstance(database, FoundedPostgres):
            assert alike, "the worker's own database has books of the usual kind alone"
            made, founded = stack.enter_context(database.lent(made, founding))
        elif alike:
            founded = copied(made, founding)
        else:
            founded = found(made, hands, origin=origin, policies=policies, stations=stations)
        yield stack.enter_context(_opened(made, hands, founded))


def _profiles_in(folder: Path | None) -> tuple[tuple[str, str], ...]:
    if folder is None:
        return ()
    files = sorted(folder.glob("*.toml"))
    return tuple((one.name, one.read_text(encoding="utf-8")) for one in files)


@contextmanager
def _opened(made: Settings, hands: FrozenClock, founded: Founded) -> Iterator[TriedBank]:
    bank = Bank.open(made, hands)
    try:
        yield TriedBank(bank, hands, made, founded)
    finally:
        bank.close()


__all__ = [
    "AUDITOR",
    "FOUNDER",
    "OPERATOR",
    "ORIGIN",
    "POLICY",
    "SCHEDULER",
    "TriedBank",
    "guards_put_aside",
    "new_bank",
]
