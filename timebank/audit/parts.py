"""The parts of a service record, as the verifier keeps them until they are credited."""

from dataclasses import dataclass, field
from datetime import date

from ledger.journal import Movement
from timebank.audit.facts import Facts, payer_of, text_of
from timebank.chart import Kind
from timebank.policy.pricing import Priced
from timebank.records.model import Payer
from timebank.records.movements import AccountOf, movements_of, payer_account
from timebank.records.signed_facts import PAYER_ACCOUNT, VOLUNTEER


@dataclass(frozen=True, slots=True)
class Part:
    """One volunteer's part of a record as it was stated: its facts, and what it must move."""

    facts: Facts
    policy: str
    priced: Priced | None
    movements: tuple[Movement, ...] | None
    """``None`` where the hour of the day decides, which the log does not show."""


@dataclass(slots=True)
class Waiting:
    """The parts of a record that is not credited yet, by the volunteer's account.

    Where it ``needs_roster``, as many as its ``volunteers`` signed the roster of its approval.
    ``opened_on`` is the day on which its public notice of ``notice_days`` working days began,
    ``objected_by`` who objected and was not answered yet, ``due_at`` the leaf from which on all of
    it should be credited.
    """

    needs_review: bool
    notice_days: int
    opened_on: date | None
    needs_roster: bool = False
    volunteers: int = 0
    approved: bool = False
    objected_by: str = ""
    due_at: int | None = None
    parts: dict[str, Part] = field(default_factory=dict)


def shape_of(
    account_of: AccountOf, found: tuple[Movement, ...], facts: Facts
) -> tuple[Movement, ...]:
    """What must move if what is credited, charged and left over were as the leaf has it."""
    payer, volunteer = payer_of(facts), text_of(facts, VOLUNTEER)
    elder = text_of(facts, PAYER_ACCOUNT) if payer is Payer.ELDER else ""
    giver = payer_account(account_of, payer, elder)
    pool, issuance = account_of(Kind.POOL), account_of(Kind.ISSUANCE)
    over = sum(m.minutes for m in found if (m.from_account, m.to_account) == (issuance, pool))
    charged = sum(m.minutes for m in found if m.from_account == giver)
    credited = sum(m.minutes for m in found if m.to_account == volunteer)
    return movements_of(
        account_of,
        giver,
        volunteer,
        credited=credited,
        charged=0 if payer is Payer.NOBODY else charged,
        overflow=over,
    )
