"""timebank/campaigns/actions.py: what a campaign must be to be opened."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.banks import OPERATOR
from tests.support.campaigns import CLERK, REVIEWER, STATED, Month
from timebank.campaigns.actions import LONGEST_NAME, open_campaign
from timebank.campaigns.model import Theme
from timebank.campaigns.queries import campaigns_listed
from timebank.errors import MissingField, NotPermitted, UnknownStation
from timebank.errors.campaigns import CampaignUnfit

UNIT = STATED.units[0]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({}, None),
        ({"name": " "}, MissingField),
        ({"receiver": ""}, MissingField),
        ({"name": "月" * LONGEST_NAME}, None),
        ({"name": "月" * (LONGEST_NAME + 1)}, CampaignUnfit),
        ({"themes": ()}, CampaignUnfit),
        ({"themes": (Theme("一"), Theme(" 一"))}, CampaignUnfit),
        ({"units": ()}, CampaignUnfit),
        ({"units": (UNIT, UNIT)}, CampaignUnfit),
        ({"units": (replace(UNIT, code="幸福"),)}, CampaignUnfit),
        ({"units": (replace(UNIT, name=""),)}, CampaignUnfit),
        ({"units": (replace(UNIT, station_code="NO"),)}, UnknownStation),
        ({"ends_on": date(2023, 3, 4)}, CampaignUnfit),
        ({"ends_on": date(2023, 3, 5)}, None),
        ({"summaries_due_on": date(2023, 3, 1)}, CampaignUnfit),
        ({"summaries_due_on": date(2023, 3, 2)}, None),
    ],
)
def test_a_campaign_is_whole(sqlite_month: Month, changed: dict[str, Any], refusal: Any) -> None:
    bank, stated = sqlite_month.tried.bank, replace(STATED, **changed)
    if refusal is None:
        open_campaign(bank, OPERATOR, stated, key=sqlite_month.key())
    else:
        with pytest.raises(refusal):
            open_campaign(bank, OPERATOR, stated, key=sqlite_month.key())
    with bank.read() as connection:
        assert len(campaigns_listed(connection, OPERATOR)) == (2 if refusal is None else 1)


def test_the_receiving_unit_opens_it_once(month: Month) -> None:
    for actor in (CLERK, REVIEWER):
        with pytest.raises(NotPermitted):
            open_campaign(month.tried.bank, actor, STATED, key=month.key())
    first, again = (
        open_campaign(month.tried.bank, OPERATOR, STATED, key="one-attempt") for _time in range(2)
    )
    assert first.body == again.body
    with month.tried.bank.read() as connection:
        assert len(campaigns_listed(connection, CLERK)) == 2
