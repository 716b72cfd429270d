"""The call list: whom a station still has to tell what, by telephone or at the door."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from timebank.bank import Bank
from timebank.outbox.model import Event, Message, State, Way
from timebank.outbox.wording import Worded, worded
from timebank.people.accesses import Look, Purpose, note_looks
from timebank.people.masks import mask_name, mask_telephone
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

COLUMNS = (
    "m.number, m.event, m.way, m.person_id, m.station_code, m.subject, m.place, m.state, "
    "m.attempts, m.next_ms, m.error, m.made_ms, m.ended_ms, m.told_by, m.told_ms"
)
READERS = (Role.OPERATOR, Role.AUDITOR, Role.CLERK, Role.REVIEWER)
MOST = 200

_LIST = (
    f"SELECT {COLUMNS} FROM message m WHERE m.book_id = 1 AND m.way = 'sms' "
    "AND m.station_code = :station AND m.number > :after {untold}ORDER BY m.number LIMIT :most"
)
_UNTOLD = "AND m.told_ms IS NULL AND m.state NOT IN ('sent', 'outdated') "


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the call list; name and telephone are whole only where the look was written down.

    ``text`` is empty where there is nobody left to tell.
    """

    message: Message
    number: str
    name: str
    telephone: str
    text: str


def message_of(row: Any) -> Message:
    """A message from the columns :data:`COLUMNS`."""
    number, event, way, *middle, state, attempts, next_ms, error, made, ended, by, told = row
    person_id, station_code, subject, place = middle
    return Message(
        number, Event(event), Way(way), person_id, station_code, subject, place, State(state),
        attempts, next_ms, error, made, ended, by, told,
    )  # fmt: skip


def messages_listed(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    station_code: str,
    *,
    everything: bool = False,
    after: int = 0,
    most: int = 50,
) -> list[Call]:
    """A page of a station's messages to people, the oldest first, under masks.

    Without ``everything``, what was neither sent nor told.  The text names people in full, so it is
    left out here.

    Raises:
        NotPermitted: no staff, or of another station.
    """
    found = _rows(connection, actor, station_code, everything, after, most)
    said = worded(bank, connection, found)
    return [_call(one, said.get(one.number), masked=True) for one in found]


def call_list(bank: Bank, actor: Actor, station_code: str) -> list[Call]:
    """Whom the station still has to tell what, with names and telephones; the looks are noted.

    The oldest :data:`MOST`; the others follow once these were told.

    Raises:
        NotPermitted: neither clerk, reviewer nor operator, or of another station.
    """
    require(actor, "call_list", Role.CLERK, Role.REVIEWER, Role.OPERATOR)
    with bank.read() as connection:
        found = _rows(connection, actor, station_code, False, 0, MOST)
        said = worded(bank, connection, found)
    calls = [_call(one, said.get(one.number), masked=False) for one in found]
    _note(bank, actor, station_code, calls)
    return calls


def _rows(
    connection: Connection,
    actor: Actor,
    station_code: str,
    everything: bool,
    after: int,
    most: int,
) -> list[Message]:
    require(actor, "read_messages", *READERS)
    require_station(actor, "read_messages", station_code)
    query = text(_LIST.format(untold="" if everything else _UNTOLD))
    asked = {"station": station_code, "after": after, "most": most}
    return [message_of(row) for row in connection.execute(query, asked)]


def _call(message: Message, said: Worded | None, *, masked: bool) -> Call:
    if said is None or said.member is None:
        return Call(message, "", "", "", "")
    member = said.member
    if masked:
        telephone = mask_telephone(member.telephone) if member.telephone else ""
        return Call(message, member.numbers[0], mask_name(member.name), telephone, "")
    return Call(message, member.numbers[0], member.name, member.telephone or "", said.text)


def _note(bank: Bank, actor: Actor, station_code: str, calls: list[Call]) -> None:
    shown = dict.fromkeys(one.message.person_id for one in calls if one.name)
    keys = bank.wrapped_keys.of(shown)
    told = {"reason": f"通知单 {station_code}"}
    note_looks(
        bank,
        actor,
        [
            Look(
                person_id,
                Purpose.LOOK,
                ("name", "telephone"),
                bank.vault.seal(person_id, keys[person_id], told),
            )
            for person_id in shown
            if person_id in keys
        ],
    )
