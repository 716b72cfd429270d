"""ledger/verify_further.py: SM2 lines, what is not checked without the extra, and leaf 0's word."""

import sys
from functools import cache

import orjson
import pytest

from ledger.approvals import COSIGNER, add_key_text, key_identifier
from ledger.checkpoint import sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.leaf import Genesis
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import Signer, Vkey, parse_note
from ledger.signatures import COSIGNATURE
from ledger.sm2 import NEEDS_GM
from ledger.sm2_signer import Sm2SigningKey
from ledger.verify import verify
from tests.support import independent_model
from tests.support.log_builder import ORIGIN, LogBuilder, cosigner_of, key_of
from timebank.audit.verification import Verification

ML_DSA = cosigner_of(ORIGIN)
SM2_FILE = "vkey-sm2"


@cache
def sm2_key() -> Sm2SigningKey:
    return Sm2SigningKey.generate(ORIGIN)


def log_with(*keys: Signer, named: tuple[str, ...] | None = None) -> LogBuilder:
    """A log of a few leaves whose checkpoint bears the lines of ``keys``, which leaf 0 names."""
    log = LogBuilder(bare=True)
    log.genesis(*(tuple(str(key.vkey) for key in keys) if named is None else named))
    log.key(log.station, "station")
    log.policy("plain-2023")
    log.cosigners = list(keys)
    return log


def faults(folder) -> list[tuple[str, int | None, str]]:
    return [(one.file, one.leaf, one.rule) for one in verify(folder).findings]


