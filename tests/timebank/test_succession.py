"""timebank/succession.py: a successor goes on with what the frozen book ended with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

import timebank.founding
import timebank.succession
from ledger.approvals import freeze_text
from ledger.balances import recompute
from ledger.bundle import seal
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.errors import BookExists, BookNotFound
from ledger.exports import write_exports
from ledger.findings import Report
from ledger.keys import SigningKey
from ledger.leaf_parser import parse
from ledger.merkle import leaf_hashes, root_of
from ledger.notes import sign_note
from ledger.publication import read_leaves
from ledger.publish import publish, publish_vkey
from ledger.tiles import TileFolder
from tests.support.banks import FOUNDER, OPERATOR, STATION, TriedBank, new_bank
from tests.support.clock import FrozenClock
from tests.support.postgres import Database
from tests.support.profiles import FOUR_EYES, HEAD
from tests.support.services import service
from timebank.audit.bundle import export
from timebank.audit.verification import UNCHECKED, verify_all
from timebank.bank import Bank
from timebank.chart import Kind
from timebank.clock import milliseconds
from timebank.config import Settings
from timebank.errors import Duplicate, FormerBookUnfit, NotAwaitingReview, RecordCarriedOver
from timebank.founding import Founded
from timebank.keys.actions import freeze
from timebank.people.actions import issue_card
from timebank.people.directory import members
from timebank.reconciliation.reconcile import reconcile
from timebank.records.actions import log_service, reverse_record
from timebank.records.review import review_record
from timebank.stations.model import Role
from timebank.stations.sessions import checked_staff, sign_in_by_card
from timebank.succession import found_successor

NEXT = "timebank.example/next"


def frozen(tried: TriedBank, successor: str = NEXT) -> None:
    """End the book by the word of two roots."""
    folder = tried.settings.keys_folder / "roots"
    roots = [SigningKey.load(folder / f"root-{number}.key") for number in (1, 2)]
    word = sign_note(freeze_text(tried.bank.origin, successor), *roots)
    freeze(tried.bank, FOUNDER, successor=successor, approval=word, key="freeze-it")
    tried.bank.publish()


def exported(bank: Bank, folder: Path) -> Path:
    export(
        bank.database, bank.log_signer_of, folder,
        published=TileFolder(bank.settings.log_folder).checkpoint_note(),
    )  # fmt: skip
    return folder


@dataclass
class Succeeded:
    """A frozen book with balances, debts and holds, its last bundle, and where another may go."""

    former: TriedBank
    bundle: Path
    settings: Settings
    clock: FrozenClock

    def found(self, **other: Any) -> Founded:
        wanted: dict[str, Any] = {
            "origin": NEXT, "bundle": self.bundle, "former": self.former.settings,
        }  # fmt: skip
        return found_successor(self.settings, self.clock, **(wanted | other))

    def opened(self) -> Bank:
        return Bank.open(self.settings, self.clock)


@pytest.fixture
def ended(sqlite_bank: TriedBank, tmp_path: Path) -> Succeeded:
    tried = sqlite_bank
    tried.people("V0001", "V0002", "E0001")
    issue_card(tried.bank, OPERATOR, "V0001", "274913")
    now = milliseconds(tried.clock.now())
    tried.issue("V0001", 90)
    tried.issue("V0002", 60)
    opening = tried.bank.account_of(Kind.OPENING)
    tried.post(opening, tried.account("E0001"), 30)
    tried.post(tried.account("E0001"), clearing(tried.bank), 10)
    tried.hold(tried.account("V0001"), tried.account("E0001"), 40, expires_ms=now + 10**9)
    tried.hold(tried.account("V0002"), tried.account("E0001"), 25, expires_ms=now + 60_000)
    settled = tried.hold(tried.account("V0002"), tried.account("E0001"), 5, expires_ms=now + 10**9)
    tried.settle(settled, 5)
    frozen(tried)
    bundle = exported(tried.bank, tmp_path / "last")
    tried.clock.move(timedelta(hours=1))
    return Succeeded(tried, bundle, Settings(data=tmp_path / "next"), tried.clock)


OF_THE_TEST = ("entry_kind", "facts_form")
"""What the policy's verifier says of entries that no service stands behind."""


