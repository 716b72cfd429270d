"""Receipts: an entry's own proof, to be kept by whom it concerns."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.dependencies import Actor, Bank
from api.problems import problems
from timebank.receipts.issuing import receipt_of_entry, receipts_of_record

router = APIRouter(prefix="/api/v1", tags=["receipts"])

TEXT = "text/plain; charset=utf-8"
"""The format has no media type of its own; it is text, as the checkpoint in it is."""


class Receipt(BaseModel):
    """The receipt of one entry."""

    entry: str
    leaf_index: int
    receipt: str = Field(description="The whole tlog-proof; keep it as `ENTRY.tlog-proof`.")


class Receipts(BaseModel):
    """The receipts of a record's entries and of what reversed them, in the journal's order."""

    receipts: list[Receipt]


@router.get(
    "/entries/{entry_id}/receipt",
    response_class=Response,
    responses={
        200: {
            "description": "A tlog-proof, whose `extra` is the leaf.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_permitted", "entry_not_found"),
    },
)
def read_receipt(
    entry_id: Annotated[str, Path(min_length=1, max_length=80)], actor: Actor, bank: Bank
) -> Response:
    """The receipt of an entry, for staff and for members whose account it moves."""
    issued = receipt_of_entry(bank, actor, entry_id)
    named = f'attachment; filename="{issued.entry_id}.tlog-proof"'
    return Response(str(issued.receipt), headers={"Content-Disposition": named}, media_type=TEXT)


@router.get("/records/{record_id}/receipts", responses=problems("not_permitted", "unknown_record"))
def list_receipts(
    record_id: Annotated[str, Path(min_length=1, max_length=64)], actor: Actor, bank: Bank
) -> Receipts:
    """The receipts of all entries of a service record; none before it is posted."""
    issued = receipts_of_record(bank, actor, record_id)
    return Receipts(
        receipts=[
            Receipt(entry=one.entry_id, leaf_index=one.receipt.index, receipt=str(one.receipt))
            for one in issued
        ]
    )
