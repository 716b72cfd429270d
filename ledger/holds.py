"""Holds: minutes set aside for a payment that is agreed but not yet confirmed.

A hold lowers the payer's available balance and leaves the posted balance alone.  It ends once:
settled in part or whole, released or expired.  Nothing here reads a clock or a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ledger.errors import (
    HoldAlreadyEnded,
    HoldDeadlinePassed,
    HoldExpired,
    HoldNotExpired,
    SameAccount,
    SettlementExceedsHold,
)
from ledger.journal import SETTLEMENT, JournalEntry, Movement
from ledger.units import positive_minutes


class HoldState(StrEnum):
    """Placed, or ended in one of three ways."""

    PLACED = "placed"
    SETTLED = "settled"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Hold:
    """``held_minutes`` of ``payer`` set aside for ``payee`` until ``expires_ms`` (UTC)."""

    hold_id: str
    payer: str
    payee: str
    held_minutes: int
    expires_ms: int
    state: HoldState = HoldState.PLACED


def place(
    hold_id: str, *, payer: str, payee: str, minutes: int, expires_ms: int, now_ms: int
) -> Hold:
    """A new hold; whether the payer has the minutes is for the payer's account to say.

    Raises, the first that applies:
        NotWholeMinutes: ``minutes`` is not a positive whole number.
        SameAccount: payer and payee are one account.
        HoldDeadlinePassed: ``expires_ms`` is not later than ``now_ms``.
    """
    held = positive_minutes(minutes)
    if payer == payee:
        raise SameAccount(account=payer)
    if expires_ms <= now_ms:
        raise HoldDeadlinePassed(expires=expires_ms)
    return Hold(hold_id, payer, payee, held, expires_ms)


def settle(
    hold: Hold,
    *,
    minutes: int,
    now_ms: int,
    effective_on: str,
    policy: str,
    beside: tuple[Movement, ...] = (),
) -> tuple[Hold, JournalEntry]:
    """End ``hold`` by paying ``minutes`` of it; what is left becomes available again.

    ``minutes`` are whole minutes to the payee, 1 up to ``hold.held_minutes``; ``beside`` are
    further movements of the same entry, of which the payer's count as paid too.  Returns the ended
    hold and the balanced entry.  Store both in one transaction.

    Raises, the first that applies:
        NotWholeMinutes: ``minutes`` is not a positive whole number.
        HoldAlreadyEnded: the hold was settled, released or expired before.
        HoldExpired: ``now_ms`` is at or after the deadline.
        SettlementExceedsHold: the payer would give more minutes than were held.
    """
    paid = positive_minutes(minutes)
    _still_placed(hold)
    if now_ms >= hold.expires_ms:  # The deadline itself is too late: expiry runs on it.
        raise HoldExpired(hold=hold.hold_id, expires=hold.expires_ms)
    movements = (Movement(hold.payer, hold.payee, paid), *beside)
    given = given_by(hold.payer, movements)
    if given > hold.held_minutes:
        raise SettlementExceedsHold(hold=hold.hold_id, held=hold.held_minutes, minutes=given)
    entry = JournalEntry(SETTLEMENT, movements, effective_on, policy, of=hold.hold_id)
    return replace(hold, state=HoldState.SETTLED), entry


def given_by(payer: str, movements: Iterable[Movement]) -> int:
    """Minutes that leave the payer's account by these movements."""
    return sum(one.minutes for one in movements if one.from_account == payer)


def release(hold: Hold) -> Hold:
    """End ``hold`` without payment, at any time before it ended otherwise.

    Raises:
        HoldAlreadyEnded: the hold was settled, released or expired before.
    """
    _still_placed(hold)
    return replace(hold, state=HoldState.RELEASED)


def expire(hold: Hold, *, now_ms: int) -> Hold:
    """End ``hold`` because its deadline has come.

    Raises, the first that applies:
        HoldAlreadyEnded: the hold was settled, released or expired before.
        HoldNotExpired: ``now_ms`` is before the deadline.
    """
    _still_placed(hold)
    if now_ms < hold.expires_ms:
        raise HoldNotExpired(hold=hold.hold_id, expires=hold.expires_ms)
    return replace(hold, state=HoldState.EXPIRED)


def _still_placed(hold: Hold) -> None:
    if hold.state is not HoldState.PLACED:
        raise HoldAlreadyEnded(hold=hold.hold_id, state=hold.state.value)
