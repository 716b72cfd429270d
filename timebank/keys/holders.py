"""Whose a key is that is not ours: a device's of one station, or a member of staff's.

The leaf that brought the key in says so, in what the operator signed; so it can be told from the
log alone, and nobody binds a key to somebody else afterwards.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from ledger.approvals import DEVICE, STAFF, SUBMITTING_KINDS
from ledger.errors import SigningKeyUnknown
from ledger.leaf_parser import parse
from ledger.notes import Vkey
from ledger.submission import parse_submission
from timebank.errors import SigningKeyOfAnother
from timebank.stations.model import Actor

_KEY = text(
    "SELECT k.role, k.vkey, l.body FROM signing_key k "
    "JOIN leaf l ON l.book_id = k.book_id AND l.leaf_index = k.leaf_index "
    "WHERE k.book_id = 1 AND k.name = :name"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A key with its role, and the station's code or the staff id of whose it is."""

    vkey: Vkey
    role: str
    station: str = ""
    staff: str = ""


def holder_of(connection: Connection, name: str) -> Holder:
    """Whose the key of that name is; whether it ended is for the writer to say.

    Raises:
        SigningKeyUnknown: there is none, or it is no device's and nobody's of the staff.
    """
    row = connection.execute(_KEY, {"name": name}).first()
    if row is None or row.role not in (DEVICE, STAFF):
        raise SigningKeyUnknown(key=name[:80])
    facts = parse_submission(parse(bytes(row.body)).sub or "").body
    return Holder(
        Vkey.parse(row.vkey, SUBMITTING_KINDS),
        row.role,
        str(facts.get("station", "")),
        str(facts.get("staff", "")),
    )


def check_holder(holder: Holder, actor: Actor, station_code: str) -> None:
    """Let a note pass that comes from where its key belongs.

    A device's note speaks of its own station and comes from a session there; a member of staff's
    comes from their own session, wherever they may record.

    Raises:
        SigningKeyOfAnother: any other.
    """
    if holder.role == STAFF:
        is_held = holder.staff == actor.actor_id
    else:
        is_held = holder.station == station_code == actor.station_code
    if not is_held:
        raise SigningKeyOfAnother(key=holder.vkey.name)