def judge(folder: Path, predecessor: Path | None = None) -> Report:
    """What was found, but for the entries that tests post of kinds of their own."""
    report = verify_all(folder, predecessor=predecessor).report
    return replace(report, findings=tuple(o for o in report.findings if o.rule not in OF_THE_TEST))


def clearing(bank: Bank) -> str:
    with bank.read() as connection:
        return str(connection.execute(text("SELECT account_id FROM station")).scalar_one())


def assert_sound(bank: Bank) -> None:
    """The books agree, but for the hold of V0001, which stands here for no order or record."""
    outcome = reconcile(bank, FOUNDER)
    assert {one.name: one.differences for one in outcome.checks if one.differences} == {"orders": 1}


def balances(bank: Bank) -> dict[str, tuple[int, int]]:
    with bank.read() as connection:
        return {one.account_id: (one.posted, one.held) for one in recompute(connection)}


def test_every_balance_and_every_hold_that_still_runs_comes_over(ended: Succeeded) -> None:
    before = balances(ended.former.bank)
    made = ended.found()
    assert made.logins == ()
    lapsed = ended.former.account("V0002")
    assert before[lapsed] == (55, 25)  # The deadline of its hold comes before the successor.
    with ended.opened() as bank:
        after = balances(bank)
        assert after == {**before, lapsed: (55, 0)}
        assert sum(posted for posted, _held in after.values()) == 0
        assert bank.origin == NEXT
        assert [one.version for one in bank.profiles] == [ended.former.policy]


def test_people_cards_stations_and_staff_go_on(ended: Succeeded) -> None:
    ended.found()
    tried = replace(ended.former, bank=ended.opened(), settings=ended.settings)
    with tried.bank as bank:
        with bank.read() as connection:
            known = members(bank, connection, [person_of(bank, "V0001")])
        assert [one.name for one in known.values()] == ["成员V0001"]
        login = next(one for one in ended.former.founded.logins if one.role == "clerk")
        assert checked_staff(bank, login.login, login.password).station_code == STATION[0]
        assert sign_in_by_card(bank, "V0001", "274913")
        tried.issue("V0001", 15)
        tried.people("V0009")
        bank.publish()
        assert_sound(bank)
        assert bank.key_name(STATION[0]) == f"{NEXT}/stn/{STATION[0]}"
    assert judge(ended.settings.log_folder, predecessor=ended.bundle).findings == ()


def person_of(bank: Bank, number: str) -> str:
    with bank.read() as connection:
        query = text("SELECT person_id FROM person_number WHERE number = :number")
        return str(connection.execute(query, {"number": number}).scalar_one())


def test_both_logs_are_verified_or_the_report_says_what_was_not(
    ended: Succeeded, tmp_path: Path
) -> None:
    ended.found()
    with ended.opened() as bank:
        own = exported(bank, tmp_path / "own")
    alone = judge(own)
    assert (alone.findings, alone.not_checked) == ((), (UNCHECKED,))
    both = judge(own, predecessor=ended.bundle)
    assert (both.findings, both.not_checked) == ((), ())
    path = ended.bundle / "journal.csv"
    path.write_bytes(path.read_bytes() + b"x\n")
    (changed, *rest) = judge(own, predecessor=ended.bundle).findings
    assert changed.file.startswith(f"{ended.bundle}/journal.csv")
    assert all(one.file.startswith(str(ended.bundle)) for one in rest)
    (wrong, *_more) = judge(own, predecessor=own).findings
    assert (wrong.leaf, wrong.rule) == (0, "predecessor")


def test_a_book_that_follows_none_has_nothing_to_be_compared(ended: Succeeded) -> None:
    assert judge(ended.bundle).not_checked == ()
    (found,) = judge(ended.bundle, predecessor=ended.bundle).findings
    assert (found.leaf, found.rule) == (0, "predecessor")