def without_gm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it is where nobody installed it."""
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)


# SM2 ---------------------------------------------------------------------------------------------


def test_a_log_with_all_its_lines_has_no_finding(tmp_path):
    bundle = log_with(ML_DSA, sm2_key()).write_bundle(tmp_path / "bundle")
    report = verify(bundle)
    assert (report.findings, report.hash_only, report.not_checked) == ((), (), ())
    assert faults(bundle / "log") == []
    assert len(parse_note(bundle.joinpath("log/checkpoint").read_bytes()).lines) == 3
    bundle.joinpath("manifest.note").unlink()
    bundle.joinpath("manifest.json").unlink()
    assert {file for file, _leaf, _rule in faults(bundle)} == {"manifest.json", "manifest.note"}


def test_a_missing_or_false_sm2_line_is_a_fault_where_the_key_is_found(tmp_path):
    log = log_with(sm2_key())
    folder = log.write_log(tmp_path)
    plain = parse_note(sign_checkpoint(log.checkpoint(), log.log_key))
    false = parse_note(sign_checkpoint(log.checkpoint(2), sm2_key())).lines
    for note in (plain, plain.with_lines(*false), plain.with_lines(*false, *false)):
        folder.joinpath("checkpoint").write_text(str(note), "utf-8")
        assert faults(folder) == [("checkpoint", 2, "checkpoint")]
    folder.joinpath(SM2_FILE).unlink()
    assert faults(folder) == []  # Nobody knows whose that line was.


@pytest.mark.parametrize("wrong", ["another name", "another kind", "cut", "twice", "nothing"])
def test_a_file_that_is_not_the_logs_sm2_key_is_a_fault(tmp_path, wrong):
    folder = log_with(sm2_key()).write_log(tmp_path)
    line = f"{sm2_key().vkey}\n"
    folder.joinpath(SM2_FILE).write_text(
        {
            "another name": f"{Sm2SigningKey.generate('timebank.example/other').vkey}\n",
            "another kind": f"{ML_DSA.vkey}\n",
            "cut": line[:-9] + "\n",
            "twice": 2 * line,
            "nothing": "",
        }[wrong],
        "utf-8",
    )
    assert faults(folder) == [(SM2_FILE, 2, "vkey")]


def test_who_lacks_the_extra_finds_no_fault_and_says_what_was_not_checked(tmp_path, monkeypatch):
    bundle = log_with(ML_DSA, sm2_key()).write_bundle(tmp_path / "bundle")
    without_gm(monkeypatch)
    report = verify(bundle)
    assert (report.findings, report.not_checked) == ((), ((f"log/{SM2_FILE}", NEEDS_GM),))
    assert report.as_json()["not_checked"] == [{"file": f"log/{SM2_FILE}", "why": NEEDS_GM}]
    assert Verification(report, 0, 0).lines()[0] == f"log/{SM2_FILE}: not checked: {NEEDS_GM}"
    assert verify(bundle / "log").not_checked == ((SM2_FILE, NEEDS_GM),)


def test_what_is_no_key_at_all_is_a_fault_without_the_extra_too(tmp_path, monkeypatch):
    folder = log_with(sm2_key()).write_log(tmp_path)
    folder.joinpath(SM2_FILE).write_text("nonsense\n", "utf-8")
    without_gm(monkeypatch)
    assert faults(folder) == [(SM2_FILE, 2, "vkey")]


# What leaf 0 names -------------------------------------------------------------------------------


def test_the_genesis_leaf_may_name_the_further_keys(tmp_path):
    named = (str(ML_DSA.vkey), str(sm2_key().vkey))
    log = log_with(ML_DSA, sm2_key(), named=named)
    body = parse(log.leaves[0]).body
    assert isinstance(body, Genesis)
    assert body.cosigners == named
    assert faults(log.write_bundle(tmp_path / "bundle")) == []


def test_a_key_that_leaf_0_does_not_name_is_not_the_logs(tmp_path):
    stranger = Sm2SigningKey.generate(ORIGIN)
    log = log_with(ML_DSA, stranger, named=(str(ML_DSA.vkey), str(sm2_key().vkey)))
    assert faults(log.write_log(tmp_path / "log")) == [(SM2_FILE, 0, "vkey")]


def later(*keys: Signer, named: tuple[str, ...] = ()) -> LogBuilder:
    """A log whose further keys came in by leaves 3 and on."""
    log = log_with(*keys, named=named)
    for key in keys:
        word = log.approve(add_key_text(ORIGIN, COSIGNER, key.vkey))
        log.key(key, COSIGNER, approval=word)
    return log


def test_a_key_that_no_leaf_names_is_found(tmp_path, monkeypatch):
    log = log_with(ML_DSA, sm2_key(), named=(str(ML_DSA.vkey),))
    folder = log.write_log(tmp_path)
    assert faults(folder) == [(SM2_FILE, 2, "vkey")]
    without_gm(monkeypatch)
    assert faults(folder) == [(SM2_FILE, 2, "vkey")]


def test_keys_that_came_later_are_named_by_their_leaves(tmp_path, monkeypatch):
    bundle = later(ML_DSA, sm2_key()).write_bundle(tmp_path / "bundle")
    assert faults(bundle) == []
    assert independent_model.read(bundle).problems == []
    stranger = Sm2SigningKey.generate(ORIGIN)
    bundle.joinpath(f"log/{SM2_FILE}").write_text(f"{stranger.vkey}\n", "utf-8")
    assert (f"log/{SM2_FILE}", 4, "vkey") in faults(bundle / "log" / "..")
    bundle.joinpath(f"log/{SM2_FILE}").write_text(f"{sm2_key().vkey}\n", "utf-8")
    without_gm(monkeypatch)
    report = verify(bundle)
    assert (report.findings, len(report.not_checked)) == ((), 1)


def without_a_word(log):
    log.key(ML_DSA, COSIGNER)


def by_a_station(log):
    word = log.approve(add_key_text(ORIGIN, COSIGNER, ML_DSA.vkey))
    log.key(ML_DSA, COSIGNER, approval=word, by=log.station)


def of_another_kind(log):
    key = cosigner_of(ORIGIN, COSIGNATURE)
    log.key(key, COSIGNER, approval=log.approve(add_key_text(ORIGIN, COSIGNER, key.vkey)))


def of_another_name(log):
    key = cosigner_of("timebank.example/other")
    log.key(key, COSIGNER, approval=log.approve(add_key_text(ORIGIN, COSIGNER, key.vkey)))


def a_second_one(log):
    for key in (ML_DSA, Cosigner(ML_DSA.vkey.kind, ORIGIN, bytes(32), lambda: 7)):
        log.key(key, COSIGNER, approval=log.approve(add_key_text(ORIGIN, COSIGNER, key.vkey)))


def instead_of_another(log):
    word = log.approve(add_key_text(ORIGIN, COSIGNER, ML_DSA.vkey))
    log.key(ML_DSA, COSIGNER, approval=word, of=log.station.name)


def held_by_nobody(log):
    class Liar:
        vkey = ML_DSA.vkey

        def sign_text(self, text):
            return ML_DSA.sign_text(b"other\n" + text.split(b"\n", 1)[1])

    word = log.approve(add_key_text(ORIGIN, COSIGNER, ML_DSA.vkey))
    log.key(Liar(), COSIGNER, approval=word)


def ended(log):
    word = log.approve(add_key_text(ORIGIN, COSIGNER, ML_DSA.vkey))
    log.key(ML_DSA, COSIGNER, approval=word)
    log.revoke(key_identifier(ML_DSA.vkey, COSIGNER))


LATER_FAULTS = (
    (without_a_word, "key_approval"),
    (by_a_station, "key_role"),
    (of_another_kind, "key_form"),
    (of_another_name, "key_form"),
    (a_second_one, "key_repeated"),
    (instead_of_another, "key_role"),
    (held_by_nobody, "key_possession"),
    (ended, "key_unknown"),
)


@pytest.mark.parametrize(
    ("change", "rule"), LATER_FAULTS, ids=lambda case: getattr(case, "__name__", case)
)
def test_each_fault_of_a_key_that_came_later_is_found(tmp_path, change, rule):
    log = log_with()
    change(log)
    last = log.size - 1
    assert [(leaf, what) for _file, leaf, what in faults(log.write_log(tmp_path))] == [(last, rule)]


def test_an_ml_dsa_key_is_held_against_leaf_0(tmp_path):
    """The folder's own key and line agree with each other, and not with the log."""
    false = Cosigner(ML_DSA.vkey.kind, ORIGIN, bytes(32), lambda: 7)
    log = log_with(false, named=(str(ML_DSA.vkey),))
    assert faults(log.write_bundle(tmp_path / "bundle")) == [("log/vkey-mldsa", 0, "vkey")]


