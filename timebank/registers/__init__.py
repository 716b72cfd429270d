"""Reading the registers (台账) that stations really keep, and judging what one file says.

Everything here is pure: no database, no clock.  :func:`read_register` turns a file into rows,
:func:`read_members` turns a list of members into people, and :class:`Judge` finds the services,
the repetitions and the overlaps once people are resolved.
"""

from timebank.registers.directory import Directory, ResolvedPeople, resolve
from timebank.registers.error_sheet import write_error_sheet
from timebank.registers.grouping import (
    Judge,
    Occupied,
    Outcome,
    ResolvedRow,
    StoredService,
    Verdict,
)
from timebank.registers.members import MemberFile, MemberPerson, read_members
from timebank.registers.model import (
    PersonMention,
    Register,
    RegisterRow,
    RowRefusal,
    SkippedSheet,
    StatedTotal,
)
from timebank.registers.refusals import Code, place_of, refuse
from timebank.registers.register import read_register

__all__ = [
    "Code",
    "Directory",
    "Judge",
    "MemberFile",
    "MemberPerson",
    "Occupied",
    "Outcome",
    "PersonMention",
    "Register",
    "RegisterRow",
    "ResolvedPeople",
    "ResolvedRow",
    "RowRefusal",
    "SkippedSheet",
    "StatedTotal",
    "StoredService",
    "Verdict",
    "place_of",
    "read_members",
    "read_register",
    "refuse",
    "resolve",
    "write_error_sheet",
]
