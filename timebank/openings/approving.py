"""The second person's approval of a list: what its holders have confirmed is posted.

A list is gone through in parts of :data:`ROWS_AT_ONCE` rows, each one submission, so ten thousand
rows take a few dozen statements.  A row that its holder has not confirmed is never posted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from ledger.draft import Draft, Facts
from ledger.errors import Refusal
from ledger.ids import new_id
from ledger.journal import JournalEntry
from timebank.attempts import part_key
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import UnknownBatch
from timebank.errors.openings import (
    ApproverNotIndependent,
    NoOpeningToApprove,
    OpeningHolderGone,
)
from timebank.openings.actions import BOOK, REVIEW_KIND
from timebank.openings.model import (
    APPROVE_OPENING,
    OPENING_BALANCE,
    State,
    movements_of,
    split_at_cap,
)
from timebank.openings.tables import OPENING_BATCH, OPENING_ROW
from timebank.people.tables import PERSON
from timebank.policy.model import Profile
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

ROWS_AT_ONCE = 1_000


@dataclass(slots=True)
class Approval:
    """What an approval posted, in rows and minutes; ``overflow`` went to the public pool.

    ``refused`` are places in the list with the code that kept each from being posted; ``own`` are
    rows that the approver confirmed, which another person must approve.
    """

    batch_id: str
    approved: int = 0
    minutes: int = 0
    overflow: int = 0
    waiting: int = 0
    own: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def approve_openings(
    bank: Bank,
    actor: Actor,
    batch_id: str,
    *,
    key: str,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Approval:
    """Post every row of a list that its holder has confirmed, up to the account cap of today.

    Rows that the policy's cap refuses, or whose holder asked to be forgotten, stay as they are.

    Raises, the first that applies:
        NotPermitted: neither reviewer nor operator, or of another station.
        UnknownBatch: there is no such list.
        ApproverNotIndependent: whoever handed the list in, or recorded every confirmation.
        NoOpeningToApprove: no row is confirmed and waits.
        NoProfileInForce: no profile covers today.
    """
    require(actor, "approve_openings", Role.REVIEWER, Role.OPERATOR)
    batch = _batch(bank, batch_id)
    require_station(actor, "approve_openings", batch.station_code)
    if batch.imported_by == actor.actor_id:
        raise ApproverNotIndependent(batch=batch_id)
    approval, after, of = Approval(batch_id), 0, _waiting(bank, batch_id)
    while True:
        part = _Part(bank, actor, batch, after)
        told = part.act(part_key(key, f"{after}"))
        approval.approved += told["approved"]
        approval.minutes += told["minutes"]
        approval.overflow += told["overflow"]
        approval.refused += [(place, code) for place, code in told["refused"]]
        approval.waiting, approval.own = told["waiting"], told["own"]
        progress(approval.approved + len(approval.refused), max(of, approval.approved))
        after = told["last"]
        if not told["goes_on"]:
            return approval


def _batch(bank: Bank, batch_id: str) -> Row[Any]:
    columns = OPENING_BATCH.c
    with bank.read() as connection:
        found = connection.execute(
            select(OPENING_BATCH).where(columns.book_id == BOOK, columns.batch_id == batch_id)
        ).first()
    if found is None:
        raise UnknownBatch(batch=batch_id[:60])
    return found


def _waiting(bank: Bank, batch_id: str) -> int:
    columns = OPENING_ROW.c
    query = select(func.count()).where(
        columns.book_id == BOOK,
        columns.batch_id == batch_id,
        columns.state == State.AWAITING_APPROVAL.value,
    )
    with bank.read() as connection:
        return int(connection.execute(query).scalar_one())


class _Part:
    """The confirmed rows behind a place of a list, that become one submission."""

    def __init__(self, bank: Bank, actor: Actor, batch: Row[Any], after: int) -> None:
        self._bank, self._actor, self._batch, self._after = bank, actor, batch, after

    def act(self, key: str) -> dict[str, Any]:
        """Have the part decided; the answer has counts, minutes, places and codes."""
        batch_id = str(self._batch.batch_id)
        action = self._bank.action(
            self._actor,
            REVIEW_KIND,
            self._decide,
            key=key,
            content={"after": self._after, "batch": batch_id, "do": APPROVE_OPENING},
            station_code=str(self._batch.station_code),
            batch=new_id("batch", self._bank.now_ms()),
        )
        return self._bank.act(action).body

    def _decide(self, draft: Draft) -> dict[str, Any]:
        unconfirmed, own = self._left(draft)
        rows = self._rows(draft)
        if not rows and self._after == 0:
            if own:
                raise ApproverNotIndependent(batch=self._batch.batch_id)
            raise NoOpeningToApprove(batch=self._batch.batch_id, waiting=unconfirmed)
        draft.load_accounts({row.account_id for row in rows})
        profile = self._bank.profile_on(local_date(from_milliseconds(draft.recorded_ms)))
        made: list[dict[str, Any]] = []
        refused: list[list[Any]] = []
        for row in rows:
            facts: Facts = {
                "by": self._actor.actor_id,
                "do": APPROVE_OPENING,
                "opening": row.opening_id,
            }
            try:
                with draft.attempt():
                    made.append(self._post(draft, row, profile, facts))
            except Refusal as refusal:
                draft.refuse_row(facts, refusal)
                refused.append([row.place, refusal.code])
        self._store(draft, made, profile.version)
        return {
            "approved": len(made),
            "goes_on": len(rows) == ROWS_AT_ONCE,
            "last": rows[-1].place if rows else self._after,
            "minutes": sum(one["credited"] for one in made),
            "overflow": sum(one["overflow"] for one in made),
            "own": own,
            "refused": refused,
            "waiting": unconfirmed,
        }

    def _post(self, draft: Draft, row: Row[Any], profile: Profile, facts: Facts) -> dict[str, Any]:
        if row.holder_state != "active":
            raise OpeningHolderGone(opening=row.opening_id)
        posted = draft.account(row.account_id).posted
        credited, overflow = split_at_cap(profile, posted, row.minutes)
        moves = movements_of(self._bank.account_of, row.account_id, credited, overflow)
        facts |= {"credited": credited, "holder": row.account_id}
        entry_id = ""
        if moves:
            entry = JournalEntry(OPENING_BALANCE, moves, row.stands_on, profile.version)
            entry_id = draft.post(entry, facts)
        else:  # A cap took all of it: the fact stands in the log, nothing moves.
            draft.state(row.opening_id, facts)
        return {
            "which": row.opening_id,
            "credited": credited,
            "overflow": overflow,
            "entry": entry_id,
        }

    def _rows(self, draft: Draft) -> list[Row[Any]]:
        columns = OPENING_ROW.c
        query = (
            select(
                columns.opening_id, columns.place, columns.account_id, columns.minutes,
                columns.stands_on, PERSON.c.state.label("holder_state"),
            )
            .join(
                PERSON,
                (PERSON.c.book_id == columns.book_id) & (PERSON.c.person_id == columns.person_id),
            )
            .where(*self._confirmed(), columns.confirmed_by != self._actor.actor_id)
            .where(columns.place > self._after)
            .order_by(columns.place)
            .limit(ROWS_AT_ONCE)
        )  # fmt: skip
        return list(draft.query(query))

    def _left(self, draft: Draft) -> tuple[int, int]:
        """How many rows their holders have not confirmed, and how many the approver has."""
        columns = OPENING_ROW.c
        unconfirmed = select(func.count()).where(
            columns.book_id == BOOK,
            columns.batch_id == self._batch.batch_id,
            columns.state == State.AWAITING_HOLDER.value,
        )
        own = select(func.count()).where(
            *self._confirmed(), columns.confirmed_by == self._actor.actor_id
        )
        return int(draft.query(unconfirmed).scalar_one()), int(draft.query(own).scalar_one())

    def _confirmed(self) -> tuple[Any, ...]:
        columns = OPENING_ROW.c
        return (
            columns.book_id == BOOK,
            columns.batch_id == self._batch.batch_id,
            columns.state == State.AWAITING_APPROVAL.value,
        )

    def _store(self, draft: Draft, made: list[dict[str, Any]], policy: str) -> None:
        if not made:
            return
        columns = OPENING_ROW.c
        draft.add(
            update(OPENING_ROW)
            .where(columns.book_id == BOOK, columns.opening_id == bindparam("which"))
            .values(
                state=State.POSTED.value,
                decided_by=self._actor.actor_id,
                decided_ms=draft.recorded_ms,
                policy=policy,
                credited_minutes=bindparam("credited"),
                overflow_minutes=bindparam("overflow"),
                entry_id=bindparam("entry"),
            ),
            made,
        )
