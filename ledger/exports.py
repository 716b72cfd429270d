"""What an auditor's own tools read: the journal as CSV, hledger and beancount, and the balances.

Each format is a pure function of the leaves in their order, so a verifier writes the files again
and compares them byte by byte.  ``docs/reference/log-format.md`` fixes the bytes; no value ever
needs quoting, because the forms of ids, kinds and policy versions exclude every special character.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from ledger.journal import SETTLEMENT
from ledger.leaf import AccountOpened, Entry, HoldEnded, HoldPlaced, Leaf

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN_KIND = "unknown"
"""Stands for the kind of an account that no leaf opened; a sound log has none."""


@lru_cache(maxsize=64)
def recorded_at(recorded_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds, such as ``2023-03-05T01:02:03.456Z``."""
    moment = _EPOCH + timedelta(milliseconds=recorded_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=64)
def recorded_on(recorded_ms: int) -> str:
    """The UTC day of a moment, ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(milliseconds=recorded_ms)).date().isoformat()


@dataclass(slots=True)
class AccountTotal:
    """One account as the leaves so far make it; minutes, ``None`` for no limit.

    ``last_leaf`` is the index of the leaf that last opened it, posted to it or changed ``held``.
    """

    kind: str
    last_leaf: int
    floor: int | None = None
    ceiling: int | None = None
    posted: int = 0
    held: int = 0


@dataclass(slots=True)
class Totals:
    """The sums over the leaves so far.  Believes every leaf; rules are the verifier's business.

    ``last_on`` is the latest day that any account or entry names, effective or recorded, and
    ``last_on_leaf`` the first leaf that names it.
    """

    accounts: dict[str, AccountTotal] = field(default_factory=dict)
    holds: dict[str, HoldPlaced] = field(default_factory=dict)
    last_on: str = "1970-01-01"
    last_on_leaf: int = 0
    entries: int = 0

    def add(self, leaf: Leaf) -> None:
        """Take one more leaf into the sums."""
        body = leaf.body
        if isinstance(body, Entry):
            self.entries += 1
            if leaf.kind == SETTLEMENT and body.of is not None:
                self._end_hold(leaf, body.of)
            for giver, receiver, minutes in body.movements:
                self._changed(giver, leaf).posted -= minutes
                self._changed(receiver, leaf).posted += minutes
            self._until(leaf, max(body.effective_on, recorded_on(leaf.recorded_ms)))
        elif isinstance(body, AccountOpened):
            # Opened twice keeps the sums; the second opening is a finding, not a new account.
            if leaf.identifier not in self.accounts:
                total = AccountTotal(body.kind, leaf.index, body.floor, body.ceiling)
                self.accounts[leaf.identifier] = total
            self._until(leaf, recorded_on(leaf.recorded_ms))
        elif isinstance(body, HoldPlaced):
            self.holds[leaf.identifier] = body
            self._changed(body.payer, leaf).held += body.minutes
        elif isinstance(body, HoldEnded):
            self._end_hold(leaf, body.of)

    def _changed(self, account_id: str, leaf: Leaf) -> AccountTotal:
        """The sums that a leaf is about to change, made up where no leaf opened the account."""
        total = self.accounts.get(account_id)
        if total is None:
            total = self.accounts[account_id] = AccountTotal(UNKNOWN_KIND, leaf.index)
        total.last_leaf = leaf.index
        return total

    def _end_hold(self, leaf: Leaf, hold_id: str) -> None:
        hold = self.holds.pop(hold_id, None)
        if hold is not None:
            self._changed(hold.payer, leaf).held -= hold.minutes

    def _until(self, leaf: Leaf, day: str) -> None:
        if day > self.last_on:
            self.last_on, self.last_on_leaf = day, leaf.index


class Export(Protocol):
    """One file of the bundle, written while the leaves go by."""

    name: str

    def head(self, origin: str) -> str:
        """What stands before the first leaf's lines."""
        ...

    def lines(self, leaf: Leaf, totals: Totals) -> str:
        """The lines of one leaf, which ``totals`` has taken in already; often none."""
        ...

    def tail(self, totals: Totals) -> Iterator[tuple[int, str]]:
        """What stands after the last leaf's lines, each piece after the leaf that shows it."""
        ...


class JournalCsv:
    """``journal.csv``: one line a movement."""

    name = "journal.csv"

    def head(self, origin: str) -> str:
        """The names of the columns."""
        return (
            "number,entry_id,leaf_index,kind,effective_on,recorded_at,place,"
            "from_account,to_account,minutes,policy,of\n"
        )

    def lines(self, leaf: Leaf, totals: Totals) -> str:
        """The movements of an entry, numbered from 0."""
        index, recorded_ms, kind, identifier, body, _sub, _ref = leaf
        if not isinstance(body, Entry):
            return ""
        number, effective_on, policy, movements, of = body
        before = f"{number},{identifier},{index},{kind},{effective_on},{recorded_at(recorded_ms)},"
        after = f",{policy},{of or ''}\n"
        text = ""
        for place, (giver, receiver, minutes) in enumerate(movements):
            text += f"{before}{place},{giver},{receiver},{minutes}{after}"
        return text

    def tail(self, totals: Totals) -> Iterator[tuple[int, str]]:
        """Nothing."""
        return iter(())


