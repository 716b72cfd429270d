"""Signed rosters: by which paper a record of many volunteers is approved.

A record is an event when as many are credited by it as the policy says, and only a second person
who saw the signed sheet approves it.  The paper stays at the station; its number, its signatures
and, where it was scanned, the digest of the scan stand in the approval's leaf.
"""

import re
from dataclasses import dataclass
from typing import Any

from ledger.encoding import Json
from timebank.errors.rosters import RosterMissing, RosterShort, RosterUnfit
from timebank.policy.eligibility import bulk_volunteers
from timebank.policy.model import Profile
from timebank.records.model import ROSTER

MOST_SIGNATURES = 100_000

SIGNATURES = "signatures"
"""The member of the signed roster that counts them."""

# A number of a file and page: no word, no name, and no eleven digits that call or name somebody.
_SHEET = re.compile(r"(?=.*\d)(?!.*\d{11})[0-9A-Za-z][0-9A-Za-z/.-]{0,39}", re.ASCII)
_SCAN = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Roster:
    """What whoever approves says of the sheet that they saw.

    ``sheet`` is its number or page at the station, ``scan`` the hex SHA-256 of its scan or empty.
    """

    sheet: str
    signatures: int
    scan: str = ""

    def facts(self) -> dict[str, Json]:
        """The roster as an approval signs it; no person is in it."""
        said: dict[str, Json] = {"sheet": self.sheet, SIGNATURES: self.signatures}
        return said | {"scan": self.scan} if self.scan else said


def is_event(profile: Profile, volunteers: int, marks: tuple[str, ...] = ()) -> bool:
    """Whether a record of so many volunteers needs a roster on paper, by the day's procedure.

    What came from a campaign's roster has one already.
    """
    return ROSTER not in marks and volunteers >= bulk_volunteers(profile)


def check_roster(roster: Roster | None, record_id: str, volunteers: int) -> Roster:
    """The roster by which a record of so many volunteers may be approved.

    Raises, the first that applies:
        RosterMissing: there is none, or it has no number.
        RosterUnfit: its number, its count or its digest is not of its form.
        RosterShort: fewer signed than are credited.
    """
    if roster is None or not roster.sheet:
        raise RosterMissing(record=record_id, volunteers=volunteers)
    if not _SHEET.fullmatch(roster.sheet):
        raise RosterUnfit(field="sheet")
    if not 0 <= roster.signatures <= MOST_SIGNATURES:
        raise RosterUnfit(field=SIGNATURES)
    if roster.scan and not _SCAN.fullmatch(roster.scan):
        raise RosterUnfit(field="scan")
    if roster.signatures < volunteers:
        raise RosterShort(record=record_id, signatures=roster.signatures, volunteers=volunteers)
    return roster


def roster_row(record_id: str, roster: Roster) -> dict[str, Any]:
    """The roster of an approved record, as a row of ``record_roster``."""
    return {
        "book_id": 1,
        "record_id": record_id,
        "sheet": roster.sheet,
        SIGNATURES: roster.signatures,
        "scan": roster.scan,
    }
