"""timebank/receipts/said.py: every line in both languages, and nothing that a receipt lacks."""

import pytest

from ledger.leaf_parser import parse
from ledger.receipt import verify_receipt
from tests.support.log_builder import little_log
from tests.support.receipts import SECOND_KEY, WITNESS, receipt_of
from timebank.receipts.said import (
    NOT_PROVEN,
    UNWITNESSED,
    leaf_said,
    left_open,
    signers_said,
    tree_said,
)

LOG = little_log()


def labels(index: int) -> list[str]:
    return [one.label_en for one in leaf_said(parse(LOG.leaves[index]))]


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (10, ["Entry number", "Kind", "Minutes", "Effective on", "Recorded at", "Policy", "Id"]),
        (
            14,  # A settlement moves between two pairs and names its hold.
            ["Entry number", "Kind", "Minutes", "Minutes", "Effective on", "Recorded at", "Policy",
             "Of", "Id"],
        ),
        (19, ["Kind", "Recorded at", "Id"]),
    ],
)  # fmt: skip
def test_a_leaf_says_what_it_has(index: int, said: list[str]) -> None:
    assert labels(index) == said


def test_every_line_has_two_languages() -> None:
    for index, leaf in enumerate(LOG.leaves):
        for one in (*leaf_said(parse(leaf)), *tree_said(LOG.checkpoint(), index)):
            assert all(part.strip() for part in one)


@pytest.mark.parametrize(("minutes", "said"), [(59, "59 分钟，"), (60, "60 分钟（1小时），")])
def test_hours_stand_beside_minutes_where_there_are_any(minutes: int, said: str) -> None:
    log = little_log()
    log.entry([("acct_1", "acct_2", minutes)])

    (line,) = (one for one in leaf_said(parse(log.leaves[-1])) if one.label_zh == "时间")
    assert line.zh == f"{said}acct_1 → acct_2"


def test_only_others_than_the_log_take_the_doubt_away() -> None:
    receipt = receipt_of(LOG, 10, WITNESS, SECOND_KEY)

    def doubts(*demanded) -> list[tuple[str, str]]:
        keys = [one.vkey for one in demanded]
        return left_open(verify_receipt(receipt, receipt.extra, LOG.log_key.vkey, keys))

    assert doubts(WITNESS) == list(NOT_PROVEN)
    assert doubts() == doubts(SECOND_KEY) == [*NOT_PROVEN, UNWITNESSED]


def test_signers_come_with_their_time_and_the_others_are_counted() -> None:
    receipt = receipt_of(LOG, 10, WITNESS, SECOND_KEY)
    proven = verify_receipt(receipt, receipt.extra, LOG.log_key.vkey, [WITNESS.vkey])

    said = signers_said(proven.signed, proven.strangers)

    assert [one.zh for one in said] == [
        "timebank.example/xingfu (ff4486d0)",
        "witness.example/w1 (c4f55f07)，2023-03-05 15:08:20（北京时间）",
        "另有 1 行签名，未给出其公钥",
    ]