class AccountsCsv:
    """``accounts.csv``: one line an account with its sums at the end of the log."""

    name = "accounts.csv"

    def head(self, origin: str) -> str:
        """The names of the columns."""
        return "account_id,kind,floor,ceiling,posted,held\n"

    def lines(self, leaf: Leaf, totals: Totals) -> str:
        """Nothing; the sums are known at the end."""
        return ""

    def tail(self, totals: Totals) -> Iterator[tuple[int, str]]:
        """The accounts in the order of their ids; an empty cell is no limit."""
        for account_id, total in sorted(totals.accounts.items()):
            limits = f"{_cell(total.floor)},{_cell(total.ceiling)}"
            row = f"{account_id},{total.kind},{limits},{total.posted},{total.held}\n"
            yield total.last_leaf, row


class HledgerJournal:
    """``journal.hledger``: dated by the effective day, the recorded UTC day as secondary date.

    Balance assertions are tried in the order of dates, and an entry recorded later may count from
    an earlier day.  So no assertion can stand beside an entry; all stand on the last day of all.
    """

    name = "journal.hledger"

    def head(self, origin: str) -> str:
        """The log's name and the one commodity, whole minutes."""
        return f"; {origin}\ncommodity 1000. min\n"

    def lines(self, leaf: Leaf, totals: Totals) -> str:
        """An account's declaration, or an entry with its postings."""
        index, recorded_ms, kind, identifier, body, _sub, _ref = leaf
        if isinstance(body, AccountOpened):
            return f"\naccount {body.kind}:{identifier}\n"
        if not isinstance(body, Entry):
            return ""
        number, effective_on, policy, movements, of = body
        accounts, reference = totals.accounts, f", of:{of}" if of else ""
        text = (
            f"\n{effective_on}={recorded_on(recorded_ms)} ({number}) {kind}"
            f"  ; entry:{identifier}, leaf:{index}, policy:{policy}{reference}\n"
        )
        for giver, receiver, minutes in movements:
            text += (
                f"    {accounts[giver].kind}:{giver}  -{minutes} min\n"
                f"    {accounts[receiver].kind}:{receiver}  {minutes} min\n"
            )
        return text

    def tail(self, totals: Totals) -> Iterator[tuple[int, str]]:
        """One transaction that moves nothing and asserts every balance."""
        if totals.accounts:
            yield totals.last_on_leaf, f"\n{totals.last_on} balances\n"
        for account_id, total in sorted(totals.accounts.items()):
            line = f"    {total.kind}:{account_id}  0 min = {total.posted} min\n"
            yield total.last_leaf, line


class BeancountJournal:
    """``journal.beancount``: the same entries, for a second opinion by another program.

    Beancount knows no secondary date and asserts at the beginning of a day, so the balances stand
    on the day after the last.
    """

    name = "journal.beancount"

    def head(self, origin: str) -> str:
        """The log's name and the one commodity."""
        return f'option "title" "{origin}"\noption "operating_currency" "MIN"\n'

    def lines(self, leaf: Leaf, totals: Totals) -> str:
        """An account's opening, or an entry with its postings."""
        _index, recorded_ms, kind, identifier, body, _sub, _ref = leaf
        if isinstance(body, AccountOpened):
            return f"\n1970-01-01 open {_beancount_name(body.kind, identifier)} MIN\n"
        if not isinstance(body, Entry):
            return ""
        number, effective_on, _policy, movements, _of = body
        accounts = totals.accounts
        text = (
            f'\n{effective_on} * "{kind}" "{number}"\n'
            f'  entry: "{identifier}"\n'
            f'  recorded: "{recorded_at(recorded_ms)}"\n'
        )
        for giver, receiver, minutes in movements:
            text += (
                f"  {_beancount_name(accounts[giver].kind, giver)}  -{minutes} MIN\n"
                f"  {_beancount_name(accounts[receiver].kind, receiver)}  {minutes} MIN\n"
            )
        return text

    def tail(self, totals: Totals) -> Iterator[tuple[int, str]]:
        """A balance directive for every account."""
        day = date.fromisoformat(totals.last_on) + timedelta(days=1)
        for account_id, total in sorted(totals.accounts.items()):
            name = _beancount_name(total.kind, account_id)
            yield total.last_leaf, f"\n{day} balance {name}  {total.posted} MIN\n"


EXPORTS: tuple[type[Export], ...] = (JournalCsv, AccountsCsv, HledgerJournal, BeancountJournal)
"""Every format that can be regenerated; a new one is one class and one line here."""


def export_lines(kind: type[Export], origin: str, leaves: Iterable[Leaf]) -> Iterator[str]:
    """One file as a stream of pieces of text; memory grows with the accounts only."""
    export, totals = kind(), Totals()
    yield export.head(origin)
    for leaf in leaves:
        totals.add(leaf)
        piece = export.lines(leaf, totals)
        if piece:
            yield piece
    for _index, piece in export.tail(totals):
        yield piece


def write_exports(folder: Path, origin: str, leaves: Iterable[Leaf]) -> None:
    """Write every format into ``folder`` in one pass over the leaves."""
    exports, totals = [kind() for kind in EXPORTS], Totals()
    with ExitStack() as stack:
        writes = [
            stack.enter_context(open(folder / one.name, "w", encoding="utf-8", newline="\n")).write
            for one in exports
        ]
        for export, write in zip(exports, writes, strict=True):
            write(export.head(origin))
        for leaf in leaves:
            totals.add(leaf)
            for export, write in zip(exports, writes, strict=True):
                write(export.lines(leaf, totals))
        for export, write in zip(exports, writes, strict=True):
            for _index, piece in export.tail(totals):
                write(piece)


def _cell(limit: int | None) -> str:
    return "" if limit is None else str(limit)


@lru_cache(maxsize=4_096)
def _beancount_name(kind: str, account_id: str) -> str:
    """Beancount wants capitals first and no underscore; the forms of both keep this one-to-one."""
    return f"Equity:{kind.capitalize()}:{account_id.capitalize()}".replace("_", "-")
