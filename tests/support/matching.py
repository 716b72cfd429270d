"""Invented days for matching: drawn from a seed, with every rule at work."""

from datetime import date
from random import Random

from timebank.matching.model import Place, Request, Rules, Standing, Volunteer, Window

DAY = date(2023, 4, 11)
"""A Tuesday."""

CLASSES = ("meals", "bathing", "cleaning", "repairs", "companionship", "smartphones")
STRICT = Rules(18, True, True, frozenset({"repairs"}), True, 240, 6_000)
"""Rules of which every one refuses somebody of an invented day."""


def request(order_id: str = "ordr_1", elder_id: str = "elder", **changed: object) -> Request:
    """An hour of company on Tuesday at two, 1,200 metres east of the origin."""
    facts: dict[str, object] = {
        "class_code": "companionship", "on": DAY, "from_minute": 840, "minutes": 60,
        "place": Place(1_200, 0), **changed,
    }  # fmt: skip
    return Request(order_id, elder_id, **facts)  # type: ignore[arg-type]


def invented_day(
    random: Random, requests: int, volunteers: int
) -> tuple[list[Request], list[Volunteer]]:
    """A day on which every hard rule refuses somebody and every soft one finds something."""
    places = [None, *(Place(random.randrange(6_000), random.randrange(6_000)) for _ in range(9))]
    asked = [
        Request(
            f"ordr_{at}",
            f"person_{random.randrange(2 * requests)}",
            random.choice(CLASSES),
            DAY,
            random.randrange(16, 44) * 30,
            random.choice((30, 60, 90, 120)),
            random.choice(places),
            random.choice(("", "", "female", "male")),
            random.randrange(9) == 0,
        )
        for at in range(requests)
    ]
    return asked, [_volunteer(random, at, asked, places) for at in range(volunteers)]


def _volunteer(
    random: Random, at: int, asked: list[Request], places: list[Place | None]
) -> Volunteer:
    def elders(most: int) -> set[str]:
        return {random.choice(asked).elder_id for _ in range(random.randrange(most))}

    windows = tuple(
        Window(weekday, 480, random.choice((720, 1_080)))
        for weekday in random.sample(range(1, 8), random.randrange(4))
    )
    busy = DAY.toordinal() * 1_440 + random.randrange(480, 1_200)
    return Volunteer(
        f"person_{at}",
        frozenset(random.sample(CLASSES, random.randrange(4))),
        windows,
        random.choice(places),
        random.choice(("", "female", "male")),
        date(random.choice((1950, 1990, 2005, 2010)), 4, 11),
        Standing(
            random.choice(("", "2023-04-10", "2023-04-11", "2024-01-01", "2024-01-01")),
            random.choice(("2023-04-10", "2024-01-01", "2024-01-01")),
            random.choice(("", "", "", "2023-04-01")),
            random.choice(("", "2023-04-10", "2023-04-11")),
        ),
        ((busy, busy + 90),) if random.randrange(3) == 0 else (),
        frozenset(elders(3)),
        {who: random.choice(("spouse", "child")) for who in elders(3)},
        {who: random.randrange(1, 6) for who in elders(4)},
        random.randrange(12),
        random.randrange(12),
        {DAY.isoformat(): random.choice((0, 0, 120, 200))},
        random.choice((0, 0, 5_950)),
        random.randrange(9) == 0,
        {who: random.choice(("lead", "member", "backup")) for who in elders(3)},
    )
