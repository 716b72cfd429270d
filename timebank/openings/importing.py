"""Handing in a list of opening balances: rows that await their holders; nothing can be spent.

A list is handed in in parts of :data:`ROWS_AT_ONCE` rows, each part one signed submission.  What a
row says by itself is judged before; whether its page is taken is asked of the books inside.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from ledger.bundle import hash_file
from ledger.draft import Draft
from ledger.ids import new_id
from timebank.attempts import part_key
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import NothingToRead
from timebank.errors.openings import OpeningPageKnown
from timebank.errors.organisations import OrganisationHasNoPassbook
from timebank.openings.model import SALT_PURPOSE, State, page_commitment, stated_facts
from timebank.openings.reading import OpeningLine, OpeningList, read_openings
from timebank.openings.tables import OPENING_BATCH, OPENING_ROW
from timebank.people.model import GROUP
from timebank.records.model import Party
from timebank.records.parties import People, people_of
from timebank.records.rows import rows_of
from timebank.registers.model import RowRefusal
from timebank.registers.refusals import Code, refuse
from timebank.stations.actions import require, require_station
from timebank.stations.model import Actor, Role

BOOK = 1
OPENING_KIND = "opening"
"""The kind of a submission that hands in a list."""

ROWS_AT_ONCE = 2_000
_PEOPLE_AT_ONCE = 500
_LABEL = "姓名或编号"

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many."""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A row that is not taken, and why, in the clerk's words."""

    sheet: str
    row: int
    code: str
    explanation: str
    mend: str


@dataclass(slots=True)
class TakenLine:
    """A row that is taken: whose, by which page, how many minutes, as of which day."""

    sheet: str
    row: int
    number: str
    page: str = field(repr=False)
    minutes: int
    stands_on: str


@dataclass(slots=True)
class OpeningResult:
    """What became of a list; ``batch_id`` is empty where nothing was written.

    ``already`` counts rows that an earlier list brought in alike.
    """

    batch_id: str
    title: str
    stated_minutes: int | None
    accepted: int = 0
    already: int = 0
    minutes: int = 0
    taken: list[TakenLine] = field(default_factory=list)
    refusals: list[RefusedLine] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows were not taken."""
        return len(self.refusals)


@dataclass(frozen=True, slots=True)
class _Claim:
    line: OpeningLine
    party: Party
    page: str

    @property
    def stands_on(self) -> str:
        assert self.line.stands_on is not None
        return self.line.stands_on.isoformat()


def import_openings(
    bank: Bank,
    actor: Actor,
    station_code: str,
    path: Path,
    *,
    key: str,
    dry_run: bool = False,
    progress: Progress = lambda done, of: None,
) -> OpeningResult:
    """Take every row of a list that can be taken, and say of each other one why not.

    The same list again takes no row twice; a page with other figures is refused.  ``key`` names
    this attempt and repeats its answers.

    Raises, the first that applies:
        NotPermitted: neither clerk nor operator, or of another station.
        UnreadableFile, HeaderNotFound: see :func:`timebank.openings.reading.read_openings`.
        NothingToRead: the header is followed by no line.
        UnknownStation: the book has no such station.
        LedgerFault: storage failed; the same key goes on where it stopped.
    """
    require(actor, "import_openings", Role.CLERK, Role.OPERATOR)
    require_station(actor, "import_openings", station_code)
    check_text(station_code)
    found = read_openings(path)
    if not found.lines:
        raise NothingToRead
    title = found.title.replace("\0", "")
    result = OpeningResult("" if dry_run else _batch_id(actor, key), title, found.stated_minutes)
    claims, refused = _claims(bank, found)
    head = {
        "book_id": BOOK,
        "batch_id": _batch_id(actor, key),
        "station_code": station_code,
        "title": title,
        "file_hash": hash_file(path),
        "imported_by": actor.actor_id,
        "refused": len(refused),
    }
    done = 0
    for number, part in enumerate(_parts(claims)):
        handed = _Part(bank, actor, station_code, head, part, number, dry_run)
        _count(result, handed, handed.act(part_key(key, f"{number}")))
        done += len(part)
        progress(done, len(claims))
    sheets = {name: at for at, name in enumerate(dict.fromkeys(one.sheet for one in found.lines))}
    result.refusals = sorted(
        [*refused, *result.refusals], key=lambda one: (sheets[one.sheet], one.row)
    )
    return result


# Judging rows by themselves ----------------------------------------------------------------


def _claims(bank: Bank, found: OpeningList) -> tuple[list[_Claim], list[RefusedLine]]:
    with bank.read() as connection:
        mentions = [line.holder for line in found.lines if line.holder is not None]
        people = people_of(bank, connection, mentions)
    claims: list[_Claim] = []
    refused: list[RefusedLine] = []
    seen: dict[tuple[str, str], str] = {}
    for line in found.lines:
        no = line.refusal or _standing(bank, line) or _unfit(line)
        party = None
        if no is None:
            party, no = _holder(people, line)
        if no is None and party is not None:
            salt = bank.vault.salt_for(party.person_id, party.wrapped, SALT_PURPOSE)
            claim = _Claim(line, party, page_commitment(salt, line.page))
            first = seen.setdefault((party.person_id, claim.page), line.place)
            if first is line.place:
                claims.append(claim)
                continue
            no = refuse(Code.DUPLICATE, line.place, other=first)
            no = RowRefusal(no.code, no.explanation, "同一人的同一来源页只登记一次，请删去这一行")
        assert no is not None
        refused.append(RefusedLine(line.sheet, line.row, no.code, no.explanation, no.mend))
    return claims, refused


def _standing(bank: Bank, line: OpeningLine) -> RowRefusal | None:
    if line.stands_on is not None and line.stands_on > bank.today():
        said = f"{line.place}：截止日期 {line.stands_on} 还没有到"
        return RowRefusal(Code.IN_THE_FUTURE, said, "核对年份和日期")
    return None


def _unfit(line: OpeningLine) -> RowRefusal | None:
    """Refuse what no database can hold, lest one such cell fail its neighbours' commit."""
    if "\0" in line.page or any("\ud800" <= letter <= "\udfff" for letter in line.page):
        said = f"{line.place}：来源页里有看不见的字符"
        return RowRefusal("content_out_of_profile", said, "把来源页重新输入")
    return None


