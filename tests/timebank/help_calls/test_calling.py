"""timebank/help_calls/: one open call for each who waits, and nobody's name when it is over."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from timebank.errors import NotPermitted, UnknownStation
from timebank.errors.help_calls import UnknownHelpCall
from timebank.help_calls.actions import answer_help, call_for_help
from timebank.help_calls.queries import WaitingCall, waiting_calls
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
ELSEWHERE = Actor("staff_far", Role.CLERK, "YHL")


def waiting(bank: TriedBank, actor: Actor = CLERK) -> list[WaitingCall]:
    with bank.bank.read() as connection:
        return waiting_calls(bank.bank, connection, actor, "XFL")


def test_calls_wait_in_their_order_under_masks(bank: TriedBank) -> None:
    (elder,) = bank.people("E0001")
    called_ms = bank.bank.now_ms()
    call_for_help(bank.bank, "XFL")
    bank.clock.move(timedelta(minutes=1))
    call_for_help(bank.bank, "XFL", elder)

    assert waiting(bank) == [
        WaitingCall(1, "", called_ms),
        WaitingCall(2, "成＊＊", called_ms + 60_000),
    ]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_whoever_presses_again_waits_once(bank: TriedBank, times: int) -> None:
    (elder,) = bank.people("E0001")
    numbers = {call_for_help(bank.bank, "XFL", elder) for _press in range(times)}
    numbers |= {call_for_help(bank.bank, "XFL") for _press in range(times)}
    assert numbers == {1, 2}
    assert len(waiting(bank)) == 2


def test_an_answered_call_is_gone_and_names_nobody(bank: TriedBank) -> None:
    (elder,) = bank.people("E0001")
    call_for_help(bank.bank, "XFL", elder)
    bank.clock.move(timedelta(minutes=2))
    answer_help(bank.bank, CLERK, 1)
    answered_ms = bank.bank.now_ms()
    bank.clock.move(timedelta(minutes=2))
    answer_help(bank.bank, OPERATOR, 1)  # a second click changes nothing

    assert waiting(bank) == []
    with bank.bank.read() as connection:
        row = connection.execute(
            text("SELECT person_id, answered_by, answered_ms FROM help_call")
        ).one()
    assert tuple(row) == ("", "staff_clerk", answered_ms)
    assert call_for_help(bank.bank, "XFL", elder) == 2


def test_who_may_read_and_answer(bank: TriedBank) -> None:
    call_for_help(bank.bank, "XFL")
    for actor in (ELSEWHERE, AUDITOR, Actor("person_1", Role.MEMBER, "", "person_1")):
        with pytest.raises(NotPermitted):
            waiting(bank, actor)
        with pytest.raises(NotPermitted):
            answer_help(bank.bank, actor, 1)
    with pytest.raises(UnknownHelpCall):
        answer_help(bank.bank, CLERK, 2)
    assert len(waiting(bank, OPERATOR)) == 1


def test_a_call_goes_to_a_station_that_is_there(bank: TriedBank) -> None:
    with pytest.raises(UnknownStation):
        call_for_help(bank.bank, "NONE")
    assert waiting(bank) == []


def test_somebody_who_was_forgotten_is_not_named(bank: TriedBank) -> None:
    (elder,) = bank.people("E0001")
    call_for_help(bank.bank, "XFL", elder)
    bank.behind("UPDATE person SET state = 'restricted' WHERE person_id = :who", who=elder)
    assert [one.name for one in waiting(bank)] == [""]
