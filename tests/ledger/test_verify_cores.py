"""ledger/verify.py on several cores, and stopping at a fault: the same findings, sooner."""

from functools import cache

import pytest

from ledger import chains
from ledger.verify import verify
from tests.support.log_builder import LogBuilder

FACTS = 4_000
"""Enough that processes have something to do after the first two thousand are verified alone."""


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
    indices = [100, chains._ALONE + 300, FACTS - 300, FACTS - 1]
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
