"""timebank/shortfalls/carrying.py: what is open comes over, and comes back in the next book."""

from datetime import timedelta
from pathlib import Path

from tests.support.banks import OPERATOR
from tests.support.forging import log
from tests.support.givers import SECOND, TEN_MINUTES, TRANSFER, givers_with
from tests.timebank.test_succession_orders import followed, is_sound
from timebank.chart import Kind
from timebank.shortfalls.proposing import decide_reversal, propose_reversal
from timebank.shortfalls.queries import proposals_listed, shortfalls_listed
from timebank.shortfalls.recovering import recover_shortfalls

HALF = '[recording]\nshortfall_recovery_percent = { value = 50, source = "区办法" }'


def test_an_open_shortfall_comes_over_and_comes_back(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER, HALF) as givers:
        bank = givers.tried.bank
        other = log(givers.tried, volunteers="V0001", recipients="E0002", at="16:00", minutes=60)
        givers.donate(minutes=300)
        givers.tried.clock.move(TEN_MINUTES)
        givers.settle()
        with bank.read() as connection:
            asked = "SELECT record_id FROM service_record WHERE record_id <> ?"
            first = connection.exec_driver_sql(asked, (other,)).scalar_one()
        done = propose_reversal(bank, OPERATOR, str(first), "名单不实", key="proposal-1")
        decide_reversal(bank, SECOND, str(done.body["proposal"]), approve=True, key="decision-1")
        propose_reversal(bank, OPERATOR, other, "名单不实", key="proposal-2")

        bundle = followed(givers, tmp_path, later=timedelta(days=1))
        with givers.tried.bank.read() as connection:
            (short,) = shortfalls_listed(connection, OPERATOR)
            states = [one.state for one in proposals_listed(connection, OPERATOR)]
        assert (short.open_minutes, short.recovered_minutes) == (240, 0)
        assert sorted(states) == ["approved", "withdrawn"]
        givers.tried.clock.move(timedelta(minutes=1))
        log(givers.tried, 2, recipients="E0002", at="06:00", minutes=91)
        assert recover_shortfalls(givers.tried.bank, 1) == {"accounts": 1, "minutes": 45}
        assert givers.of_kind(Kind.SHORTFALL) == (45 - 240, 0)
        is_sound(givers, bundle)
