"""An older passbook comes in: rehearsed, handed in, confirmed, approved by a third, proven."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.books import finds
from tests.support.clients import PIN, Desk, desk_of
from tests.support.openings import PAGE, Scheme, scheme_with, write_list
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.stations.sessions import sign_in_by_card

TO_FRIENDS = '[transfer]\nrelations = { value = ["friend"], source = "上海 2026" }\n'
OPENINGS = "/api/v1/openings"


def hand_in(desk: Desk, scheme: Scheme, role: str, **fields: Any) -> dict[str, Any]:
    path = write_list(scheme.folder)
    said = desk.client(role).post(
        OPENINGS,
        files={"file": ("老存折.csv", path.read_bytes())},
        data={"station": "XFL", **fields},
        headers=desk.key(),
    )
    assert said.status_code == 201, said.text
    return dict(said.json())


def test_an_older_passbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with scheme_with(tmp_path, TO_FRIENDS) as scheme, desk_of(scheme.tried) as desk:
        bank = scheme.tried.bank

        # The clerk rehearses, sees what would be taken, and nothing is written.
        rehearsed = hand_in(desk, scheme, "operator", dry_run="true")
        assert (rehearsed["batch"], rehearsed["accepted"], rehearsed["minutes"]) == ("", 2, 240)
        assert rehearsed["taken"][0]["page"] == PAGE
        assert desk.client("operator").get(f"{OPENINGS}/lists").json()["items"] == []
        batch = hand_in(desk, scheme, "operator")["batch"]

        # The holder tries to spend what nobody has confirmed.
        issue_card(bank, FOUNDER, "V0001", PIN)
        holder = TestClient(desk.app)
        holder.headers["Authorization"] = f"Bearer {sign_in_by_card(bank, 'V0001', PIN)}"
        gift = {"receiver": "V0002", "minutes": 30}
        refused = holder.post("/api/v1/transfers/gifts", json=gift, headers=desk.key())
        assert (refused.status_code, refused.json()["code"]) == (409, "floor_exceeded")

        # They sign at the kiosk; the other holder signs a paper, which the clerk files.
        (mine,) = holder.get(f"{OPENINGS}/mine").json()
        assert (mine["page"], mine["minutes"], mine["state"]) == (PAGE, 150, "awaiting_holder")
        own = {"rows": [{"opening": mine["opening_id"]}]}
        assert holder.post(f"{OPENINGS}/confirmations", json=own, headers=desk.key()).json() == {
            "confirmed": 1
        }
        rows = desk.client("clerk").get(f"{OPENINGS}/lists/{batch}/rows").json()["items"]
        slip = {"rows": [{"opening": rows[1]["opening_id"], "slip": "XFL-0002"}]}
        filed = desk.client("clerk").post(
            f"{OPENINGS}/confirmations", json=slip, headers=desk.key()
        )
        assert filed.json() == {"confirmed": 1}
        refused = holder.post("/api/v1/transfers/gifts", json=gift, headers=desk.key())
        assert refused.json()["code"] == "floor_exceeded"

        # Whoever handed the list in may not approve it; somebody else does.
        approval = f"{OPENINGS}/lists/{batch}/approval"
        alone = desk.client("operator").post(approval, headers=desk.key())
        assert (alone.status_code, alone.json()["code"]) == (403, "approver_not_independent")
        key = desk.key()
        approved, again = (
            desk.client("reviewer").post(approval, headers=key).json() for _time in range(2)
        )
        assert (approved["approved"], approved["minutes"]) == (2, 240)
        assert again == approved

        # The statement names the page, and now it can be spent.
        line = holder.get("/api/v1/accounts/V0001/statement").json()["lines"][0]
        assert (line["kind"], line["page"], line["minutes"]) == ("opening_balance", PAGE, 150)
        given = holder.post("/api/v1/transfers/gifts", json=gift, headers=desk.key())
        assert given.status_code == 201

        # A stranger verifies the bundle, which has nobody's page.
        out = tmp_path / "bundle"
        export(bank.database, finds(bank.log_key), out)
        assert main([str(out)]) == 0
        assert " 0 faults: " in capsys.readouterr().out
        assert not any(
            PAGE.encode() in file.read_bytes() for file in out.rglob("*") if file.is_file()
        )
