"""api/waiting.py: every answer reaches its asker, however the writer and the loop fall together."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.waiting import Desk
from ledger.errors import EntryNotFound
from tests.support.banks import OPERATOR, TriedBank, new_bank


@pytest.fixture
def tried(tmp_path):
    with new_bank(tmp_path) as found:
        yield found


def action(tried: TriedBank, number: int, refuses: bool = False):
    def decide(draft):
        if refuses:
            raise EntryNotFound(entry="entry_none")
        draft.state(draft.new_id("record"), {"do": "test", "number": number})
        return {"number": number}

    content = {"number": number}
    return tried.bank.action(OPERATOR, "test", decide, key=f"key-{number:06}", content=content)


def test_each_asker_gets_their_own_answer(tried):
    heard = []
    desk = Desk(tried.bank, heard.append)

    async def ask_all():
        return await asyncio.gather(*(desk.submit(action(tried, n)) for n in range(300)))

    answers = asyncio.run(ask_all())

    assert [one.answer for one in answers] == [b'{"number":%d}' % n for n in range(300)]
    assert len(heard) == 300
    assert desk.waiting == 0


def test_one_after_another_never_waits_for_a_wake_that_does_not_come(tried):
    desk = Desk(tried.bank)

    async def ask_in_turn():
        for number in range(200):
            await asyncio.wait_for(desk.submit(action(tried, number)), timeout=30)

    asyncio.run(ask_in_turn())


def test_several_loops_share_a_desk(tried):
    desk = Desk(tried.bank)

    async def ask(first: int):
        asked = [desk.submit(action(tried, number)) for number in range(first, first + 50)]
        return await asyncio.gather(*asked)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda first: asyncio.run(ask(first)), range(0, 200, 50)))

    assert sorted(one.answer for part in found for one in part) == sorted(
        b'{"number":%d}' % number for number in range(200)
    )


def test_a_refusal_comes_in_its_place(tried):
    desk = Desk(tried.bank)
    asked = [action(tried, 1), action(tried, 2, refuses=True), action(tried, 3)]

    one, two, three = asyncio.run(desk.submit_all(asked))

    assert (one.answer, three.answer) == (b'{"number":1}', b'{"number":3}')
    assert isinstance(two, EntryNotFound)


def test_whoever_goes_away_leaves_the_others_their_answers(tried):
    desk = Desk(tried.bank)

    async def ask():
        leaving = asyncio.ensure_future(desk.submit(action(tried, 1)))
        staying = asyncio.ensure_future(desk.submit(action(tried, 2)))
        await asyncio.wait({leaving, staying}, return_when=asyncio.FIRST_COMPLETED, timeout=0)
        leaving.cancel()
        return await staying

    assert asyncio.run(ask()).answer == b'{"number":2}'
    assert desk.waiting == 0
