"""The whole life of one visit: a telephone call becomes credit, and a receipt that anybody checks.

Nobody acts for anybody else: the clerk writes down and matches, the volunteer reads the door code
from the elder's slip, the elder confirms at the kiosk.
"""

import re
from datetime import timedelta
from pathlib import Path

from tests.support.clients import PIN
from tests.support.counter import PATH, Station, agrees, code_of
from tests.support.visitors import Visitor
from timebank.audit.verify_cli import main as verify_cli


def at_the_kiosk(station: Station, number: str) -> Visitor:
    visitor = Visitor(station.desk)
    visitor.open("/kiosk")
    visitor.send(visitor.form("/kiosk/sign-in"), card=number, pin=PIN)
    return visitor


def test_a_call_becomes_care_and_care_becomes_credit(station: Station, tmp_path: Path) -> None:
    desk, clerk = station.desk, station.staff("clerk")

    assert station.ask(clerk, assistant="").json()["code"] == "assistant_missing"
    assert station.ask(clerk, assistant="小李").status_code == 201
    for step, stated in (("vet", {}), ("publish", {}), ("match", {"volunteer": "V0001"})):
        assert station.step(clerk, step, **stated).is_success, step
    assert station.minutes("E0001") == (300, 60), "held for the visit, not yet spent"

    volunteer = station.member("V0001")
    assert station.step(volunteer, "accept").is_success
    slip = station.member("E0001").get(f"{PATH}/{station.order}/slip").json()
    guessed = "0000" if slip["door_code"] != "0000" else "1111"
    refused = station.step(volunteer, "sign_in", code=guessed, at="2023-04-06T08:00")
    assert code_of(refused) == "wrong_door_code"
    entered = {"code": slip["door_code"], "at": "2023-04-06T08:00"}
    assert station.step(volunteer, "sign_in", **entered).is_success
    assert station.step(volunteer, "sign_out", at="2023-04-06T08:45").is_success
    assert code_of(station.step(volunteer, "confirm")) == "not_permitted"
    assert (station.minutes("E0001"), station.minutes("V0001")) == ((300, 60), (0, 0))

    desk.tried.clock.move(timedelta(hours=1))
    elder = at_the_kiosk(station, "E0001")
    elder.open(f"/kiosk/visits/{station.order}")
    assert "45分钟" in elder.html
    confirm = elder.form(f"/kiosk/visits/{station.order}/confirm")
    elder.send(confirm)
    elder.send(confirm)  # A hand that shakes presses twice.
    assert (station.minutes("E0001"), station.minutes("V0001")) == ((255, 0), (45, 0))
    assert "4小时15分钟" in elder.open("/kiosk/account")

    own = station.member("V0001")
    account = desk.tried.account("V0001")
    statement = own.get(f"/api/v1/accounts/{account}/statement").json()
    (line,) = statement["lines"]
    assert (line["minutes"], line["effective_on"]) == (45, "2023-04-06")
    told = station.shown()
    record = station.staff("auditor").get(f"/api/v1/records/{told['order']['record_id']}").json()
    (helper,) = [one for one in record["people"] if one["part"] == "volunteer"]
    assert [one["step"] for one in told["steps"]][-2:] == ["confirm", "post"]
    assert told["order"]["assistant"] == "小李"

    agrees(station, tmp_path)
    receipt = tmp_path / "entry.tlog-proof"
    receipt.write_text(own.get(f"/api/v1/entries/{helper['entry_id']}/receipt").text, "utf-8")
    vkey = str(desk.tried.bank.log_key.vkey)
    assert verify_cli(["receipt", str(receipt), "--vkey", vkey]) == 0
    kept = receipt.read_text("utf-8")
    forged = re.sub(r"^(extra )(.)", lambda found: found[1] + ("B" if found[2] == "A" else "A"),
                    kept, flags=re.M)  # fmt: skip
    assert forged != kept
    receipt.write_text(forged, "utf-8")
    assert verify_cli(["receipt", str(receipt), "--vkey", vkey]) == 1
