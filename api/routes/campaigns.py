"""Campaigns: open one, its board, project tables in and out, figures."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Query, UploadFile, status
from starlette.responses import Response, StreamingResponse

from api.campaign_schemas import (
    ActivityShown,
    CampaignFiguresShown,
    CampaignOpened,
    CampaignShown,
    NewCampaign,
    StatedReturn,
    TableReported,
    UnitReturned,
    UnitShown,
)
from api.dependencies import Actor, Bank, Clerk, IdempotencyKey, Operator
from api.problems import RequestTooLarge, problems
from api.streaming import begun
from api.uploads import saved_upload
from timebank.bank import Bank as OpenBank
from timebank.campaigns import actions, queries
from timebank.campaigns.lines import lines_csv
from timebank.campaigns.packaging import table_of
from timebank.campaigns.reporting import report_table
from timebank.campaigns.table_writing import TITLE, template
from timebank.campaigns.whole import whole_package
from timebank.stations.model import Actor as Asking

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

CampaignId = Annotated[str, Path(min_length=1, max_length=64)]
UnitCode = Annotated[str, Path(min_length=1, max_length=20)]
Until = Annotated[date | None, Query(description="Last service day that counts.")]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FOUND = ("not_permitted", "unknown_campaign")
OF_UNIT = (*FOUND, "unknown_campaign_unit")


def a_file(media_type: str, description: str) -> dict[str, Any]:
    """How a route says that it answers a file."""
    schema = {"type": "string", "format": "binary"}
    return {"description": description, "content": {media_type: {"schema": schema}}}


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved under an ASCII name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def lines_response(
    bank: OpenBank, actor: Asking, campaign_id: str, unit_code: str, until_on: str
) -> Response:
    """The lines behind figures as a CSV file; what is refused is refused before it begins."""

    def written() -> Iterator[bytes]:
        with bank.read() as connection:
            yield from lines_csv(
                connection, actor, campaign_id, unit_code=unit_code, until_on=until_on
            )

    headers = {"Content-Disposition": 'attachment; filename="lines.csv"'}
    return StreamingResponse(
        begun(written()), media_type="text/csv; charset=utf-8", headers=headers
    )


def whole_response(bank: OpenBank, actor: Asking, campaign_id: str, until_on: str) -> Response:
    """Every unit's package as one file; what is refused is refused before it begins."""

    def written() -> Iterator[bytes]:
        with bank.read() as connection:
            yield from whole_package(bank, connection, actor, campaign_id, until_on=until_on)

    headers = {"Content-Disposition": 'attachment; filename="campaign.zip"'}
    return StreamingResponse(begun(written()), media_type="application/zip", headers=headers)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems("not_permitted", "campaign_unfit", "unknown_station", "key_reused",
                       "missing_field"),
)  # fmt: skip
def open_campaign(
    stated: NewCampaign, actor: Operator, bank: Bank, idempotency_key: IdempotencyKey
) -> CampaignOpened:
    """Open a campaign with its themes and units."""
    answer = actions.open_campaign(bank, actor, stated.stated(), key=idempotency_key)
    return CampaignOpened.model_validate(answer.body)


@router.get("", responses=problems("not_permitted"))
def list_campaigns(actor: Actor, bank: Bank) -> list[CampaignShown]:
    """Every campaign, the newest first."""
    with bank.read() as connection:
        return [CampaignShown.of(one) for one in queries.campaigns_listed(connection, actor)]


@router.get("/{campaign_id}", responses=problems(*FOUND))
def read_campaign(campaign_id: CampaignId, actor: Actor, bank: Bank) -> CampaignShown:
    """One campaign with its themes and days."""
    with bank.read() as connection:
        return CampaignShown.of(queries.campaign_shown(connection, actor, campaign_id))


@router.get("/{campaign_id}/board", responses=problems(*FOUND))
def read_board(campaign_id: CampaignId, actor: Actor, bank: Bank) -> list[UnitShown]:
    """Where every unit's table and package stand."""
    with bank.read() as connection:
        return [UnitShown.of(one) for one in queries.board(bank, connection, actor, campaign_id)]


@router.get(
    "/{campaign_id}/template.xlsx",
    response_class=Response,
    responses={200: a_file(XLSX, "An empty project table."), **problems(*FOUND)},
)
def read_template(campaign_id: CampaignId, actor: Actor, bank: Bank) -> Response:
    """An empty project table whose themes are chosen from a list."""
    with bank.read() as connection:
        shown = queries.campaign_shown(connection, actor, campaign_id)
    return download(template([name for name, _serves in shown.themes], TITLE), XLSX, "table.xlsx")


