"""timebank/kit/: what is left when the operator is gone verifies alone and becomes a book again."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ledger.approvals import freeze_text
from ledger.balances import recompute
from ledger.bundle import MANIFEST, MANIFEST_NOTE, files_of
from ledger.keys import SigningKey
from ledger.notes import Vkey, sign_note
from tests.support.banks import FOUNDER, OPERATOR, TriedBank
from tests.support.givers import TEN_MINUTES, TRANSFER, givers_with
from tests.support.paper import smallest_type, text_of
from tests.support.services import service
from timebank.bank import Bank
from timebank.cli import app
from timebank.config import Settings
from timebank.errors import FolderInUse, FormerBookUnfit, NotPermitted, VaultKeyMissing
from timebank.errors.kits import BookStillWritten, KitUnfit
from timebank.keys.actions import freeze
from timebank.kit import making
from timebank.kit.checking import Fault, check_kit
from timebank.kit.making import Made, make_kit
from timebank.kit.members import parts_of
from timebank.kit.model import SUFFIX, read_closing
from timebank.kit.reopening import reopen
from timebank.people.actions import issue_card
from timebank.people.directory import members
from timebank.people.forgetting import forget
from timebank.records.actions import log_service
from timebank.statements.statement import statement
from timebank.stations.model import Role
from timebank.stations.sessions import checked_staff, sign_in_by_card

NEXT = "timebank.example/next"


def frozen(tried: TriedBank, successor: str = NEXT) -> None:
    folder = tried.settings.keys_folder / "roots"
    roots = [SigningKey.load(folder / f"root-{number}.key") for number in (1, 2)]
    word = sign_note(freeze_text(tried.bank.origin, successor), *roots)
    freeze(tried.bank, FOUNDER, successor=successor, approval=word, key="freeze-it")
    tried.bank.publish()


def balances(bank: Bank) -> dict[str, tuple[int, int]]:
    with bank.read() as connection:
        return {one.account_id: (one.posted, one.held) for one in recompute(connection)}


def lived(tried: TriedBank) -> None:
    """Three members with papers, one of them without a line, and one who asked to be forgotten."""
    tried.people("V0001", "V0002", "V0003", "E0001")
    issue_card(tried.bank, OPERATOR, "V0001", "274913")
    clerk = tried.actor(Role.CLERK)
    for place, (at, minutes) in enumerate((("08:00", 90), ("10:00", 30), ("12:00", 15))):
        stated = service(at=at, minutes=minutes)
        log_service(tried.bank, clerk, clerk.station_code, stated, key=f"service-{place}")
    forget(tried.bank, OPERATOR, "V0003", key="forget-01")


@dataclass
class Closed:
    """A book that was closed down: its kit, the vault's key, and what its accounts had."""

    tried: TriedBank
    kit: Path
    made: Made
    vault_key: Path
    vkey: str
    balances: dict[str, tuple[int, int]]


@pytest.fixture
def closed(bank: TriedBank, tmp_path: Path) -> Closed:
    lived(bank)
    frozen(bank)
    kit = tmp_path / "kit"
    made = make_kit(bank.bank, OPERATOR, kit)
    vault_key = tmp_path / "vault-master.key"
    shutil.copy(bank.settings.vault_key_path, vault_key)
    vkey = str(bank.bank.log_vkeys()[-1])
    return Closed(bank, kit, made, vault_key, vkey, balances(bank.bank))


def wiped(closed: Closed) -> None:
    """Nothing of the former installation is left but the kit and the vault's key."""
    closed.tried.bank.close()
    for folder in (
        closed.tried.settings.data, closed.tried.settings.keys_folder,
        closed.tried.settings.vault_folder,
    ):  # fmt: skip
        shutil.rmtree(folder)


