"""The station's letters, seen by axe and measured in every state."""

import pytest

from tests.support.forging import CLERK
from tests.support.planting import letters
from tests.support.walk import Walk
from timebank.letters.queries import letter_runs

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_letters(walk: Walk) -> None:
    tried, page = walk.typist.tried, walk.page
    walk.sign_in("station", "clerk-XFL")
    walk.typist.open("/station/letters")
    walk.eyes.look("no letters")
    drawn = letters("2023-04-05", "1").replace("lett_1", "lett_2").replace("4of4", "3of4")
    tried.behind(letters("2023-01-03"), drawn)
    walk.typist.open("/station/letters")
    walk.eyes.look("letters due, late and drawn")
    with page.expect_navigation():
        page.locator("form[action^='/station/letters/'] button").click()
    walk.eyes.look("said to be out")
    with tried.bank.read() as connection:
        states = {one.run_id: one.handed_ms is None for one in letter_runs(connection, CLERK)}
    assert states == {"lett_1": True, "lett_2": False}
