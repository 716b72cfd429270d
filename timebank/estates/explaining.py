"""Why a settlement after a death shared the minutes as it did: rule, value, clause and inputs."""

from itertools import groupby

from sqlalchemy import Connection

from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors.estates import UnknownEstate
from timebank.estates.model import UMBRELLA, Left, left_of
from timebank.estates.queries import ShownEstate, ShownShare, estates_listed
from timebank.policy.explain import Explanation, version_lines
from timebank.policy.model import Profile
from timebank.policy.sheet import TITLES, clauses_of
from timebank.stations.model import Actor

_KEYS = ("endings.death_pool_percent", "endings.death_umbrella_percent")
_HOW = (
    "两份比例相加向下取整，余数归亲属；上级机构一份单独向下取整，零头归公共池；无人承接的归公共池",
    (
        "both percentages are added up and rounded down, in the relatives' favour; the umbrella "
        "body's own is rounded down, the pool has the odd minute and what no relative takes"
    ),
)
_AGREES = ("复算：与凭证一致", "shared anew: equal to the entry")
_DIFFERS = ("注意：复算结果与凭证不一致，请对账", "Note: shared anew it differs; reconcile")
_OPEN = ("还没有办理余额承接", "nothing was settled yet")


def explain_estate(bank: Bank, connection: Connection, actor: Actor, estate_id: str) -> Explanation:
    """Every settlement of a reported death, each shared anew under the profile of its day.

    Raises, the first that applies:
        NotPermitted: neither staff nor auditor.
        UnknownEstate: there is no such report at the actor's station.
    """
    found = estates_listed(bank, connection, actor, estate_id=estate_id)
    if not found:
        raise UnknownEstate(estate=estate_id[:60])
    return explain_shares(bank, found[0])


def explain_shares(bank: Bank, estate: ShownEstate) -> Explanation:
    """As :func:`explain_estate`, of what was read already."""
    told: list[tuple[str, str]] = []
    for _entry, shares in groupby(estate.shares, key=lambda one: one.entry_id):
        told += _settlement(bank, list(shares))
    told = told or [_OPEN]
    return Explanation(tuple(zh for zh, _en in told), tuple(en for _zh, en in told))


def _settlement(bank: Bank, shares: list[ShownShare]) -> list[tuple[str, str]]:
    profile = bank.profile_on(local_date(from_milliseconds(shares[0].settled_ms)))
    posted = sum(one.minutes for one in shares)
    umbrella = sum(one.minutes for one in shares if one.relation == UMBRELLA)
    heirs = sum(one.minutes for one in shares if one.relation not in ("", UMBRELLA))
    kept = Left(posted - heirs - umbrella, umbrella)
    ended = ("（已更正）", " (reversed)") if shares[0].is_reversed else ("", "")
    result = (
        f"账户 {posted} 分钟：亲属 {heirs}，公共时间池 {kept.pool}，上级机构 {umbrella}{ended[0]}",
        (
            f"{posted} minutes on the account: {heirs} to relatives, {kept.pool} to the public "
            f"pool, {umbrella} to the umbrella body{ended[1]}"
        ),
    )
    agrees = left_of(profile, posted, heirs) == kept
    return [result, *_clauses(profile), _HOW, _AGREES if agrees else _DIFFERS,
            version_lines(profile)]  # fmt: skip


def _clauses(profile: Profile) -> list[tuple[str, str]]:
    """Both keys with value and clause, or that the policy leaves them unset."""
    lines = []
    for key in _KEYS:
        for one in clauses_of(profile, key):
            value = f"{one.value}（依据：{one.source}）", f"{one.value} ({one.source})"
            lines.append((f"{TITLES[key]}（{key}）：{value[0]}", f"{key}: {value[1]}"))
        if not clauses_of(profile, key):
            lines.append((f"本规则没有设置 {TITLES[key]}（{key}）", f"unset: {key}"))
    return lines
