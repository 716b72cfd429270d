"""The tree: the root rebuilt from every leaf's bytes equals the one that was signed."""

from collections.abc import Iterator

from ledger.merkle import Frontier, leaf_hashes
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

_LEAVES_AT_ONCE = 4_096

WORDS = {
    "root_differs": (
        "由 {size} 个叶子重算的根是 {rebuilt}…，账本记载的是 {head}…。",
        "The {size} leaves give the root {rebuilt}…; the head has {head}….",
    ),
    "frontier_differs": (
        "账本保存的树边缘与它自己的根不符，下一组写入会被拒绝。",
        "The frontier kept in the head does not belong to its root; the next group would fail.",
    ),
}


def check(view: View) -> Iterator[Difference]:
    """Hash every leaf again and compare root and right edge with the head."""
    head = view.head()
    frontier = Frontier()
    waiting: list[bytes] = []
    for _index, body in view.leaves():
        waiting.append(body)
        if len(waiting) == _LEAVES_AT_ONCE:
            frontier = frontier.append(leaf_hashes(waiting))
            waiting.clear()
    frontier = frontier.append(leaf_hashes(waiting))
    if (frontier.size, frontier.root()) != (head.size, head.root):
        facts: dict[str, int | str] = {
            "size": frontier.size,
            "rebuilt": frontier.root().hex()[:16],
            "head": head.root.hex()[:16],
        }
        yield Difference("head", "root_differs", facts)
    try:
        kept = Frontier.from_bytes(head.frontier)
    except ValueError:
        kept = Frontier()
    if (kept.size, kept.root()) != (head.size, head.root):
        yield Difference("head", "frontier_differs")


CHECK = Check(
    "tree",
    "由全部叶子重算的树根等于已签名的树根",
    "The root rebuilt from all leaves is the one that was signed",
    frozenset({Need.TABLES, Need.LEAVES}),
    Severity.ALARM,
    check,
    WORDS,
)