def test_who_lacks_the_extra_reads_a_genesis_leaf_that_names_an_sm2_key(tmp_path, monkeypatch):
    log = log_with(named=(str(sm2_key().vkey),))
    folder = log.write_log(tmp_path)
    without_gm(monkeypatch)
    assert faults(folder) == []


def changed(vkey: Vkey) -> str:
    """A key whose id is not its own."""
    name, _key_id, data = str(vkey).split("+", 2)
    return f"{name}+00000000+{data}"


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        ([key_of(ORIGIN).vkey], "key_form"),
        ([cosigner_of(ORIGIN, COSIGNATURE).vkey], "key_form"),
        ([cosigner_of("timebank.example/other").vkey], "key_form"),
        ([changed(ML_DSA.vkey)], "key_form"),
        ([ML_DSA.vkey, ML_DSA.vkey], "key_repeated"),
    ],
    ids=["the log's kind", "a witness's kind", "another's name", "another id", "a kind twice"],
)
def test_leaf_0_names_keys_of_the_log_alone_and_one_of_a_kind(tmp_path, named, rule):
    log = log_with(named=tuple(map(str, named)))
    assert faults(log.write_log(tmp_path)) == [("tile/entries/000.p/3", 0, rule)]


@pytest.mark.parametrize("cosigners", [[], "x", {}, None, [1], ["x"], [str(ML_DSA.vkey), None]])
def test_a_genesis_leaf_whose_further_keys_are_no_list_of_keys_is_none(cosigners):
    log = LogBuilder(bare=True)
    log.genesis(str(ML_DSA.vkey))
    record = orjson.loads(log.leaves[0]) | {"cosigners": cosigners}
    with pytest.raises(LeafRejected, match="cosigners"):
        parse(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))


def test_no_other_leaf_has_the_member():
    log = LogBuilder(bare=True)
    log.genesis()
    log.append("refused", "sub_1", {"hash": "0" * 64, "code": "x", "by": "x", "cosigners": []})
    with pytest.raises(LeafRejected, match="wrong members"):
        parse(log.leaves[1])
