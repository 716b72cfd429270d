"""Writes the golden files of the log format anew: run it, look at the difference, explain it.

    python -m tests.ledger.golden

A byte that changes here is a change of the format, which old logs do not follow.
"""

import shutil
import sys
from pathlib import Path

from tests.support.log_builder import LogBuilder, little_log, log_of_keys, log_of_periods
from tests.support.receipts import WITNESS, receipt_of

GOLDEN = Path(__file__).parent.parent.joinpath("golden", "log")


def write(folder: Path) -> LogBuilder:
    """Write the little log as a bundle, its leaves, a checkpoint and a receipt, and logs of keys
    and of periods."""
    log = little_log()
    log.write_bundle(folder.joinpath("bundle"))
    folder.joinpath("leaves.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in log.leaves))
    keys = log_of_keys()
    folder.joinpath("keys.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in keys.leaves))
    months = log_of_periods()
    folder.joinpath("periods.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in months.leaves))
    folder.joinpath("checkpoint-of-two-keys").write_text(keys.note(6), "utf-8", newline="\n")
    folder.joinpath("checkpoint-at-9").write_text(log.note(9), "utf-8", newline="\n")
    folder.joinpath("frontier.hex").write_text(f"{log.frontier().hex()}\n", "utf-8", newline="\n")
    receipt = str(receipt_of(log, 10, WITNESS))
    folder.joinpath("receipt-of-10.tlog-proof").write_text(receipt, "utf-8", newline="\n")
    return log


if __name__ == "__main__":
    shutil.rmtree(GOLDEN, ignore_errors=True)
    write(GOLDEN)
    sys.stdout.write(f"{GOLDEN}\n")
