"""How a record's minutes came about, as a page that the station and the auditor share."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.catalogue import Words
from api.pages.render import Frame, draw, words_for
from timebank.bank import Bank
from timebank.records.explaining import ExplainedPart, ExplainedRecord, Outcome, who


@dataclass(frozen=True, slots=True)
class PartView:
    """One volunteer's part in the reader's language; the first of ``lines`` is the result."""

    who: str
    lines: tuple[str, ...]
    agrees: bool


def explanation_page(
    request: Request, bank: Bank, frame: Frame, found: ExplainedRecord, *, back: str
) -> Response:
    """The page of one record; ``back`` is where its link stood."""
    words = words_for(request, bank)
    return draw(
        request,
        bank,
        "explanation.html",
        frame,
        record=found.record,
        lines=_chosen(words, found),
        parts=[
            PartView(
                words.of_pair(*who(part)),
                _chosen(words, part),
                part.outcome is Outcome.AGREES,
            )
            for part in found.parts
        ],
        back=back,
    )


def _chosen(words: Words, found: ExplainedRecord | ExplainedPart) -> tuple[str, ...]:
    return tuple(words.of_pair(*pair) for pair in zip(found.zh, found.en, strict=True))
