"""timebank/openings/carrying.py: a page that was paid stays paid in the book that follows."""

from dataclasses import replace
from pathlib import Path

from tests.support.openings import PAGE, Scheme, scheme_with
from tests.timebank.test_succession import NEXT, exported, frozen, judge
from timebank.bank import Bank
from timebank.config import Settings
from timebank.founding import FOUNDER
from timebank.reconciliation.reconcile import reconcile
from timebank.succession import found_successor


def followed(scheme: Scheme, place: Path) -> Path:
    """End the book, go on with its successor; answers the last bundle."""
    tried = scheme.tried
    frozen(tried)
    bundle = exported(tried.bank, place / "last")
    settings = Settings(data=place / "next")
    found_successor(settings, tried.clock, origin=NEXT, bundle=bundle, former=tried.settings)
    scheme.tried = replace(tried, bank=Bank.open(settings, tried.clock), settings=settings)
    return bundle


def test_paid_pages_stay_paid_and_what_waited_comes_back(tmp_path: Path) -> None:
    with scheme_with(tmp_path) as scheme:
        scheme.hand_in(
            [("V0003", "", "5", "1", "2022-12-31"), ("E0001", "", "6", "1", "2022-12-31")]
        )
        scheme.confirm("E0001", slip="T")
        scheme.posted("V0001")
        scheme.reverse(str(scheme.rows("posted")[0].opening_id))
        again = scheme.hand_in([("V0001", "", PAGE, "2.5", "2022-12-31")])
        scheme.confirm("V0001", slip="U")
        scheme.approve(again.batch_id)
        bundle = followed(scheme, tmp_path)
        states = {"returned": 3, "reversed": 1, "carried_over": 1}
        assert {state: scheme.states().count(state) for state in states} == states
        assert scheme.balance("V0001") == 150
        handed = scheme.hand_in()
        assert (handed.accepted, handed.already) == (1, 1)
        scheme.confirm("V0002", slip="V")
        assert scheme.approve(handed.batch_id).approved == 1
        with scheme.tried.bank as bank:
            bank.publish()
            assert reconcile(bank, FOUNDER).open_findings == 0
        assert judge(scheme.tried.settings.log_folder, bundle).findings == ()
