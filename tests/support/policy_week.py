"""One week of services, priced by each city's shipped rules and explained row by row.

``python -m tests.support.policy_week`` prints the golden page ``tests/golden/policy-week.md``.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ledger.errors import Refusal
from timebank.policy.explain import explain
from timebank.policy.explain_refusal import explain_refusal
from timebank.policy.judging import Circumstance, judge
from timebank.policy.load import named_profile
from timebank.policy.model import Profile
from timebank.policy.pricing import Priced, ServiceFacts

CITIES = (("南京", "nanjing-2019"), ("上海", "shanghai-2026"), ("香港", "hongkong"))
NEARLY_FULL = 1_499 * 60
"""Minutes of the three accounts that have one hour left below 1,500 h."""


@dataclass(frozen=True, slots=True)
class Given:
    """One volunteer's service of the week: who, on which day (1 to 7), what, and what is known."""

    who: str
    day: int
    told: str
    facts: ServiceFacts
    circumstance: Circumstance = Circumstance(age=66)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a city makes of it; ``priced`` is ``None`` where it is refused."""

    place: int
    given: Given
    city: str
    profile: Profile
    priced: Priced | None
    why: tuple[str, ...]


def _at(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _facts(minutes: int, service_class: str, start: str, **rest: int | bool) -> ServiceFacts:
    return ServiceFacts(minutes, service_class, _at(start), **rest)  # type: ignore[arg-type]


WEEK: tuple[Given, ...] = (
    Given("甲", 1, "陪聊 1 分钟", _facts(1, "company", "09:00")),
    Given("甲", 1, "陪聊 45 分钟，未满一小时", _facts(45, "company", "10:00")),
    Given("甲", 1, "打扫 60 分钟", _facts(60, "cleaning", "14:00")),
    Given("甲", 2, "打扫 61 分钟", _facts(61, "cleaning", "09:00")),
    Given("甲", 2, "清晨 06:30 助浴 50 分钟", _facts(50, "bathing", "06:30")),
    Given("甲", 2, "晚间 19:00 陪聊 50 分钟", _facts(50, "company", "19:00")),
    Given("甲", 3, "陪诊 150 分钟，其中路途 40 分钟",
          _facts(150, "medical_escort", "08:00", travel_minutes=40)),
    Given("甲", 3, "代办 90 分钟，其中用餐休息 30 分钟",
          _facts(90, "urgent_help", "13:00", rest_minutes=30)),
    Given("甲", 4, "一小时内给 12 位老人送餐", _facts(60, "meals", "11:00")),
    Given("甲", 5, "全天陪护 540 分钟", _facts(540, "company", "08:00")),
    Given("乙一", 5, "账户已有 1499 小时，服务 59 分钟", _facts(59, "cleaning", "09:00")),
    Given("乙二", 5, "账户已有 1499 小时，服务 60 分钟", _facts(60, "cleaning", "09:00")),
    Given("乙三", 5, "账户已有 1499 小时，服务 61 分钟", _facts(61, "cleaning", "09:00")),
    Given("乙三", 6, "账户已满，再服务 30 分钟", _facts(30, "cleaning", "09:00")),
    Given("丙", 6, "照护自己的配偶 60 分钟", _facts(60, "meals", "11:00"),
          Circumstance(66, ("spouse",))),
    Given("丙", 6, "照护自己的兄弟姐妹 60 分钟", _facts(60, "meals", "13:00"),
          Circumstance(66, ("sibling",))),
    Given("丙", 6, "护理（打针换药）60 分钟", _facts(60, "nursing", "15:00")),
    Given("丁", 6, "17 周岁，独自上门 60 分钟", _facts(60, "company", "09:00"), Circumstance(17)),
    Given("丁", 6, "17 周岁，随团体在机构服务 60 分钟", _facts(60, "company", "11:00"),
          Circumstance(17, in_institution_group=True)),
    Given("丁", 7, "当日满 18 周岁，独自上门 60 分钟", _facts(60, "company", "09:00"),
          Circumstance(18)),
    Given("戊一", 7, "三人一组打扫 90 分钟，第一人", _facts(90, "cleaning", "09:00")),
    Given("戊二", 7, "三人一组打扫 90 分钟，第二人", _facts(90, "cleaning", "09:00")),
    Given("戊三", 7, "三人一组打扫 90 分钟，第三人", _facts(90, "cleaning", "09:00")),
    Given("戊一", 7, "老人用自己的时间支付的 90 分钟",
          _facts(90, "cleaning", "13:00", has_payer=True)),
    Given("戊二", 7, "老人支付的专业照护 60 分钟",
          _facts(60, "bathing", "13:00", has_payer=True, professional=True)),
)  # fmt: skip


def week() -> Iterator[Worth]:
    """Every service under every city, in the order of the week; accounts and days fill up."""
    for city, name in CITIES:
        profile = named_profile(name)
        days: dict[tuple[str, int], int] = defaultdict(int)
        accounts = defaultdict(int, {"乙一": NEARLY_FULL, "乙二": NEARLY_FULL, "乙三": NEARLY_FULL})
        for place, given in enumerate(WEEK, 1):
            facts = replace(
                given.facts,
                credited_that_day_minutes=days[given.who, given.day],
                account_minutes=accounts[given.who],
            )
            try:
                priced = judge(profile, facts, given.circumstance)
            except Refusal as refusal:
                why = explain_refusal(profile, refusal).zh[:-1]
                yield Worth(place, given, city, profile, None, why)
                continue
            days[given.who, given.day] += priced.credited
            accounts[given.who] += priced.credited
            yield Worth(place, given, city, profile, priced, explain(profile, priced).zh[1:-1])


HEAD = """# 同一周的服务，三地规则各计多少 One week of services under three cities' rules

