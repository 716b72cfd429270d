"""Somebody with a database client of their own, who knows the tables and nothing of our code."""

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url

from ledger.approvals import STATION, freeze_text, prove_possession
from ledger.closing import close_period
from ledger.enrolment import enrol_key, freeze_log, revoke_key
from ledger.journal import JournalEntry, Movement
from ledger.keys import SigningKey
from ledger.notes import sign_note
from ledger.periods import Period
from tests.support.books import ORIGIN, POLICY, START_MS, TODAY, Book, root_keys
from tests.support.closings import month
from tests.support.soundness import every_row

FEBRUARY = Period("2026-02", *month("2026-02"))
ERRORS = (sqlite3.Error, psycopg.Error)
MISTAKES = {"42601", "42703", "42P01", "42P10", "42883", "42704"}
"""PostgreSQL's codes for bad syntax and unknown columns, tables, conflicts, functions, things."""


@dataclass
class Attacker:
    """A client of ``url``, an SQLite file's owner or a role of PostgreSQL."""

    url: str
    book: Book

    @property
    def on_sqlite(self):
        return self.book.database.is_sqlite

    @contextmanager
    def connection(self):
        url = make_url(self.url)
        if self.on_sqlite:
            client = sqlite3.connect(url.database, isolation_level=None)
        else:
            address = url.set(drivername="postgresql").render_as_string()
            client = psycopg.connect(address, autocommit=True)
        with closing(client):
            yield client

    def run(self, *statements):
        """Run statements, each committed by itself; answers the rows of the last one."""
        with self.connection() as client:
            for statement in statements:
                cursor = client.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def plant(self, table, **values):
        """Insert one row into book 1."""
        names, slot = ["book_id", *values], "?" if self.on_sqlite else "%s"
        with self.connection() as client:
            client.execute(
                f"INSERT INTO {table} ({', '.join(names)}) "
                f"VALUES ({', '.join([slot] * len(names))})",
                (1, *values.values()),
            )

    def refusal_of(self, statement):
        """What the database says against a statement, or ``None`` where it went through."""
        try:
            self.run(statement)
        except ERRORS as error:
            said = str(error).split("\n")[0]
            code = getattr(error, "sqlstate", None)
            clumsy = code in MISTAKES or (
                code is None and ("no such" in said or "syntax error" in said)
            )
            assert not clumsy, f"an attack that fails by its own fault shows nothing: {said}"
            return said
        return None

    def expect_refused(self, statements):
        """Assert that every statement is refused and that nothing in the books changed."""
        before = every_row(self.book.database)
        went_through = [one for one in statements if self.refusal_of(one) is None]
        assert went_through == []
        assert every_row(self.book.database) == before


def end(book):
    """Let a key come and go, a month close and the log end, so that their tables have a row too."""
    writer, station = book.writer(), SigningKey.generate(f"{ORIGIN}/stn/XF01")
    proof = prove_possession(ORIGIN, STATION, station)
    word = sign_note(freeze_text(ORIGIN, "timebank.example/next"), *root_keys())

    def enrol(draft):
        enrol_key(draft, station.vkey, role=STATION, possession=proof, facts={})
        return {}

    def revoke(draft):
        revoke_key(draft, station.name, reason="lost", facts={})
        return {}

    def freeze(draft):
        freeze_log(draft, successor="timebank.example/next", approval=word, facts={})
        return {}

    def close(draft):
        close_period(draft, FEBRUARY, {})
        return {}

    book.now_ms = FEBRUARY.until_ms
    for decide in (enrol, revoke, close, freeze):
        writer.write(book.action(decide))
    writer.close()


def fill(book):
    """Give every table of the ledger a row: entries, holds open and ended, a reversal, a refusal.

    Answers the ids by name.
    """
    writer = book.writer()
    limits = {"acct_pool": (None, None), "acct_anna": (0, None), "acct_berta": (0, 100)}
    book.open_accounts(writer, limits)
    ids = {}

    def decide(draft):
        facts = {"stated": 1}

        def post(giver, receiver, minutes):
            movement = Movement(giver, receiver, minutes)
            return draft.post(JournalEntry("service", (movement,), TODAY, POLICY), facts)

        def hold(minutes):
            return draft.place_hold(
                payer="acct_anna",
                payee="acct_berta",
                minutes=minutes,
                expires_ms=START_MS + 60_000,
                facts=facts,
            )

        ids["first"] = post("acct_pool", "acct_anna", 90)
        ids["undone"] = post("acct_pool", "acct_berta", 40)
        ids["undoing"] = draft.reverse(
            ids["undone"], effective_on=TODAY, policy=POLICY, facts=facts
        )
        ids["open"], ids["paid"], ids["freed"] = hold(30), hold(20), hold(10)
        draft.settle(ids["paid"], minutes=15, effective_on=TODAY, policy=POLICY, facts=facts)
        draft.release(ids["freed"], facts)
        return {}

    writer.write(book.action(decide, batch="batch_1"))
    refused = writer.submit(book.posting("acct_anna", "acct_pool", 1_000))
    assert refused.exception() is not None
    writer.close()
    return ids