def _holder(people: People, line: OpeningLine) -> tuple[Party | None, RowRefusal | None]:
    assert line.holder is not None
    answer = people.directory.find(line.holder, None)
    if answer.person is not None:
        party = people.parties[answer.person]
        if GROUP in party.roles:
            no = OrganisationHasNoPassbook()
            said = f"{line.place}：{no.in_chinese()}"
            return None, RowRefusal(no.code, said, "从名单中删去这一行")
        return party, None
    return None, refuse(
        answer.code or Code.UNKNOWN_MEMBER, line.place, field=_LABEL, text=line.holder.text,
        why=answer.why, count=len(answer.candidates), candidates="、".join(answer.candidates),
    )  # fmt: skip


# One part ----------------------------------------------------------------------------------


class _Part:
    """Rows that become one submission; ``decide`` may run more than once."""

    def __init__(
        self,
        bank: Bank,
        actor: Actor,
        station_code: str,
        head: dict[str, Any],
        claims: Sequence[_Claim],
        number: int,
        rehearsal: bool,
    ) -> None:
        self.claims = claims
        self._bank, self._actor, self._station = bank, actor, station_code
        self._head, self._number, self._rehearsal = head, number, rehearsal

    def act(self, key: str) -> dict[str, Any]:
        """Have the part decided; answers the places of rows taken, known alike, and known else."""
        told = sha256()
        for claim in self.claims:
            told.update(repr((claim.line.sheet, claim.line.row, claim.line.raw)).encode())
        content = {"head": self._head["file_hash"], "rows": told.hexdigest()}
        action = self._bank.action(
            self._actor,
            OPENING_KIND,
            self._decide,
            key=key,
            content=content,
            station_code=self._station,
            batch=new_id("batch", self._bank.now_ms()),
            rehearsal=self._rehearsal,
        )
        return self._bank.act(action).body

    def _decide(self, draft: Draft) -> dict[str, Any]:
        known = _known(draft, {claim.party.person_id for claim in self.claims})
        place = _last_place(draft, self._head["batch_id"])
        already: list[int] = []
        taken: list[int] = []
        others: list[list[Any]] = []
        rows: list[dict[str, Any]] = []
        for at, claim in enumerate(self.claims):
            same = known.get((claim.party.person_id, claim.page))
            if same is None:
                place += 1
                taken.append(at)
                rows.append(self._take(draft, claim, place))
            elif same[1:] == (claim.line.minutes, claim.stands_on):
                already.append(at)
            else:
                others.append([at, same[0]])
        if not self._rehearsal:
            self._keep(draft, rows, len(others))
        return {"already": already, "others": others, "taken": taken}

    def _take(self, draft: Draft, claim: _Claim, place: int) -> dict[str, Any]:
        opening_id, party, minutes = draft.new_id("opng"), claim.party, claim.line.minutes
        facts = stated_facts(
            by=self._actor.actor_id,
            station=self._station,
            opening=opening_id,
            holder=party.account_id,
            minutes=minutes,
            on=claim.stands_on,
            page=claim.page,
        )
        draft.state(opening_id, facts)
        return {
            "book_id": BOOK,
            "opening_id": opening_id,
            "batch_id": self._head["batch_id"],
            "place": place,
            "station_code": self._station,
            "person_id": party.person_id,
            "account_id": party.account_id,
            "minutes": minutes,
            "stands_on": claim.stands_on,
            "page": claim.page,
            "live_page": claim.page,
            "sealed": b""
            if self._rehearsal
            else self._bank.vault.seal(party.person_id, party.wrapped, {"page": claim.line.page}),
            "state": State.AWAITING_HOLDER.value,
            "recorded_by": self._actor.actor_id,
            "recorded_ms": draft.recorded_ms,
            "how": None,
            "slip": None,
            "confirmed_by": "",
            "confirmed_ms": None,
            "decided_by": "",
            "decided_ms": None,
            "reason": "",
            "policy": "",
            "credited_minutes": 0,
            "overflow_minutes": 0,
            "entry_id": "",
        }

    def _keep(self, draft: Draft, rows: list[dict[str, Any]], refused: int) -> None:
        if self._number == 0:
            head = self._head | {
                "imported_ms": draft.recorded_ms,
                "refused": self._head["refused"] + refused,
            }
            draft.add(insert(OPENING_BATCH), [head])
        elif refused:
            batch = OPENING_BATCH.c
            draft.add(
                update(OPENING_BATCH)
                .where(batch.book_id == BOOK, batch.batch_id == self._head["batch_id"])
                .values(refused=batch.refused + refused)
            )
        if rows:
            draft.change(*rows_of(OPENING_ROW, rows))


