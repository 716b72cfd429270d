"""ledger/verify.py on several cores, and stopping at a fault: the same findings, sooner."""

from functools import cache

import pytest

from ledger.verify import verify
from tests.support.log_builder import ORIGIN, LogBuilder, key_of

FACTS = 4_000
"""Enough that other processes have started before all is read."""


@cache
def signed_log() -> LogBuilder:
    log = LogBuilder()
    while log.size < FACTS:
        log.fact()
    return log


def forged(*indices: int) -> LogBuilder:
    """The same log with facts that their station did not sign so."""
    log = LogBuilder()
    log.leaves = list(signed_log().leaves)
    for index in indices:
        log.leaves[index] = log.leaves[index].replace(b'\\"c\\":\\"x\\"', b'\\"c\\":\\"y\\"')
    return log


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_every_forged_signature_is_found_wherever_it_is_verified(tmp_path, cores):
    indices = [100, 2_300, FACTS - 300, FACTS - 1]
    log = forged(*indices)
    seen = []
    folder = log.write_log(tmp_path / "log")
    report = verify(folder, cores=cores, progress=lambda done, size: seen.append(done))

    wrong = [finding.leaf for finding in report.findings if finding.rule == "signature"]
    assert wrong == indices
    # What follows a changed text does not continue its chain either.
    broken = {finding.leaf for finding in report.findings if finding.rule == "sequence"}
    assert broken == {index + 1 for index in indices[:-1]}
    assert (report.size, report.judged_leaves) == (FACTS, FACTS)
    assert report.signatures == FACTS - 1, "none for genesis, one for each leaf after it"
    assert seen == [*range(256, FACTS, 256), FACTS]


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2])
def test_a_sound_log_is_sound_on_every_number_of_cores(tmp_path, cores):
    report = verify(signed_log().write_log(tmp_path / "log"), cores=cores)
    assert (report.findings, report.signatures) == ((), FACTS - 1)


@cache
def faulty_log() -> LogBuilder:
    """Faults of many kinds, and several in some bundles."""
    log = LogBuilder()
    issuance, wang = log.account("issuance", None), log.account("member")
    poor, late = log.account("member"), key_of(f"{ORIGIN}/stn/XF09")
    for turn in range(40):
        log.batch([[(issuance, wang, 5)]] * 80)
        log.entry([(poor, issuance, 1)], number=7 if turn % 8 == 1 else None)
        log.fact(by=late if turn % 5 == 2 else None)
        if turn == 20:
            log.key(late, "station")
        if turn % 9 == 4:
            log.append("fact", log.new_id("record"), {}, sub="no note")
        log.fact()
        if turn % 6 == 3:
            log.leaves[-1] = log.leaves[-1].replace(b'\\"c\\":\\"x\\"', b'\\"c\\":\\"y\\"')
        if turn % 10 == 5:
            log.leaves[-1] = log.leaves[-1].replace(b'"v":1', b'"v":2')
    return log


@pytest.mark.slow
def test_the_findings_and_their_order_are_the_same_on_every_number_of_cores(tmp_path):
    bundle = faulty_log().write_log(tmp_path / "log")
    one, *more = [verify(bundle, cores=cores) for cores in (1, 2, 3)]
    assert len({finding.rule for finding in one.findings}) > 5, one.findings
    assert more == [one, one]


@pytest.mark.slow
@pytest.mark.parametrize("cores", [1, 2])
def test_rules_see_every_leaf_and_what_was_signed_on_every_number_of_cores(tmp_path, cores):
    seen = []

    class Seen:
        def leaf(self, leaf, signed, say):
            seen.append((leaf.index, leaf.sub is None, signed))

        def finish(self, say):
            seen.append("finish")

    log = LogBuilder()
    issuance, wang = log.account("issuance", None), log.account("member")
    while log.size < 2_600:
        log.batch([[(issuance, wang, 5)]] * 99)
        log.fact()
    log.fact()
    assert verify(log.write_log(tmp_path / "log"), cores=cores, rules=Seen()).ok
    assert [one[0] for one in seen[:-1]] == list(range(log.size))
    assert seen[-1] == "finish"
    _index, without, signed = seen[-2]
    assert not without, "a leaf is whole for those who judge what it means"
    assert signed["c"] == "x"
    unsigned = [index for index, _without, signed in seen[:-1] if signed is None]
    assert 0 in unsigned
    assert all(b'"kind":"outcome"' in log.leaves[index] for index in unsigned[1:])


def test_the_first_fault_ends_the_search_where_that_is_asked_for(tmp_path):
    folder = forged(300, 2_000).write_log(tmp_path / "log")
    seen = []
    report = verify(folder, first=True, progress=lambda done, size: seen.append(done))
    assert [finding.leaf for finding in report.findings] == [301]
    assert report.left_out == 1, "the wrong signature before it, in the same bundle"
    assert seen == [256, 512]

    assert verify(signed_log().write_log(tmp_path / "sound"), first=True).ok


def test_a_fault_of_the_files_is_the_first(tmp_path):
    bundle = LogBuilder().write_bundle(tmp_path / "bundle")
    bundle.joinpath("journal.csv").write_bytes(b"")
    bundle.joinpath("accounts.csv").write_bytes(b"")
    report = verify(bundle, first=True)
    assert [finding.file for finding in report.findings] == ["accounts.csv"]
    assert (report.left_out, report.judged_leaves) == (1, 0)
