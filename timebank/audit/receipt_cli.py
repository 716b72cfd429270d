"""``timebank-verify receipt FILE``: what one member, one sheet of paper and one key can prove."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ledger.leaf import Entry, Leaf
from ledger.leaf_parser import LeafRejected, parse
from ledger.notes import NoteRejected, Vkey
from ledger.receipt import MOST_BYTES, Proven, Receipt, ReceiptRejected, verify_receipt
from ledger.signed import COSIGNERS
from ledger.trust_policy import TrustPolicy, TrustPolicyRejected, read_trust_policy
from timebank.receipts.said import leaf_said, left_open, signers_said, tree_said

_Known = tuple[Vkey | None, list[Vkey], TrustPolicy | None]
"""What the caller brings from elsewhere: the log's key, demanded witnesses, a policy."""


def main(arguments: list[str]) -> int:
    """Verify a receipt; 0 if it proves its leaf, 1 if it does not, 2 for a wrong call."""
    given, known, data = _asked(arguments)
    try:
        receipt, leaf, proven = judge(data, *known)
    except ReceiptRejected as rejected:
        return _tell_rejected(rejected, given.json)
    if given.json:
        _write(json.dumps(_as_json(receipt, leaf, proven), ensure_ascii=False))
    else:
        _write("\n".join(_told(receipt, leaf, proven)))
    return 0


def _asked(arguments: list[str]) -> tuple[argparse.Namespace, _Known, bytes]:
    """What the command line asks for, the keys that it brings, and the receipt's bytes."""
    parser = argparse.ArgumentParser(
        prog="timebank-verify receipt",
        description="核验一份回执（.tlog-proof），离线。 Verify a receipt, offline.",
    )
    parser.add_argument("file", type=Path, help="回执文件 the receipt")
    parser.add_argument("--vkey", help="别处得到的日志公钥 the log's verifier key")
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="VKEY",
        help="必须签过名的见证人公钥，可重复 a key that must have cosigned; may be repeated",
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="信任策略文件 trust policy of logs and witnesses",
    )
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 one JSON object")
    given = parser.parse_args(arguments)
    try:
        log = None if given.vkey is None else Vkey.parse(given.vkey)
    except NoteRejected as error:
        parser.error(f"--vkey: {error}")
    try:
        witnesses = [Vkey.parse(one, COSIGNERS) for one in given.witness]
    except NoteRejected as error:
        parser.error(f"--witness: {error}")
    try:
        policy = None if given.policy is None else read_trust_policy(given.policy)
    except TrustPolicyRejected as error:
        parser.error(f"--policy: {error}")
    if log is None and (policy is None or not policy.logs):
        parser.error("--vkey, or a --policy that names a log, is needed")
    try:
        with open(given.file, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        parser.error(f"{given.file}: {error.strerror}")
    return given, (log, witnesses, policy), data


def judge(
    data: bytes, log: Vkey | None, witnesses: list[Vkey], policy: TrustPolicy | None = None
) -> tuple[Receipt, Leaf, Proven]:
    """Verify a receipt that carries its leaf, and read the leaf.

    Raises:
        ReceiptRejected: as :meth:`Receipt.parse` and :func:`verify_receipt`; ``leaf``, it carries
            none, or one that is none of this format, or that says another index.
    """
    receipt = Receipt.parse(data)
    if not receipt.extra:
        raise ReceiptRejected("leaf", "the receipt carries no leaf")
    proven = verify_receipt(receipt, receipt.extra, log, witnesses, policy)
    try:
        leaf = parse(receipt.extra)
    except LeafRejected as error:
        raise ReceiptRejected("leaf", str(error)) from error
    if leaf.index != receipt.index:
        raise ReceiptRejected("leaf", f"the leaf says that it is number {leaf.index}")
    return receipt, leaf, proven


def _tell_rejected(rejected: ReceiptRejected, as_json: bool) -> int:
    if as_json:
        finding = {"rule": rejected.rule, "evidence": rejected.evidence}
        _write(json.dumps({"ok": False, "findings": [finding]}, ensure_ascii=False))
    else:
        _write(f"核验未通过，这份回执不能作为证据。\nRejected: it proves nothing.\n{rejected}")
    return 1


def _told(receipt: Receipt, leaf: Leaf, proven: Proven) -> list[str]:
    """The whole in Chinese, then the whole in English."""
    lines = [
        *leaf_said(leaf),
        *tree_said(proven.checkpoint, receipt.index),
        *signers_said(proven.signed, proven.strangers),
    ]
    doubts = left_open(proven)
    zh = [f"  {one.label_zh}：{one.zh}" for one in lines]
    en = [f"  {one.label_en}: {one.en}" for one in lines]
    return [
        "核验通过：以下内容在这份签名日志中；日后若被删改，此回执就是证据。",
        *zh,
        "但是：",
        *(f"  {one}" for one, _ in doubts),
        "",
        "Verified: this stands in the signed log; were it dropped or changed, this convicts it.",
        *en,
        "But:",
        *(f"  {one}" for _, one in doubts),
    ]


def _as_json(receipt: Receipt, leaf: Leaf, proven: Proven) -> dict[str, Any]:
    head, body = proven.checkpoint, leaf.body
    found: dict[str, Any] = {
        "ok": True,
        "findings": [],
        "origin": head.origin,
        "size": head.size,
        "root": head.text().splitlines()[2],
        "index": receipt.index,
        "kind": leaf.kind,
        "id": leaf.identifier,
        "recorded_ms": leaf.recorded_ms,
        "signed": [one.as_json() for one in proven.signed],
        "not_checked": proven.strangers,
    }
    if isinstance(body, Entry):
        found |= {
            "number": body.number,
            "effective_on": body.effective_on,
            "policy": body.policy,
            "of": body.of,
            "movements": [
                {"from": giver, "to": receiver, "minutes": minutes}
                for giver, receiver, minutes in body.movements
            ],
        }
    return found


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