class Stopped(BaseException):
    """The machine stops."""


def stops(*_arguments: object, **_named: object) -> None:
    raise Stopped


STEPS = (
    *((timebank.succession, name) for name in (
        "make_folders", "note_begun", "create_tables_and_keys", "adopt", "_copy_keys", "_carry",
        "carry_over", "give_key", "finish",
    )),
    *((timebank.founding, name) for name in (
        "new_key", "new_log_cosigner", "_new_roots", "create_master_key", "upgrade", "create_book",
    )),
)  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("module", "step"), STEPS, ids=lambda part: getattr(part, "__name__", part)
)
def test_whoever_is_stopped_anywhere_calls_again(
    ended: Succeeded, monkeypatch: pytest.MonkeyPatch, module: Any, step: str, after: bool
) -> None:
    wanted = balances(ended.former.bank)
    wanted[ended.former.account("V0002")] = (55, 0)
    whole: Callable[..., Any] = getattr(module, step)

    def does_and_stops(*arguments: Any, **named: Any) -> None:
        whole(*arguments, **named)
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(module, step, does_and_stops if after else stops)
        with pytest.raises(Stopped):
            ended.found()
    if (step, after) == ("finish", True):  # It was done, and only nobody was told.
        with pytest.raises(BookExists):
            ended.found()
    else:
        with pytest.raises(BookNotFound):
            Bank.open(ended.settings)
        ended.found()
    with ended.opened() as bank:
        assert balances(bank) == wanted
        bank.publish()
        assert_sound(bank)
    assert judge(ended.settings.log_folder, predecessor=ended.bundle).findings == ()
    assert not (ended.settings.data / "founding.json").exists()


