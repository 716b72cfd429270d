"""From what a clerk wrote in the people columns to the people who are meant."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from timebank.bank import Bank
from timebank.errors import (
    AmbiguousMember,
    GroupTooLarge,
    MissingField,
    NotARecipient,
    NotAVolunteer,
    UnknownMember,
)
from timebank.people.directory import ids_mentioned, members, numbered
from timebank.people.model import Member
from timebank.policy.eligibility import asks_age
from timebank.records.model import Party
from timebank.registers import Code, Directory, PersonMention
from timebank.registers.mentions import read_people

SEEN_MS = 10_000
"""How long a busy desk may go on without asking again whom a number means."""

MOST_SEEN = 50_000

ROLE_OF = {"volunteer": "volunteer", "recipient": "elder"}
_IN_ANOTHER_ROLE = {"volunteer": NotAVolunteer, "recipient": NotARecipient}


@dataclass(frozen=True, slots=True)
class People:
    """The people whom some mentions can mean."""

    directory: Directory
    parties: dict[str, Party]


def people_of(bank: Bank, connection: Connection, mentions: Iterable[PersonMention]) -> People:
    """Everybody whom ``mentions`` can mean, by number, ID number or name; a few statements."""
    ids = ids_mentioned(bank, connection, mentions)
    wrapped = bank.wrapped_keys.of(ids)
    return _people(members(bank, connection, ids), wrapped)


def parties_of(
    bank: Bank, volunteers: tuple[str, ...], recipients: tuple[str, ...]
) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    """The people of a form's two fields.  Bare member numbers open nobody's vault.

    Raises, the first that applies:
        MissingField … AmbiguousMember: see :func:`find`, volunteers first.
    """
    mentions = mentions_of(volunteers + recipients)
    if not _ages_matter(bank) and all(one.number and not one.name for one in mentions):
        known = _known(bank, [one.number or "" for one in mentions])
        return _numbered(known, volunteers, "volunteer"), _numbered(known, recipients, "recipient")
    with bank.read() as connection:
        people = people_of(bank, connection, mentions)
    return find(people, volunteers, "volunteer"), find(people, recipients, "recipient")


def parties_by_id(
    bank: Bank, connection: Connection, person_ids: Iterable[str]
) -> dict[str, Party]:
    """The people of these ids; empty ids, and people whose data were destroyed, are left out."""
    ids = {one for one in person_ids if one}
    return _people(members(bank, connection, ids), bank.wrapped_keys.of(ids)).parties


def volunteer_of(bank: Bank, text: str) -> Party:
    """The one volunteer whom a text means.

    Raises, the first that applies:
        MissingField, UnknownMember … AmbiguousMember: see :func:`find`.
        GroupTooLarge: it names several.
    """
    return _one(parties_of(bank, (text,), ())[0], "volunteer")


def recipient_of(bank: Bank, text: str) -> Party:
    """The one elder whom a text means.

    Raises: as :func:`volunteer_of`, with ``recipient`` as the field.
    """
    if not text.strip():
        raise MissingField(field="recipient")
    mentions = mentions_of((text,))
    with bank.read() as connection:
        people = people_of(bank, connection, mentions)
    return _one(find(people, (text,), "recipient"), "recipient")


def _one(found: tuple[Party, ...], part: str) -> Party:
    if len(found) != 1:
        raise GroupTooLarge(field=part, count=len(found), most=1)
    return found[0]


def _known(bank: Bank, numbers: list[str]) -> dict[str, Party]:
    """Whom the numbers mean, as read within the last :data:`SEEN_MS`; unknown ones are left out.

    A number never changes its person.  What can change meanwhile is that the person is erased by
    another process, and then the seal of a last note lies under a key that is gone.
    """
    seen, now = bank.people_seen, bank.now_ms()
    if len(seen) > MOST_SEEN:
        seen.clear()
    known = {
        number: entry[1] for number in numbers if (entry := seen.get(number)) and entry[0] > now
    }
    missing = [number for number in numbers if number not in known]
    if missing:
        with bank.read() as connection:
            for number, one in numbered(bank, connection, missing).items():
                known[number] = Party(*one)
                seen[number] = (now + SEEN_MS, known[number])
    return known


def _numbered(known: dict[str, Party], texts: tuple[str, ...], part: str) -> tuple[Party, ...]:
    if part == "volunteer" and not any(text.strip() for text in texts):
        raise MissingField(field=part)
    found: dict[str, Party] = {}
    for mention in mentions_of(texts):
        party = known.get(mention.number or "")
        if party is None:
            raise UnknownMember(field=part)
        if ROLE_OF[part] not in party.roles:
            raise _IN_ANOTHER_ROLE[part](field=part)
        found[party.person_id] = party
    return tuple(found.values())


def _ages_matter(bank: Bank) -> bool:
    """Whether some adopted profile asks for a birth date, which lies in the vault."""
    return any(asks_age(profile) for profile in bank.profiles)


def people_for_rehearsal(
    bank: Bank, known: dict[str, Member], strangers: dict[str, Member]
) -> People:
    """Registered people and those of a list who are not, for an import that writes nothing.

    Strangers have no key yet; of the others what was noted is asked, as when it is written.
    """
    wrapped = {**dict.fromkeys(strangers, b""), **bank.wrapped_keys.of(known)}
    everybody = {who: one for who, one in {**known, **strangers}.items() if who in wrapped}
    return _people(everybody, wrapped)


def _people(known: dict[str, Member], wrapped: dict[str, bytes]) -> People:
    parties = {person_id: _party(member, wrapped[person_id]) for person_id, member in known.items()}
    return People(Directory.of(known), parties)


def find(people: People, texts: tuple[str, ...], part: str) -> tuple[Party, ...]:
    """The people of one field of a form, in its order, each once.

    Raises, the first that applies:
        MissingField: no volunteer was named.
        UnknownMember: nobody has that number or name.
        NotAVolunteer, NotARecipient: whoever has it is registered in the other role alone.
        AmbiguousMember: several people of one name have it; their masked names are given.
    """
    if part == "volunteer" and not any(text.strip() for text in texts):
        raise MissingField(field=part)
    found: dict[str, Party] = {}
    for mention in mentions_of(texts):
        answer = people.directory.find(mention, ROLE_OF[part])
        if answer.person is None and answer.candidates:
            shown = "、".join(answer.candidates)
            raise AmbiguousMember(field=part, count=len(answer.candidates), candidates=shown)
        if answer.person is None:
            raise (
                UnknownMember(field=part)
                if answer.code is Code.UNKNOWN_MEMBER
                else _IN_ANOTHER_ROLE[part](field=part)
            )
        found[answer.person] = people.parties[answer.person]
    return tuple(found.values())


def mentions_of(texts: Iterable[str]) -> list[PersonMention]:
    """Every person that the texts of a form mention; each may name several, joined by 、."""
    return [mention for text in texts for mention in read_people(text)]


def _party(member: Member, wrapped: bytes) -> Party:
    return Party(
        member.person_id,
        member.account_id,
        member.numbers[0] if member.numbers else "",
        member.roles,
        wrapped,
        member.born_on.isoformat() if member.born_on else "",
    )
