"""Draws of call-backs in the log: each is seeded by the log itself, as it stood when a week began.

Whom a draw hit is not in the log; that its seed could not be chosen is, and is verified here.
"""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ledger.encoding import Json
from ledger.leaf import Leaf
from ledger.proofs import root_at
from ledger.replay import Say
from ledger.tiles import TileFolder, TileRejected
from timebank.audit.facts import Facts, Underived, day_of, text_of, whole_of
from timebank.call_backs.model import DRAW, week_began_ms

_MONDAY = 0
_WEEK_MS = 7 * 86_400_000
_FIRST_MONDAY_MS = week_began_ms(date(1970, 1, 5))


def _week_of(moment_ms: int) -> int:
    """Weeks of the stations since that of 5 January 1970."""
    return (moment_ms - _FIRST_MONDAY_MS) // _WEEK_MS


class CallDraws:
    """Judges leaves in order, see :class:`ledger.verify_log.Rules`; grows with weeks and draws.

    ``log`` is the folder of the published log, whose tiles give the roots; they are verified by the
    ledger's own rules.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._size = 0
        self._weeks: list[int] = []
        self._starts: list[int] = []
        self._drawn: list[tuple[int, Facts]] = []

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Take in where each week begins, and every draw."""
        self._size = leaf.index + 1
        week = _week_of(leaf.recorded_ms)
        if not self._weeks or week > self._weeks[-1]:
            self._weeks.append(week)
            self._starts.append(leaf.index)
        if leaf.kind == "fact" and isinstance(signed, Mapping) and signed.get("do") == DRAW:
            self._drawn.append((leaf.index, signed))

    def finish(self, say: Say) -> None:
        """Judge the draws against the week that each names, the log before it and each other."""
        weeks: set[date] = set()
        last = 0
        for index, facts in self._drawn:
            try:
                week, first, size = (
                    day_of(facts, "week"), whole_of(facts, "first"), whole_of(facts, "size"),
                )  # fmt: skip
                root = text_of(facts, "root")
            except Underived as error:
                say(index, "facts_form", str(error))
                continue
            if week.weekday() != _MONDAY or week in weeks:
                say(index, "call_draw", f"week: {week} is no Monday, or was drawn before")
            weeks.add(week)
            place = bisect_left(self._weeks, _week_of(week_began_ms(week)))
            before = self._starts[place] if place < len(self._starts) else self._size
            if size != before or size > index:
                say(index, "call_draw", f"size: {before} leaves were recorded before {week}")
            elif root != self._root(size):
                say(index, "call_draw", f"root: that of {size} leaves is another")
            if first != last:
                say(index, "call_draw", f"first: the draw before ended at {last}")
            last = size

    def _root(self, size: int) -> str:
        """The root of the first leaves in hex; empty where the tiles do not give it."""
        tiles = TileFolder(self._log)
        try:
            return root_at(size, tiles.nodes(self._size)).hex()
        except TileRejected:
            return ""
