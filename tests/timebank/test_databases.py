"""timebank/databases.py: a NUL sign, which no PostgreSQL column can hold, is refused on both."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ContentOutOfProfile
from tests.support.banks import OPERATOR, TriedBank
from tests.support.services import service
from timebank.people.directory import account_of_number
from timebank.reconciliation.actions import comment
from timebank.records.actions import log_service
from timebank.records.importing import import_register
from timebank.stations.actions import hire, open_station, set_password
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import sign_in, sign_in_by_card

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
REGISTER = (
    "日期,开始时间,结束时间,志愿者,服务内容,服务对象\n2023-04-05,9:00,9:45,V0001,助餐,E0001\n"
)


@pytest.mark.parametrize("field", ["content", "place", "note", "public", "reason"])
def test_of_a_service(bank: TriedBank, field: str) -> None:
    bank.people("V0001", "E0001")
    stated = replace(service(), **{field: "助\0餐"})
    with pytest.raises(ContentOutOfProfile):
        log_service(bank.bank, CLERK, "XFL", stated, key="service-1")
    assert log_service(bank.bank, CLERK, "XFL", service(), key="service-1").body["number"] == 1


def test_a_backslash_before_the_zeros_is_no_such_sign(bank: TriedBank) -> None:
    bank.people("V0001", "E0001")
    stated = replace(service(), note="\\u0000")
    assert log_service(bank.bank, CLERK, "XFL", stated, key="service-1").body["number"] == 1


def test_of_a_station_of_staff_and_of_a_finding(bank: TriedBank) -> None:
    secret: dict[str, Any] = {"role": Role.AUDITOR, "password": "correct horse 7"}
    for login, title in (("wa\0ng", "审计"), ("wang", "审\0计")):
        with pytest.raises(ContentOutOfProfile):
            hire(bank.bank, OPERATOR, login=login, title=title, **secret)
    with pytest.raises(ContentOutOfProfile):
        open_station(bank.bank, OPERATOR, "EAST", "东\0亭", key="open-east")
    with pytest.raises(ContentOutOfProfile):
        comment(bank.bank, OPERATOR, "finding_x", "看\0过")
    with pytest.raises(ContentOutOfProfile):
        set_password(bank.bank, OPERATOR, "wa\0ng", "correct horse 7")


def test_of_the_reason_of_an_import(bank: TriedBank, tmp_path: Path) -> None:
    bank.people("V0001", "E0001")
    file = tmp_path / "register.csv"
    file.write_text(REGISTER, encoding="utf-8")
    with pytest.raises(ContentOutOfProfile):
        import_register(bank.bank, CLERK, "XFL", file, key="import-1", reason="补\0录")
    assert import_register(bank.bank, CLERK, "XFL", file, key="import-1").accepted == 1


@pytest.mark.postgres
def test_whoever_asks_for_it_is_told_so(postgres_bank: TriedBank) -> None:
    bank = postgres_bank.bank
    with pytest.raises(ContentOutOfProfile):
        sign_in(bank, "clerk\0XFL", "correct horse 7")
    with pytest.raises(ContentOutOfProfile):
        sign_in_by_card(bank, "V0\0001", "274913")
    with bank.read() as connection, pytest.raises(ContentOutOfProfile):
        account_of_number(connection, "V0\0001")
