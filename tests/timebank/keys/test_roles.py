"""timebank/keys/roles.py: which role's keys may submit what, and that the writer keeps to it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ledger.approvals import ROLES
from ledger.draft import Draft
from ledger.errors import SigningKeyEnded, SubmissionNotAllowed
from tests.support.banks import FOUNDER, OPERATOR, SCHEDULER, TriedBank
from tests.support.soundness import leaves_of
from timebank.jobs.anchoring import anchor_accesses
from timebank.jobs.expiry import expire_holds
from timebank.keys.actions import add_key
from timebank.keys.ceremony import make_key, read_proof
from timebank.keys.roles import may_submit
from timebank.people.accesses import look
from timebank.reconciliation.reconcile import reconcile
from timebank.stations.model import Actor, Role

SERVICES = ("record", "register", "review", "reversal", "roster")
KEYS = ("key", "revocation", "freeze", "policy", "accounts", "station")
JOBS = ("expiry", "access_anchor")


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("operator", {*SERVICES, *KEYS, "forget"}),
        ("station", set(SERVICES)),
        ("device", {"record"}),
        ("staff", {"record"}),
        ("scheduler", {*JOBS, "forget"}),
        ("log", set()),
        ("clerk", set()),
    ],
)
def test_each_role_submits_its_own(role: str, kinds: set[str]) -> None:
    every = (*SERVICES, *KEYS, *JOBS, "forget")
    assert {kind for kind in every if may_submit(role, kind)} == kinds


def test_a_kind_that_comes_later_is_the_offices_alone() -> None:
    assert [role for role in ROLES if may_submit(role, "some_kind")] == ["operator", "station"]


def nothing(draft: Draft) -> dict[str, Any]:
    draft.state(draft.new_id("x"), {})
    return {}


@pytest.mark.parametrize(
    ("actor", "kind"),
    [
        (SCHEDULER, "record"), (SCHEDULER, "review"), (SCHEDULER, "key"), (SCHEDULER, "gift"),
        (OPERATOR, "expiry"), (OPERATOR, "access_anchor"),
        (Actor("staff_clerk", Role.CLERK, "XFL"), "expiry"),
        (Actor("staff_clerk", Role.CLERK, "XFL"), "forget"),
        (Actor("staff_clerk", Role.CLERK, "XFL"), "key"),
    ],
)  # fmt: skip
def test_the_writer_takes_no_other_kind(bank: TriedBank, actor: Actor, kind: str) -> None:
    before = signers(bank, kind)
    action = bank.bank.action(actor, kind, nothing, key="attempt-1", content={})
    with pytest.raises(SubmissionNotAllowed) as refused:
        bank.bank.act(action)
    assert refused.value.facts == {"key": action.signer, "kind": kind}
    assert signers(bank, kind) == before
    assert action.signer not in before


def signers(tried: TriedBank, kind: str) -> set[str]:
    """The keys that signed submissions of that kind."""
    with tried.bank.read() as connection:
        notes = [json.loads(body).get("sub", "") for body in leaves_of(connection)]
    headed = [note for note in notes if note.split("\n")[0].endswith(f" {kind}/v1")]
    return {note.rpartition("— ")[2].split(" ")[0] for note in headed}


def due(tried: TriedBank) -> None:
    """A hold whose deadline has come, and a look at somebody."""
    giver, receiver = tried.account("V0001"), tried.account("E0001")
    tried.hold(giver, receiver, 10, expires_ms=tried.bank.now_ms() + 1)
    look(tried.bank, OPERATOR, "V0001", "a test")
    tried.clock.move(timedelta(milliseconds=1))


def test_jobs_sign_with_the_schedulers_key_and_go_on_with_a_new_one(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    bank.issue("V0001", 300)
    due(bank)
    expire_holds(bank.bank, 1)
    anchor_accesses(bank.bank, 1)
    first, second = f"{bank.bank.origin}/scheduler", f"{bank.bank.origin}/scheduler/2"
    assert signers(bank, "expiry") == signers(bank, "access_anchor") == {first}

    file = bank.settings.keys_folder / "new.key"
    proof = read_proof(make_key(bank.bank.origin, "scheduler", second, file))
    add_key(bank.bank, FOUNDER, proof, replaces=first, key="new-scheduler")
    due(bank)
    with pytest.raises(SigningKeyEnded):
        expire_holds(bank.bank, 2)
    file.replace(bank.settings.keys_folder / "scheduler.key")
    with bank.again() as later:
        assert expire_holds(later, 2) == {"expired": 1}
        assert reconcile(later, SCHEDULER).open_findings == 0
    assert signers(bank, "expiry") == {first, second}
