"""timebank/succession.py: a reported death is settled in the book that follows."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR, TriedBank
from tests.support.forging import CLERK, log
from tests.support.orders import Journey
from tests.timebank.test_succession_orders import followed, is_sound
from timebank.errors.estates import PersonDeceased, SettlementCarriedOver, UnknownEstate
from timebank.estates.actions import Share, report_death, reverse_settlement, settle_estate
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation

SECOND = replace(OPERATOR, actor_id="staff_other_operator")


def test_a_death_that_was_reported_before_is_settled_after(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    journey = Journey(sqlite_bank)
    note_kinship(journey.tried.bank, OPERATOR, "E0001", "V0002", Relation.CHILD, "户口簿")
    made = report_death(
        journey.tried.bank, CLERK, "E0001", "2023-04-06", "死亡医学证明", key="report-1"
    )
    estate = str(made.body["estate"])
    first = settle_estate(
        journey.tried.bank, OPERATOR, estate, [Share("V0002", 200)], key="settle-1"
    )
    log(journey.tried, 9, volunteers="V1001", recipients="E0002", at="16:00")
    bundle = followed(journey, tmp_path)
    bank = journey.tried.bank
    with pytest.raises(PersonDeceased):
        journey.ask()
    with pytest.raises(UnknownEstate):
        reverse_settlement(bank, SECOND, "entry_" + "0" * 32, "有误", key="reverse-0")
    with pytest.raises(SettlementCarriedOver):
        reverse_settlement(bank, SECOND, str(first.body["entry"]), "有误", key="reverse-1")
    settle_estate(bank, OPERATOR, estate, [Share("V0002", 30)], key="settle-2")
    assert (journey.balance("E0001"), journey.balance("V0002")) == ((0, 0), (230, 0))
    is_sound(journey, bundle)
