"""timebank/moves: a balance goes to another book with its owner, once, and by two people."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.draft import Draft
from ledger.errors import Refusal
from ledger.keys import SigningKey
from ledger.notes import sign_note
from tests.support.banks import OPERATOR
from tests.support.forging import bank_with, judged
from tests.support.moves import (
    CLERK,
    ID_NUMBER,
    NORTH,
    OTHER_ID_NUMBER,
    REVIEWER,
    SECOND_OPERATOR,
    SOUTH,
    District,
    districts,
)
from tests.support.profiles import cap
from timebank.errors.moves import StatementUnreadable
from timebank.estates.living import check_living
from timebank.moves.arriving import return_arrival
from timebank.moves.credit_statement import read_statement
from timebank.moves.departing import return_departure
from timebank.moves.issuing import credit_statement
from timebank.moves.partners import decide_partner, propose_partner
from timebank.stations.model import Actor, Role

Both = tuple[District, District]
WEST = "timebank.example/west"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    if request.param == "sqlite":
        with districts(tmp_path) as made:
            yield made
        return
    place = request.getfixturevalue("founded_postgres")
    with districts(tmp_path, database=place) as made:
        yield made


def refused(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as raised:
        ask()
    assert raised.value.code == code


def test_a_balance_goes_along_and_both_books_net_to_zero(both: Both, tmp_path: Path) -> None:
    north, south = both
    _move, file = north.statement(SOUTH)
    assert north.balance(north.tried.account("V0001")) == 0

    move_id = south.take_in(file)
    assert south.balance(south.tried.account("V0009")) == 0
    assert south.admit(move_id).body["credited"] == 90

    assert south.balance(south.tried.account("V0009")) == 90
    assert (north.clearing(SOUTH), south.clearing(NORTH)) == (90, -90)
    for name, one in (("n", north), ("s", south)):
        tmp_path.joinpath(name).mkdir()
        assert not judged(one.tried, tmp_path / name).report.findings


def test_a_statement_comes_in_once(both: Both) -> None:
    north, south = both
    _move, file = north.statement(SOUTH)
    first = south.take_in(file)
    refused("already_arrived", lambda: south.take_in(file))
    return_arrival(south.tried.bank, CLERK, first, "录错", key=south.key())
    again = south.take_in(file)
    south.admit(again)
    refused("already_arrived", lambda: south.take_in(file))
    refused("move_not_open", lambda: south.admit(again))
    refused("move_not_open", lambda: south.admit(first))


def test_two_people_for_each_step(both: Both) -> None:
    north, south = both
    asked = north.ask(SOUTH, actor=REVIEWER)
    refused("mover_decides", lambda: north.approve(asked))
    north.approve(asked, OPERATOR)
    file = credit_statement(north.tried.bank, CLERK, asked).encode()
    stated = south.take_in(file, actor=REVIEWER)
    refused("mover_decides", lambda: south.admit(stated))
    refused("not_permitted", lambda: south.admit(stated, CLERK))


def test_the_account_is_closed_to_new_use(both: Both) -> None:
    north, south = both
    _move, file = north.statement(SOUTH)
    assert ID_NUMBER.encode() not in file
    who = north.person("V0001")

    def use() -> None:
        def change(draft: Draft) -> dict[str, Any]:
            check_living(draft, who, "giver")
            return {}

        north.tried.bank.keep_house(change)

    refused("person_moved", use)
    # A service from before is credited late, and moves in the same way.
    north.serve(minutes=30, at="14:00")
    _move, late = north.statement(SOUTH, slip="ZC-2")
    south.admit(south.take_in(late))
    assert south.clearing(NORTH) == -30
    # Who comes back finds the account open again.
    _move, back = south.statement(NORTH, number="V0009")
    north.admit(north.take_in(back, "V0001"))
    use()
    assert (north.clearing(SOUTH), south.clearing(NORTH)) == (90, 0)


def test_what_bars_a_move(both: Both) -> None:
    north, _south = both
    refused("unknown_partner", lambda: north.ask(WEST))
    refused("id_number_missing", lambda: north.ask(SOUTH, "V0002"))
    refused("slip_number_invalid", lambda: north.ask(SOUTH, slip="13812340000"))
    first = north.ask(SOUTH)
    refused("move_awaits", lambda: north.ask(SOUTH, slip="ZC-2"))
    refused("unknown_move", lambda: north.approve("move_1"))
    return_departure(north.tried.bank, CLERK, first, "改主意", key=north.key())
    refused("move_not_open", lambda: north.approve(first))
    refused("slip_number_used", lambda: north.ask(SOUTH))
    payer, payee = north.tried.account("V0001"), north.tried.account("E0001")
    north.tried.hold(payer, payee, 10, expires_ms=north.tried.bank.now_ms() + 60_000)
    held = north.ask(SOUTH, slip="ZC-3")
    refused("holds_open", lambda: north.approve(held))
    refused("move_not_open", lambda: credit_statement(north.tried.bank, CLERK, held))


def test_an_empty_account_has_nothing_to_move(both: Both) -> None:
    north, _south = both
    north.statement(SOUTH)
    again = north.ask(SOUTH, slip="ZC-2")
    refused("nothing_to_move", lambda: north.approve(again))


def test_who_may_have_the_statement(both: Both) -> None:
    north, _south = both
    move, file = north.statement(SOUTH)
    own = Actor("member_1", Role.MEMBER, "XFL", north.person("V0001"))
    assert credit_statement(north.tried.bank, own, move).encode() == file
    other = Actor("member_2", Role.MEMBER, "XFL", "person_2")
    refused("unknown_move", lambda: credit_statement(north.tried.bank, other, move))
    away = Actor("staff_away", Role.CLERK, "NJL")
    refused("not_permitted", lambda: credit_statement(north.tried.bank, away, move))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"minutes":90', b'"minutes":91', "signature"),
        (b'"closing":0', b'"closing": 0', "not_a_statement"),
        (b'"salt":"', b'"salt":"0', "not_a_statement"),
        (b"credit_statement/v1", b"credit_statement/v2", "not_a_statement"),
    ],
)
def test_a_forged_file_is_refused(tmp_path: Path, old: bytes, new: bytes, why: str) -> None:
    with districts(tmp_path) as (north, south):
        _move, file = north.statement(SOUTH)
        assert old in file
        with pytest.raises(StatementUnreadable) as raised:
            south.take_in(file.replace(old, new))
        assert raised.value.facts["why"] == why


def test_a_file_that_the_log_signed_without_its_receipt(tmp_path: Path) -> None:
    with districts(tmp_path) as (north, south):
        _move, file = north.statement(SOUTH)
        text = read_statement(file).note.text
        key = north.tried.bank.log_key
        for old, new, why in (
            ('"minutes":90', '"minutes":99', "differs"),
            ('"opening":90', '"opening":99', "differs"),
            ("tlog-proof@v1", "tlog-proof@v2", "receipt"),
        ):
            forged = sign_note(text.replace(old, new), key)
            with pytest.raises(StatementUnreadable) as raised:
                south.take_in(forged.encode())
            assert raised.value.facts["why"] == why


def test_the_statement_of_somebody_else_or_for_another_book(tmp_path: Path) -> None:
    with districts(tmp_path) as (north, south):
        _move, file = north.statement(SOUTH)
        south.join("V0010", OTHER_ID_NUMBER)
        south.join("V0011", None)
        refused("holder_differs", lambda: south.take_in(file, "V0010"))
        refused("id_number_missing", lambda: south.take_in(file, "V0011"))
        refused("unknown_member", lambda: south.take_in(file, "V0012"))


def test_a_statement_for_another_book(tmp_path: Path) -> None:
    west_folder = tmp_path / "west"
    west_folder.mkdir()
    with (
        districts(tmp_path) as (north, south),
        bank_with(west_folder, people=(), origin=WEST) as there,
    ):
        west = District(there)
        west.join("V0005", ID_NUMBER)
        _move, file = north.statement(SOUTH)
        refused("unknown_partner", lambda: west.take_in(file, "V0005"))
        west.trust(north)
        refused("addressed_elsewhere", lambda: west.take_in(file, "V0005"))
        assert south.clearing(NORTH) == 0


@pytest.mark.parametrize(("most", "credited"), [(89, 89), (90, 90), (91, 90)])
def test_the_account_cap_holds(tmp_path: Path, most: int, credited: int) -> None:
    with districts(tmp_path, cap("account", most, "pool")) as (north, south):
        _move, file = north.statement(SOUTH)
        said = south.admit(south.take_in(file)).body
        assert (said["credited"], said["minutes"]) == (credited, 90)
        assert south.clearing(NORTH) == -90
        assert not judged(south.tried, tmp_path).report.findings


def test_a_cap_that_refuses_lets_nothing_in(tmp_path: Path) -> None:
    with districts(tmp_path, cap("account", 89, "refuse")) as (north, south):
        _move, file = north.statement(SOUTH)
        stated = south.take_in(file)
        refused("account_cap_exceeded", lambda: south.admit(stated))
        assert south.clearing(NORTH) == 0


def test_partners_are_approved_by_another_operator(both: Both) -> None:
    north, south = both
    bank = north.tried.bank
    refused("partner_known", lambda: north.trust(south))
    refused(
        "partner_key_invalid",
        lambda: propose_partner(bank, OPERATOR, north.vkey, "自己", key=north.key()),
    )
    west = south.vkey.replace("south", "west")
    refused(
        "partner_key_invalid", lambda: propose_partner(bank, OPERATOR, west, "西", key=north.key())
    )
    refused("unknown_partner", lambda: decide(north, "partner_1", OPERATOR))
    refused("not_permitted", lambda: decide(north, "partner_1", REVIEWER))


def decide(one: District, partner_id: str, actor: Actor, approve: bool = True) -> None:
    decide_partner(one.tried.bank, actor, partner_id, approve=approve, key=one.key())


def test_a_proposal_is_decided_once(both: Both) -> None:
    north, _south = both
    vkey = str(SigningKey.generate(WEST).vkey)
    said = propose_partner(north.tried.bank, OPERATOR, vkey, "西区", key=north.key())
    partner_id = said.body["partner"]
    refused("mover_decides", lambda: decide(north, partner_id, OPERATOR))
    decide(north, partner_id, OPERATOR, approve=False)
    refused("partner_not_open", lambda: decide(north, partner_id, SECOND_OPERATOR))
    refused("unknown_partner", lambda: north.ask(WEST))


def test_a_new_key_of_a_partner_keeps_its_account(both: Both) -> None:
    north, south = both
    _move, file = south_statement(both)
    vkey = str(SigningKey.generate(SOUTH).vkey)
    said = propose_partner(north.tried.bank, OPERATOR, vkey, "南区", key=north.key())
    decide(north, said.body["partner"], SECOND_OPERATOR)
    with pytest.raises(StatementUnreadable):
        north.take_in(file, "V0001")
    north.statement(SOUTH)
    assert north.clearing(SOUTH) == 90
    assert south.origin == SOUTH


def south_statement(both: Both) -> tuple[str, bytes]:
    _north, south = both
    south.serve("V0009", minutes=30)
    return south.statement(NORTH, number="V0009")