每一行由规则文件逐条计算并说明依据；依据里的“某某”一行，指已公布参数表中的那一行。
三地都没有公布的参数（取整、路途、用餐休息、时段系数、每日上限、排除的类别等）一律不设，即按实际时间计。

Each line is worked out from the profile and names its clause: the row of the table of published
parameters. What a city has not published is unset, so time counts as given.

"""


def page() -> str:
    """The golden page: a table of all, then each service with every city's reason."""
    by_place: dict[int, list[Worth]] = defaultdict(list)
    for one in week():
        by_place[one.place].append(one)
    lines = ["| # | 服务 Service | 给出 Given |" + "".join(f" {city} |" for city, _ in CITIES)]
    lines.append("|---|---|---|" + "---|" * len(CITIES))
    for place, found in by_place.items():
        given = found[0].given
        cells = " | ".join(_credited(one) for one in found)
        lines.append(
            f"| {place} | {given.who}：{given.told} | {given.facts.given_minutes} | {cells} |"
        )
    for place, found in by_place.items():
        lines += ["", f"## {place}. {found[0].given.who}：{found[0].given.told}", ""]
        for one in found:
            lines.append(f"* **{one.city} {_credited(one)}**，{_amounts(one)}")
            lines += [f"  * {line}" for line in one.why]
    return HEAD + "\n".join(lines) + "\n"


def _credited(one: Worth) -> str:
    return "不计" if one.priced is None else str(one.priced.credited)


def _amounts(one: Worth) -> str:
    if one.priced is None:
        return "不入账"
    unit = one.profile.unit
    shown = Fraction(one.priced.credited, unit.minutes_per_unit.value)
    parts = [f"显示为 {_mixed(shown)} {unit.name_zh.value}"]
    if one.priced.overflow:
        parts.append(f"捐入公共时间池 {one.priced.overflow} 分钟")
    if one.priced.charged:
        parts.append(f"使用方支出 {one.priced.charged} 分钟")
    return "，".join(parts)


def _mixed(number: Fraction) -> str:
    whole, rest = divmod(number, 1)
    return f"{whole} {rest}" if whole and rest else str(rest or whole)


if __name__ == "__main__":
    sys.stdout.write(page())
