"""A campaign in the book that follows: what waited is open again, what was submitted stays."""

from dataclasses import replace
from pathlib import Path

from tests.support.banks import FOUNDER
from tests.support.campaigns import CLERK, Month
from tests.timebank.test_succession import NEXT, exported, frozen, judge
from timebank.bank import Bank
from timebank.campaigns.model import Category, Served
from timebank.campaigns.people import note_served, served_of
from timebank.campaigns.queries import figures_of
from timebank.config import Settings
from timebank.reconciliation.reconcile import reconcile
from timebank.succession import found_successor


def test_a_month_goes_on(sqlite_month: Month, tmp_path: Path) -> None:
    month = sqlite_month
    month.lived()
    visit = month.activity(2)
    child = Served(Category.CHILD, "陈小明", "陈大勇")
    note_served(month.tried.bank, CLERK, visit, child, key=month.key())
    tried = month.tried
    frozen(tried)
    bundle = exported(tried.bank, tmp_path / "last")
    settings = Settings(data=tmp_path / "next")
    found_successor(settings, tried.clock, origin=NEXT, bundle=bundle, former=tried.settings)
    with Bank.open(settings, tried.clock) as bank:
        month.tried = replace(tried, bank=bank, settings=settings)
        with bank.read() as connection:
            total = figures_of(connection, CLERK, month.campaign_id).total
            served = served_of(bank, connection, visit)
        assert (total.posted.minutes, total.pending.minutes) == (210, 0)
        assert [one.guardian for one in served] == ["陈＊＊"]
        # The visit awaited its second person; it is handed in to the new book and approved there.
        month.approve(month.hand_in(2)["batch"])
        with bank.read() as connection:
            total = figures_of(connection, CLERK, month.campaign_id).total
        assert (total.posted.minutes, total.posted.heads) == (270, 30)
        bank.publish()
        assert reconcile(bank, FOUNDER).open_findings == 0
    assert judge(settings.log_folder, bundle).findings == ()
