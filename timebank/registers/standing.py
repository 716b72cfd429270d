"""What the lines above a table say for each of its lines: 志愿者姓名：王德 on one person's card.

Such a fact becomes a column behind the others, so that reading, refusing and the error sheet know
nothing of it.  A column of the table itself always wins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from timebank.registers.cells import Cell, show, tidy
from timebank.registers.dates import read_day
from timebank.registers.layout import Column, Layout
from timebank.registers.settling import dated_times, reads, settle
from timebank.registers.times import read_range
from timebank.registers.vocabulary import Role, key, role_of, vocabulary

_PAIR = re.compile(r"([^\s:\d]{1,12}) ?: ?(.*?)(?=\s+[^\s:\d]{1,12} ?:|$)")
_WHO = (Role.VOLUNTEER, Role.VOLUNTEER_NUMBER, Role.VOLUNTEER_ID)
_WHOM = (Role.RECIPIENT, Role.RECIPIENT_NUMBER, Role.RECIPIENT_ID)
_DAY = (Role.DATE, Role.DAY, Role.RECORDED)
_STANDS_FOR = {role: roles for roles in (_WHO, _WHOM) for role in roles} | {
    Role.DATE: _DAY,
    Role.INTERVAL: (*_DAY, Role.WHEN, Role.INTERVAL, Role.START),
    Role.CONTENT: (Role.CONTENT, Role.CATEGORY),
    Role.PLACE: (Role.PLACE,),
    Role.HEAD_COUNT: (Role.HEAD_COUNT,),
}
"""A fact of the first role is one for the table only where it has no column of these."""

_NUMBER = re.compile(r"[A-Za-z]{0,4}-?\d{1,17}")

Facts = dict[Role, tuple[str, Cell]]
"""Label and value of each fact."""


def facts_in(lines: Sequence[Sequence[Cell]]) -> Facts:
    """The facts that stand in some lines, the last of each kind."""
    found: Facts = {}
    for cells in lines:
        filled = [cell for cell in cells if cell is not None]
        for cell, beside in pairwise([*filled, None]):
            if isinstance(cell, str):
                for label, value in _pairs(tidy(cell), beside):
                    role = _fact(label, value, found)
                    if role is not None:
                        found[role] = (label, value)
    return found


def _pairs(text: str, beside: Cell) -> Iterator[tuple[str, Cell]]:
    """Labels with their values; one at the end of its cell has its value in the next."""
    pairs = [(match[1], match[2].strip()) for match in _PAIR.finditer(text)]
    for label, value in pairs:
        if value:
            yield label, value
    alone = pairs[-1][0] if pairs and not pairs[-1][1] else text if not pairs else ""
    if alone and (pairs or key(alone) in vocabulary().columns):
        said = tidy(show(beside))
        if said and ":" not in said and key(said) not in vocabulary().columns:
            yield alone, beside


def _fact(label: str, value: Cell, known: Facts) -> Role | None:
    """What such a pair says for every line, if it says anything."""
    role = (role_of(label) or (None,))[0]
    if role in (Role.WHEN, Role.DATE, Role.INTERVAL):
        return next(
            (r for r, p in ((Role.DATE, read_day), (Role.INTERVAL, read_range)) if reads(p, value)),
            None,
        )
    if role is Role.NUMBER_OR_SERIAL and _NUMBER.fullmatch(show(value)):
        if Role.VOLUNTEER in known:  # 姓名：王德  编号：V0001
            return Role.VOLUNTEER_NUMBER
        return Role.RECIPIENT_NUMBER if Role.RECIPIENT in known else None
    return role if role in _STANDS_FOR else None


def given_above(rows: Sequence[Sequence[Cell]]) -> list[frozenset[Role]]:
    """For each row, the kinds of facts that the rows above it state."""
    given: list[frozenset[Role]] = [frozenset()]
    for row in rows[:-1]:
        given.append(given[-1].union(facts_in([row])))
    return given


@dataclass(slots=True)
class Standing:
    """The facts above one table, as columns behind the ``width`` of its lines."""

    above: Sequence[Sequence[Cell]]
    width: int
    _values: dict[Role, Cell] = field(default_factory=dict)

    def settled(self, layout: Layout, sample: Sequence[Sequence[Cell]]) -> Layout:
        """The layout with every open column decided, and a column for each fact that it lacks."""
        facts = facts_in(self.above)
        signed = {Role.VOLUNTEER_SIGNED: Role.VOLUNTEER, Role.RECIPIENT_SIGNED: Role.RECIPIENT}
        columns = tuple(  # who is named above has signed beside, or has not
            replace(c, role=Role.OTHER) if signed.get(c.role) in facts else c
            for c in layout.columns
        )
        bare = settle(replace(layout, columns=columns), sample)
        added = [
            role for role in facts
            if not any(bare.has(same) for same in _STANDS_FOR[role])
            and not (role is Role.DATE and dated_times(bare, sample))
        ]  # fmt: skip
        self._values = {role: facts[role][1] for role in added}
        if not added:
            return bare
        labels = (*bare.labels[: self.width], *[""] * (self.width - len(bare.labels)))
        behind = [
            Column(self.width + place, facts[role][0], role) for place, role in enumerate(added)
        ]
        return replace(
            bare,
            labels=(*labels, *(column.label for column in behind)),
            columns=(*bare.columns, *behind),
        )

    def behind(self, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """A line of the table with the facts behind it."""
        if not self._values:
            return cells
        line = (*cells[: self.width], *[None] * (self.width - len(cells)))
        return (*line, *self._values.values())

    def change(self, cells: Sequence[Cell]) -> None:
        """Take up what a line between the lines says: 志愿者：高俊 over the second block."""
        if not self._values:
            return
        changed = {role: value for role, (_, value) in facts_in([cells]).items()
                   if role in self._values}  # fmt: skip
        for who in (_WHO, _WHOM):  # the number of the last one is not the next one's
            if any(role in changed for role in who):
                self._values |= {role: None for role in who if role in self._values}
        self._values |= changed
