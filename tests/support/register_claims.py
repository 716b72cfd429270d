"""What a generated register is about: people, the services they gave, and planted faults."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from stdnum.cn import ric

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建国"
CONTENTS = ["助餐", "助浴", "打扫卫生", "亲情陪伴", "陪同就医", "家电维修", "理发", "心理疏导"]


@dataclass(slots=True)
class Person:
    """Somebody on the list of members; ``role`` is the list's own word."""

    number: str
    name: str
    role: str
    id_number: str


@dataclass(slots=True)
class Claim:
    """What one line means: minutes count from midnight of ``day``."""

    day: date
    begins: int
    ends: int
    volunteers: list[Person]
    elders: list[Person]
    content: str
    fault: str | None = None
    blank: str | None = None  # the column left blank on purpose

    @property
    def start(self) -> datetime:
        """When it began, by the wall."""
        return datetime.combine(self.day, time.min) + timedelta(minutes=self.begins)

    @property
    def end(self) -> datetime:
        """When it ended, by the wall."""
        return datetime.combine(self.day, time.min) + timedelta(minutes=self.ends)


def draw_people(rng: Random) -> list[Person]:
    """Fourteen volunteers, the last two of one name, then twelve elders."""
    names: set[str] = set()
    while len(names) < 26:
        names.add(rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice([1, 1, 2]))))
    ordered = sorted(names)
    rng.shuffle(ordered)
    people = []
    for index, name in enumerate(ordered):
        volunteer = index < 14
        body = f"320113{rng.randint(1930, 2000)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        body += f"{index:03d}"
        number = f"V{index + 1:04d}" if volunteer else f"E{index - 13:04d}"
        people.append(Person(number, name, "志愿者" if volunteer else "老人",
                             body + ric.calc_check_digit(body + "0")))  # fmt: skip
    people[13].name = people[12].name  # two volunteers of one name
    return people


def busy(claims: list[Claim], claim: Claim) -> bool:
    """Whether anybody of ``claim`` is in an accepted claim at that time."""
    numbers = {p.number for p in claim.volunteers + claim.elders}
    return any(
        numbers & {p.number for p in other.volunteers + other.elders}
        and claim.start < other.end
        and other.start < claim.end
        for other in claims
        if other.fault is None
    )


def draw_claims(
    rng: Random, people: list[Person], month: date, columns: list[str], people_as: str
) -> list[Claim]:
    """Services that do not collide, some of several lines, with faults among them."""
    volunteers, elders = people[:12], people[14:]
    claims: list[Claim] = []
    while len(claims) < rng.randint(18, 40):
        claim = Claim(
            month + timedelta(days=rng.randint(0, 32)),
            begins := 5 * rng.randint(7 * 12, 18 * 12),
            begins + 5 * rng.randint(3, 48),
            rng.sample(volunteers, rng.choice([1, 1, 1, 2])),
            rng.sample(elders, rng.choice([1, 1, 1, 2])),
            rng.choice(CONTENTS),
        )
        if claim.ends > 23 * 60 or busy(claims, claim):
            continue
        claims.append(claim)
        if rng.random() < 0.15:  # the same visit for another elder, or by another volunteer
            more = Claim(claim.day, claim.begins, claim.ends, claim.volunteers, claim.elders,
                         claim.content)  # fmt: skip
            free = [p for p in volunteers + elders if not busy(claims, _of(claim, p))]
            if free and (one := rng.choice(free)):
                if one.role == "志愿者":
                    more.volunteers = [one]
                else:
                    more.elders = [one]
                claims.append(more)
    for fault in rng.sample(_FAULTS, rng.randint(4, len(_FAULTS))):
        _plant(rng, fault, claims, people, columns, people_as)
    return claims


def _of(claim: Claim, one: Person) -> Claim:
    return Claim(claim.day, claim.begins, claim.ends, [one], [], claim.content)


_FAULTS = [
    "missing_field", "unreadable_date", "unreadable_time", "unreadable_duration",
    "end_before_start", "duration_mismatch", "unknown_member", "ambiguous_member",
    "in_the_future", "duplicate", "overlapping_service",
]  # fmt: skip


def _plant(
    rng: Random,
    fault: str,
    claims: list[Claim],
    people: list[Person],
    columns: list[str],
    people_as: str,
) -> None:
    """Add one line with this fault, where the layout can show it."""
    good = [claim for claim in claims if claim.fault is None]
    ends_kept = "end" in columns or "when" in columns
    model = rng.choice(good)
    one = Claim(model.day, model.begins, model.ends, list(model.volunteers), list(model.elders),
                model.content, fault)  # fmt: skip
    at = rng.randint(0, len(claims))
    if fault in ("duplicate", "overlapping_service"):
        at = rng.randint(claims.index(model) + 1, len(claims))
    match fault:
        case "missing_field":
            required = [c for c in columns if c not in
                        ("serial", "note", "place", "phone", "volunteer_number")]  # fmt: skip
            one.blank = rng.choice(required)
            if one.blank == "volunteer" and "volunteer_number" in columns:
                one.blank = "content"
        case "unreadable_date" | "in_the_future" if "date" not in columns:
            return
        case "unreadable_duration" if "length" not in columns:
            return
        case "duration_mismatch" if "length" not in columns or not ends_kept:
            return
        case "end_before_start" if not ends_kept:
            return
        case "unknown_member":
            stranger = Person("V9999", "查无此人", "志愿者", "")
            side = one.volunteers if rng.random() < 0.5 else one.elders
            side[rng.randrange(len(side))] = stranger
        case "ambiguous_member":
            if people_as in ("number", "both", "mixed") or "volunteer_number" in columns:
                return
            one.volunteers = [people[12]]
        case "overlapping_service":
            one.begins += 5 * rng.randint(1, max(1, (model.ends - model.begins) // 5 - 1))
            one.ends = one.begins + 35
            one.content = rng.choice(CONTENTS)
            if one.ends > 23 * 60 + 30:
                return
            # earlier accepted lines alone decide, and the model is one of them
    claims.insert(at, one)
