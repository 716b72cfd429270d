"""ledger/verify.py: memory grows with the accounts, not with the leaves."""

import tracemalloc

import pytest

from ledger.verify import verify
from tests.support.log_builder import LogBuilder

FEW, MANY = 1_000, 9_000


def peak_of(folder) -> int:
    tracemalloc.start()
    try:
        assert verify(folder).ok
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_eight_thousand_more_entries_need_no_more_memory(tmp_path):
    log = LogBuilder()
    issuance, wang = log.account("issuance", None), log.account("member")
    peaks = []
    for size in (FEW, FEW, MANY):  # The first run also pays for what Python loads and keeps.
        while log.size < size:
            log.batch([[(issuance, wang, 5)]] * 250)
        bundle = log.write_bundle(tmp_path / f"{len(peaks)}")
        peaks.append(peak_of(bundle))
    # Eight bytes a leaf are kept, and twice that when they are sorted; a kept leaf would be 800.
    assert peaks[2] - peaks[1] < (MANY - FEW) * 100, peaks
