"""What a receipt says, in the words of people: which leaf, in which tree, signed by whom, and what
it leaves open.  Needs nothing but the receipt, so the offline verifier and the pages share it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.checkpoint import Checkpoint
from ledger.leaf import Entry, Leaf
from ledger.periods import Closing
from ledger.receipt import Proven
from ledger.signed import Signed
from timebank.clock import from_milliseconds, local_datetime
from timebank.statements.model import KINDS_ZH
from timebank.words import minutes_en, minutes_zh


class Said(NamedTuple):
    """One line in both languages, each a label and what stands behind it."""

    label_zh: str
    label_en: str
    zh: str
    en: str


NOT_PROVEN: tuple[tuple[str, str], ...] = (
    (
        "不证明服务确实发生过：那要靠两个人、复核和回访。",
        "It does not prove that the service took place: that takes two people, a review, a call.",
    ),
    (
        "不证明这笔以后没有被冲销：请看最新的对账单。",
        "It does not prove that nothing reversed it later: see the latest statement.",
    ),
    (
        "不写姓名：账户属于谁，要问站点。",
        "It names nobody: whose account it is, the station knows.",
    ),
)
"""What no receipt proves, Chinese and English."""

UNWITNESSED = (
    "没有核对见证人的签名：日志方可能给别人看另一份日志。",
    "No witness was asked for: the log might show others another history.",
)
"""What a receipt leaves open besides where only the log's key was held against it."""

_OTHER_LEAVES_ZH = {
    "fact": "陈述（不动时间，例如等待复核的记录）",
    "account": "开户",
    "hold": "预留",
    "release": "解除预留",
    "expiry": "预留到期",
    "batch": "批量提交",
    "outcome": "批量结果",
    "refused": "退回的提交",
    "closing": "期间结账",
}


def leaf_said(leaf: Leaf) -> list[Said]:
    """What the leaf records: of an entry its number, kind, minutes, accounts and both dates."""
    kind_zh = KINDS_ZH.get(leaf.kind, _OTHER_LEAVES_ZH.get(leaf.kind, leaf.kind))
    lines = [Said("事项", "Kind", kind_zh, leaf.kind)]
    body = leaf.body
    if isinstance(body, Entry):
        lines.insert(0, Said("凭证号", "Entry number", f"第 {body.number} 号", str(body.number)))
        lines += [_movement_said(*movement) for movement in body.movements]
        lines.append(Said("服务日期", "Effective on", body.effective_on, body.effective_on))
    if isinstance(body, Closing):
        lines += _closing_said(body)
    moment = local_datetime(from_milliseconds(leaf.recorded_ms)).strftime("%Y-%m-%d %H:%M:%S")
    lines.append(Said("入账时间", "Recorded at", f"{moment}（北京时间）", f"{moment} UTC+8"))
    if isinstance(body, Entry):
        lines.append(Said("规则版本", "Policy", body.policy, body.policy))
        if body.of is not None:
            lines.append(Said("针对", "Of", body.of, body.of))
    lines.append(Said("编号", "Id", leaf.identifier, leaf.identifier))
    return lines


def tree_said(head: Checkpoint, index: int) -> list[Said]:
    """Which tree: the log's name, the leaf's index (from 0), the size and the root."""
    root = head.text().splitlines()[2]
    return [
        Said("日志", "Log", head.origin, head.origin),
        Said(
            "位置",
            "Place",
            f"第 {index} 条（从 0 数起），全日志 {head.size} 条",
            f"leaf {index}, counted from 0, of {head.size}",
        ),
        Said("根散列", "Root", root, root),
    ]


def signers_said(signed: Sequence[Signed], strangers: int) -> list[Said]:
    """Who signed, and how many lines are of keys that nobody named."""
    lines = []
    for one in signed:
        at = "" if one.at is None else local_datetime(one.at).strftime("%Y-%m-%d %H:%M:%S")
        zh, en = (f"，{at}（北京时间）", f", {at} UTC+8") if at else ("", "")
        name = f"{one.vkey.name} ({one.vkey.key_id.hex()})"
        lines.append(Said("签名", "Signed by", name + zh, name + en))
    if strangers:
        lines.append(
            Said(
                "未核对",
                "Not checked",
                f"另有 {strangers} 行签名，未给出其公钥",
                f"lines of keys that were not given: {strangers}",
            )
        )
    return lines


def left_open(proven: Proven) -> list[tuple[str, str]]:
    """What the receipt does not prove, Chinese and English; more where only the log itself signed.

    The log's second key is the log's own and no witness.
    """
    witnessed = any(one.vkey.name != proven.checkpoint.origin for one in proven.signed)
    return [*NOT_PROVEN, *([] if witnessed else [UNWITNESSED])]


def _closing_said(closing: Closing) -> list[Said]:
    numbers = "—" if closing.first is None else f"{closing.first}-{closing.last}"
    counted = f"{closing.entries}（凭证号 {numbers}，其中迟到 {closing.late}）"
    counted_en = f"{closing.entries} (numbers {numbers}, late {closing.late})"
    minutes = closing.minutes
    return [
        Said("期间", "Period", closing.period.name, closing.period.name),
        Said("凭证", "Entries", counted, counted_en),
        Said("时间合计", "Minutes in all", f"{minutes} 分钟", f"{minutes} min"),
        Said("账户数", "Accounts", str(closing.accounts), str(closing.accounts)),
        Said("余额树根", "Root over balances", closing.balances, closing.balances),
    ]


def _movement_said(giver: str, receiver: str, minutes: int) -> Said:
    way = f"{giver} → {receiver}"
    zh, en = f"{minutes} 分钟", f"{minutes} min"
    if minutes >= 60:
        zh, en = f"{zh}（{minutes_zh(minutes)}）", f"{en} ({minutes_en(minutes)})"
    return Said("时间", "Minutes", f"{zh}，{way}", f"{en}, {way}")
