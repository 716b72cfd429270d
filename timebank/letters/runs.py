"""Runs of letters: made when a part is over, drawn for a printer, handed out; each noted once.

A run holds counts and ids only.  Letters are drawn when somebody at the station asks for them and
go straight to that printer, so no file with names and balances lies about between two parts.
"""

from typing import Any

from sqlalchemy import insert, update

from ledger.draft import Draft, Facts
from ledger.encoding import Json
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.errors.letters import LettersHandedBefore, LettersNotDrawn, UnknownLetterRun
from timebank.letters.model import Part, due_parts
from timebank.letters.people import Addressed, addressed, stations_addressed
from timebank.letters.tables import LETTER_RUN
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
HANDED = "letters_handed"
"""The kind of the submission by which a station states that its letters went out."""

MAKERS = (Role.OPERATOR, Role.CLERK)

_KNOWN = "SELECT run_id FROM letter_run WHERE book_id = 1 AND part = ? AND station_code = ?"
_RUN = (
    "SELECT station_code, part, letters, list_hash, drawn_ms, handed_ms, handed_by "
    "FROM letter_run WHERE book_id = 1 AND run_id = ?"
)


def make_due_runs(bank: Bank, actor: Actor) -> dict[str, Json]:
    """Make the run of every station and part that is due and has none; how many, and of how many.

    Raises, the first that applies:
        NotPermitted: neither an operator nor the scheduler.
        LedgerFault: the storage is out.
    """
    require(actor, "make_letter_runs", Role.OPERATOR, Role.SCHEDULER)
    bank.reload()  # Another process may have adopted a policy since.
    made = letters = 0
    for part in due_parts(bank.profiles, bank.today()):
        with bank.read() as connection:
            codes = stations_addressed(connection, part)
        for code in codes:
            with bank.read() as connection:
                people = addressed(connection, part, code)
            if people.person_ids and _make(bank, actor, part, code, people):
                made, letters = made + 1, letters + len(people.person_ids)
    return {"letter_runs": made, "letters": letters}


def _make(bank: Bank, actor: Actor, part: Part, code: str, people: Addressed) -> bool:
    def change(draft: Draft) -> dict[str, Any]:
        if draft.rows(_KNOWN, part.name, code):
            return {"made": False}
        draft.add(insert(LETTER_RUN), [_row(draft, actor, part, code, people)])
        return {"made": True}

    return bool(bank.keep_house(change)["made"])


def note_drawn(
    bank: Bank, actor: Actor, part: Part, station_code: str, people: Addressed, letters: int
) -> str:
    """Note that a station's letters were drawn whole; answers the run, which is made if need be.

    Raises:
        LedgerFault: the storage is out.
    """

    def change(draft: Draft) -> dict[str, Any]:
        drawn = {
            "drawn_ms": draft.recorded_ms, "drawn_by": actor.actor_id, "drawn_letters": letters,
        }  # fmt: skip
        known = draft.rows(_KNOWN, part.name, station_code)
        if not known:
            row = _row(draft, actor, part, station_code, people) | drawn
            draft.add(insert(LETTER_RUN), [row])
            return {"run": row["run_id"]}
        run_id = str(known[0][0])
        draft.add(
            update(LETTER_RUN)
            .where(LETTER_RUN.c.book_id == BOOK, LETTER_RUN.c.run_id == run_id)
            .values(drawn)
        )
        return {"run": run_id}

    return str(bank.keep_house(change)["run"])


def confirm_handed(bank: Bank, actor: Actor, run_id: str, *, key: str) -> Answer:
    """State, in the log and for good, that a run's letters were printed and handed over or posted.

    Raises, the first that applies:
        NotPermitted: neither operator nor clerk, or of another station.
        UnknownLetterRun: there is no such run.
        LettersHandedBefore: somebody has stated it.
        LettersNotDrawn: nobody has drawn them, so nothing can have been printed.
    """
    require(actor, "confirm_letters", *MAKERS)

    def decide(draft: Draft) -> dict[str, Any]:
        rows = draft.rows(_RUN, run_id)
        if not rows:
            raise UnknownLetterRun(run=run_id[:60])
        code, part, letters, hashed, drawn_ms, handed_ms, _by = rows[0]
        require_station(actor, "confirm_letters", code)
        if handed_ms is not None:
            raise LettersHandedBefore(part=part)
        if drawn_ms is None:
            raise LettersNotDrawn(part=part)
        facts: Facts = {
            "by": actor.actor_id, "do": HANDED, "letters": int(letters), "list": hashed,
            "part": part, "run": run_id, "station": code,
        }  # fmt: skip
        draft.state(run_id, facts)
        draft.add(
            update(LETTER_RUN)
            .where(LETTER_RUN.c.book_id == BOOK, LETTER_RUN.c.run_id == run_id)
            .values(handed_ms=draft.recorded_ms, handed_by=actor.actor_id)
        )
        return {"letters": int(letters), "part": part, "run": run_id}

    return bank.act(bank.action(actor, HANDED, decide, key=key, content={"run": run_id}))


def _row(draft: Draft, actor: Actor, part: Part, code: str, people: Addressed) -> dict[str, Any]:
    return {
        "book_id": BOOK,
        "run_id": draft.new_id("lett"),
        "station_code": code,
        "part": part.name,
        "first_on": part.first_on.isoformat(),
        "last_on": part.last_on.isoformat(),
        "made_ms": draft.recorded_ms,
        "made_by": actor.actor_id,
        "letters": len(people.person_ids),
        "left_out": people.left_out,
        "list_hash": people.list_hash,
        "drawn_ms": None,
        "drawn_by": "",
        "drawn_letters": 0,
        "handed_ms": None,
        "handed_by": "",
    }
