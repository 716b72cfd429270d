"""timebank/commands/keys.py: whole ceremonies as three people with files would hold them."""

from pathlib import Path

import pytest

from ledger.approvals import LOG, key_identifier
from ledger.notes import parse_note
from ledger.verify import verify
from tests.timebank.commands.test_cli import run, told
from timebank.keyring import log_key_of

ORIGIN = "timebank.example/district"


class District:
    """A book with its root keys carried away, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "book"
        made = told("init", "--data", self.data, "--origin", ORIGIN, "--station", "XFL=幸福里")
        assert len(made["logins"]) == 5
        self.keys = folder / "book.keys"
        self.keys.joinpath("roots").rename(folder / "safe")

    def command(self, *words: object, code: int = 0) -> dict:
        return told("keys", *words, "--data", self.data, code=code)

    def new(self, role: str, name: str | None = None) -> tuple[Path, Path]:
        """A key file and its proof."""
        stem = (name or role).rpartition("/")[2]
        proof, file = self.folder / f"{stem}.proof", self.folder / f"{stem}.key"
        named = ("--name", name, "--key-file", file) if name else ()
        made = self.command("new", "--role", role, *named, "--out", proof)
        return Path(made["key_file"]), proof

    def approved(self, *asked: object, roots: int = 2) -> Path:
        """What the root keys say to a request, each at their own desk without the book."""
        request = self.folder / f"{len(list(self.folder.iterdir()))}.request"
        self.command("request", *asked, "--out", request)
        for number in range(1, roots + 1):
            root, signed = (
                self.folder / f"safe/root-{number}.key",
                request.with_suffix(f".{number}"),
            )
            told("keys", "approve", request, "--root", root, "--out", signed, "--yes")
            request = signed
        return request

    def listed(self) -> dict[str, dict]:
        return {one["key"]: one for one in self.command("list")["keys"]}

    def checkpoint(self) -> Path:
        return self.folder / "book" / "log" / "checkpoint"

    def exported(self, name: str) -> Path:
        told("export", "--out", self.folder / name, "--data", self.data)
        return self.folder / name


@pytest.fixture
def district(tmp_path: Path) -> District:
    return District(tmp_path)


def test_a_device_comes_is_replaced_and_ends(district):
    first, second = f"{ORIGIN}/dev/1", f"{ORIGIN}/dev/1b"
    _file, proof = district.new("device", first)
    assert district.command("add", proof, "--station", "XFL", "--yes") == {"key": first}
    _file, proof = district.new("device", second)
    district.command("add", proof, "--replaces", first, "--station", "XFL", "--yes")
    district.command("revoke", second, "--reason", "lost", "--yes")
    ended = {key: one["ended_at"] for key, one in district.listed().items()}
    assert ended[first] is not None
    assert ended[second] == ended[first] + 1
    assert verify(district.exported("bundle")).findings == ()


def test_a_key_belongs_to_a_station_or_to_a_person(district):
    _file, device = district.new("device", f"{ORIGIN}/dev/1")
    _file, staff = district.new("staff", f"{ORIGIN}/staff/7")
    for words, code in (
        ((device,), "station_missing"),
        ((device, "--station", "NOWHERE"), "unknown_station"),
        ((staff,), "missing_field"),
        ((staff, "--staff", "nobody"), "unknown_staff"),
    ):
        refused = district.command("add", *words, "--yes", code=1)
        assert refused["error"]["code"] == code
    district.command("add", device, "--station", "XFL", "--yes")
    district.command("add", staff, "--staff", "clerk-XFL", "--yes")
    assert verify(district.exported("bundle")).findings == ()


def test_the_schedulers_key_is_changed(district):
    old, new = f"{ORIGIN}/scheduler", f"{ORIGIN}/scheduler/2"
    assert district.listed()[old]["role"] == "scheduler"
    file, proof = district.new("scheduler", new)
    district.command("add", proof, "--replaces", old, "--yes")
    file.replace(district.keys / "scheduler.key")
    assert district.listed()[old]["ended_at"] == district.listed()[new]["added_at"]
    assert verify(district.exported("bundle")).findings == ()


def test_who_does_not_say_yes_changes_nothing(district):
    _file, proof = district.new("device", f"{ORIGIN}/dev/1")
    before = district.listed()
    said = run("keys", "add", proof, "--data", district.data, "--json", code=1, input="n\n")
    assert "not_confirmed" in said.stdout
    assert district.listed() == before


def test_an_operators_key_needs_two_roots_and_may_bring_itself_in(district):
    old, new = f"{ORIGIN}/op", f"{ORIGIN}/op/2"
    file, proof = district.new("operator", new)
    refused = district.command("add", proof, "--yes", code=1)
    assert refused["error"]["code"] == "approval_missing"
    one = district.approved("add", proof, roots=1)
    refused = district.command("add", proof, "--approval", one, "--yes", code=1)
    assert refused["error"]["code"] == "approval_missing"
    both = district.approved("add", proof)
    district.command(
        "add", proof, "--approval", both, "--replaces", old, "--own-key", file, "--yes"
    )
    listed = district.listed()
    assert listed[old]["ended_at"] == listed[new]["added_at"]
    refused = district.command("revoke", new, "--reason", "lost", "--yes", code=1)
    assert refused["error"]["code"] == "signing_key_ended"  # operator.key is still the old one.
    file.replace(district.keys / "operator.key")
    refused = district.command("revoke", new, "--reason", "lost", "--yes", code=1)
    assert refused["error"]["code"] == "last_operator_key"
    assert verify(district.exported("bundle")).findings == ()


def test_a_stations_key_is_changed_and_the_station_goes_on(district):
    old, new = f"{ORIGIN}/stn/XFL", f"{ORIGIN}/stn/XFL/2"
    file, proof = district.new("station", new)
    district.command("add", proof, "--replaces", old, "--yes")
    file.replace(district.keys / "station-XFL.key")
    register = district.folder / "members.csv"
    register.write_text("编号,姓名,角色\nV0001,王德胜,志愿者\n", "utf-8")
    rows = district.folder / "register.csv"
    rows.write_text(
        "服务日期,开始时间,结束时间,志愿者编号,服务对象,服务内容\n"
        "2026-03-05,09:00,10:00,V0001,路人,环境清洁\n",
        "utf-8",
    )
    told(
        "register", "import", rows, "--members", register, "--station", "XFL",
        "--data", district.data,
    )  # fmt: skip
    assert district.listed()[new]["submissions"] > 0
    assert verify(district.exported("bundle")).findings == ()


def test_the_logs_key_is_handed_over_and_readers_follow(district):
    told("export", "--out", district.folder / "early", "--data", district.data)
    first_vkey = district.folder.joinpath("early/log/vkey").read_text("utf-8").strip()
    kept = district.folder / "early/log/checkpoint"
    file, proof = district.new(LOG)
    assert file.parent == district.keys
    word = district.approved("add", proof)
    district.command("add", proof, "--approval", word, "--yes")
    own = parse_note(district.checkpoint().read_bytes()).lines[:2]
    assert {line.name for line in own} == {ORIGIN}
    during = verify(district.exported("during"), vkey=first_vkey)
    assert (during.findings, during.identity) == ((), True)

    old = next(key for key, one in district.listed().items() if one["vkey"] == first_vkey)
    word = district.approved("revoke", old)
    district.command("revoke", old, "--reason", "retired", "--approval", word, "--yes")
    after = district.exported("after")
    assert verify(after).findings == ()
    assert verify(after, vkey=first_vkey).findings != ()
    followed = verify(after, vkey=first_vkey, since=kept)
    assert (followed.findings, followed.identity, followed.freshness) == ((), True, True)
    assert told("reconcile", "--data", district.data)["open_findings"] == 0
    # The old file may go: nothing needs it any more but its name.
    new_vkey = after.joinpath("log/vkey").read_text("utf-8").strip()
    assert log_key_of(district.keys, new_vkey) is not None
    assert key_identifier(log_key_of(district.keys, new_vkey).vkey, LOG) in district.listed()


def test_after_a_theft_the_log_is_frozen_and_a_successor_begins(district):
    successor = "timebank.example/district2"
    word = district.approved("freeze", successor)
    district.command("freeze", "--successor", successor, "--approval", word, "--yes")
    refused = district.command("revoke", f"{ORIGIN}/stn/XFL", "--reason", "lost", "--yes", code=1)
    assert refused["error"]["code"] == "book_frozen"
    last = district.exported("last")
    assert verify(last).findings == ()

    second, begun = district.folder / "second", district.folder / "begun"
    follows = ("init", "--data", second, "--origin", successor, "--successor-of", last)
    run(*follows, code=2)
    run(*follows, "--former", district.data, "--policy", "plain-2026", code=2)
    made = told(*follows, "--former", district.data)
    assert made["logins"] == []
    assert told(*follows, "--former", district.data, code=1)["error"]["code"] == "book_exists"
    told("export", "--out", begun, "--data", second)
    entries = begun.joinpath("log/tile/entries/000.p").iterdir()
    assert b'"predecessor":"timebank.example/district\\n' in next(entries).read_bytes()
    alone = told("verify", begun)
    assert alone["ok"]
    assert [one["file"] for one in alone["not_checked"]] == ["carried balances"]
    both = told("verify", begun, "--predecessor", last)
    assert both["ok"]
    assert both["not_checked"] == []
    assert told("verify", begun, "--predecessor", begun, code=1)["ok"] is False


def test_a_book_may_be_founded_under_root_keys_made_elsewhere(tmp_path):
    district = District(tmp_path)
    vkeys = []
    for number in (1, 2):
        file, proof = district.new("operator", f"timebank.example/other/roots/{number}")
        vkeys += ["--root", parse_vkey(proof)]
        assert file.exists()
    other = tmp_path / "other"
    told("init", "--data", other, "--origin", "timebank.example/other", *vkeys)
    assert not tmp_path.joinpath("other.keys", "roots").exists()
    wrong = ("init", "--data", tmp_path / "third", "--root", "x", "--json")
    assert run(*wrong, code=2).exit_code == 2


def test_a_slip_on_the_command_line_is_told_and_makes_nothing(district):
    _file, proof = district.new("device", f"{ORIGIN}/dev/1")
    before = sorted(district.folder.rglob("*.key"))
    taken = ("keys", "new", "--role", "log", "--out", proof, "--data", district.data)
    assert "there already" in run(*taken, code=2).stderr
    assert sorted(district.folder.rglob("*.key")) == before
    word = ("keys", "revoke", f"{ORIGIN}/stn/XFL", "--reason", "two words", "--yes")
    run(*word, "--data", district.data, code=2)
    word = ("keys", "revoke", f"{ORIGIN}/stn/XFL", "--reason", "forked_sequence", "--yes")
    assert "evidence" in run(*word, "--data", district.data, code=2).stderr
    request = district.approved("revoke", f"{ORIGIN}/op", roots=0)
    root = district.folder / "safe/root-1.key"
    run("keys", "approve", request, "--root", root, "--out", proof, "--yes", code=2)
    said = told("keys", "approve", request, "--root", proof, "--out", "x", "--yes", code=1)
    assert said["error"]["code"] == "key_file_unusable"


def parse_vkey(proof: Path) -> str:
    return proof.read_text("utf-8").split('"vkey":"')[1].split('"')[0]


def test_the_logs_further_keys_are_made_once_and_named_by_a_leaf(district):
    proof = district.folder / "sm2.proof"
    made = district.command("sm2", "--out", proof)
    assert Path(made["key_file"]) == district.keys / "log-sm2.key"
    assert made["vkey"].startswith(f"{ORIGIN}+")
    refused = district.command("add", proof, "--yes", code=1)["error"]
    assert refused["code"] == "approval_missing"
    district.command("add", proof, "--approval", district.approved("add", proof), "--yes")
    for command in ("sm2", "mldsa"):  # Founding made the other one.
        asked = (command, "--out", district.folder / "again.proof")
        refused = district.command(*asked, code=1)["error"]
        assert refused["code"] == "log_line_key_exists"
    _file, proof = district.new("device", f"{ORIGIN}/dev/1")
    district.command("add", proof, "--station", "XFL", "--yes")
    assert len(parse_note(district.checkpoint().read_bytes()).lines) == 3
    roles = [one["role"] for one in district.listed().values()]
    assert roles[-2:] == ["cosigner", "device"]
    report = verify(district.exported("bundle"))
    assert (report.findings, report.not_checked) == ((), ())
    assert told("reconcile", "--data", district.data)["open_findings"] == 0
