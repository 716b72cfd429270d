"""A bank that something has happened in: services, a review, a reversal, holds, refusals, jobs.

Everything is public and every job has run, so that each check has something to agree with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import text

from ledger.draft import Draft
from ledger.errors import FloorExceeded
from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.founded import Place
from tests.support.openings import write_list
from tests.support.services import service
from timebank.chart import Kind
from timebank.jobs.registry import JOBS
from timebank.jobs.runner import run_due, run_now
from timebank.openings.actions import Signed, confirm_openings, reverse_opening
from timebank.openings.approving import approve_openings
from timebank.openings.importing import import_openings
from timebank.orders.asking import request_order
from timebank.orders.model import Channel, Stated, Wish
from timebank.orders.steps import take_step
from timebank.outbox.actions import note_told
from timebank.outbox.queries import messages_listed
from timebank.people.accesses import look
from timebank.records.actions import log_service, reverse_record
from timebank.records.model import Payer
from timebank.records.review import review_record
from timebank.stations.model import Actor, Role
from timebank.transfers.proposing import decide_proposal, propose_funding

DAY_MS = 86_400_000


def log(tried: TriedBank, volunteers: str, elder: str, start: str) -> dict[str, Any]:
    """Log a service of the day before; answers what was recorded."""
    clerk = tried.actor(Role.CLERK)
    stated = service(volunteers, elder, start, 60)
    key = f"log-{volunteers}-{elder}-{start}"
    return log_service(tried.bank, clerk, clerk.station_code, stated, key=key).body


def live(tried: TriedBank) -> None:
    """Let a day pass in a new bank, so that every table has rows and all of them agree."""
    bank, reviewer = tried.bank, tried.actor(Role.REVIEWER)
    tried.people("V0001", "V0002", "V0003", "E0001", "E0002")
    first = log(tried, "V0001", "E0001", "08:00")
    log(tried, "V0002、V0003", "E0002", "08:00")
    undone = log(tried, "V0001", "E0002", "10:00")
    review_record(bank, reviewer, first["record"], approve=True, key="review-1")
    reverse_record(bank, reviewer, undone["record"], "登记有误", key="reverse-1")
    giver, receiver, now_ms = tried.account("V0001"), tried.account("E0001"), bank.now_ms()
    with pytest.raises(FloorExceeded):
        tried.post(giver, receiver, 10_000)
    tried.hold(giver, receiver, 5, expires_ms=now_ms + 120_000)
    tried.hold(giver, receiver, 6, expires_ms=now_ms + 30_000)
    tried.settle(tried.hold(giver, receiver, 7, expires_ms=now_ms + DAY_MS), 4)
    _release(tried, tried.hold(giver, receiver, 8, expires_ms=now_ms + DAY_MS))
    _fund(tried)
    _ask_for_care(tried)
    bring_an_older_scheme(tried)
    tried.clock.move(timedelta(minutes=1))
    run_now(bank, OPERATOR, "derive_lines")
    look(bank, OPERATOR, "V0001", "核对身份")
    look(bank, OPERATOR, "E0002", "家属来电")
    run_now(bank, OPERATOR, "anchor_accesses")
    log(tried, "V0003", "E0001", "14:00")  # Its lines are not derived yet.
    for job in JOBS:
        run_due(bank, job)
    bank.publish()


def _fund(tried: TriedBank) -> None:
    """Two operators move minutes of the pool into the grant fund."""
    bank = tried.bank
    tried.post(bank.account_of(Kind.ISSUANCE), bank.account_of(Kind.POOL), 30)
    proposed = propose_funding(bank, OPERATOR, 20, key="funding-1").body["proposal"]
    second = Actor("staff_second_operator", Role.OPERATOR)
    decide_proposal(bank, second, str(proposed), approve=True, key="funding-2")


def bring_an_older_scheme(tried: TriedBank) -> None:
    """Three pages of an older passbook: one posted, one posted and reversed, one not confirmed."""
    bank, clerk, reviewer = tried.bank, tried.actor(Role.CLERK), tried.actor(Role.REVIEWER)
    rows = [("V0001", "", f"存折第{page}页", "1", "2022-12-31") for page in (1, 2, 3)]
    with TemporaryDirectory() as folder:
        path = write_list(Path(folder), rows)
        taken = import_openings(bank, clerk, clerk.station_code, path, key="openings-1")
    with bank.read() as connection:
        asked = text("SELECT opening_id FROM opening_row ORDER BY place")
        first, second, _third = connection.execute(asked).scalars()
    signed = [Signed(first, "S-1"), Signed(second, "S-2")]
    confirm_openings(bank, clerk, signed, key="openings-2")
    approve_openings(bank, reviewer, taken.batch_id, key="openings-3")
    reverse_opening(bank, reviewer, second, "重复登记", key="openings-4")


def _ask_for_care(tried: TriedBank) -> None:
    """One wish is refused, another matched and paid by the pool; the clerk tells both people."""
    bank, clerk = tried.bank, tried.actor(Role.CLERK)
    on = bank.today().isoformat()
    wish = Wish("E0001", "companionship", on, "23:00", 10, Channel.TELEPHONE, assistant="小李")
    for place, steps in enumerate((("reject",), ("vet", "publish", "match"))):
        asked = request_order(bank, clerk, clerk.station_code, wish, key=f"wish-{place}-000")
        for step in steps:
            said = Stated("没有人手", volunteer="V0002", payer=Payer.POOL)
            key = f"wish-{place}-{step}"
            take_step(bank, clerk, str(asked.body["order"]), step, said, key=key)
    with bank.read() as connection:
        for one in messages_listed(bank, connection, clerk, clerk.station_code):
            note_told(bank, clerk, one.message.number)


def _release(tried: TriedBank, hold_id: str) -> None:
    def decide(draft: Draft) -> dict[str, Any]:
        return {"end": draft.release(hold_id, {"do": "release"})}

    action = tried.bank.action(OPERATOR, "release", decide, key="release-1", content={})
    tried.bank.act(action)


@contextmanager
def lived_bank(folder: Path, database: Place | None = None) -> Iterator[TriedBank]:
    """A founded bank with a past, on either database."""
    with new_bank(folder, database=database) as tried:
        live(tried)
        yield tried
