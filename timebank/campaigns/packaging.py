"""A unit's package after the campaign: one ZIP file, in editions that are never overwritten.

    项目表.xlsx   the project table with what the ledger says, and the figures
    总结.docx     the summary and the figures
    照片/1.jpg …  three or four photographs
    有关报道.xlsx press reports, and what the photographs show
    清单.txt      SHA-256 of each of these

The same state of the books gives the same bytes: no file has the time at which it was made.
"""

import io
import os
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ledger.draft import Draft, Facts
from timebank.bank import Bank
from timebank.campaigns.actions import CAMPAIGN_KIND
from timebank.campaigns.finding import BOOK, KEEPERS, require_keeper, unit_of
from timebank.campaigns.keeping import check_length
from timebank.campaigns.model import (
    FEWEST_PHOTOGRAPHS,
    MOST_PHOTOGRAPHS,
    SUBMIT_PACKAGE,
    Standing,
)
from timebank.campaigns.people import act_with_keys, leaders_of, prepare
from timebank.campaigns.queries import (
    activities_listed,
    campaign_shown,
    figures_of,
    kept_of,
    photograph_bytes,
)
from timebank.campaigns.shown import Kept
from timebank.campaigns.summary import document, drafted
from timebank.campaigns.table_writing import TITLE, press_list, project_table
from timebank.campaigns.tables import CAMPAIGN_EDITION, CAMPAIGN_UNIT
from timebank.errors.campaigns import PackageIncomplete
from timebank.stations.model import Actor

OLDEST = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a ZIP file: the oldest that one can have."""

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it would be submitted now; ``missing`` says in Chinese what it lacks."""

    content: bytes
    digest: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """An edition of a unit's package."""

    number: int
    digest: str


def table_of(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    *,
    until_on: str = "",
) -> bytes:
    """A unit's project table with what the ledger says up to a service day, as a workbook.

    Whoever keeps the table finds who leads an activity by name and telephone; auditors, who have
    no use for either, do not.

    Raises: as :func:`timebank.campaigns.queries.activities_listed`.
    """
    activities = activities_listed(connection, actor, campaign_id, unit_code)
    campaign = campaign_shown(connection, actor, campaign_id)
    unit = unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    until = until_on or campaign.ends_on
    figures = figures_of(connection, actor, campaign_id, unit_code=unit_code, until_on=until)
    asked = [one.activity_id for one in activities] if actor.role in KEEPERS else []
    leaders = leaders_of(bank, connection, asked)
    title = f"{campaign.name} {unit.name} {TITLE}"
    return project_table(title, activities, leaders, figures, {unit_code: unit.name})


def summary_of(
    connection: Connection, actor: Actor, campaign_id: str, kept: Kept, until_on: str = ""
) -> str:
    """A unit's own summary, or the one that is drafted from its figures."""
    if kept.summary:
        return kept.summary
    campaign = campaign_shown(connection, actor, campaign_id)
    figures = figures_of(
        connection, actor, campaign_id, unit_code=kept.unit.unit_code,
        until_on=until_on or campaign.ends_on,
    )  # fmt: skip
    return drafted(campaign.name, kept.unit.name, campaign.starts_on, figures)


def package_of(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    *,
    until_on: str = "",
) -> Package:
    """The package of a unit as it stands, up to a service day, by default the campaign's last.

    Raises, the first that applies:
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: see
            :func:`timebank.campaigns.queries.activities_listed`.
        SummaryTooLong: what the figures drafted is longer than the plan allows.
    """
    kept = kept_of(bank, connection, actor, campaign_id, unit_code)
    campaign = campaign_shown(connection, actor, campaign_id)
    until = until_on or campaign.ends_on
    text = summary_of(connection, actor, campaign_id, kept, until)
    check_length(text)
    figures = figures_of(connection, actor, campaign_id, unit_code=unit_code, until_on=until)
    files = {
        "项目表.xlsx": table_of(bank, connection, actor, campaign_id, unit_code, until_on=until),
        "总结.docx": steady(document(f"{kept.unit.name} {campaign.name}总结", text, figures)),
        "有关报道.xlsx": press_list(kept.reports, kept.photographs),
    }
    for at, one in enumerate(kept.photographs, start=1):
        jpeg = photograph_bytes(connection, actor, campaign_id, unit_code, one.photograph_id)
        files[f"照片/{at}.jpg"] = jpeg
    listed = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    content = zipped(files | {"清单.txt": listed.encode()})
    return Package(content, sha256(content).hexdigest(), tuple(_missing(kept)))


