"""timebank/campaigns/keeping.py: a unit's press reports, as many as one sheet can be read with."""

from datetime import date

import pytest

from tests.support.campaigns import CLERK, Month
from timebank.campaigns.keeping import MOST_REPORTS, keep_report
from timebank.errors.campaigns import ListFull


def kept(month: Month, number: int) -> str:
    return keep_report(
        month.tried.bank, CLERK, month.campaign_id, "XF", title=f"学雷锋 {number}", outlet="日报",
        published_on=date(2023, 3, 6),
    )  # fmt: skip


def test_press_reports_have_an_end(sqlite_month: Month) -> None:
    first = kept(sqlite_month, 1)
    for number in range(2, MOST_REPORTS + 1):
        kept(sqlite_month, number)
    assert kept(sqlite_month, 1) == first
    with pytest.raises(ListFull) as refused:
        kept(sqlite_month, MOST_REPORTS + 1)
    assert refused.value.facts == {"field": "reports", "most": MOST_REPORTS}
    assert "“有关报道”最多 200 条" in refused.value.in_chinese()
