"""The lines behind a campaign's figures as CSV, each with its entry: for whoever adds up anew.

The amount stands there twice: as the record has it, and as the journal moved it into the
volunteer's account.  Whoever trusts the ledger alone takes the second and finds the first.
"""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Connection, text

from timebank.campaigns.figures import figure_lines
from timebank.campaigns.queries import figures_of
from timebank.statements.spreadsheet import as_words
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

COLUMNS = (
    "单位", "序号", "项目", "主题", "队伍", "站点", "记录号", "记录", "服务日期", "状态",
    "受益人次", "服务分钟", "应入账分钟", "账户", "凭证号", "凭证", "凭证分钟", "补录分钟",
)  # fmt: skip
"""The header; a line is one volunteer's part in one record."""

_ENTRIES = text(
    "SELECT p.record_id, p.person_id, o.account_id, e.number, "
    "coalesce((SELECT sum(m.minutes) FROM movement m JOIN account a ON a.book_id = m.book_id "
    "AND a.account_no = m.to_no AND a.account_id = o.account_id "
    "WHERE m.book_id = e.book_id AND m.leaf_index = e.leaf_index), 0) "
    "FROM campaign_activity c "
    "JOIN campaign_record l ON l.book_id = c.book_id AND l.activity_id = c.activity_id "
    "JOIN record_person p ON p.book_id = l.book_id AND p.record_id = l.record_id "
    "AND p.part = 'volunteer' "
    "JOIN person o ON o.book_id = p.book_id AND o.person_id = p.person_id "
    "LEFT JOIN entry e ON e.book_id = p.book_id AND e.entry_id = p.entry_id "
    "WHERE c.book_id = 1 AND c.campaign_id = :campaign"
)


def lines_csv(
    connection: Connection,
    actor: Actor,
    campaign_id: str,
    *,
    unit_code: str = "",
    until_on: str = "",
) -> Iterator[bytes]:
    """Every line in the order of tables and records, UTF-8 with a mark; accounts, no names.

    A station's staff ask for a unit of their own, the district's staff for any or for all.

    Raises, before the first line, the first that applies:
        NotPermitted: a station's staff ask for all.
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: see
            :func:`timebank.campaigns.queries.figures_of`.
    """
    if not unit_code:
        require(actor, "read_campaign_lines", Role.OPERATOR, Role.AUDITOR)
    figures_of(connection, actor, campaign_id, unit_code=unit_code, until_on=until_on)
    entries = {
        (record, person): (account, "" if number is None else number, moved)
        for record, person, account, number, moved in connection.execute(
            _ENTRIES, {"campaign": campaign_id}
        )
    }
    found = figure_lines(connection, campaign_id, until_on=until_on, unit_code=unit_code)
    yield b"\xef\xbb\xbf" + _row(COLUMNS)
    for one in found:
        account, number, moved = entries[one.record_id, one.person_id]
        yield _row(
            (
                one.unit_code, one.serial, as_words(one.name), as_words(one.theme),
                as_words(one.team), one.station_code, one.number, one.record_id, one.service_on,
                one.state.value, one.heads, one.given_minutes, one.credited_minutes, account,
                number, one.entry_id, moved, one.late_minutes,
            )
        )  # fmt: skip


def _row(cells: tuple[object, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode("utf-8")
