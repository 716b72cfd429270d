"""Finding the people that a register mentions: never the first of several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from timebank.registers.mentions import clean_name, clean_number
from timebank.registers.model import PersonMention, RegisterRow, RowRefusal
from timebank.registers.refusals import Code, refuse

VOLUNTEER, ELDER = "volunteer", "elder"
_IN_ANOTHER_ROLE = {VOLUNTEER: Code.NOT_A_VOLUNTEER, ELDER: Code.NOT_A_RECIPIENT}


class Listed(Protocol):
    """What the directory needs to know of a person."""

    @property
    def name(self) -> str:
        """The full name."""
        ...

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every member number, the one to show first."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """volunteer and elder, as far as they apply; none where nothing is known."""
        ...

    @property
    def id_number(self) -> str | None:
        """The 18-digit ID number, where it is known."""
        ...


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whom a mention means, by the directory's key, or why that cannot be said."""

    person: str | None
    code: Code | None = None
    why: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(slots=True)
class Directory:
    """Looks people up by number, by ID number or by name; keys are opaque to it.

    A name or number means people who have the asked role, or no role at all: 陈玉 the elder is not
    陈玉 the volunteer.
    """

    _people: dict[str, Listed] = field(default_factory=dict)
    _by_number: dict[str, str] = field(default_factory=dict)
    _by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Mapping[str, Listed]) -> "Directory":
        """A directory over people by their keys."""
        directory = cls()
        for person_key, person in people.items():
            directory.add(person_key, person)
        return directory

    def add(self, person_key: str, person: Listed) -> None:
        """Make one more person findable."""
        self._people[person_key] = person
        for number in person.numbers:
            self._by_number[clean_number(number)] = person_key
        if person.id_number:
            self._by_number[clean_number(person.id_number)] = person_key
        self._by_name.setdefault(clean_name(person.name), []).append(person_key)

    def find(self, mention: PersonMention, role: str | None) -> Resolved:
        """The person whom ``mention`` means as volunteer or elder, or in whatever role.

        Refused with ``unknown_member`` (nobody, or the number is another's), ``not_a_volunteer``
        or ``not_a_recipient`` (in the other role alone), or ``ambiguous_member`` (several of that
        name, with their masked names and numbers).
        """
        if mention.number is not None:
            found = self._by_number.get(mention.number)
            if found is None:
                return Resolved(None, Code.UNKNOWN_MEMBER, "没有登记这个编号")
            if mention.name and clean_name(self._people[found].name) != mention.name:
                return Resolved(None, Code.UNKNOWN_MEMBER, "编号与姓名不是同一个人")
            if role and (roles := self._people[found].roles) and role not in roles:
                return Resolved(None, _IN_ANOTHER_ROLE[role])
            return Resolved(found)
        named = self._by_name.get(mention.name or "", [])
        chosen = [
            person_key
            for person_key in named
            if not role or not (roles := self._people[person_key].roles) or role in roles
        ]
        if not chosen:
            if named and role:
                return Resolved(None, _IN_ANOTHER_ROLE[role])
            return Resolved(None, Code.UNKNOWN_MEMBER, "没有登记")
        if len(chosen) > 1:
            masked = tuple(self._masked(key) for key in chosen)
            return Resolved(None, Code.AMBIGUOUS_MEMBER, candidates=masked)
        return Resolved(chosen[0])

    def _masked(self, person_key: str) -> str:
        person = self._people[person_key]
        return f"{person.name[:1]}{'＊' * max(1, len(person.name) - 1)}({person.numbers[0]})"


@dataclass(frozen=True, slots=True)
class ResolvedPeople:
    """The people of one row as keys, or the refusal of the first that cannot be told."""

    volunteers: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    refusal: RowRefusal | None = None


def resolve(row: RegisterRow, directory: Directory, place: str) -> ResolvedPeople:
    """The people of a readable row: volunteers first, then recipients, each in the cell's order.

    ``place`` names the row in the refusal, see ``place_of``.
    """
    labels = (row.head.volunteer_label, row.head.recipient_label)
    found: tuple[set[str], set[str]] = (set(), set())
    asked: Iterable[tuple[int, tuple[PersonMention, ...], str]] = (
        (0, row.volunteers, VOLUNTEER),
        (1, row.recipients, ELDER),
    )
    for side, mentions, role in asked:
        for mention in mentions:
            answer = directory.find(mention, role)
            if answer.person is None:
                return ResolvedPeople(refusal=_refusal(answer, mention, place, labels[side]))
            found[side].add(answer.person)
    return ResolvedPeople(frozenset(found[0]), frozenset(found[1]))


def _refusal(answer: Resolved, mention: PersonMention, place: str, label: str) -> RowRefusal:
    return refuse(
        answer.code or Code.UNKNOWN_MEMBER, place, field=label, text=mention.text, why=answer.why,
        count=len(answer.candidates), candidates="、".join(answer.candidates),
    )  # fmt: skip
