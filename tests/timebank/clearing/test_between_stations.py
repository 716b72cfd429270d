"""timebank/clearing/between_stations.py: care that one station gave to another's elders."""

from dataclasses import replace

import pytest

from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.moves import CLERK
from tests.support.services import service
from timebank.clearing.between_stations import as_csv, between_stations
from timebank.people.actions import register
from timebank.people.model import Newcomer
from timebank.records.actions import log_service, reverse_record
from timebank.stations.actions import open_station


def test_each_pair_of_stations_with_its_minutes(bank: TriedBank) -> None:
    open_station(bank.bank, OPERATOR, "EAST", "东亭", key="open-east")
    east = replace(CLERK, actor_id="staff_east", station_code="EAST")
    here = [Newcomer(f"成员{one}", ((one, "volunteer"),)) for one in ("V0001", "V0002")]
    register(bank.bank, CLERK, here, key="join-here-1")
    register(bank.bank, CLERK, [Newcomer("李奶奶", (("E0001", "elder"),))], key="join-here-2")
    register(bank.bank, east, [Newcomer("周爷爷", (("E0002", "elder"),))], key="join-east-1")

    def log(key: str, who: str, elder: str, at: str, on: str = "2023-04-05") -> str:
        stated = service(who, elder, at, 60, on=on)
        said = log_service(bank.bank, CLERK, "XFL", stated, key=f"serve-{key}")
        return str(said.body["record"])

    log("000001", "V0001", "E0001", "08:00")  # A station's own elder.
    log("000002", "V0001", "E0002", "10:00")
    log("000003", "V0002", "E0002", "13:00")
    log("000004", "V0002", "E0002", "13:00", "2023-03-31")
    gone = log("000005", "V0001", "E0002", "15:00")
    reverse_record(bank.bank, OPERATOR, gone, "录错", key="reverse-0001")

    with bank.bank.read() as connection:
        april = between_stations(connection, OPERATOR, "2023-04")
        assert [(one.station, one.home, one.records, one.minutes) for one in april] == [
            ("XFL", "EAST", 2, 120)
        ]
        march = between_stations(connection, OPERATOR, "2023-03")
        assert as_csv("2023-03", march).decode("utf-8-sig").splitlines() == [
            "月份,服务站点,老人所属站点,服务次数,服务分钟",
            "2023-03,XFL,EAST,1,60",
        ]
        assert between_stations(connection, OPERATOR, "2023-02") == []
        for actor, month, code in (
            (CLERK, "2023-04", "not_permitted"),
            (OPERATOR, "2023", "not_a_period"),
        ):
            with pytest.raises(Refusal) as raised:
                between_stations(connection, actor, month)
            assert raised.value.code == code
