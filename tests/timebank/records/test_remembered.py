"""What is remembered of a refusal for ever: codes and values of rules, nothing of the person."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from tests.support.banks import OPERATOR, TriedBank, new_bank
from tests.support.profiles import HEAD
from tests.support.services import service
from timebank.errors import TooYoungToRedeem, UnderAge
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.records.actions import log_service
from timebank.records.importing import import_register
from timebank.records.model import Payer, StatedService
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
PROFILE = HEAD + (
    '[earning]\nminimum_age = { value = 18, source = "a" }\n'
    '[redeeming]\nminimum_age = { value = 60, source = "b" }\n'
)
BORN = date(2008, 7, 9)


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[TriedBank]:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(PROFILE, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as made:
        people = [
            Newcomer("少年", (("V0014", "volunteer"),), BORN),
            Newcomer("成年", (("V0040", "volunteer"),), date(1983, 1, 1)),
            Newcomer("青年", (("E0014", "elder"),), BORN),
        ]
        register(made.bank, OPERATOR, people, key="people-1")
        yield made


def remembered(bank: TriedBank) -> list[dict[str, object]]:
    query = text("SELECT answer FROM idempotency_key WHERE submitter = :who ORDER BY leaf_index")
    with bank.bank.read() as connection:
        rows = connection.execute(query, {"who": CLERK.actor_id}).scalars().all()
    return [orjson.loads(bytes(row)) for row in rows]


def a_service(volunteer: str, recipient: str, **rest: object) -> StatedService:
    return service(volunteer, recipient, **rest)


def test_no_age_is_kept_of_who_was_too_young_to_earn(bank: TriedBank) -> None:
    for _time in range(2):
        with pytest.raises(UnderAge) as refused:
            log_service(bank.bank, CLERK, "XFL", a_service("V0014", "E0014"), key="service-1")
        assert refused.value.facts == {"minimum_age": 18}

    assert remembered(bank) == [{"code": "under_age", "facts": {"minimum_age": 18}}]


def test_no_age_is_kept_of_who_was_too_young_to_redeem(bank: TriedBank) -> None:
    stated = a_service("V0040", "E0014", payer=Payer.ELDER)
    with pytest.raises(TooYoungToRedeem):
        log_service(bank.bank, CLERK, "XFL", stated, key="service-2")

    assert remembered(bank) == [{"code": "too_young_to_redeem", "facts": {"minimum_age": 60}}]


def test_no_age_is_kept_of_a_row_of_a_register(bank: TriedBank, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    header = "服务日期,开始时间,结束时间,志愿者姓名,服务对象,服务内容\n"
    file.write_text(header + "2023-04-04,9:00,10:00,V0014,E0014,读报\n", encoding="utf-8")
    first, again = (
        import_register(bank.bank, CLERK, "XFL", file, key="import-1") for _time in range(2)
    )

    assert [one.code for one in first.refusals] == ["under_age"]
    assert again.refusals == first.refusals
    assert [answer["refused"] for answer in remembered(bank)] == [
        [[0, "under_age", {"minimum_age": 18}]]
    ]
