"""Work for a ledger that will be killed: a key stands for one action, the same in any process."""

import random

from ledger.draft import Action
from ledger.errors import Refusal
from ledger.journal import JournalEntry, Movement
from tests.support.books import POLICY, START_MS, TODAY

POOL = "acct_pool"
MEMBERS = tuple(f"acct_m{n}" for n in range(8))
LIMITS = {POOL: (None, None)} | dict.fromkeys(MEMBERS, (0, 5_000))
SUBMITTER = "load"


def action_of(key: str, signer: str) -> Action:
    """What ``key`` asks for: an entry, a hold, a batch with a row that is refused, or too much."""
    dice = random.Random(key)
    decide, batch = dice.choice(
        [
            (_earn, None), (_earn, None), (_spend, None), (_hold, None),
            (_rows, f"batch_{abs(hash_of(key)):x}"),
        ]
    )  # fmt: skip
    return Action(
        kind="load",
        decide=lambda draft: decide(draft, random.Random(f"{key} again")),
        signer=signer,
        submitter=SUBMITTER,
        key=key,
        content=key.encode(),
        batch=batch,
    )


def hash_of(key):
    """A number that is the same in every process."""
    return random.Random(key).getrandbits(96)


def _entry(giver, receiver, minutes):
    return JournalEntry("service", (Movement(giver, receiver, minutes),), TODAY, POLICY)


def _earn(draft, dice):
    return {"id": draft.post(_entry(POOL, dice.choice(MEMBERS), dice.randint(1, 60)), {"earn": 1})}


def _spend(draft, dice):
    giver, receiver = dice.sample(MEMBERS, 2)
    return {"id": draft.post(_entry(giver, receiver, dice.randint(1, 90)), {"spend": 1})}


def _hold(draft, dice):
    payer, payee = dice.sample(MEMBERS, 2)
    expires_ms = START_MS + 10**9
    hold = draft.place_hold(
        payer=payer,
        payee=payee,
        minutes=dice.randint(1, 60),
        expires_ms=expires_ms,
        facts={"hold": 1},
    )
    return {"id": hold}


def _rows(draft, dice):
    ids = []
    for row in range(dice.randint(1, 6)):
        facts = {"row": row, "note": "护理" * 20}
        try:
            ids.append(draft.post(_entry(*dice.sample(MEMBERS, 2), dice.randint(1, 900)), facts))
        except Refusal as refusal:
            draft.refuse_row(facts, refusal)
        ids.append(draft.post(_entry(POOL, dice.choice(MEMBERS), 1), facts))
    return {"ids": ids}
