"""timebank/receipts/issuing.py: who gets a receipt, and that it verifies before publication."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.database import open_database
from ledger.errors import EntryNotFound, LogForked, StorageFault
from ledger.leaf_parser import parse
from ledger.receipt import Proven, Receipt, verify_receipt
from tests.support.banks import AUDITOR, OPERATOR, TriedBank
from tests.support.receipts import WITNESS
from tests.support.services import service
from timebank.audit.receipt_cli import judge
from timebank.errors import NotPermitted, UnknownRecord
from timebank.receipts.issuing import receipt_of_entry, receipts_of_record
from timebank.records.actions import log_service, reverse_record
from timebank.stations.model import Actor, Role

CLERK = Actor("staff_clerk", Role.CLERK, "XFL")
EAST = Actor("staff_east", Role.CLERK, "EAST")


@pytest.fixture
def tried(bank: TriedBank) -> TriedBank:
    """V0001 and V0002 served E0001 together; V0003 has nothing."""
    bank.people("V0001", "V0002", "V0003", "E0001")
    return bank


def served(tried: TriedBank, volunteers: str = "V0001", at: str = "09:00") -> dict:
    stated = service(volunteers, at=at)
    return log_service(tried.bank, CLERK, "XFL", stated, key=f"log-{volunteers}-{at}").body


def member(tried: TriedBank, number: str) -> Actor:
    with tried.bank.read() as connection:
        person = connection.exec_driver_sql(
            f"SELECT person_id FROM person_number WHERE number = '{number}'"
        ).scalar()
    return Actor(f"member_{number}", Role.MEMBER, person_id=str(person))


def proven(tried: TriedBank, receipt: Receipt) -> Proven:
    _receipt, _leaf, found = judge(str(receipt).encode(), tried.bank.log_key.vkey, [])
    return found


def test_a_receipt_is_there_before_anything_is_public(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]

    issued = receipt_of_entry(tried.bank, AUDITOR, entry)

    head = proven(tried, issued.receipt).checkpoint
    assert not tried.settings.log_folder.joinpath("checkpoint").exists()
    assert parse(issued.receipt.extra).identifier == issued.entry_id == entry
    assert head.size == issued.receipt.index + 1


def test_a_public_leaf_has_the_public_checkpoint_with_its_witnesses(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]
    tried.bank.publish()
    file = tried.settings.log_folder / "checkpoint"
    head = Checkpoint.parse(file.read_text("utf-8").partition("\n\n")[0] + "\n")
    file.write_text(sign_checkpoint(head, tried.bank.log_key, WITNESS), "utf-8")
    younger = served(tried, at="11:00")["credits"][0]["entry"]

    old = receipt_of_entry(tried.bank, AUDITOR, entry).receipt
    new = receipt_of_entry(tried.bank, AUDITOR, younger).receipt

    log = tried.bank.log_key.vkey
    assert len(verify_receipt(old, old.extra, log, [WITNESS.vkey]).signed) == 2
    assert [line.name for line in new.note.lines] == [log.name]
    assert proven(tried, new).checkpoint.size > head.size


def test_another_logs_checkpoint_in_the_folder_is_passed_over(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]
    tried.bank.publish()
    tried.settings.log_folder.joinpath("checkpoint").write_text("nonsense", "utf-8")

    assert proven(tried, receipt_of_entry(tried.bank, AUDITOR, entry).receipt)


def test_members_get_their_own_and_learn_nothing_of_others(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]
    own, other = member(tried, "V0001"), member(tried, "V0003")

    assert proven(tried, receipt_of_entry(tried.bank, own, entry).receipt)
    for asked in (entry, "entry_none"):
        with pytest.raises(NotPermitted):
            receipt_of_entry(tried.bank, other, asked)


def test_staff_get_any_and_devices_none(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]

    for actor in (OPERATOR, AUDITOR, CLERK, EAST, tried.actor(Role.REVIEWER)):
        assert receipt_of_entry(tried.bank, actor, entry).entry_id == entry
        with pytest.raises(EntryNotFound):
            receipt_of_entry(tried.bank, actor, "entry_none")
    for role in (Role.KIOSK, Role.SCHEDULER):
        with pytest.raises(NotPermitted):
            receipt_of_entry(tried.bank, tried.actor(role), entry)


def test_a_record_has_a_receipt_for_each_entry_and_reversal(tried: TriedBank) -> None:
    body = served(tried, "V0001、V0002")
    record, entries = body["record"], [one["entry"] for one in body["credits"]]
    assert len(entries) == 2
    reverse_record(tried.bank, tried.actor(Role.REVIEWER), record, "登记有误", key="reverse-1")

    issued = receipts_of_record(tried.bank, CLERK, record)

    assert [one.entry_id for one in issued[:2]] == entries
    kinds = [parse(one.receipt.extra).kind for one in issued]
    assert kinds == ["service", "service", "reversal", "reversal"]
    assert {proven(tried, one.receipt).checkpoint.size for one in issued} == {
        issued[-1].receipt.checkpoint.size
    }


def test_a_record_is_its_stations(tried: TriedBank) -> None:
    record = served(tried)["record"]

    for actor, asked, refusal in (
        (EAST, record, NotPermitted),
        (member(tried, "V0001"), record, NotPermitted),
        (CLERK, "record_none", UnknownRecord),
    ):
        with pytest.raises(refusal):
            receipts_of_record(tried.bank, actor, asked)


def test_receipts_may_be_asked_for_while_others_write(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]

    with ThreadPoolExecutor(4) as pool:
        issued = [pool.submit(receipt_of_entry, tried.bank, AUDITOR, entry) for _time in range(20)]
        for hour in range(20):
            tried.issue("V0001", 1 + hour)

    for one in issued:
        assert proven(tried, one.result().receipt)


def test_a_changed_leaf_gets_no_receipt(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001", "E0001")
    entry = served(sqlite_bank)["credits"][0]["entry"]
    sqlite_bank.behind(
        "UPDATE leaf SET body = CAST(replace(CAST(body AS TEXT), ',90]', ',91]') AS BLOB) "
        "WHERE leaf_index = (SELECT max(leaf_index) FROM leaf)"
    )

    with pytest.raises(LogForked, match="not under the signed root"):
        receipt_of_entry(sqlite_bank.bank, AUDITOR, entry)


def test_a_halted_writer_signs_no_receipt(tried: TriedBank) -> None:
    entry = served(tried)["credits"][0]["entry"]
    tried.bank.writer.halt(LogForked("published files are not ours"))

    with pytest.raises(LogForked, match="not ours"):
        receipt_of_entry(tried.bank, AUDITOR, entry)


def test_a_database_that_is_gone_is_a_fault_with_a_code(sqlite_bank: TriedBank) -> None:
    owner = open_database(sqlite_bank.settings.owner_url())
    with owner.writing.begin() as connection:
        connection.exec_driver_sql("DROP TABLE entry")
    owner.dispose()

    with pytest.raises(StorageFault):
        receipt_of_entry(sqlite_bank.bank, AUDITOR, "entry_1")