def test_a_kit_is_checked_with_nothing_but_the_key(closed: Closed) -> None:
    found = check_kit(closed.kit, vkey=closed.vkey)
    assert (found.faults, found.members, found.is_known) == ((), 3, True)
    assert found.files + 2 == closed.made.files  # The manifest and its note name no hash.
    assert (closed.made.members, closed.made.successor) == (3, NEXT)
    assert not check_kit(closed.kit).is_known
    said = (closed.kit / "README.md").read_text("utf-8")
    for part in (
        closed.vkey,
        NEXT,
        "timebank kit reopen",
        "怎样核对",
        closed.tried.settings.vault_key_path.name,
    ):
        assert part in said


def test_each_member_gets_papers_under_their_number_and_no_name(closed: Closed) -> None:
    folder = closed.kit / "members"
    assert sorted(one.name for one in folder.iterdir()) == [
        f"{number}{kind}"
        for number in ("E0001", "V0001", "V0002")
        for kind in (SUFFIX, ".statement.json", ".statement.pdf")
    ]
    said = read_closing((folder / f"V0001{SUFFIX}").read_bytes(), Vkey.parse(closed.vkey))
    assert (said.closing, said.held, said.lines) == (135, 0, 3)
    assert said.size == closed.made.size
    assert orjson.loads((folder / "V0001.statement.json").read_bytes())["closing"] == 135
    large = (folder / "V0001.statement.pdf").read_bytes()
    assert "还有2小时15分钟" in text_of(large).replace(" ", "")
    assert smallest_type(large) >= 18
    nothing = read_closing((folder / f"V0002{SUFFIX}").read_bytes(), Vkey.parse(closed.vkey))
    assert (nothing.closing, nothing.lines, nothing.receipt) == (0, 0, "")
    name = "成员V0001".encode()
    assert [one for one in files_of(closed.kit) if name in (closed.kit / one).read_bytes()] == []


def test_everything_is_wiped_and_a_clean_install_has_the_same_balances(
    closed: Closed, tmp_path: Path
) -> None:
    login = next(one for one in closed.tried.founded.logins if one.role == "clerk")
    on_sqlite = closed.tried.is_sqlite
    if on_sqlite:
        wiped(closed)
    closed.tried.clock.move(timedelta(hours=1))
    settings = Settings(data=tmp_path / "next")
    asked = {"kit": closed.kit, "vault_key": closed.vault_key, "origin": NEXT}
    reopen(settings, closed.tried.clock, vkey=closed.vkey, **asked)  # type: ignore[arg-type]
    with Bank.open(settings, closed.tried.clock) as bank:
        assert balances(bank) == closed.balances
        assert bank.origin == NEXT
        with bank.read() as connection:
            find = text("SELECT person_id FROM person_number WHERE number = 'V0001'")
            person_id = connection.execute(find).scalar_one()
            assert members(bank, connection, [person_id])[person_id].name == "成员V0001"
        assert sign_in_by_card(bank, "V0001", "274913")
        assert checked_staff(bank, login.login, login.password).station_code == "XFL"
    assert not list(tmp_path.glob(".next-former"))


def test_one_changed_byte_is_found_wherever_it_is(closed: Closed, tmp_path: Path) -> None:
    names = [one for one in files_of(closed.kit) if "/tile/" not in one]
    assert {one.partition("/")[0] for one in names} == {
        "README.md", "book", "bundle", "members", MANIFEST, MANIFEST_NOTE,
    }  # fmt: skip
    for name in (
        "README.md", "book/person.jsonl", "bundle/journal.csv", "bundle/log/checkpoint",
        "members/V0001.statement.json", "members/V0001.statement.pdf", f"members/V0001{SUFFIX}",
    ):  # fmt: skip
        path = closed.kit / name
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        assert Fault(name, "changed") in check_kit(closed.kit, vkey=closed.vkey).faults
        with pytest.raises(KitUnfit) as refused:
            reopen(
                Settings(data=tmp_path / "next"), closed.tried.clock,
                kit=closed.kit, vault_key=closed.vault_key, origin=NEXT, vkey=closed.vkey,
            )  # fmt: skip
        assert refused.value.facts == {"why": "changed", "file": name}
        assert not (tmp_path / "next").exists()
        path.write_bytes(whole)
    for name in (MANIFEST, MANIFEST_NOTE):
        path = closed.kit / name
        whole = path.read_bytes()
        path.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
        with pytest.raises(KitUnfit) as refused:
            check_kit(closed.kit, vkey=closed.vkey)
        assert refused.value.facts["why"] == "not_signed"
        path.write_bytes(whole)


