"""What becomes of an account after a death: pure rules, shared with the verifier.

The policy may give a share to the public pool and one to an umbrella body; what it leaves goes to
relatives who are registered, as the family says, and to the pool where nobody takes it.  Nothing
stays and nothing is paid out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.encoding import Json
from ledger.journal import Movement
from timebank.chart import UMBRELLA_ACCOUNT
from timebank.errors.estates import SharesTooLarge
from timebank.policy.model import Clause, Profile

SETTLEMENT = "estate_settlement"
"""The kind of the entries that empty the account of somebody who has died; a permanent word."""

REPORT, WITHDRAW, SETTLE, REVERSE = (
    "report_death", "withdraw_death", "settle_estate", "reverse_estate",
)  # fmt: skip
"""What signed facts do; permanent words."""

MOST_HEIRS = 20


UMBRELLA = "umbrella"
"""In place of a relation: the share that went to the umbrella body; a permanent word."""


@dataclass(frozen=True, slots=True)
class Left:
    """Whole minutes that go to nobody's relative: to the public pool and to the umbrella body."""

    pool: int
    umbrella: int


def left_of(profile: Profile, posted: int, to_heirs: int) -> Left:
    """What pool and umbrella body receive when ``to_heirs`` of ``posted`` go to relatives.

    Both percentages together are rounded down to whole minutes, in the relatives' favour; the
    umbrella body's own is rounded down as well, and the pool has the odd minute between them.  What
    no relative takes goes to the pool.  Source: facts, table 1, row "On death or unused".

    Raises:
        SharesTooLarge: the relatives would get more than the policy leaves them.
    """
    pool, umbrella = _percent(profile.endings.death_pool_percent), umbrella_percent(profile)
    most = posted - posted * (pool + umbrella) // 100
    if to_heirs > most:
        raise SharesTooLarge(minutes=to_heirs, most=most)
    to_umbrella = posted * umbrella // 100
    return Left(posted - to_heirs - to_umbrella, to_umbrella)


def umbrella_percent(profile: Profile) -> int:
    """The umbrella body's share in percent; 0 where the policy sets none."""
    return _percent(profile.endings.death_umbrella_percent)


def _percent(clause: Clause[int] | None) -> int:
    return 0 if clause is None else clause.value


def movements_of(
    account: str, pool: str, left: Left, heirs: Sequence[tuple[str, int]]
) -> tuple[Movement, ...]:
    """What a settlement moves: to the pool, the umbrella body, then relatives in account order."""
    every = ((pool, left.pool), (UMBRELLA_ACCOUNT, left.umbrella), *sorted(heirs))
    return tuple(Movement(account, to, minutes) for to, minutes in every if minutes > 0)


def report_facts(*, by: str, estate: str, account: str) -> dict[str, Json]:
    """What is signed of a report; when somebody died and what was shown for it is sealed."""
    return {"account": account, "by": by, "do": REPORT, "estate": estate}
