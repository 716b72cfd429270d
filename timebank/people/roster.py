"""Lists of members as stations keep them: registered in one go, or only looked into."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ledger.ids import new_id
from timebank.attempts import part_key
from timebank.bank import Bank
from timebank.errors import NothingToRead, PersonRestricted, UnknownRole
from timebank.people.actions import PEOPLE_AT_ONCE, register_list
from timebank.people.directory import ids_by_number, ids_mentioned, members
from timebank.people.model import ROLES, Member, Newcomer
from timebank.registers import (
    MemberFile,
    MemberPerson,
    PersonMention,
    RowRefusal,
    read_members,
)
from timebank.stations.model import Actor


@dataclass(frozen=True, slots=True)
class RosterResult:
    """How many people of a list are registered now, and which of its rows were refused."""

    people: int
    refused: tuple[tuple[str, int, RowRefusal], ...]


def register_members(
    bank: Bank,
    actor: Actor,
    path: Path,
    *,
    key: str,
    progress: Callable[[int, int], None] = lambda done, of: None,
    rehearsal: bool = False,
) -> RosterResult:
    """Register everybody in a list of members; who is registered already stays as they are.

    Who asked to be forgotten is refused with their rows, and nobody else with them.  A
    ``rehearsal`` answers the same and writes nothing.

    Raises, the first that applies:
        UnreadableFile, HeaderNotFound: see :func:`timebank.registers.read_members`.
        NothingToRead: the header is followed by no line.
        NotPermitted, NumberTaken: see :func:`timebank.people.actions.register_list`.
    """
    found = _read(path)
    strangers = [person for person in found.people if not set(person.roles) <= set(ROLES)]
    people = [person for person in found.people if set(person.roles) <= set(ROLES)]
    restricted: list[MemberPerson] = []
    for at in range(0, len(people), PEOPLE_AT_ONCE):
        part = people[at : at + PEOPLE_AT_ONCE]
        done = register_list(
            bank,
            actor,
            [newcomer_of(one) for one in part],
            key=part_key(key, f"{at}"),
            rehearsal=rehearsal,
        )
        restricted += [one for one, person_id in zip(part, done, strict=True) if person_id is None]
        progress(at + len(part), len(people))
    refused = (*refused_rows(found), *_strange(strangers), *_restricted(restricted))
    return RosterResult(len(people) - len(restricted), refused)


def people_in_file(
    bank: Bank, path: Path
) -> Callable[[Iterable[PersonMention]], tuple[dict[str, Member], dict[str, Member]]]:
    """A way to find the people of a list beside those who are registered, writing nothing.

    Whoever is registered already (by number) is left to the vault; the others get ids that mean
    nothing, good for a rehearsal alone.

    Raises:
        UnreadableFile … NothingToRead: see :func:`register_members`.
    """
    found = _read(path)
    newcomers = [newcomer_of(person) for person in found.people if set(person.roles) <= set(ROLES)]

    def find(mentions: Iterable[PersonMention]) -> tuple[dict[str, Member], dict[str, Member]]:
        every = list(mentions)
        with bank.read() as connection:
            known = members(bank, connection, ids_mentioned(bank, connection, every))
            numbers = [number for one in newcomers for number, _role in one.numbers]
            taken = ids_by_number(connection, numbers)
        strangers = {}
        for one in newcomers:
            if not any(number in taken for number, _role in one.numbers):
                stranger = _stranger(bank, one)
                strangers[stranger.person_id] = stranger
        return known, strangers

    return find


def _read(path: Path) -> MemberFile:
    found = read_members(path)
    if not found.people and not found.refused:
        raise NothingToRead
    return found


def _stranger(bank: Bank, one: Newcomer) -> Member:
    return Member(
        new_id("person", bank.now_ms()),
        new_id("acct", bank.now_ms()),
        tuple(number for number, _role in one.numbers),
        tuple(dict.fromkeys(role for _number, roles in one.numbers for role in roles.split())),
        one.name,
        one.born_on,
        one.id_number,
        one.telephone,
    )


def newcomer_of(person: MemberPerson) -> Newcomer:
    """A person of a list as registration takes them: each number with the roles of its line.

    Where the line says nothing of roles, the number serves for both.
    """
    pairs = tuple(
        (number, " ".join(roles or ROLES))
        for number, roles in zip(person.numbers, person.number_roles, strict=True)
    )
    return Newcomer(person.name, pairs, person.born_on, person.id_number, person.phone)


def refused_rows(found: MemberFile) -> tuple[tuple[str, int, RowRefusal], ...]:
    """The rows of a list that were refused: sheet, row and why."""
    return tuple((one.sheet, one.row, one.refusal) for one in found.refused)


def _strange(people: Iterable[MemberPerson]) -> Iterator[tuple[str, int, RowRefusal]]:
    """People whose role the time bank does not know are refused, the others registered."""
    for person in people:
        unknown = next(role for role in person.roles if role not in ROLES)
        refusal = UnknownRole(field="role", given=unknown[:20])
        said = RowRefusal(refusal.code, refusal.in_chinese(), "把身份写成 志愿者 或 老人")
        for row in person.rows:
            yield "", row, said


def _restricted(people: Iterable[MemberPerson]) -> Iterator[tuple[str, int, RowRefusal]]:
    """People who asked to be forgotten, by number alone: their names are not to be used."""
    for person in people:
        refusal = PersonRestricted(field="number", number=person.numbers[0])
        said = RowRefusal(refusal.code, refusal.in_chinese(), "从名单中删去这一行")
        for row in person.rows:
            yield "", row, said
