"""timebank/jobs/leader.py: of any number of processes one leads, and a dead one makes room."""

import pytest

from tests.support.banks import TriedBank
from tests.support.postgres import Server
from timebank.jobs.leader import SessionLeader, leader_of


def test_one_leads_and_the_next_takes_over(bank: TriedBank) -> None:
    first, second = leader_of(bank.bank), leader_of(bank.bank)
    assert [first.hold(), second.hold(), first.hold(), second.hold()] == [True, False, True, False]
    first.release()
    assert [second.hold(), first.hold()] == [True, False]
    second.release()
    second.release()


@pytest.mark.postgres
def test_a_leader_whose_session_broke_must_take_the_lock_anew(
    postgres_bank: TriedBank, postgres_server: Server
) -> None:
    first, second = leader_of(postgres_bank.bank), leader_of(postgres_bank.bank)
    assert isinstance(first, SessionLeader)
    assert first.hold()
    with postgres_server.connect() as superuser:
        ended = superuser.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = %s)",
            [postgres_bank.bank.database.writing.url.database],
        ).fetchone()
        assert ended == (1,)
        while superuser.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = %s)",
            [postgres_bank.bank.database.writing.url.database],
        ).fetchone() != (0,):
            pass
    assert second.hold()
    assert not first.hold()
    assert not first.hold()
    second.release()
    assert first.hold()
    first.release()
