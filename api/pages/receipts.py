"""A receipt on paper: what it says in words, and all of it in a QR code where that holds it."""

from typing import Annotated

import segno
from fastapi import Path
from markupsafe import Markup
from segno.encoder import DataOverflowError
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import Bank, Clerk
from api.pages.catalogue import Words
from api.pages.plumbing import frame_of, page_router
from api.pages.render import draw, words_for
from ledger.leaf_parser import parse
from ledger.receipt import Receipt
from timebank.receipts.issuing import receipt_of_entry
from timebank.receipts.said import leaf_said, tree_said

router = page_router()


@router.get("/station/receipts/{entry_id}")
def receipt_page(
    request: Request,
    bank: Bank,
    actor: Clerk,
    entry_id: Annotated[str, Path(min_length=1, max_length=80)],
) -> Response:
    """The receipt of one entry, to be printed and taken home."""
    issued = receipt_of_entry(bank, actor, entry_id)
    receipt, words = issued.receipt, words_for(request, bank)
    paper = str(receipt.for_paper()).encode()
    return draw(
        request,
        bank,
        "station/receipt.html",
        frame_of(request, "station", actor, "/station"),
        facts=facts_of(receipt, words),
        signers=words.of_pair("、", ", ").join(
            dict.fromkeys(line.name for line in receipt.note.lines)
        ),
        vkey=str(bank.log_vkeys()[-1]),
        qr=qr_of(paper),
        length=len(paper),
        href=f"/api/v1/entries/{issued.entry_id}/receipt",
        address=f"{request.base_url}api/v1/entries/{issued.entry_id}/receipt",
    )


def facts_of(receipt: Receipt, words: Words) -> list[tuple[str, str]]:
    """What the receipt says, as labels and values in the reader's language."""
    said = [*leaf_said(parse(receipt.extra)), *tree_said(receipt.checkpoint, receipt.index)]
    return [
        (words.of_pair(one.label_zh, one.label_en), words.of_pair(one.zh, one.en)) for one in said
    ]


def qr_of(text: bytes) -> Markup | None:
    """A QR code of ``text`` as SVG, at the best correction of its size; ``None`` where none fits.

    It stands in the page itself: it draws one path, and needs no style that the policy forbids.
    """
    try:
        code = segno.make_qr(text, error="l", mode="byte")
    except DataOverflowError:
        return None
    return Markup(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True))
