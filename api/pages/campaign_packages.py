"""What a unit keeps for its package, at the station: photographs, reports, summary, editions."""

from collections.abc import Callable

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

import timebank.bank
from api.dependencies import Bank, Clerk
from api.pages.campaigns import ROOM, draw_unit
from api.pages.forms import Form, key_in, new_key, refused_form, typed_in
from api.pages.plumbing import Posted, page_router
from api.pages.reading import day_in
from api.pages.render import go, speech_for, words_for
from api.problems import RequestTooLarge, status_of
from ledger.errors import Refusal
from timebank.campaigns import keeping, photographs
from timebank.campaigns.packaging import submit_package
from timebank.errors import NotPermitted
from timebank.stations.model import Actor

router = page_router()

_PHOTOGRAPH = frozenset({"caption", "photo"})
_REPORT = frozenset({"title", "outlet", "date", "link"})
_LONGEST_SUMMARY = 10_000


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/photographs")
def keep_photograph(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Keep a photograph."""
    typed, file = typed_in(posted, _PHOTOGRAPH), posted.get("photo")
    where = (campaign_id, unit_code)
    if not isinstance(file, UploadFile) or not file.filename:
        wrong = {"photo": words_for(request, bank)("campaign.no_photo")}
        form = Form(new_key(), typed, wrong)
        return draw_unit(request, bank, actor, *where, form=form, part="photo", status=422)
    most = bank.settings.upload_max_bytes
    content = file.file.read(most + 1)
    consent = posted.get("consent") == "yes"

    def step() -> None:
        if len(content) > most:
            raise RequestTooLarge(most=most, field="photo")
        photographs.keep_photograph(
            bank, actor, *where, content, caption=typed.get("caption", ""), consent=consent
        )

    return _step(request, bank, actor, where, "photo", "kept", typed, _PHOTOGRAPH, step)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/photographs/{item_id}/remove")
def remove_photograph(
    request: Request,
    bank: Bank,
    actor: Clerk,
    campaign_id: str,
    unit_code: str,
    item_id: str,
    posted: Posted,
) -> Response:
    """Let a photograph go."""
    where = (campaign_id, unit_code)

    def step() -> None:
        photographs.remove_photograph(bank, actor, *where, item_id)

    return _step(request, bank, actor, where, "photo", "gone", {}, frozenset(), step)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/reports")
def keep_report(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Keep a press report."""
    typed = typed_in(posted, _REPORT)
    where = (campaign_id, unit_code)

    def step() -> None:
        on = day_in(typed.get("date", ""), "date", bank.today())
        keeping.keep_report(
            bank, actor, *where, title=typed.get("title", ""), outlet=typed.get("outlet", ""),
            published_on=on, link=typed.get("link", ""),
        )  # fmt: skip

    return _step(request, bank, actor, where, "report", "kept", typed, _REPORT, step)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/reports/{item_id}/remove")
def remove_report(
    request: Request,
    bank: Bank,
    actor: Clerk,
    campaign_id: str,
    unit_code: str,
    item_id: str,
    posted: Posted,
) -> Response:
    """Let a press report go."""
    where = (campaign_id, unit_code)

    def step() -> None:
        keeping.remove_report(bank, actor, *where, item_id)

    return _step(request, bank, actor, where, "report", "gone", {}, frozenset(), step)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/summary")
def write_summary(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Keep the unit's own summary, or let the drafted one stand again."""
    given, where = posted.get("summary"), (campaign_id, unit_code)
    text = given[:_LONGEST_SUMMARY] if isinstance(given, str) else ""

    def step() -> None:
        keeping.write_summary(bank, actor, *where, text)

    typed = {"summary": text}
    fields = frozenset({"summary"})
    return _step(request, bank, actor, where, "summary", "summary", typed, fields, step)


@router.post("/station/campaigns/{campaign_id}/units/{unit_code}/submit")
def submit(
    request: Request, bank: Bank, actor: Clerk, campaign_id: str, unit_code: str, posted: Posted
) -> Response:
    """Keep the package as the next edition."""
    where, key = (campaign_id, unit_code), key_in(posted)

    def step() -> None:
        submit_package(bank, actor, *where, key=key)

    return _step(request, bank, actor, where, "submit", "submitted", {}, frozenset(), step)


def _step(
    request: Request,
    bank: timebank.bank.Bank,
    actor: Actor,
    where: tuple[str, str],
    part: str,
    done: str,
    typed: dict[str, str],
    fields: frozenset[str],
    step: Callable[[], None],
) -> Response:
    """Take a step and lead back, or show the page with what was refused of its part."""
    try:
        step()
    except NotPermitted:
        raise
    except Refusal as refused:
        said = speech_for(request).refusal(refused)
        form = refused_form(typed, refused, said, fields)
        status = status_of(refused.code)
        return draw_unit(request, bank, actor, *where, form=form, part=part, status=status)
    return go(f"{ROOM}/{where[0]}/units/{where[1]}?done={done}")