def _known(draft: Draft, person_ids: set[str]) -> dict[tuple[str, str], tuple[str, int, str]]:
    """Pages of those people that are taken: the row's id, its minutes and day."""
    found: dict[tuple[str, str], tuple[str, int, str]] = {}
    columns, every = OPENING_ROW.c, sorted(person_ids)
    for at in range(0, len(every), _PEOPLE_AT_ONCE):
        query = select(
            columns.person_id, columns.live_page, columns.opening_id, columns.minutes,
            columns.stands_on,
        ).where(
            columns.book_id == BOOK, columns.live_page.is_not(None),
            columns.person_id.in_(every[at : at + _PEOPLE_AT_ONCE]),
        )  # fmt: skip
        for person, page, opening, minutes, on in draft.query(query):
            found[person, page] = (opening, minutes, on)
    return found


def _last_place(draft: Draft, batch_id: str) -> int:
    query = select(func.max(OPENING_ROW.c.place)).where(
        OPENING_ROW.c.book_id == BOOK, OPENING_ROW.c.batch_id == batch_id
    )
    return int(draft.query(query).scalar() or 0)


# Counting ----------------------------------------------------------------------------------


def _count(result: OpeningResult, part: _Part, answer: dict[str, Any]) -> None:
    result.accepted += len(answer["taken"])
    result.already += len(answer["already"])
    for at in answer["taken"]:
        claim = part.claims[at]
        result.minutes += claim.line.minutes
        result.taken.append(
            TakenLine(
                claim.line.sheet, claim.line.row, claim.party.number, claim.line.page,
                claim.line.minutes, claim.stands_on,
            )
        )  # fmt: skip
    for at, opening in answer["others"]:
        line = part.claims[at].line
        said = f"{line.place}：{OpeningPageKnown(opening=opening).in_chinese()}"
        mend = "核对时长和日期；前一次登记有误的，先退回或冲销那一行，再导入"
        result.refusals.append(RefusedLine(line.sheet, line.row, OpeningPageKnown.code, said, mend))


def _parts(claims: Sequence[_Claim]) -> Iterator[Sequence[_Claim]]:
    for at in range(0, max(len(claims), 1), ROWS_AT_ONCE):
        yield claims[at : at + ROWS_AT_ONCE]


def _batch_id(actor: Actor, key: str) -> str:
    """The list's id follows from who hands it in and the key, so that a retry names the same."""
    return "opnl_" + sha256(f"{actor.actor_id}\n{key}".encode()).hexdigest()[:32]