@router.get("/{campaign_id}/figures", responses=problems(*OF_UNIT))
def read_figures(
    campaign_id: CampaignId,
    actor: Actor,
    bank: Bank,
    unit: Annotated[str, Query(max_length=20, description="Of one unit.")] = "",
    until: Until = None,
) -> CampaignFiguresShown:
    """Activities, people served, minutes, volunteers and teams, by theme and unit."""
    until_on = until.isoformat() if until else ""
    with bank.read() as connection:
        found = queries.figures_of(
            connection, actor, campaign_id, unit_code=unit, until_on=until_on
        )
    return CampaignFiguresShown.of(found)


@router.get(
    "/{campaign_id}/lines.csv",
    response_class=Response,
    responses={
        200: {
            "description": "One line for each volunteer's part in a record.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **problems(*OF_UNIT),
    },
)
def read_lines(
    campaign_id: CampaignId,
    actor: Actor,
    bank: Bank,
    unit: Annotated[str, Query(max_length=20, description="Of one unit.")] = "",
    until: Until = None,
) -> Response:
    """The lines behind the figures, each with its account, entry and moved minutes; streamed."""
    until_on = until.isoformat() if until else ""
    return lines_response(bank, actor, campaign_id, unit, until_on)


@router.get(
    "/{campaign_id}/package.zip",
    response_class=Response,
    responses={200: a_file("application/zip", "Every unit's latest package."), **problems(*FOUND)},
)
def read_whole_package(
    campaign_id: CampaignId, actor: Operator, bank: Bank, until: Until = None
) -> Response:
    """Every unit's latest package with tables over all units; streamed."""
    return whole_response(bank, actor, campaign_id, until.isoformat() if until else "")


@router.post(
    "/{campaign_id}/units/{unit_code}/table",
    responses=problems(*OF_UNIT, "unreadable_file", "header_not_found", "nothing_to_read",
                       "activity_in_use", "key_reused", "request_too_large"),
)  # fmt: skip
def report(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description=".xlsx, .xls, .ods, or .csv.")],
) -> TableReported:
    """Take a unit's project table whole, or name every cell that is wrong and take nothing."""
    most = bank.settings.upload_max_bytes
    if (file.size or 0) > most:
        raise RequestTooLarge(most=most)
    with TemporaryDirectory(prefix="table-") as folder:
        path = saved_upload(file, FilePath(folder).joinpath("table"), most)
        result = report_table(bank, actor, campaign_id, unit_code, path, key=idempotency_key)
    return TableReported.model_validate(result)


@router.get(
    "/{campaign_id}/units/{unit_code}/table.xlsx",
    response_class=Response,
    responses={200: a_file(XLSX, "The table with what the ledger says."), **problems(*OF_UNIT)},
)
def read_table(
    campaign_id: CampaignId, unit_code: UnitCode, actor: Actor, bank: Bank, until: Until = None
) -> Response:
    """The project table with what the ledger says of each line; leaders by name and telephone."""
    until_on = until.isoformat() if until else ""
    with bank.read() as connection:
        content = table_of(bank, connection, actor, campaign_id, unit_code, until_on=until_on)
    return download(content, XLSX, "table.xlsx")


@router.post(
    "/{campaign_id}/units/{unit_code}/table/return",
    responses=problems(*OF_UNIT, "missing_field", "table_not_reported", "key_reused"),
)
def send_table_back(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    stated: StatedReturn,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> UnitReturned:
    """Send a reported table back."""
    answer = actions.return_table(
        bank, actor, campaign_id, unit_code, stated.reason, key=idempotency_key
    )
    return UnitReturned.model_validate(answer.body)


@router.get("/{campaign_id}/units/{unit_code}/activities", responses=problems(*OF_UNIT))
def list_activities(
    campaign_id: CampaignId, unit_code: UnitCode, actor: Actor, bank: Bank
) -> list[ActivityShown]:
    """The lines of a unit's table, up to 500, with their ids."""
    with bank.read() as connection:
        rows = queries.activities_listed(connection, actor, campaign_id, unit_code)
    return [ActivityShown.model_validate(one) for one in rows]
