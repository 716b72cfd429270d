"""Two districts clear two months: one file is long on its way, forged statements are refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from ledger.errors import Refusal
from ledger.keys import SigningKey
from ledger.notes import sign_note
from tests.support.books import finds
from tests.support.clearing import (
    APRIL,
    JUNE,
    MAY,
    decided,
    exchange,
    net,
    proposed,
    settled,
    stated,
    taken,
    turn_to,
)
from tests.support.moves import OTHER_ID_NUMBER, District, districts
from timebank.audit.bundle import export
from timebank.audit.verify_cli import main
from timebank.jobs.clearing import propose_nettings, state_months
from timebank.reconciliation.reconcile import reconcile


def refused(south: District, file: bytes) -> tuple[str, str]:
    with pytest.raises(Refusal) as raised:
        taken(south, file)
    return raised.value.code, str(raised.value.facts.get("why", ""))


def again_signed(file: bytes, old: str, new: str, key: SigningKey) -> bytes:
    head, _signed, lines = file.decode().split("\n\n")
    assert old in head
    return f"{sign_note(head.replace(old, new) + chr(10), key)}\n{lines}".encode()


def found(one: District) -> set[str]:
    """What reconciliation says of clearing, now."""
    return {
        str(what["what"])
        for finding in reconcile(one.tried.bank).findings
        if finding.check_name == "clearing" and finding.closed_ms is None
        for what in finding.detail
    }


def is_sound(one: District, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = one.tried.bank
    export(bank.database, finds(bank.log_key), out)
    assert main([str(out)]) == 0
    assert " 0 faults: " in capsys.readouterr().out


def test_two_districts_clear_their_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with districts(tmp_path) as (north, south):
        # In April somebody moves south and the file lies in a drawer; somebody else moves north.
        _move, drawer = north.statement(south.origin)
        south.join("V0010", OTHER_ID_NUMBER)
        south.serve("V0010", minutes=30)
        _move, back = south.statement(north.origin, number="V0010")
        north.join("V0011", OTHER_ID_NUMBER)
        north.admit(north.take_in(back, "V0011"))

        # April does not agree: 90 minutes are in transit, which after a month is a finding.
        turn_to(MAY, north, south)
        assert [state_months(one.tried.bank, 1)["made"] for one in (north, south)] == [1, 1]
        file = stated(north, south)
        other = SigningKey.generate(north.origin)
        west = again_signed(file, south.origin, "timebank.example/west", north.tried.bank.log_key)
        assert refused(south, again_signed(file, north.origin, north.origin, other)) == (
            "clearing_unreadable", "signature"
        )  # fmt: skip
        assert refused(south, file.replace(b'"minutes":90', b'"minutes":900')) == (
            "clearing_unreadable", "lines_differ"
        )  # fmt: skip
        assert refused(south, west) == ("clearing_elsewhere", "")
        exchange(north, south)
        assert refused(south, file) == ("clearing_month_known", "")
        assert propose_nettings(north.tried.bank, 1)["differ"] == f"{south.origin} {APRIL} (1)"
        assert found(north) == set()
        for one in (north, south):
            one.tried.clock.move(timedelta(days=8))
        assert (found(north), found(south)) == ({"in_transit"}, {"coming"})

        # The person comes; May agrees and takes April in.
        south.admit(south.take_in(drawer))
        turn_to(JUNE, north, south)
        exchange(north, south, MAY)
        assert (found(north), found(south)) == (set(), set())
        assert propose_nettings(north.tried.bank, 2)["proposed"] == 1
        waits = str(propose_nettings(north.tried.bank, 3)["waiting_nettings"])
        decided(north, waits)
        assert (north.clearing(south.origin), south.clearing(north.origin)) == (0, -60)

        # The other half fails for a month, and both sides see it.
        turn_to("2023-07", north, south)
        exchange(north, south, JUNE)
        assert (found(north), found(south)) == ({"half_netted"}, {"half_netted"})
        with pytest.raises(Refusal) as raised:
            proposed(south, north, JUNE)
        assert raised.value.code == "clearing_differs"
        net(south, north, MAY)
        assert found(south) == set()
        assert (north.clearing(south.origin), south.clearing(north.origin)) == (0, 0)
        assert (settled(north, south), settled(south, north)) == (60, -60)
        turn_to("2023-08", north, south)
        exchange(north, south, "2023-07")
        assert (found(north), found(south)) == (set(), set())

        is_sound(north, tmp_path / "n", capsys)
        is_sound(south, tmp_path / "s", capsys)
