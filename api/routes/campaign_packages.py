"""What a unit hands in after a campaign: photographs, press reports, summary, editions."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Path, UploadFile, status
from starlette.responses import Response

from api.campaign_schemas import (
    EditionForgotten,
    ItemGone,
    ItemKept,
    PackageShown,
    PackageSubmitted,
    StatedReport,
    StatedReturn,
    StatedSubmission,
    StatedSummary,
    UnitReturned,
)
from api.dependencies import Actor, Bank, Clerk, IdempotencyKey, Operator, Tried
from api.problems import RequestTooLarge, problems
from api.routes.campaigns import OF_UNIT, CampaignId, UnitCode, a_file, download
from timebank.campaigns import keeping, photographs, queries
from timebank.campaigns.actions import return_package
from timebank.campaigns.editions import edition_bytes, forget_edition
from timebank.campaigns.packaging import submit_package, summary_of

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}/units/{unit_code}", tags=["campaigns"])

ItemId = Annotated[str, Path(min_length=1, max_length=64)]
_ITEM = (*OF_UNIT, "unknown_campaign_item")


@router.get("/package", responses=problems(*OF_UNIT))
def read_package(
    campaign_id: CampaignId, unit_code: UnitCode, actor: Actor, bank: Bank
) -> PackageShown:
    """What the unit keeps for its package, the summary as it stands, and every edition."""
    with bank.read() as connection:
        kept = queries.kept_of(bank, connection, actor, campaign_id, unit_code)
        return PackageShown.of(kept, summary_of(connection, actor, campaign_id, kept))


@router.post("/summary", responses=problems(*OF_UNIT, "summary_too_long", "key_reused"))
def write_summary(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    stated: StatedSummary,
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ItemKept:
    """Keep the unit's own summary of at most 1,500 characters; empty lets the drafted one stand."""

    def make() -> ItemKept:
        keeping.write_summary(bank, actor, campaign_id, unit_code, stated.text)
        return ItemKept(item="summary")

    content = f"{campaign_id}\n{unit_code}\n{stated.text}".encode()
    return tried.answer("write_summary", actor, idempotency_key, content, make)


@router.post(
    "/photographs",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*OF_UNIT, "missing_field", "photograph_unfit", "too_many_photographs",
                       "key_reused", "request_too_large"),
)  # fmt: skip
def keep_photograph(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP.")],
    caption: Annotated[str, Form(min_length=1, max_length=60)],
    consent: Annotated[bool, Form(description="Who can be recognised agreed in writing.")] = False,
) -> ItemKept:
    """Keep a photograph, drawn anew without what the camera wrote; the same one once."""
    most = bank.settings.upload_max_bytes
    content = file.file.read(most + 1)
    if len(content) > most:
        raise RequestTooLarge(most=most)

    def make() -> ItemKept:
        item = photographs.keep_photograph(
            bank, actor, campaign_id, unit_code, content, caption=caption, consent=consent
        )
        return ItemKept(item=item)

    stated = f"{campaign_id}\n{unit_code}\n{caption}\n{consent}\n".encode("utf-8", "replace")
    return tried.answer("keep_photograph", actor, idempotency_key, stated + content, make)


@router.get(
    "/photographs/{item_id}.jpg",
    response_class=Response,
    responses={200: a_file("image/jpeg", "The photograph."), **problems(*_ITEM)},
)
def read_photograph(
    campaign_id: CampaignId, unit_code: UnitCode, item_id: ItemId, actor: Actor, bank: Bank
) -> Response:
    """A photograph as it is kept."""
    with bank.read() as connection:
        jpeg = queries.photograph_bytes(connection, actor, campaign_id, unit_code, item_id)
    return Response(jpeg, media_type="image/jpeg")


@router.post("/photographs/{item_id}/removal", responses=problems(*_ITEM))
def remove_photograph(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    item_id: ItemId,
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ItemGone:
    """Let a photograph go; submitted editions keep theirs."""

    def make() -> ItemGone:
        photographs.remove_photograph(bank, actor, campaign_id, unit_code, item_id)
        return ItemGone(removed=item_id)

    return tried.answer("remove_photograph", actor, idempotency_key, item_id.encode(), make)


@router.post(
    "/reports",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*OF_UNIT, "missing_field", "link_invalid", "list_full", "key_reused"),
)
def keep_report(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    stated: StatedReport,
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ItemKept:
    """Keep a press report; the same one once."""

    def make() -> ItemKept:
        item = keeping.keep_report(
            bank, actor, campaign_id, unit_code, title=stated.title, outlet=stated.outlet,
            published_on=stated.published_on, link=stated.link,
        )  # fmt: skip
        return ItemKept(item=item)

    content = f"{campaign_id}\n{unit_code}\n{stated.model_dump_json()}".encode()
    return tried.answer("keep_report", actor, idempotency_key, content, make)


@router.post("/reports/{item_id}/removal", responses=problems(*_ITEM))
def remove_report(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    item_id: ItemId,
    actor: Clerk,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ItemGone:
    """Let a press report go; submitted editions keep theirs."""

    def make() -> ItemGone:
        keeping.remove_report(bank, actor, campaign_id, unit_code, item_id)
        return ItemGone(removed=item_id)

    return tried.answer("remove_report", actor, idempotency_key, item_id.encode(), make)


@router.post(
    "/editions",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*OF_UNIT, "package_incomplete", "summary_too_long", "key_reused"),
)
def submit(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    stated: StatedSubmission,
    actor: Clerk,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> PackageSubmitted:
    """Keep the package as the next edition and report it; unchanged, the last one stands."""
    made = submit_package(
        bank, actor, campaign_id, unit_code, until_on=stated.until, key=idempotency_key
    )
    return PackageSubmitted(edition=made.number, digest=made.digest)


@router.get(
    "/editions/{number}.zip",
    response_class=Response,
    responses={200: a_file("application/zip", "The edition."), **problems(*_ITEM)},
)
def read_edition(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    actor: Actor,
    bank: Bank,
) -> Response:
    """An edition as it was submitted, byte for byte."""
    with bank.read() as connection:
        content = edition_bytes(bank, connection, actor, campaign_id, unit_code, number)
    return download(content, "application/zip", f"package-{number}.zip")


@router.post("/editions/{number}/forgetting", responses=problems(*_ITEM, "key_reused"))
def forget(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> EditionForgotten:
    """Destroy the key under which an edition lies; that it was submitted stays."""
    answer = forget_edition(bank, actor, campaign_id, unit_code, number, key=idempotency_key)
    return EditionForgotten.model_validate(answer.body)


@router.post(
    "/package/return",
    responses=problems(*OF_UNIT, "missing_field", "table_not_reported", "key_reused"),
)
def send_package_back(
    campaign_id: CampaignId,
    unit_code: UnitCode,
    stated: StatedReturn,
    actor: Operator,
    bank: Bank,
    idempotency_key: IdempotencyKey,
) -> UnitReturned:
    """Send a submitted package back; its edition stays."""
    answer = return_package(bank, actor, campaign_id, unit_code, stated.reason, key=idempotency_key)
    return UnitReturned.model_validate(answer.body)