def test_what_is_missing_or_added_is_found(closed: Closed) -> None:
    (closed.kit / "members" / "V0002.statement.pdf").unlink()
    (closed.kit / "letter.txt").write_text("x", "utf-8")
    assert check_kit(closed.kit, vkey=closed.vkey).faults == (
        Fault("letter.txt", "added"), Fault("members/V0002.statement.pdf", "missing"),
    )  # fmt: skip
    with pytest.raises(KitUnfit) as refused:
        check_kit(closed.kit / "members")
    assert refused.value.facts["why"] == "not_a_kit"


def resealed(closed: Closed, name: str, content: bytes | None) -> None:
    """Change a file as the operator could, who has the log's key and signs the manifest anew."""
    from ledger.book import read_head
    from ledger.bundle import seal
    from ledger.checkpoint import Checkpoint

    bank = closed.tried.bank
    if content is None:
        (closed.kit / name).unlink()
    else:
        (closed.kit / name).write_bytes(content)
    head = read_head(bank.database)
    seal(closed.kit, Checkpoint(head.origin, head.size, head.root), bank.log_key)


def test_an_operator_who_signs_anew_cannot_state_another_balance(closed: Closed) -> None:
    name = f"members/V0001{SUFFIX}"
    whole = (closed.kit / name).read_bytes()
    lines = whole.decode().split("\n")

    def signed(body: str) -> bytes:
        return sign_note(f"{lines[0]}\n{body}\n", closed.tried.bank.log_key).encode()

    for body, why in (
        (lines[1].replace('"closing":135', '"closing":136'), "balance"),
        (lines[1].replace('"held":0', '"held":1'), "balance"),
        (lines[1].replace('"closing":135', '"closing":"90"'), "form"),
        (lines[1].replace('"size":', '"size":1'), "receipt"),
        (lines[1].replace("index ", "index 1"), "receipt"),
    ):
        assert body != lines[1]
        resealed(closed, name, signed(body))
        assert check_kit(closed.kit, vkey=closed.vkey).faults == (Fault(name, why),)
    resealed(closed, name, whole.replace(b'"held":0', b'"held":1'))
    assert check_kit(closed.kit, vkey=closed.vkey).faults == (Fault(name, "not_signed"),)
    resealed(closed, name, None)
    assert check_kit(closed.kit, vkey=closed.vkey).faults == (Fault(name, "missing"),)
    resealed(closed, name, whole)
    assert check_kit(closed.kit, vkey=closed.vkey).ok
    resealed(closed, "members/V0001.statement.pdf", b"%PDF another")
    changed = Fault("members/V0001.statement.pdf", "changed")
    assert check_kit(closed.kit, vkey=closed.vkey).faults == (changed,)


def test_a_kit_of_a_book_that_goes_on_is_checked_and_not_reopened(
    sqlite_bank: TriedBank, tmp_path: Path
) -> None:
    lived(sqlite_bank)
    kit = tmp_path / "kit"
    assert make_kit(sqlite_bank.bank, OPERATOR, kit).successor == ""
    assert "日志尚未冻结" in (kit / "README.md").read_text("utf-8")
    assert check_kit(kit).ok
    with pytest.raises(FormerBookUnfit) as refused:
        reopen(
            Settings(data=tmp_path / "next"), sqlite_bank.clock, kit=kit,
            vault_key=sqlite_bank.settings.vault_key_path, origin=NEXT,
        )  # fmt: skip
    assert refused.value.facts == {"why": "not_frozen"}
    with pytest.raises(VaultKeyMissing):
        reopen(
            Settings(data=tmp_path / "next"), sqlite_bank.clock, kit=kit,
            vault_key=tmp_path / "nowhere.key", origin=NEXT,
        )  # fmt: skip


