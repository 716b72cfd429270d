"""A bank and somebody who holds its keys: signed, balanced entries that no rule would make."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ledger.draft import Draft
from ledger.journal import JournalEntry, Movement
from tests.support.banks import OPERATOR, ORIGIN, TriedBank, new_bank
from tests.support.books import finds
from tests.support.founded import Place
from tests.support.profiles import HEAD
from tests.support.services import DAY, service
from timebank.answers import Answer
from timebank.audit.bundle import export
from timebank.audit.verification import Verification, verify_all
from timebank.chart import Kind
from timebank.records.actions import log_service
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REVIEWER = Actor("staff_reviewer", Role.REVIEWER, "XFL")

Opened = Callable[..., AbstractContextManager[TriedBank]]
"""Opens a bank as :func:`bank_with`, in a folder and a database of the test's own."""


@contextmanager
def bank_with(
    folder: Path,
    *parts: str,
    people: tuple[str, ...] = ("V0001", "V0002", "E0001"),
    database: Place | None = None,
    origin: str = ORIGIN,
) -> Iterator[TriedBank]:
    """A bank under the bare profile with ``parts``, and these people, on either database."""
    policies = folder / "policies"
    policies.mkdir()
    (policies / "test-1.toml").write_text(HEAD + "\n".join(parts), encoding="utf-8")
    with new_bank(
        folder, policies=["test-1"], policy_folder=policies, database=database, origin=origin
    ) as made:
        if people:
            made.people(*people)
        yield made


def judged(tried: TriedBank, folder: Path) -> Verification:
    """What the stand-alone verifier says of the bank's bundle."""
    out = folder / "bundle"
    export(tried.bank.database, finds(tried.bank.log_key), out)
    return verify_all(out)


def rules(tried: TriedBank, folder: Path) -> list[str]:
    """The rules by which it finds something, in order."""
    return [one.rule for one in judged(tried, folder).report.findings]


def log(tried: TriedBank, key: int = 1, **stated: Any) -> str:
    """Log a service as the clerk; answers the record's id."""
    body = log_service(tried.bank, CLERK, "XFL", service(**stated), key=f"log-{key:05}").body
    return str(body["record"])


def facts(tried: TriedBank, **changed: Any) -> dict[str, Any]:
    """What an honest bank signs of sixty minutes of V0001; ``None`` takes a fact away."""
    honest: dict[str, Any] = {
        "by": "staff_clerk",
        "c": "A" * 43,
        "class": "meals",
        "do": "record",
        "given": 60,
        "heads": 0,
        "on": DAY,
        "payer": "nobody",
        "record": "record_" + "1" * 32,
        "station": "XFL",
        "volunteer": tried.account("V0001"),
    }
    return {name: value for name, value in (honest | changed).items() if value is not None}


def forge(
    tried: TriedBank, signed: dict[str, Any], *moves: tuple[str, str, int], **rest: Any
) -> Answer:
    """Post an entry of the operator's own making beside such facts."""
    movements = tuple(Movement(*move) for move in moves)
    on, kind = rest.get("on", DAY), rest.get("kind", "service")
    policy = rest.get("policy", tried.policy)

    def decide(draft: Draft) -> dict[str, Any]:
        if not movements:
            draft.state(str(signed["record"]), signed)
            return {}
        return {"entry": draft.post(JournalEntry(kind, movements, on, policy), signed)}

    key = f"forge-{rest.get('key', 1):04}"
    return tried.bank.act(tried.bank.action(OPERATOR, "record", decide, key=key, content={}))


def honest_move(tried: TriedBank, minutes: int = 60) -> tuple[str, str, int]:
    """The movement that follows from those facts."""
    return tried.bank.account_of(Kind.ISSUANCE), tried.account("V0001"), minutes
