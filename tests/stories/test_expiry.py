"""An elder's hours come of age: announced, told, partly given away, and the rest for everybody."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.banks import OPERATOR
from tests.support.clients import desk_of
from tests.support.counter import Station, agrees, code_of
from tests.support.expiries import ANNOUNCED, DUE, TWELVE_AND_THREE, on
from tests.support.forging import bank_with
from tests.support.givers import TRANSFER
from timebank.audit.receipt_cli import main as verify_receipt
from timebank.jobs.runner import run_now

EXPIRIES = "/api/v1/expiries"
STATEMENT = "/api/v1/accounts/{account}/statement"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """E0001 has 300 minutes of April 2023, where credit lives for twelve months."""
    with (
        bank_with(tmp_path, TRANSFER, TWELVE_AND_THREE, people=()) as tried,
        desk_of(tried) as desk,
    ):
        made = Station(desk)
        tried.behind("UPDATE person SET station_code = 'XFL'")
        yield made


def job(station: Station, name: str) -> str:
    run = run_now(station.desk.tried.bank, OPERATOR, name)
    assert run.outcome == "done", run.detail
    return run.detail


def test_hours_that_nobody_used_go_to_everybody_in_the_end(
    station: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, account = station.desk, station.desk.tried.account("E0001")
    path = STATEMENT.format(account=account)
    assert station.member("E0001").get(path).json()["expiring"] == []

    # In February the job announces, and the clerk who has no gateway tells her by telephone.
    on(desk.tried, ANNOUNCED)
    assert '"announced": 1' in job(station, "announce_expiry")
    clerk = station.staff("clerk")
    (message,) = clerk.get("/api/v1/messages", params={"station": "XFL"}).json()["items"]
    assert message["event"] == "credit_expires"
    told = clerk.post(f"/api/v1/messages/{message['number']}/told", headers=desk.key())
    assert told.status_code == 200
    seen = station.member("E0001").get(path).json()
    assert seen["expiring"] == [{"due_on": DUE, "minutes": 300}]
    paper = station.member("E0001").get(path, params={"format": "csv"}).text
    assert "300 分钟将于 2024年5月1日 到期" in paper
    past = station.member("E0001").get(path, params={"format": "csv", "to": "2023-12-31"}).text
    assert "到期" not in past

    gives_two_hours(station)
    seen = station.member("E0001").get(path).json()
    assert seen["expiring"] == [{"due_on": DUE, "minutes": 180}]
    on(desk.tried, "2024-04-30", "05:10")
    job(station, "expire_credit")
    assert station.minutes("E0001") == (180, 0)
    on(desk.tried, DUE, "05:10")
    assert '"minutes": 180' in job(station, "expire_credit")
    assert station.minutes("E0001") == (0, 0)
    is_shown_and_explained(station, tmp_path)
    capsys.readouterr()
    agrees(station, tmp_path)


def gives_two_hours(station: Station) -> None:
    """To the pool, as soon as the ten minutes are over."""
    gift, key = {"to": "pool", "minutes": 120}, station.desk.key()
    given = station.member("E0001").post("/api/v1/transfers/donations", json=gift, headers=key)
    assert given.status_code == 201, given.text
    station.desk.tried.clock.move(timedelta(minutes=10))
    job(station, "settle_gifts")


def is_shown_and_explained(station: Station, folder: Path) -> None:
    """The statement shows it, its receipt proves it, and anybody whom it concerns may ask why."""
    desk, member = station.desk, station.member("E0001")
    seen = member.get(STATEMENT.format(account=desk.tried.account("E0001"))).json()
    line = seen["lines"][-1]
    assert (line["kind"], line["minutes"], line["other"], seen["expiring"]) == (
        "expired", -180, "pool", [],
    )  # fmt: skip
    (month,) = station.staff("auditor").get(EXPIRIES).json()["months"]
    assert month == {
        "month": "2024-05", "holders": 1, "announced_minutes": 300, "open_minutes": 0,
        "expired_minutes": 180, "given_back_minutes": 0, "lapsed_minutes": 0, "used_minutes": 120,
    }  # fmt: skip
    listed = station.staff("operator").get(f"{EXPIRIES}/announcements", params={"month": "2024-05"})
    (announcement,) = listed.json()["items"]
    proof = member.get(f"/api/v1/entries/{announcement['entry_id']}/receipt")
    file = folder / "expired.tlog-proof"
    file.write_bytes(proof.content)
    assert verify_receipt([str(file), "--vkey", str(desk.tried.bank.log_vkeys()[-1])]) == 0
    why = f"{EXPIRIES}/announcements/{announcement['announcement_id']}/explanation"
    found = member.get(why).json()
    assert found["agrees"] is True
    assert found["inputs"]["old_minutes"] == 180
    assert any("本区规定第九条" in line for line in found["zh"])
    assert any("180 minutes expired to the public pool" in line for line in found["en"])
    assert code_of(station.member("V0001").get(why)) == "unknown_expiry"
