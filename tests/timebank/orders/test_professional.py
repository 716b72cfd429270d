"""charging.professional_rate: three hours saved are one of professional care, wish to entry."""

from datetime import datetime
from pathlib import Path

import pytest

from ledger.errors import FloorExceeded
from tests.support.banks import TriedBank
from tests.support.forging import bank_with, judged
from tests.support.orders import CLERK, OTHER_CLERK, STRAIGHT, Journey
from timebank.chart import Kind
from timebank.founding import FOUNDER
from timebank.orders.attention import cost_explained, payers_of
from timebank.orders.cost import expected_charge, explain_charge
from timebank.orders.store import order_in
from timebank.records.explaining import explain_record
from timebank.records.model import Payer
from timebank.statements.statement import newest_lines

AT = datetime.fromisoformat("2023-04-06T08:00")


def rate(times: int) -> str:
    return f'[charging]\nprofessional_rate = {{ value = {times}, source = "新北" }}'


@pytest.mark.parametrize("times", [1, 2, 3, 60])
@pytest.mark.parametrize("minutes", [1, 59, 60, 61])
def test_what_an_hour_of_a_trained_hand_costs(tmp_path: Path, times: int, minutes: int) -> None:
    with bank_with(tmp_path, rate(times), people=()) as tried:
        cost = expected_charge(tried.bank, "nursing", AT, minutes, Payer.ELDER)
        assert cost == minutes * times
        assert expected_charge(tried.bank, "companionship", AT, minutes, Payer.ELDER) == minutes
        assert expected_charge(tried.bank, "nursing", AT, minutes, Payer.NOBODY) == 0
        charged, told = explain_charge(tried.bank, "nursing", AT, minutes, Payer.ELDER)
        assert charged == cost
        assert any("新北" in line for line in told.zh) == (times > 1)
        assert len(told.zh) == len(told.en)


def nursed(tried: TriedBank, saved: int) -> Journey:
    journey = Journey(tried, saved=saved)
    journey.ask(class_code="nursing")
    return journey


@pytest.mark.parametrize(("saved", "is_enough"), [(179, False), (180, True), (181, True)])
def test_the_whole_charge_is_held_before_anybody_comes(
    tmp_path: Path, saved: int, is_enough: bool
) -> None:
    with bank_with(tmp_path, rate(3), people=()) as tried:
        journey = nursed(tried, saved)
        with tried.bank.read() as connection:
            shown = {one.payer: one for one in payers_of(
                tried.bank, connection, CLERK, journey.order_id)}  # fmt: skip
            told = cost_explained(tried.bank, order_in(connection, journey.order_id))
        elder = shown[Payer.ELDER]
        assert (elder.charged_minutes, elder.enough) == (180, is_enough)
        assert told.en[0] == "1. one minute of professional care uses 3: 60 → 180 minutes (新北)"
        journey.step("vet")
        journey.step("publish")
        if not is_enough:
            with pytest.raises(FloorExceeded):
                journey.step("match", volunteer="V0001")
            return
        journey.step("match", volunteer="V0001")
        assert journey.balance("E0001") == (saved, 180)


def test_charged_is_not_credited_and_the_difference_is_its_own_movement(tmp_path: Path) -> None:
    with bank_with(tmp_path, rate(3), people=()) as tried:
        journey = nursed(tried, 300)
        for name, stated in STRAIGHT:
            journey.step(name, OTHER_CLERK if name == "confirm" else CLERK, **stated)
        assert journey.balance("E0001") == (120, 0)
        assert journey.balance("V0001") == (60, 0)
        with tried.bank.read() as connection:
            lines = newest_lines(connection, tried.bank.account_of(Kind.REDEEMED), 5, {})
            assert [one.minutes for one in lines] == [120]
            record = journey.records()[-1]
            found = explain_record(tried.bank, connection, FOUNDER, record)
        (part,) = found.parts
        assert (part.stored.credited, part.stored.charged) == (60, 180)
        assert any(
            "专业照护每 1 分钟使用 3 分钟：60 → 180 分钟（依据：新北）" in one for one in part.zh
        )
        assert judged(tried, tmp_path).report.findings == ()
