"""timebank/people/portraits.py: kept with consent alone, drawn anew, sealed, gone at once."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from ledger.errors import Refusal
from tests.support.banks import OPERATOR, TriedBank
from tests.support.orders import CLERK, REVIEWER, Journey
from tests.support.portraits import face, pictured
from timebank.errors import NotPermitted, OrderStepNotAllowed, UnknownMember, UnknownOrder
from timebank.errors.campaigns import PhotographUnfit
from timebank.errors.portraits import NoPortrait, PortraitNotConsented
from timebank.orders.model import Who
from timebank.orders.portraits import slip_portrait
from timebank.orders.queries import visit_slip
from timebank.people.accesses import accesses_shown
from timebank.people.actions import register
from timebank.people.exporting import as_html, export_person
from timebank.people.forgetting import forget
from timebank.people.model import Newcomer
from timebank.people.portraits import (
    LONGEST_SIDE,
    SHORTEST_SIDE,
    agree_to_portrait,
    keep_portrait,
    portrait_shown,
    portrait_standing,
)
from timebank.people.tables import PORTRAIT_PICTURE
from timebank.stations.model import Actor, Role

ELSEWHERE = Actor("staff_else", Role.CLERK, "CTL")
BOTH = frozenset({Who.ELDER, Who.VOLUNTEER})


@pytest.fixture
def journey(bank: TriedBank) -> Journey:
    return Journey(bank)


def rows(tried: TriedBank) -> list[Any]:
    with tried.bank.read() as connection:
        return list(connection.execute(select(PORTRAIT_PICTURE)).all())


def size_of(jpeg: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(jpeg)) as found:
        return found.size


def test_without_consent_no_photograph_is_kept(journey: Journey) -> None:
    book = journey.tried.bank
    with pytest.raises(PortraitNotConsented) as caught:
        keep_portrait(book, CLERK, "V0001", face())
    assert (caught.value.code, caught.value.facts) == ("portrait_not_consented", {"field": "photo"})
    agree_to_portrait(book, CLERK, "V0001", given=True)
    keep_portrait(book, CLERK, "V0001", face())
    agree_to_portrait(book, CLERK, "V0001", given=False)
    assert rows(journey.tried) == []
    with pytest.raises(PortraitNotConsented):
        keep_portrait(book, CLERK, "V0001", face())
    with pytest.raises(NoPortrait):
        portrait_shown(book, CLERK, "V0001")


def test_what_the_camera_wrote_is_gone_and_the_rest_is_sealed(journey: Journey) -> None:
    given = face()
    assert b"secret" in given
    with Image.open(io.BytesIO(given)) as found:
        assert found.getexif().get_ifd(0x8825)[1] == "N"
    pictured(journey, "V0001")
    jpeg = portrait_shown(journey.tried.bank, CLERK, "V0001")
    assert b"Exif" not in jpeg
    assert b"secret" not in jpeg
    with Image.open(io.BytesIO(jpeg)) as found:
        assert dict(found.getexif()) == {}
    (row,) = rows(journey.tried)
    assert jpeg[:20] not in bytes(row.sealed)
    assert b"jpeg" not in bytes(row.sealed)


@pytest.mark.parametrize("side", [LONGEST_SIDE - 1, LONGEST_SIDE, LONGEST_SIDE + 1])
def test_it_is_made_small(journey: Journey, side: int) -> None:
    pictured(journey, "V0001")
    keep_portrait(journey.tried.bank, CLERK, "V0001", face(side, side))
    kept = size_of(portrait_shown(journey.tried.bank, CLERK, "V0001"))
    assert kept == (min(side, LONGEST_SIDE),) * 2
    assert len(rows(journey.tried)) == 1


@pytest.mark.parametrize("side", [SHORTEST_SIDE - 1, SHORTEST_SIDE, SHORTEST_SIDE + 1])
def test_a_face_must_be_known_on_it(journey: Journey, side: int) -> None:
    agree_to_portrait(journey.tried.bank, CLERK, "V0001", given=True)
    if side < SHORTEST_SIDE:
        with pytest.raises(PhotographUnfit):
            keep_portrait(journey.tried.bank, CLERK, "V0001", face(side, 300))
        return
    keep_portrait(journey.tried.bank, CLERK, "V0001", face(side, 300))
    assert size_of(portrait_shown(journey.tried.bank, CLERK, "V0001")) == (side, 300)


def test_the_persons_own_station_keeps_and_sees_it(journey: Journey) -> None:
    book = journey.tried.bank
    here = Newcomer("赵敏", (("V0009", "volunteer"),))
    (person_id,) = register(book, CLERK, [here], key="people-here")
    pictured(journey, "V0009")
    for attempt in (
        lambda: agree_to_portrait(book, ELSEWHERE, "V0009", given=False),
        lambda: keep_portrait(book, ELSEWHERE, "V0009", face()),
        lambda: portrait_shown(book, ELSEWHERE, "V0009"),
        lambda: keep_portrait(book, REVIEWER, "V0009", face()),
        lambda: portrait_shown(book, Actor("staff_aud", Role.AUDITOR, ""), "V0009"),
        lambda: agree_to_portrait(book, journey.member("V0001"), "V0009", given=False),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    for reader in (CLERK, REVIEWER, OPERATOR):
        assert portrait_shown(book, reader, "V0009")
    own = Actor(person_id, Role.MEMBER, "", person_id)
    seen = []
    with book.read() as connection:
        for reader in (CLERK, ELSEWHERE, own):
            found = portrait_standing(connection, reader, person_id)
            seen.append((found.agreed, found.kept, found.is_own))
    assert seen == [(True, True, True), (True, True, False), (True, True, False)]
    agree_to_portrait(book, own, "V0009", given=False)
    assert rows(journey.tried) == []


def test_each_side_of_a_visit_sees_the_other(journey: Journey) -> None:
    journey.to("accepted")
    pictured(journey, "V0001", "E0001")
    book = journey.tried.bank
    elder, volunteer = journey.member("E0001"), journey.member("V0001")
    for reader, seen in (
        (elder, frozenset({Who.VOLUNTEER})),
        (volunteer, frozenset({Who.ELDER})),
        (CLERK, BOTH),
    ):
        assert visit_slip(book, reader, journey.order_id).pictured == seen
        for whose in BOTH:
            if whose in seen:
                assert slip_portrait(book, reader, journey.order_id, whose)
            else:
                with pytest.raises(NoPortrait):
                    slip_portrait(book, reader, journey.order_id, whose)
    for stranger in (journey.member("V0002"), ELSEWHERE):
        with pytest.raises(UnknownOrder):
            slip_portrait(book, stranger, journey.order_id, Who.ELDER)
    with book.read() as connection:
        looks = accesses_shown(book, connection, volunteer, "V0001")
    assert {one.actor_id for one in looks if one.fields == ("portrait",)} == {
        elder.actor_id, CLERK.actor_id
    }  # fmt: skip
    assert looks[0].stated == {"reason": "来访单 XFL-1"}


def test_a_consent_taken_back_and_a_visit_that_is_over_show_nobody(journey: Journey) -> None:
    journey.to("accepted")
    pictured(journey, "V0001", "E0001")
    book, elder = journey.tried.bank, journey.member("E0001")
    agree_to_portrait(book, CLERK, "V0001", given=False)
    assert visit_slip(book, elder, journey.order_id).pictured == frozenset()
    assert visit_slip(book, CLERK, journey.order_id).pictured == {Who.ELDER}
    with pytest.raises(NoPortrait):
        slip_portrait(book, elder, journey.order_id, Who.VOLUNTEER)
    journey.step("sign_in", at="08:00", reason="电话报到")
    journey.step("sign_out", at="09:00")
    with pytest.raises(OrderStepNotAllowed):
        slip_portrait(book, CLERK, journey.order_id, Who.ELDER)


def test_it_stands_in_the_persons_own_copy(journey: Journey) -> None:
    book, own = journey.tried.bank, journey.member("V0001")
    found = export_person(book, own, "V0001")
    assert found["portrait"] == {}
    assert "data:image" not in as_html(found)
    pictured(journey, "V0001")
    found = export_person(book, own, "V0001")
    assert set(found["portrait"]) == {"jpeg"}
    assert f'src="data:image/jpeg;base64,{found["portrait"]["jpeg"]}"' in as_html(found)


def test_whoever_asks_to_be_forgotten_has_none_at_once(journey: Journey) -> None:
    pictured(journey, "V0002")
    assert forget(journey.tried.bank, OPERATOR, "V0002", key="forget-0002").outcome == "restricted"
    assert rows(journey.tried) == []
    with pytest.raises(UnknownMember):
        keep_portrait(journey.tried.bank, CLERK, "V0002", face())


def test_nothing_of_it_is_in_the_log(journey: Journey) -> None:
    with journey.tried.bank.read() as connection:
        before = connection.exec_driver_sql("SELECT size FROM head").scalar_one()
    pictured(journey, "V0001")
    with journey.tried.bank.read() as connection:
        assert connection.exec_driver_sql("SELECT size FROM head").scalar_one() == before


@pytest.mark.parametrize("content", [b"", b"<svg/>", face()[:300]])
def test_what_is_no_photograph_is_refused(journey: Journey, content: bytes) -> None:
    agree_to_portrait(journey.tried.bank, CLERK, "V0001", given=True)
    with pytest.raises(Refusal, match="photograph"):
        keep_portrait(journey.tried.bank, CLERK, "V0001", content)