def test_a_founding_that_broke_off_is_not_taken_over_by_another(
    ended: Succeeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(timebank.succession, "adopt", stops)
        with pytest.raises(Stopped):
            ended.found()
    note = ended.settings.data / "founding.json"
    note.write_bytes(note.read_bytes().replace(b"next", b"other"))
    with pytest.raises(BookExists):
        ended.found()


def broken(ended: Succeeded) -> Iterator[tuple[dict[str, Any], str]]:
    """Former books that no other can follow, and why."""
    early = ended.bundle.with_name("early")
    yield {"origin": "timebank.example/third"}, "other_successor"
    path = ended.bundle / "accounts.csv"
    whole = path.read_bytes()
    path.write_bytes(whole + b"x\n")
    yield {}, "not_sound"
    path.write_bytes(whole)
    yield {"bundle": early}, "not_frozen"
    ended.former.behind("UPDATE head SET size = size - 1")
    yield {}, "other_end"


def test_a_book_that_is_not_at_its_sound_end_is_not_followed(
    ended: Succeeded, sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    early = tmp_path / "early"
    cut_before_the_freeze(ended.bundle, sqlite_bank, early)
    for changed, why in broken(ended):
        with pytest.raises(FormerBookUnfit) as refused:
            ended.found(**changed)
        assert refused.value.facts == {"why": why}
        assert not ended.settings.data.exists()


def cut_before_the_freeze(bundle: Path, tried: TriedBank, early: Path) -> None:
    """A bundle as it would have been exported before the last leaf."""
    bank = tried.bank
    with bank.read() as connection:
        leaves = list(read_leaves(connection, 0, 10_000))[:-1]
    head = Checkpoint(bank.origin, len(leaves), root_of(leaf_hashes(leaves)))
    publish_vkey(early / "log", bank.log_key.vkey, durable=False)
    publish(
        early / "log", lambda start, count: leaves[start : start + count],
        sign_checkpoint(head, bank.log_key), durable=False,
    )  # fmt: skip
    write_exports(early, bank.origin, map(parse, leaves))
    seal(early, head, bank.log_key)


def test_a_place_in_use_is_refused_before_the_former_book_is_read(ended: Succeeded) -> None:
    ended.settings.data.mkdir()
    ended.settings.data.joinpath("letter.txt").write_text("x", "utf-8")
    with pytest.raises(BookExists):
        ended.found(bundle=Path("nowhere"))


@pytest.fixture
def careful(tmp_path: Path) -> Iterator[TriedBank]:
    """A bank in which a second person looks before anything is posted."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "test-1.toml").write_text(HEAD + FOUR_EYES, encoding="utf-8")
    with new_bank(tmp_path, policies=["test-1"], policy_folder=folder) as bank:
        bank.people("V0001", "V0002", "E0001")
        yield bank


def test_services_are_known_still_and_those_that_waited_are_recorded_anew(
    careful: TriedBank, tmp_path: Path
) -> None:
    """The same care is not credited twice because its book was ended."""
    clerk, reviewer = careful.actor(Role.CLERK), careful.actor(Role.REVIEWER)

    def logged(bank: Bank, key: str, **stated: Any) -> str:
        return str(log_service(bank, clerk, STATION[0], service(**stated), key=key).body["record"])

    posted = logged(careful.bank, "log-00001")
    review_record(careful.bank, reviewer, posted, approve=True, key="review-1")
    waiting = logged(careful.bank, "log-00002", volunteers="V0002", at="11:00")
    frozen(careful)
    bundle = exported(careful.bank, tmp_path / "last")
    settings = Settings(data=tmp_path / "next")
    found_successor(settings, careful.clock, origin=NEXT, bundle=bundle, former=careful.settings)
    tried = replace(careful, bank=Bank.open(settings, careful.clock), settings=settings)
    with tried.bank as bank:
        with pytest.raises(Duplicate):
            logged(bank, "log-00003")
        with pytest.raises(NotAwaitingReview):
            review_record(bank, reviewer, waiting, approve=True, key="review-2")
        anew = logged(bank, "log-00005", volunteers="V0002", at="11:00")
        review_record(bank, reviewer, anew, approve=True, key="review-3")
        with pytest.raises(RecordCarriedOver):
            reverse_record(bank, OPERATOR, posted, "双方核对有误", key="reverse-1")
        logged(bank, "log-00004", at="14:00")
        with bank.read() as connection:
            rows = connection.execute(text("SELECT number, marks FROM service_record ORDER BY 1"))
            assert rows.all() == [(1, "carried_over"), (2, ""), (3, ""), (4, "")]
        assert [balances(bank)[tried.account(one)][0] for one in ("V0001", "V0002")] == [90, 90]
        bank.publish()
        assert reconcile(bank, FOUNDER).open_findings == 0
    assert judge(settings.log_folder, predecessor=bundle).findings == ()


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["adopt", "create_tables_and_keys", "give_key"])
def test_a_successor_on_postgresql_goes_on_as_well(
    ended: Succeeded,
    postgres_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    settings = ended.settings.model_copy(
        update={
            "database_url": SecretStr(postgres_database.service_url),
            "database_owner_url": SecretStr(postgres_database.owner_url),
        }
    )
    ended = replace(ended, settings=settings)
    with monkeypatch.context() as patched:
        patched.setattr(timebank.succession, step, stops)
        with pytest.raises(Stopped):
            ended.found()
    ended.found()
    with ended.opened() as bank:
        assert balances(bank)[ended.former.account("V0001")] == (90, 40)
        bank.publish()
        assert_sound(bank)
    assert judge(settings.log_folder, predecessor=ended.bundle).findings == ()


@pytest.mark.postgres
def test_a_book_on_postgresql_is_followed(postgres_bank: TriedBank, tmp_path: Path) -> None:
    postgres_bank.people("V0001")
    postgres_bank.issue("V0001", 90)
    frozen(postgres_bank)
    bundle = exported(postgres_bank.bank, tmp_path / "last")
    settings = Settings(data=tmp_path / "next")
    found_successor(
        settings, postgres_bank.clock, origin=NEXT, bundle=bundle, former=postgres_bank.settings
    )
    with Bank.open(settings, postgres_bank.clock) as bank:
        assert balances(bank) == balances(postgres_bank.bank)
