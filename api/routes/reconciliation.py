"""Reconciliation: which checks there are, run them, and what people do with what was found."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import Auditor, Bank, IdempotencyKey, PageSize, Tried
from api.problems import problems
from timebank.bank import Bank as OpenBank
from timebank.clock import from_milliseconds
from timebank.reconciliation import actions
from timebank.reconciliation.findings import finding, findings, sentences
from timebank.reconciliation.model import Finding, State
from timebank.reconciliation.reconcile import reconcile
from timebank.reconciliation.registry import CHECKS
from timebank.stations.model import Actor

router = APIRouter(prefix="/api/v1", tags=["reconciliation"])

FindingId = Annotated[str, Path(min_length=1, max_length=64)]


class ListedCheck(BaseModel):
    """One comparison of the books with themselves."""

    name: str
    what_zh: str
    what_en: str
    severity: str
    needs: list[str]


class Checks(BaseModel):
    """Every check in the order in which they run."""

    items: list[ListedCheck]


class CheckResult(BaseModel):
    """What one check came to."""

    name: str
    result: str = Field(description="agrees, differs, not_checkable or broken")
    differences: int
    reason: str


class Run(BaseModel):
    """One reconciliation."""

    ok: bool
    run_at: datetime
    checks: list[CheckResult]
    found: int
    seen_again: int
    closed: int
    open_findings: int


class ShownFinding(BaseModel):
    """A difference that somebody owns until it is gone."""

    finding_id: str
    check_name: str
    subject: str
    severity: str
    state: str
    owner: str
    comment: str
    detail: list[dict[str, Any]]
    sentences: list[tuple[str, str]] = Field(description="Chinese and English.")
    found_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None


class FindingsPage(BaseModel):
    """Findings, the newest first; ask on with `before`."""

    items: list[ShownFinding]
    next: str | None = Field(description="The `before` of the next page; null behind the last.")


class Said(BaseModel):
    """What somebody says about a finding; names of people do not belong there."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=actions.TEXT_MAX_CHARACTERS)

    def content_of(self, finding_id: str) -> bytes:
        """What an idempotency key is bound to."""
        return f"{finding_id}\n{self.text}".encode("utf-8", "replace")


@router.get("/checks", responses=problems())
async def list_checks(actor: Auditor) -> Checks:
    """Every check in the order in which they run."""
    return Checks(
        items=[
            ListedCheck(
                name=check.name,
                what_zh=check.what_zh,
                what_en=check.what_en,
                severity=check.severity.value,
                needs=sorted(need.value for need in check.needs),
            )
            for check in CHECKS
        ]
    )


@router.post("/checks/runs", status_code=status.HTTP_201_CREATED, responses=problems("key_reused"))
def run_checks(actor: Auditor, bank: Bank, tried: Tried, idempotency_key: IdempotencyKey) -> Run:
    """Run every check; differences become findings, nothing is repaired."""
    return tried.answer("run_checks", actor, idempotency_key, b"", lambda: _run(bank, actor))


@router.get("/findings", responses=problems())
def list_findings(
    actor: Auditor,
    bank: Bank,
    state: Literal["live", "open", "explained", "closed", "all"] = "live",
    check: Annotated[str, Query(max_length=64)] = "",
    limit: PageSize = 50,
    before: Annotated[str, Query(max_length=64, description="`next` of the page before.")] = "",
) -> FindingsPage:
    """Findings, the newest first; by default those that are not closed."""
    states = {
        "live": [State.OPEN, State.EXPLAINED],
        "all": list(State),
    }.get(state) or [State(state)]
    with bank.read() as connection:
        found = findings(
            connection,
            states=states,
            check_name=check or None,
            before=before or None,
            most=limit + 1,
        )
    items = [_shown(one) for one in found[:limit]]
    return FindingsPage(items=items, next=items[-1].finding_id if len(found) > limit else None)


@router.get("/findings/{finding_id}", responses=problems("unknown_finding"))
def read_finding(finding_id: FindingId, actor: Auditor, bank: Bank) -> ShownFinding:
    """One finding."""
    with bank.read() as connection:
        return _shown(finding(connection, finding_id))


@router.post(
    "/findings/{finding_id}/comments",
    status_code=status.HTTP_201_CREATED,
    responses=problems("missing_field", "unknown_finding", "key_reused"),
)
def comment_finding(
    finding_id: FindingId,
    said: Said,
    actor: Auditor,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ShownFinding:
    """Add a line to a finding's comments."""
    return tried.answer(
        "comment_finding",
        actor,
        idempotency_key,
        said.content_of(finding_id),
        lambda: _shown(actions.comment(bank, actor, finding_id, said.text)),
    )


@router.post(
    "/findings/{finding_id}/explanation",
    responses=problems("missing_field", "unknown_finding", "finding_closed", "key_reused"),
)
def explain_finding(
    finding_id: FindingId,
    said: Said,
    actor: Auditor,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ShownFinding:
    """Say why a difference stands; it opens again when it changes.  The operator's right."""
    return tried.answer(
        "explain_finding",
        actor,
        idempotency_key,
        said.content_of(finding_id),
        lambda: _shown(actions.explain(bank, actor, finding_id, said.text)),
    )


@router.post(
    "/findings/{finding_id}/closure",
    responses=problems("missing_field", "unknown_finding", "finding_closed", "key_reused"),
)
def close_finding(
    finding_id: FindingId,
    said: Said,
    actor: Auditor,
    bank: Bank,
    tried: Tried,
    idempotency_key: IdempotencyKey,
) -> ShownFinding:
    """Close a finding; a new one is opened if the difference stands and can be mended."""
    return tried.answer(
        "close_finding",
        actor,
        idempotency_key,
        said.content_of(finding_id),
        lambda: _shown(actions.close(bank, actor, finding_id, said.text)),
    )


def _run(bank: OpenBank, actor: Actor) -> Run:
    outcome = reconcile(bank, actor)
    return Run(
        ok=outcome.ok,
        run_at=from_milliseconds(outcome.run_ms),
        checks=[
            CheckResult(
                name=one.name,
                result=one.result.value,
                differences=one.differences,
                reason=one.reason,
            )
            for one in outcome.checks
        ],
        found=outcome.found,
        seen_again=outcome.seen_again,
        closed=outcome.closed,
        open_findings=len(outcome.findings),
    )


def _shown(found: Finding) -> ShownFinding:
    return ShownFinding(
        finding_id=found.finding_id,
        check_name=found.check_name,
        subject=found.subject,
        severity=found.severity.value,
        state=found.state.value,
        owner=found.owner,
        comment=found.comment,
        detail=[dict(one) for one in found.detail],
        sentences=sentences(found),
        found_at=from_milliseconds(found.found_ms),
        last_seen_at=from_milliseconds(found.last_seen_ms),
        closed_at=None if found.closed_ms is None else from_milliseconds(found.closed_ms),
    )