def submit_package(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, *, until_on: date | None = None,
    key: str,
) -> Submitted:  # fmt: skip
    """Keep the package as the unit's next edition and report it; unchanged, the last one stands.

    Raises, the first that applies:
        NotPermitted: no staff, or of another station.
        UnknownCampaign, UnknownCampaignUnit, SummaryTooLong: see :func:`package_of`.
        PackageIncomplete: no table was reported, not three or four photographs, or one without
            consent.
    """
    require_keeper(actor, "submit_package")
    with bank.read() as connection:
        until = campaign_shown(connection, actor, campaign_id).ends_on
        until = until if until_on is None else until_on.isoformat()
        made = package_of(bank, connection, actor, campaign_id, unit_code, until_on=until)
        unit = unit_of(connection.execute, actor, "submit_package", campaign_id, unit_code)
    salt = os.urandom(_SALT_BYTES)
    kept = prepare(bank, {"zip": b64encode(made.content).decode("ascii")})

    def decide(draft: Draft) -> dict[str, Any]:
        if made.missing:  # asked here, so that an attempt made again answers as the first time
            raise PackageIncomplete(why="；".join(made.missing))
        state = unit_of(draft.query, actor, "submit_package", campaign_id, unit_code).package_state
        number, digest = _last_edition(draft, campaign_id, unit_code)
        stands = digest == made.digest and state == Standing.REPORTED
        edition = number if stands else number + 1
        facts: Facts = {
            "by": actor.actor_id,
            "campaign": campaign_id,
            "do": SUBMIT_PACKAGE,
            "edition": edition,
            "unit": unit_code,
        }
        told = {"digest": made.digest, "edition": edition}
        if stands:
            draft.state(campaign_id, facts)
            return told
        draft.state(campaign_id, {**facts, "c": commitment(salt, made.digest)})
        mine = {"campaign_id": campaign_id, "unit_code": unit_code, "number": edition}
        by = {"submitted_by": actor.actor_id, "submitted_ms": draft.recorded_ms}
        bytes_of = {"digest": made.digest, "salt": salt, "size": len(made.content),
                    "key_id": kept.person_id, "sealed": kept.sealed}  # fmt: skip
        row = {"book_id": BOOK, **mine, "until_on": until, **bytes_of, **by}
        draft.add(insert(CAMPAIGN_EDITION), [row])
        draft.add(_reported(campaign_id, unit_code, draft.recorded_ms))
        return {**told, "people": [kept.person_id]}

    content = {"campaign": campaign_id, "unit": unit_code, "until": until}
    action = bank.action(
        actor, CAMPAIGN_KIND, decide, key=key, content=content, station_code=unit.station_code
    )
    body = act_with_keys(bank, action, [kept]).body
    return Submitted(body["edition"], body["digest"])


def commitment(salt: bytes, digest: str) -> str:
    """What the log has of an edition: 43 characters of base64url over salt and digest."""
    hidden = sha256(salt + bytes.fromhex(digest)).digest()
    return urlsafe_b64encode(hidden).decode("ascii").rstrip("=")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file of these in the order of their names, all of the oldest date it can have."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, OLDEST)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0  # so that Windows and Linux write the same bytes
            archive.writestr(member, files[name])
    return out.getvalue()


def steady(content: bytes) -> bytes:
    """A ZIP-based document without the times at which its parts were written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()})


# Parts -------------------------------------------------------------------------------------


def _missing(kept: Kept) -> list[str]:
    found = []
    count = len(kept.photographs)
    if kept.unit.table_state != Standing.REPORTED:
        found.append("项目表还没有报送")
    if not FEWEST_PHOTOGRAPHS <= count <= MOST_PHOTOGRAPHS:
        found.append(f"照片须有 {FEWEST_PHOTOGRAPHS} 到 {MOST_PHOTOGRAPHS} 张，现有 {count} 张")
    if not all(one.consent for one in kept.photographs):
        found.append("有照片没有取得肖像同意")
    return found


def _last_edition(draft: Draft, campaign_id: str, unit_code: str) -> tuple[int, str]:
    columns = CAMPAIGN_EDITION.c
    mine = (
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
    )
    newest = select(func.max(columns.number)).where(*mine).scalar_subquery()
    query = select(columns.number, columns.digest).where(*mine, columns.number == newest)
    row = draft.query(query).first()
    return (0, "") if row is None else (row.number, row.digest)


def _reported(campaign_id: str, unit_code: str, at_ms: int) -> Any:
    columns = CAMPAIGN_UNIT.c
    return (
        update(CAMPAIGN_UNIT)
        .where(
            columns.book_id == BOOK,
            columns.campaign_id == campaign_id,
            columns.unit_code == unit_code,
        )
        .values(package_state=Standing.REPORTED.value, package_ms=at_ms, package_reason="")
    )
