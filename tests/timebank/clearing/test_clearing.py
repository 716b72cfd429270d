"""timebank/clearing: months are stated, compared and netted, by two people and on both sides."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.errors import Refusal
from ledger.keys import SigningKey
from ledger.notes import Vkey, sign_note
from tests.support.banks import OPERATOR
from tests.support.clearing import (
    APRIL,
    JUNE,
    MAY,
    THIRD_OPERATOR,
    both_ways,
    decided,
    exchange,
    net,
    proposed,
    settled,
    stated,
    taken,
    turn_to,
)
from tests.support.forging import judged
from tests.support.moves import CLERK, SECOND_OPERATOR, District
from timebank.clearing.ending import ask_end, decide_end
from timebank.clearing.making import make_due_statements, make_statement, statement_file
from timebank.clearing.netting import decide_netting, propose_netting
from timebank.clearing.statement import believed, read_statement
from timebank.clearing.taking import take_statement
from timebank.errors.clearing import ClearingUnreadable
from timebank.jobs.clearing import propose_nettings, state_months
from timebank.moves.partners import decide_partner, partner_of
from timebank.reconciliation.reconcile import SCHEDULER
from timebank.stations.model import Actor

Both = tuple[District, District]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    if request.param == "sqlite":
        with both_ways(tmp_path) as made:
            yield made
        return
    place = request.getfixturevalue("founded_postgres")
    with both_ways(tmp_path, place) as made:
        yield made


def refused(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as raised:
        ask()
    assert raised.value.code == code


def test_a_month_is_stated_once_and_for_all(both: Both) -> None:
    north, south = both
    bank = north.tried.bank
    refused("clearing_month_open", lambda: stated(north, south))
    refused("unknown_clearing", lambda: statement_file(bank, OPERATOR, south.origin, APRIL))
    turn_to(MAY, north, south)
    assert make_due_statements(bank, SCHEDULER) == 1
    assert make_due_statements(bank, SCHEDULER) == 0
    first = statement_file(bank, OPERATOR, south.origin, APRIL)
    turn_to(JUNE, north)
    assert stated(north, south).decode() == first
    assert make_due_statements(bank, SCHEDULER) == 1

    said = believed(read_statement(first.encode()), Vkey.parse(north.vkey))
    assert (said.origin, said.to, said.month) == (north.origin, south.origin, APRIL)
    assert (said.opening, [one.minutes for one in said.lines], said.closing) == (0, [90, -30], 60)
    assert [one.other[:6] for one in said.lines] == ["", "entry_"]
    may = believed(read_statement(stated(north, south, MAY)), Vkey.parse(north.vkey))
    assert (may.opening, may.lines, may.closing) == (60, (), 60)


def test_what_bars_a_statement(both: Both) -> None:
    north, south = both
    bank = north.tried.bank
    turn_to(MAY, north)
    refused("not_permitted", lambda: make_statement(bank, CLERK, south.origin, APRIL))
    refused("not_permitted", lambda: statement_file(bank, CLERK, south.origin, APRIL))
    refused("unknown_partner", lambda: make_statement(bank, OPERATOR, "nobody", APRIL))
    refused("unknown_clearing", lambda: make_statement(bank, OPERATOR, south.origin, "2023-03"))
    for month in ("2023-4", "2023-13", "2023-00", "april", "9999-12"):
        refused(
            "not_a_period", lambda month=month: make_statement(bank, OPERATOR, south.origin, month)
        )


def forged(file: bytes, old: str, new: str, *signers: SigningKey) -> bytes:
    """The file with its head changed and signed anew."""
    head, _signed, lines = file.decode().split("\n\n")
    assert old in head
    text = head.replace(old, new) + "\n"
    return f"{sign_note(text, *signers)}\n{lines}".encode()


def test_a_forged_statement_is_refused(both: Both) -> None:
    north, south = both
    turn_to(MAY, north, south)
    file = stated(north, south)
    key, other = north.tried.bank.log_key, SigningKey.generate(north.origin)

    def why(data: bytes) -> str:
        with pytest.raises(ClearingUnreadable) as raised:
            taken(south, data)
        return str(raised.value.facts["why"])

    assert why(b"") == "not_a_clearing"
    assert why(file + b"\n\n") == "not_a_clearing"
    assert why(file.replace(b"clearing_statement/v1", b"clearing_statement/v2")) == (
        "not_a_clearing"
    )
    assert why(file.replace(b'"opening":0', b'"opening":1')) == "signature"
    assert why(forged(file, "clearing_statement", "clearing_statement", other)) == "signature"
    assert why(file.replace(b'"minutes":90', b'"minutes":91')) == "lines_differ"
    assert why(file.replace(b'"way":"out"', b'"way":"in"')) == "lines_differ"
    assert why(file[:-1]) == "lines_differ"
    assert why(forged(file, '"closing":60', '"closing":61', key)) == "lines_differ"
    west = forged(file, south.origin, "timebank.example/west", key)
    refused("clearing_elsewhere", lambda: taken(south, west))
    third = forged(file, north.origin, "timebank.example/west", SigningKey.generate("x.example"))
    refused("unknown_partner", lambda: taken(south, third))
    running = forged(file, f'"month":"{APRIL}"', f'"month":"{MAY}"', key)
    assert why(running) == "lines_differ"
    refused("not_permitted", lambda: taken(south, file, CLERK))

    taken(south, file)
    refused("clearing_month_known", lambda: taken(south, file))


def test_a_month_that_runs_is_not_taken_in(both: Both) -> None:
    north, south = both
    turn_to(MAY, north)
    file = stated(north, south)
    refused("clearing_month_open", lambda: taken(south, file))


def test_both_clearing_accounts_are_netted_to_zero(both: Both, tmp_path: Path) -> None:
    north, south = both
    turn_to(MAY, north, south)
    assert (north.clearing(south.origin), south.clearing(north.origin)) == (60, -60)
    exchange(north, south)
    net(north, south)
    net(south, north)
    assert (north.clearing(south.origin), south.clearing(north.origin)) == (0, 0)
    assert (settled(north, south), settled(south, north)) == (60, -60)
    for name, one in (("n", north), ("s", south)):
        tmp_path.joinpath(name).mkdir()
        verified = judged(one.tried, tmp_path / name)
        assert not verified.report.findings
    # The month after opens with what was left, and nets what came since.
    turn_to(JUNE, north, south)
    exchange(north, south, MAY)
    refused("nothing_to_net", lambda: proposed(north, south, MAY))


def test_two_people_net_once(both: Both) -> None:
    north, south = both
    bank = north.tried.bank
    turn_to(MAY, north, south)
    refused("clearing_differs", lambda: proposed(north, south))
    exchange(north, south)
    netting = proposed(north, south)

    def decide(actor: Actor, approve: bool = True, of: str = netting) -> object:
        return decide_netting(bank, actor, of, approve=approve, key=north.key())

    refused("netting_awaits", lambda: proposed(north, south))
    refused("mover_decides", lambda: decide(OPERATOR))
    refused("not_permitted", lambda: decide(CLERK))
    refused("unknown_netting", lambda: decide(SECOND_OPERATOR, of="net_1"))
    decide(OPERATOR, approve=False)
    refused("netting_not_open", lambda: decide(SECOND_OPERATOR))
    # Whoever took the statement in does not approve what somebody else proposes of it.
    said = propose_netting(bank, THIRD_OPERATOR, south.origin, APRIL, key=north.key())
    again = str(said.body["netting"])
    refused("mover_decides", lambda: decide(OPERATOR, of=again))
    decided(north, again)
    refused("month_netted", lambda: proposed(north, south))
    assert north.clearing(south.origin) == 0


def test_what_is_netted_late_is_not_netted_again(both: Both) -> None:
    north, south = both
    turn_to(JUNE, north, south)
    for month in (APRIL, MAY):
        exchange(north, south, month)
    net(north, south, APRIL)
    refused("month_netted", lambda: proposed(north, south, MAY))
    assert north.clearing(south.origin) == 0


def test_the_job_proposes_what_agrees_and_lists_what_does_not(both: Both) -> None:
    north, south = both
    turn_to(MAY, north, south)
    bank = north.tried.bank

    def ran(planned_ms: int) -> dict[str, object]:
        return {name: what for name, what in propose_nettings(bank, planned_ms).items() if what}

    assert ran(1) == {}
    taken(south, stated(north, south))
    assert [state_months(bank, 1), state_months(bank, 1)] == [{"made": 0}, {"made": 0}]
    assert ran(2) == {"differ": f"{south.origin} {APRIL} (2)"}
    taken(north, stated(south, north))
    assert ran(3) == {"proposed": 1}
    waits = str(ran(4)["waiting_nettings"])
    assert ran(3) == {}
    decided(north, waits)
    assert ran(5) == {"level": 1}


def partner(one: District, other: District) -> str:
    with one.tried.bank.read() as connection:
        return str(partner_of(connection, other.origin).partner_id)


def test_a_partnership_ends_when_nothing_is_left(both: Both, tmp_path: Path) -> None:
    north, south = both
    bank, known = north.tried.bank, partner(north, south)

    def ask(actor: Actor = OPERATOR, of: str = known) -> str:
        return str(ask_end(bank, actor, of, key=north.key()).body["ending"])

    def decide(ending: str, actor: Actor = SECOND_OPERATOR, approve: bool = True) -> object:
        return decide_end(bank, actor, ending, approve=approve, key=north.key())

    refused("not_permitted", lambda: ask(CLERK))
    refused("unknown_partner", lambda: ask(of="partner_1"))
    refused("partner_not_level", ask)
    turn_to(MAY, north, south)
    exchange(north, south)
    net(north, south)
    north.join("V0030", "110105194912310065")
    north.serve("V0030", minutes=10, at="08:00")
    waiting = north.ask(south.origin, "V0030", slip="ZC-30")
    refused("partner_busy", ask)
    north.send_back(waiting)
    ending = ask()
    refused("ending_awaits", ask)
    refused("mover_decides", lambda: decide(ending, OPERATOR))
    refused("unknown_ending", lambda: decide("end_1"))
    decide(ending, OPERATOR, approve=False)
    refused("ending_not_open", lambda: decide(ending))
    decide(ask())
    refused("partner_not_open", ask)
    refused("unknown_partner", lambda: north.ask(south.origin, "V0030", slip="ZC-31"))
    refused("unknown_partner", lambda: taken(north, stated(south, north, APRIL)))
    assert statement_file(bank, OPERATOR, south.origin, APRIL)

    again = north.trust(south, "南区")
    assert (again != known, north.clearing(south.origin)) == (True, 0)
    north.ask(south.origin, "V0030", slip="ZC-32")
    assert not judged(north.tried, tmp_path).report.findings


def test_an_approval_of_the_key_is_still_by_another(both: Both) -> None:
    north, _south = both
    refused(
        "partner_not_open",
        lambda: decide_partner(
            north.tried.bank, SECOND_OPERATOR, partner(*both), approve=True, key=north.key()
        ),
    )


def test_a_file_that_is_too_long(both: Both) -> None:
    north, _south = both
    refused(
        "clearing_unreadable",
        lambda: take_statement(north.tried.bank, OPERATOR, b"x" * (2**22 + 1), key=north.key()),
    )
