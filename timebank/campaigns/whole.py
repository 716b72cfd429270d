"""What the receiving unit takes away: one ZIP file of every unit's latest package.

    项目表.xlsx      the lines of every unit, with what the ledger says of each
    总结统计.xlsx    figures by theme and unit, with the day up to which they count
    XF 幸福街道/…    the files of a unit's latest edition, as it was submitted
    清单.txt         where every unit stands, and SHA-256 of each file, as ``sha256sum -c`` reads it

It is made while it is sent: one edition is in memory at a time, however many units there are.  The
same state of the books gives the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, func, select

from timebank.bank import Bank
from timebank.campaigns.editions import edition_bytes
from timebank.campaigns.finding import BOOK
from timebank.campaigns.packaging import OLDEST
from timebank.campaigns.people import leaders_of
from timebank.campaigns.queries import activities_listed, board, campaign_shown, figures_of
from timebank.campaigns.shown import ShownCampaign, ShownUnit
from timebank.campaigns.tables import CAMPAIGN_EDITION
from timebank.campaigns.whole_tables import whole_figures, whole_table
from timebank.errors.base import STATES
from timebank.errors.campaigns import UnknownCampaignItem
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

TABLE, FIGURES, LIST = "项目表.xlsx", "总结统计.xlsx", "清单.txt"
_BLOCK = 2**16
_UNFIT = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def whole_package(
    bank: Bank, connection: Connection, actor: Actor, campaign_id: str, *, until_on: str = ""
) -> Iterator[bytes]:
    """The ZIP file of all units in pieces; figures up to a service day, by default the last one.

    A package that went back is in it as it was submitted, and the list says 退回; a unit that has
    submitted none stands in the list alone.  Names and telephones of those who lead activities are
    in the table.

    Raises, before the first piece, the first that applies:
        NotPermitted: no operator; the receiving unit works through the district's desk.
        UnknownCampaign: there is none.
    """
    require(actor, "take_whole_package", Role.OPERATOR)
    campaign = campaign_shown(connection, actor, campaign_id)
    until = until_on or campaign.ends_on
    units = board(bank, connection, actor, campaign_id)
    making = _Making()
    with TemporaryDirectory(prefix="package-") as folder:
        _write_tables(bank, connection, actor, campaign, units, until, Path(folder))
        for name in (TABLE, FIGURES):
            yield from making.from_disk(name, Path(folder, name))
    listed = [f"# {campaign.name} 受理单位 {campaign.receiver} 统计截至 {until}"]
    editions = _latest(connection, campaign_id)
    for unit in units:
        edition = editions.get(unit.unit_code)
        said = f"# {unit.unit_code} {unit.name} {STATES[unit.package_state][0]}"
        if edition is None:
            listed.append(said)
            continue
        said += f" 第{edition.number}版 截至 {edition.until_on} SHA-256 {edition.digest}"
        try:
            where = (campaign_id, unit.unit_code, edition.number)
            content = edition_bytes(bank, connection, actor, *where)
        except UnknownCampaignItem:
            listed.append(f"{said} 已删除")
            continue
        listed.append(said)
        yield from making.unpacked(folder_of(unit), content)
    listed += making.listed
    yield from making.ended(LIST, "".join(f"{line}\n" for line in listed).encode())


def folder_of(unit: ShownUnit) -> str:
    """A unit's folder in the file: its code, which is its own, and its name as far as it fits."""
    return f"{unit.unit_code} {_UNFIT.sub('_', unit.name)}".rstrip(". ")


class _Making:
    """A ZIP file that is handed on as it is written, and what it has so far."""

    def __init__(self) -> None:
        self._out = _Pieces()
        self._archive = zipfile.ZipFile(self._out, "w")
        self.listed: list[str] = []

    def from_disk(self, name: str, path: Path) -> Iterator[bytes]:
        """Take up a file, a block at a time."""
        told = sha256()
        with path.open("rb") as source, self._archive.open(_member(name), "w") as member:
            while block := source.read(_BLOCK):
                told.update(block)
                member.write(block)
                yield self._out.taken()
        self.listed.append(f"{told.hexdigest()}  {name}")

    def unpacked(self, folder: str, content: bytes) -> Iterator[bytes]:
        """Take up every file of a unit's package into its folder."""
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                inside = package.read(name)
                self._archive.writestr(_member(f"{folder}/{name}"), inside)
                self.listed.append(f"{sha256(inside).hexdigest()}  {folder}/{name}")
                yield self._out.taken()

    def ended(self, name: str, content: bytes) -> Iterator[bytes]:
        """Take up the last file, and end."""
        self._archive.writestr(_member(name), content)
        self._archive.close()
        yield self._out.taken()


class _Pieces(io.RawIOBase):
    """Where the archive writes; it can only go on, so what was written may be sent at once."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, piece: Any) -> int:
        """Hold a piece until it is taken."""
        self._held.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        piece = b"".join(self._held)
        self._held.clear()
        return piece


# Parts -------------------------------------------------------------------------------------


def _write_tables(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    campaign: ShownCampaign,
    units: list[ShownUnit],
    until: str,
    folder: Path,
) -> None:
    at = campaign.campaign_id
    with ExitStack() as open_books:
        table = open_books.enter_context(whole_table(folder / TABLE, campaign))
        figures = open_books.enter_context(whole_figures(folder / FIGURES, campaign, until))
        figures.add_total(figures_of(connection, actor, at, until_on=until))
        for unit in units:
            code = unit.unit_code
            found = figures_of(connection, actor, at, unit_code=code, until_on=until)
            activities = activities_listed(connection, actor, at, code)
            leaders = leaders_of(bank, connection, [one.activity_id for one in activities])
            table.add(unit, activities, leaders, found)
            figures.add(unit, found)


def _latest(connection: Connection, campaign_id: str) -> dict[str, Any]:
    """The latest edition of every unit that has one, without its bytes."""
    columns = CAMPAIGN_EDITION.c
    here = (columns.book_id == BOOK, columns.campaign_id == campaign_id)
    newest = (
        select(columns.unit_code, func.max(columns.number).label("number"))
        .where(*here)
        .group_by(columns.unit_code)
        .subquery()
    )
    query = (
        select(columns.unit_code, columns.number, columns.until_on, columns.digest)
        .join(
            newest,
            (newest.c.unit_code == columns.unit_code) & (newest.c.number == columns.number),
        )
        .where(*here)
    )
    return {row.unit_code: row for row in connection.execute(query)}


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, OLDEST)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0  # so that Windows and Linux write the same bytes
    return member
