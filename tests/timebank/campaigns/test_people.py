"""timebank/campaigns/people.py: sealed, guarded, and forgotten one by one."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.support.campaigns import CLERK, Month
from timebank.campaigns.model import Category, Served
from timebank.campaigns.people import MOST_SERVED, forget_served, note_served, served_of
from timebank.errors import MissingField, NotPermitted
from timebank.errors.campaigns import (
    ChildWithoutGuardian,
    ListFull,
    ThemeServesNobody,
    UnknownCampaignItem,
)
from timebank.stations.model import Actor, Role

CHILD = Served(Category.CHILD, "陈小明", "陈大勇")


def noted(month: Month, served: Served = CHILD, serial: int = 2) -> str:
    answer = note_served(month.tried.bank, CLERK, month.activity(serial), served, key=month.key())
    return str(answer.body["people"][0])


def shown(month: Month) -> list[tuple[str, str, str]]:
    with month.tried.bank.read() as connection:
        found = served_of(month.tried.bank, connection, month.activity(2))
    return [(one.category, one.name, one.guardian) for one in found]


def every_byte(month: Month) -> bytes:
    with month.tried.bank.read() as connection:
        leaves = connection.execute(text("SELECT body FROM leaf")).scalars()
        sealed = connection.execute(text("SELECT sealed FROM campaign_person")).scalars()
        return b"\n".join(bytes(one) for one in (*leaves, *sealed))


def test_a_child_is_noted_with_a_guardian_and_nothing_shows(month: Month) -> None:
    month.report()
    noted(month)
    assert shown(month) == [("child", "陈＊＊", "陈＊＊")]
    names = [word.encode() for word in ("陈小明", "陈大勇")]
    assert not any(name in every_byte(month) for name in names)


def test_the_list_of_people_has_an_end(sqlite_month: Month) -> None:
    sqlite_month.report()
    for _one in range(MOST_SERVED):
        noted(sqlite_month)
    with pytest.raises(ListFull) as refused:
        noted(sqlite_month)
    assert refused.value.facts == {"field": "served", "most": MOST_SERVED}
    assert len(shown(sqlite_month)) == MOST_SERVED


@pytest.mark.parametrize(
    ("served", "refusal"),
    [
        (Served(Category.CHILD, "陈小明"), ChildWithoutGuardian),
        (Served(Category.CHILD, "陈小明", " "), ChildWithoutGuardian),
        (Served(Category.DISABLED, " "), MissingField),
        (Served(Category.DISABLED, "吴强"), None),
        (Served(Category.DISABLED, "吴强", "吴芳"), None),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_who_may_be_noted(sqlite_month: Month, served: Served, refusal: Any) -> None:
    sqlite_month.report()
    if refusal is None:
        noted(sqlite_month, served)
        assert len(shown(sqlite_month)) == 1
        return
    with pytest.raises(refusal):
        noted(sqlite_month, served)
    assert shown(sqlite_month) == []


def test_a_theme_for_nobody_has_nobody_and_keeps_no_key(month: Month) -> None:
    month.report()
    before = set(month.tried.bank.wrapped_keys.owners())
    with pytest.raises(ThemeServesNobody):
        noted(month, serial=1)
    assert set(month.tried.bank.wrapped_keys.owners()) == before


def test_one_is_forgotten_and_another_stays(month: Month) -> None:
    month.report()
    first, second = noted(month), noted(month, Served(Category.DISABLED, "吴强"))
    bank = month.tried.bank
    stranger = Actor("staff_elsewhere", Role.CLERK, "OTHER")
    with pytest.raises(NotPermitted):
        forget_served(bank, stranger, first, key=month.key())
    for _time in range(2):
        forget_served(bank, CLERK, first, key=month.key())
    assert sorted(shown(month)) == [("child", "", ""), ("disabled", "吴＊＊", "")]
    assert set(bank.wrapped_keys.of([first, second])) == {second}
    with pytest.raises(UnknownCampaignItem):
        forget_served(bank, CLERK, "cprs_none", key=month.key())
