"""api/routes/handlers.py, api/pages/handlers.py: figures for whoever asks about somebody's work."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from api.pages.handlers import BAR_WIDTH, MOST_BARS, bars
from tests.support.call_backs import a_week, caller, drawn
from tests.support.clients import Desk, desk_of
from tests.support.forging import bank_with
from tests.support.visitors import Visitor
from timebank.integrity.statistics import HandlerFigures
from timebank.stations.model import Role

PATH = "/api/v1/handlers"
APRIL = {"from": "2023-04-01", "to": "2023-04-30"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An application over twelve records of the founded clerk, a third of them late."""
    with bank_with(tmp_path, people=()) as tried, desk_of(tried) as found:
        a_week(tried, 12)
        clerk = caller(tried, Role.CLERK).actor_id
        tried.behind(f"UPDATE service_record SET recorded_by = '{clerk}'")
        tried.behind("UPDATE service_record SET marks = 'back_dated' WHERE number <= 4")
        yield found


def test_the_district_and_its_auditors_read_the_figures(desk: Desk) -> None:
    for role in ("operator", "auditor"):
        told = desk.client(role).get(PATH, params=APRIL).json()
        (one,) = told["items"]
        assert (one["login"], one["entries"], one["late"]) == ("clerk-XFL", 12, 4)
        assert (one["reviews"], one["median_review_seconds"]) == (0, None)
    for role, status in (("clerk", 403), ("reviewer", 403), ("kiosk", 403), ("", 401)):
        assert desk.client(role).get(PATH, params=APRIL).status_code == status


@pytest.mark.parametrize(
    ("days", "status", "found"),
    [
        (("2023-04-05", "2023-04-05"), 200, 0),
        (("2023-04-06", "2023-04-06"), 200, 1),
        (("2023-04-07", "2023-04-06"), 422, 0),
        (("2023-04-06", "9999-12-31"), 200, 1),
        (("0001-01-01", "0001-01-01"), 200, 0),
        (("yesterday", "2023-04-06"), 422, 0),
    ],
)
def test_days(desk: Desk, days: tuple[str, str], status: int, found: int) -> None:
    asked = dict(zip(("from", "to"), days, strict=True))
    said = desk.client("auditor").get(PATH, params=asked)
    assert said.status_code == status
    assert len(said.json().get("items", [])) == found


def test_the_page_has_the_picture_the_table_and_the_draws(desk: Desk) -> None:
    desk.tried.clock.move(timedelta(days=3, hours=20))
    drawn(desk.tried)
    for door, role in (("audit", "auditor"), ("operator", "operator")):
        visitor = Visitor(desk, role)
        page = visitor.open(f"/{door}/handlers")
        assert "<rect" in page
        assert "clerk-XFL" in page
        assert "33%" in page
        assert "2023年4月10日" in page
        page = visitor.open(f"/{door}/handlers?from=2022-01-01&until=2022-02-01")
        assert "没有人登记或复核" in page
    for asked in ("from=x", "from=2023-04-06&until=2023-04-05", "until=5000-13-01"):
        visitor.open(f"/operator/handlers?{asked}")
        assert visitor.status == 422
    clerk = Visitor(desk, "clerk")
    clerk.open("/audit/handlers")
    assert clerk.status == 403


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_the_picture_shows_the_busiest_to_one_scale(off: int) -> None:
    made = [HandlerFigures(f"h{n}", entries=100 - n, late=n) for n in range(MOST_BARS + off)]
    drawn_bars = bars(made, {one.handler: one.handler for one in made})
    assert len(drawn_bars) == MOST_BARS + min(off, 0)
    assert (drawn_bars[0].entries_width, drawn_bars[10].entries_width) == (
        BAR_WIDTH, BAR_WIDTH * 90 // 100,
    )  # fmt: skip
    assert drawn_bars[10].late_width == BAR_WIDTH * 10 // 100
    assert bars([], {}) == []


def test_today_is_within_the_default_days(desk: Desk) -> None:
    page = Visitor(desk, "auditor").open("/audit/handlers")
    assert f"2023-04-01 至 {date(2023, 4, 6).isoformat()}" in page
