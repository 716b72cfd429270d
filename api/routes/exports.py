"""Exports: the whole journal as CSV, and the bundle that an auditor verifies at home."""

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api.dependencies import Auditor, Bank
from api.problems import problems
from api.streaming import begun
from ledger.bundle import files_of
from ledger.tiles import TileFolder
from timebank.audit import streams
from timebank.audit.bundle import export
from timebank.bank import Bank as OpenBank

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.get(
    "/journal.csv",
    response_class=Response,
    responses={
        200: {
            "description": "One line a movement, in the order of the log.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
        **problems(),
    },
)
def journal_csv(actor: Auditor, bank: Bank) -> Response:
    """The journal, streamed; `docs/reference/log-format.md` fixes its bytes."""
    return StreamingResponse(
        begun(_journal(bank)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="journal.csv"'},
    )


@router.get(
    "/bundle.zip",
    response_class=Response,
    responses={
        200: {
            "description": "The bundle as a ZIP archive; `timebank-verify` checks it unpacked.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(),
    },
)
def bundle_zip(actor: Auditor, bank: Bank) -> Response:
    """Log, journal, accounts and a signed manifest over every byte, streamed."""
    return StreamingResponse(
        begun(_bundle(bank)),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="bundle.zip"'},
    )


def _journal(bank: OpenBank) -> Iterator[bytes]:
    with bank.read() as connection:
        yield from streams.journal_csv(connection)


def _bundle(bank: OpenBank) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        export(
            bank.database,
            bank.log_signer_of,
            folder,
            published=TileFolder(bank.settings.log_folder).checkpoint_note(),
        )
        yield from zipped(folder)


class _Outlet:
    """Takes what the archive writes and hands it on; cannot be wound back."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self.held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = b"".join(self.held)
        self.held.clear()
        return data


def zipped(folder: Path) -> Iterator[bytes]:
    """The files of ``folder`` as a ZIP archive in pieces; no piece of it lies on the disk."""
    outlet = _Outlet()
    sink: Any = outlet
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files_of(folder):
            # A fixed moment, so that the same bundle is the same archive.
            entry = zipfile.ZipInfo(f"bundle/{path}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as to, open(folder / path, "rb") as file:
                while block := file.read(2**18):
                    to.write(block)
                    yield outlet.take()
            yield outlet.take()
    yield outlet.take()
