"""Putting the head of the access chain into the log, so that no row of it can be rewritten."""

from typing import Any

from ledger.draft import Draft
from ledger.encoding import Json
from timebank.bank import Bank
from timebank.people.accesses import chain_head
from timebank.reconciliation.reconcile import SCHEDULER

ANCHOR = "access_anchor"
"""The kind of the submission, and what its facts say that they do."""


def anchor_accesses(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    """State in a leaf how many looks there are and the hash of the last; answers how many.

    The key names the head itself, so a head that was anchored before makes no second leaf.
    """
    count, head = bank.keep_house(_head)["head"]
    if not count:
        return {"accesses": 0}

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {"accesses": count, "do": ANCHOR, "head": head}
        draft.state(draft.new_id("anchor"), dict(facts))
        return {"accesses": count}

    content = {"accesses": count, "head": head}
    key = f"anchor-{count}-{head[:32]}"
    bank.act(bank.action(SCHEDULER, ANCHOR, decide, key=key, content=content))
    return {"accesses": count}


def _head(draft: Draft) -> dict[str, Any]:
    return {"head": list(chain_head(draft))}