def test_what_is_written_meanwhile_leaves_no_kit(
    sqlite_bank: TriedBank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_bank.people("V0001")
    whole = making.write_papers

    def and_somebody_posts(*arguments: object) -> None:
        whole(*arguments)  # type: ignore[arg-type]
        sqlite_bank.issue("V0001", 5)

    monkeypatch.setattr(making, "write_papers", and_somebody_posts)
    with pytest.raises(BookStillWritten):
        make_kit(sqlite_bank.bank, OPERATOR, tmp_path / "kit")
    assert not list(tmp_path.glob("*kit*"))


def test_who_may_make_one_and_where(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    for role in (Role.CLERK, Role.REVIEWER, Role.AUDITOR):
        with pytest.raises(NotPermitted):
            make_kit(sqlite_bank.bank, sqlite_bank.actor(role), tmp_path / "kit")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter.txt").write_text("x", "utf-8")
    with pytest.raises(FolderInUse):
        make_kit(sqlite_bank.bank, OPERATOR, tmp_path / "used")


@pytest.mark.parametrize(("most", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (4, [3])])
def test_many_lines_become_several_papers_that_join(
    sqlite_bank: TriedBank, monkeypatch: pytest.MonkeyPatch, most: int, sizes: list[int]
) -> None:
    monkeypatch.setattr("timebank.kit.members.LINES_A_PDF", most)
    lived(sqlite_bank)
    with sqlite_bank.bank.read() as connection:
        account_id = sqlite_bank.account("V0001")
        found = statement(connection, account_id, from_on=None, to_on=None)
        lines = list(found.lines)
    parts = list(parts_of(found, lines))
    assert [len(list(one.lines)) for one in parts] == sizes
    assert parts[0].opening == 0
    assert [one.opening for one in parts[1:]] == [one.closing for one in parts[:-1]]
    assert parts[-1].closing == found.closing


def test_from_the_command_line(sqlite_bank: TriedBank, tmp_path: Path) -> None:
    lived(sqlite_bank)
    frozen(sqlite_bank)
    data, kit = str(sqlite_bank.settings.data), str(tmp_path / "kit")
    vkey = str(sqlite_bank.bank.log_vkeys()[-1])
    key = str(sqlite_bank.settings.vault_key_path)

    def run(*arguments: str) -> tuple[int, dict[str, object]]:
        said = CliRunner().invoke(app, [*arguments, "--json"])
        return said.exit_code, orjson.loads(said.stdout)

    code, made = run("close-down", "--out", kit, "--data", data)
    assert (code, made["members"], made["successor"]) == (0, 3, NEXT)
    assert run("kit", "check", kit, "--vkey", vkey)[1]["ok"] is True
    new = ("--origin", NEXT, "--data", str(tmp_path / "next"))
    code, founded = run("kit", "reopen", kit, "--vault-key", key, *new)
    assert (code, founded["origin"]) == (0, NEXT)
    (tmp_path / "kit" / "README.md").write_text("x", "utf-8")
    code, found = run("kit", "check", kit, "--vkey", vkey)
    assert (code, found["faults"]) == (1, [{"file": "README.md", "why": "changed"}])


def test_gifts_and_what_is_held_come_over(tmp_path: Path) -> None:
    with givers_with(tmp_path, TRANSFER) as givers:
        givers.give(minutes=60)
        givers.tried.clock.move(TEN_MINUTES)
        givers.settle()
        givers.give(minutes=40)
        bank, kit = givers.tried.bank, tmp_path / "kit"
        frozen(givers.tried)
        make_kit(bank, OPERATOR, kit)
        wanted = balances(bank)
        assert wanted[givers.tried.account("V0001")] == (240, 40)
        said = (kit / "members" / "V0001.statement.pdf").read_bytes()
        assert "现在已预留40分钟" in text_of(said).replace(" ", "")
        key = givers.tried.settings.vault_key_path
        settings = Settings(data=tmp_path / "next")
        reopen(settings, givers.tried.clock, kit=kit, vault_key=key, origin=NEXT)
        with Bank.open(settings, givers.tried.clock) as after:
            assert balances(after) == wanted
