"""Somebody moves from one district to another and takes their hours along, over two servers."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.banks import TriedBank, new_bank
from tests.support.books import finds
from tests.support.clients import PIN, Desk, desk_of, record
from tests.support.clock import FrozenClock
from tests.support.moves import CLERK, ID_NUMBER
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card, register
from timebank.people.model import Newcomer
from timebank.stations.actions import hire
from timebank.stations.model import Role
from timebank.stations.sessions import sign_in, sign_in_by_card

NORTH, SOUTH = "timebank.example/north", "timebank.example/south"
MOVES = "/api/v1/moves"


def said(answer: Any, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def live_in(tried: TriedBank, number: str, name: str) -> None:
    who = Newcomer(name, ((number, "volunteer"),), id_number=ID_NUMBER)
    register(tried.bank, CLERK, [who], key=f"join-{number}-01")
    password = "天亮就去买豆浆 8143"
    hire(tried.bank, FOUNDER, login="operator-2", title="副主任", role=Role.OPERATOR,
         password=password)  # fmt: skip


def second(desk: Desk) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {sign_in(desk.tried.bank, 'operator-2', '天亮就去买豆浆 8143')}"
    }


def trust(desk: Desk, other: Desk, name: str) -> None:
    """One operator enters what the other district has read out, another approves."""
    vkey = str(other.tried.bank.log_vkeys()[-1])
    operator = desk.client("operator")
    stated = {"vkey": vkey, "name": name}
    made = said(operator.post(f"{MOVES}/partners", json=stated, headers=desk.key()))
    path = f"{MOVES}/partners/{made['partner']}/decision"
    alone = operator.post(path, json={"approve": True}, headers=desk.key())
    assert (alone.status_code, alone.json()["code"]) == (403, "mover_decides")
    by_another = {**desk.key(), **second(desk)}
    assert said(operator.post(path, json={"approve": True}, headers=by_another), 200)["state"] == (
        "active"
    )


def leave(desk: Desk) -> bytes:
    """The clerk enters the agreement, a reviewer approves, the person gets the file."""
    asked = {"number": "V0001", "to": SOUTH, "slip": "ZC-2023-001"}
    clerk, reviewer = desk.client("clerk"), desk.client("reviewer")
    move = said(clerk.post(f"{MOVES}/away", json=asked, headers=desk.key()))["move"]
    path = f"{MOVES}/away/{move}"
    assert clerk.get(f"{path}/statement").json()["code"] == "move_not_open"
    key = desk.key()
    decided, again = (
        said(reviewer.post(f"{path}/decision", json={"approve": True}, headers=key), 200)
        for _time in range(2)
    )
    assert decided == again
    assert decided["minutes"] == 60
    (shown,) = reviewer.get(f"{MOVES}/away").json()["items"]
    assert (shown["partner"], shown["state"], shown["minutes"]) == ("南区", "moved", 60)
    return bytes(clerk.get(f"{path}/statement").content)


def arrive(desk: Desk, file: bytes, status: int = 201) -> dict[str, Any]:
    answer = desk.client("clerk").post(
        f"{MOVES}/in", files={"file": ("结转单", file)}, data={"number": "V0009"},
        headers=desk.key(),
    )  # fmt: skip
    return said(answer, status)


def is_sound(desk: Desk, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = desk.tried.bank
    export(bank.database, finds(bank.log_key), out)
    assert main([str(out)]) == 0
    assert " 0 faults: " in capsys.readouterr().out
    every = [file.read_bytes() for file in out.rglob("*") if file.is_file()]
    assert not any(ID_NUMBER.encode() in data for data in every)


def test_hours_go_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        new_bank(tmp_path / "n", origin=NORTH, clock=FrozenClock()) as there,
        new_bank(tmp_path / "s", origin=SOUTH, clock=FrozenClock()) as here,
        desk_of(there) as north,
        desk_of(here) as south,
    ):
        live_in(there, "V0001", "王德福")
        live_in(here, "V0009", "王德福")
        there.people("E0001", "V0002")
        said(north.client("clerk").post("/api/v1/records", json=record(), headers=north.key()))
        trust(north, south, "南区")
        trust(south, north, "北区")
        issue_card(there.bank, FOUNDER, "V0001", PIN)
        holder = north.client()
        file = leave(north)

        # At home nothing can be given any more, and everything stays readable.
        holder.headers["Authorization"] = f"Bearer {sign_in_by_card(there.bank, 'V0001', PIN)}"
        gift = {"receiver": "V0002", "minutes": 10}
        refused = holder.post("/api/v1/transfers/gifts", json=gift, headers=north.key())
        assert refused.status_code in (403, 409, 422), refused.text
        line = holder.get("/api/v1/accounts/V0001/statement").json()["lines"][-1]
        assert (line["kind"], line["page"], line["minutes"]) == (
            "moved_away", f"南区 {SOUTH}", -60
        )  # fmt: skip

        # In the other district a forged file is refused, and the true one comes in once.
        forged = file.replace(b'"minutes":60', b'"minutes":600')
        assert forged != file
        assert arrive(south, forged, 422)["code"] == "statement_unreadable"
        move = arrive(south, file)["move"]
        assert arrive(south, file, 409)["code"] == "already_arrived"
        path = f"{MOVES}/in/{move}/decision"
        decided = south.client("reviewer").post(path, json={"approve": True}, headers=south.key())
        assert said(decided, 200)["credited"] == 60
        assert arrive(south, file, 409)["code"] == "already_arrived"
        line = south.client("clerk").get("/api/v1/accounts/V0009/statement").json()["lines"][-1]
        assert (line["kind"], line["page"], line["minutes"]) == ("moved_in", f"北区 {NORTH}", 60)

        # Both clearing accounts net to zero, and strangers verify both books.
        posted = [
            one.client("auditor").get(f"{MOVES}/partners").json()["items"][0]["posted_minutes"]
            for one in (north, south)
        ]
        assert posted == [60, -60]
        is_sound(north, tmp_path / "north", capsys)
        is_sound(south, tmp_path / "south", capsys)
