"""timebank/jobs/timestamp.py: a token verifies, also with openssl, or it is not kept."""

from pathlib import Path

import pytest

from ledger.errors import StorageFault
from tests.support.banks import OPERATOR, TriedBank
from tests.support.stamping import Authority, stamping, verified_by_openssl
from tests.support.witnesses import answer
from timebank.bank import Bank
from timebank.errors import TimestampFailed
from timebank.jobs.model import Ended
from timebank.jobs.runner import run_now
from timebank.jobs.timestamp import MOST_TOKEN_BYTES, stamp

DAY = "2023-04-06"


@pytest.fixture
def authority(tmp_path: Path):
    with stamping(tmp_path / "authority") as running:
        yield running


@pytest.fixture
def tried(sqlite_bank: TriedBank, authority: Authority):
    """A bank whose checkpoint is public, opened with that authority."""
    sqlite_bank.bank.publish()
    sqlite_bank.bank.close()
    sqlite_bank.settings = sqlite_bank.settings.model_copy(
        update={"timestamp_url": authority.url, "timestamp_root": authority.root}
    )
    with Bank.open(sqlite_bank.settings, sqlite_bank.clock) as bank:
        sqlite_bank.bank = bank
        yield sqlite_bank


def files(tried: TriedBank) -> list[str]:
    folder = tried.settings.timestamps_folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def stamped(tried: TriedBank) -> object:
    return stamp(tried.bank, tried.bank.now_ms())


def test_a_days_token_is_kept_once_beside_what_it_covers(
    tried: TriedBank, authority: Authority
) -> None:
    assert stamped(tried) == {"day": DAY}
    assert files(tried) == [f"{DAY}.checkpoint", f"{DAY}.tsr"]
    folder = tried.settings.timestamps_folder
    data, token = folder / f"{DAY}.checkpoint", folder / f"{DAY}.tsr"
    assert data.read_bytes() == (tried.settings.log_folder / "checkpoint").read_bytes()
    assert verified_by_openssl(token, data, authority.root)
    before = token.read_bytes()

    tried.people("V0001")
    tried.bank.publish()
    assert stamped(tried) == {"day": DAY}
    assert (token.read_bytes(), len(authority.told.requests)) == (before, 1)
    assert run_now(tried.bank, OPERATOR, "timestamp").outcome is Ended.DONE
    assert not verified_by_openssl(token, tried.settings.log_folder / "checkpoint", authority.root)


def test_without_an_authority_or_a_checkpoint_nothing_is_stamped(
    tried: TriedBank, sqlite_bank: TriedBank, authority: Authority
) -> None:
    (tried.settings.log_folder / "checkpoint").unlink()
    assert stamped(tried) == {}
    assert (files(tried), authority.told.requests) == ([], [])


def test_a_bank_of_no_authority_rests(sqlite_bank: TriedBank) -> None:
    sqlite_bank.bank.publish()
    assert stamped(sqlite_bank) == {}


def test_a_token_of_another_root_is_not_kept(
    tried: TriedBank, authority: Authority, tmp_path: Path
) -> None:
    with stamping(tmp_path / "other") as other:
        authority.root.write_bytes(other.root.read_bytes())
        with pytest.raises(TimestampFailed):
            stamped(tried)
    assert files(tried) == []


def test_a_token_over_something_else_is_not_kept(tried: TriedBank, authority: Authority) -> None:
    """An old token, true in itself: its nonce and its hash are those of another request."""
    honest = authority.told.say
    stamped(tried)
    old = honest(authority.told.requests[0])
    for file in tried.settings.timestamps_folder.iterdir():
        file.unlink()
    authority.told.say = lambda request: old
    with pytest.raises(TimestampFailed):
        stamped(tried)
    assert files(tried) == []


@pytest.mark.parametrize(
    "said",
    [
        answer(500),
        answer(302, b"", "Location: http://127.0.0.1:1/"),
        answer(200),
        answer(200, b"no token"),
        answer(200, b"x" * (MOST_TOKEN_BYTES + 1)),
        b"nonsense\r\n\r\n connection: close",
    ],
    ids=["error", "elsewhere", "empty", "garbage", "endless", "no HTTP"],
)
def test_whatever_else_is_answered_is_a_failure_that_is_told(
    tried: TriedBank, authority: Authority, said: bytes
) -> None:
    authority.told.say = lambda request: said
    run = run_now(tried.bank, OPERATOR, "timestamp")
    assert run.outcome is Ended.FAILED
    assert "timestamp_failed" in run.detail
    assert files(tried) == []


def test_a_changed_token_is_not_kept(tried: TriedBank, authority: Authority) -> None:
    honest = authority.told.say
    authority.told.say = lambda request: _flipped(honest(request))
    with pytest.raises(TimestampFailed):
        stamped(tried)


def _flipped(said: bytes) -> bytes:
    return said[:-1] + bytes([said[-1] ^ 1])


def test_a_root_that_cannot_be_read_is_a_failure(tried: TriedBank, authority: Authority) -> None:
    authority.root.write_text("no certificate")
    with pytest.raises(TimestampFailed):
        stamped(tried)
    authority.root.unlink()
    with pytest.raises(TimestampFailed):
        stamped(tried)


def test_a_disk_that_fails_is_a_fault(tried: TriedBank) -> None:
    tried.settings.timestamps_folder.write_text("a file where a folder must be")
    with pytest.raises(StorageFault):
        stamped(tried)
