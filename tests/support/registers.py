"""A register imported without books: read, resolved by the members file, judged in the file."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from timebank.registers import (
    Code,
    Directory,
    Judge,
    MemberFile,
    Occupied,
    Register,
    RegisterRow,
    ResolvedRow,
    RowRefusal,
    Verdict,
    place_of,
    read_members,
    read_register,
    refuse,
    resolve,
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that belongs to a service, its people by their first number in the members file."""

    row: RegisterRow
    volunteers: frozenset[str]
    recipients: frozenset[str]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PureImport:
    """What an import decided: accepted rows in sheet order, refused ones with their reasons."""

    register: Register
    members: MemberFile
    accepted: tuple[Accepted, ...]
    refused: tuple[tuple[RegisterRow, RowRefusal], ...]


def import_purely(
    register_file: Path, members_file: Path, *, today: date, stored: Occupied | None = None
) -> PureImport:
    """What an import decides, in the order of its rules, without posting anything."""
    register, members = read_register(register_file), read_members(members_file)
    directory = Directory.of({person.numbers[0]: person for person in members.people})
    judge = Judge(stored)
    accepted: list[Accepted] = []
    refused: list[tuple[RegisterRow, RowRefusal]] = []
    rows = list(register.rows())
    places = [place_of(r.sheet, r.row, name_sheet=register.has_several_sheets) for r in rows]
    for key, (row, place) in enumerate(zip(rows, places, strict=True)):
        if row.refusal:
            refused.append((row, row.refusal))
            continue
        people = resolve(row, directory, place)
        if people.refusal:
            refused.append((row, people.refusal))
        elif row.service_on > today:
            refused.append((row, refuse(Code.IN_THE_FUTURE, place, on=row.service_on)))
        else:
            claim = ResolvedRow(
                key=key,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                content=row.content,
                volunteers=people.volunteers,
                recipients=people.recipients,
                public=row.public,
            )
            verdict = judge.judge(claim)
            if verdict.accepted:
                accepted.append(Accepted(row, people.volunteers, people.recipients, verdict))
                continue
            other = places[verdict.other] if verdict.other is not None else "已入账的服务"
            refused.append((row, refuse(Code(verdict.outcome.value), place, other=other)))
    return PureImport(register, members, tuple(accepted), tuple(refused))
