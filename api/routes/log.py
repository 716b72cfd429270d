"""The public log: checkpoint, tiles and proofs as files of the published folder.

Hashes and checkpoints are for everybody.  Entry bundles hold what was submitted, so only an
auditor's session reads them.  Source: https://c2sp.org/tlog-tiles
"""

from base64 import b64encode
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.dependencies import Bank, only
from api.problems import (
    LeafNotFound,
    NotPublishedYet,
    SizeNotPublished,
    SizesOutOfOrder,
    problems,
)
from ledger.bundle import VKEY, VKEY_ML_DSA, VKEY_SM2
from ledger.checkpoint import Checkpoint
from ledger.merkle import leaf_hash
from ledger.notes import parse_note
from ledger.proofs import consistency_proof, inclusion_proof, root_at
from ledger.tiles import ENTRIES, WIDTH, TileFolder, TileRejected, parse_tile_path
from timebank.stations.model import Role

router = APIRouter(prefix="/log", tags=["log"])

OCTETS = "application/octet-stream"
_ANYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_FOR_EVER = "public, max-age=31536000, immutable"
_AWHILE = "public, max-age=3600"
_MOST = 2**53 - 1
_entries_readers = only(Role.AUDITOR, Role.OPERATOR)


class Proof(BaseModel):
    """An inclusion proof, RFC 9162 2.1.3: the leaf's place under the root that is signed."""

    leaf_index: int
    leaf_hash: str = Field(description="Base64 of SHA-256(0x00, leaf).")
    size: int
    root: str = Field(description="Base64.")
    hashes: list[str] = Field(description="Base64, from the leaf upwards.")
    checkpoint: str = Field(description="The published checkpoint as it stands.")


class Consistency(BaseModel):
    """A consistency proof, RFC 9162 2.1.4: the older tree is the beginning of the newer one."""

    old_size: int
    new_size: int
    old_root: str = Field(description="Base64; compare it with the checkpoint that you kept.")
    new_root: str = Field(description="Base64.")
    hashes: list[str] = Field(description="Base64; none from an empty tree, or to the same one.")
    checkpoint: str = Field(description="The published checkpoint as it stands.")


@router.get(
    "/checkpoint",
    response_class=Response,
    responses={
        200: {
            "description": "The latest published checkpoint, a signed note.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_published_yet"),
    },
)
async def checkpoint(bank: Bank) -> Response:
    """How far the log has come, signed."""
    note = _read(bank.settings.log_folder, "checkpoint")
    headers = {"Cache-Control": "no-cache", **_ANYBODY}
    return Response(note, headers=headers, media_type="text/plain; charset=utf-8")


@router.get(
    "/vkey",
    response_class=Response,
    responses={
        200: {
            "description": "The log's verifier key; get it from elsewhere too.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_published_yet"),
    },
)
async def vkey(bank: Bank) -> Response:
    """The key that signs checkpoints."""
    return _key(bank, VKEY)


@router.get(
    "/vkey-mldsa",
    response_class=Response,
    responses={
        200: {
            "description": "The log's second verifier key, ML-DSA-44.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_published_yet"),
    },
)
async def vkey_mldsa(bank: Bank) -> Response:
    """The key whose line holds against a quantum computer, where the log has one."""
    return _key(bank, VKEY_ML_DSA)


@router.get(
    "/vkey-sm2",
    response_class=Response,
    responses={
        200: {
            "description": "The log's SM2 verifier key.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems("not_published_yet"),
    },
)
async def vkey_sm2(bank: Bank) -> Response:
    """The key of the 国密 line, where the log has one."""
    return _key(bank, VKEY_SM2)


@router.get(
    "/tile/{path:path}",
    response_class=Response,
    responses={
        200: {
            "description": "The tile's hashes, or an entry bundle.",
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems("not_published_yet", "not_signed_in", "not_permitted"),
    },
)
async def tile(
    path: Annotated[str, Path(max_length=200, description="`<L>/<N>` or `entries/<N>`, `.p/<W>`")],
    request: Request,
    bank: Bank,
) -> Response:
    """A tile for everybody, an entry bundle (`entries/…`) for an auditor's session."""
    found = parse_tile_path(f"tile/{path}")
    if found is None:
        raise NotPublishedYet
    level, _number, width = found
    cache = _FOR_EVER if width == WIDTH else _AWHILE
    headers = {"Cache-Control": cache, **_ANYBODY}
    if level == ENTRIES:
        await _entries_readers(request)
        headers = {"Cache-Control": cache.replace("public", "private")}
    data = _read(bank.settings.log_folder, f"tile/{path}")
    return Response(data, headers=headers, media_type=OCTETS)


@router.get("/proofs/{leaf_index}", responses=problems("leaf_not_found", "not_published_yet"))
def proof(
    leaf_index: Annotated[int, Path(ge=0, le=_MOST)], bank: Bank, response: Response
) -> Proof:
    """That a leaf is in the log, against the published checkpoint."""
    folder, note, head = _published(bank.settings.log_folder)
    if leaf_index >= head.size:
        raise LeafNotFound(leaf=leaf_index, size=head.size)
    try:
        hashes = inclusion_proof(leaf_index, head.size, folder.nodes(head.size))
        leaf = leaf_hash(folder.entry(leaf_index, head.size))
    except TileRejected:
        raise NotPublishedYet from None
    response.headers["Cache-Control"] = "no-cache"
    return Proof(
        leaf_index=leaf_index,
        leaf_hash=b64encode(leaf).decode(),
        size=head.size,
        root=b64encode(head.root).decode(),
        hashes=[b64encode(one).decode() for one in hashes],
        checkpoint=note.decode(),
    )


@router.get(
    "/proof/consistency",
    responses=problems("size_not_published", "sizes_out_of_order", "not_published_yet"),
)
def consistency(
    old_size: Annotated[int, Query(alias="from", ge=0, le=_MOST, description="Older size.")],
    new_size: Annotated[int, Query(alias="to", ge=0, le=_MOST, description="Newer size.")],
    bank: Bank,
    response: Response,
) -> Consistency:
    """That the log of one size is the beginning of the log of another; made from hash tiles."""
    if old_size > new_size:
        raise SizesOutOfOrder(old=old_size, new=new_size)
    folder, note, head = _published(bank.settings.log_folder)
    if new_size > head.size:
        raise SizeNotPublished(asked=new_size, size=head.size)
    node = folder.nodes(head.size)  # A tree between two publications never had tiles of its own.
    try:
        hashes = consistency_proof(old_size, new_size, node)
        roots = [b64encode(root_at(size, node)).decode() for size in (old_size, new_size)]
    except TileRejected:
        raise NotPublishedYet from None
    response.headers.update(_ANYBODY)
    response.headers["Cache-Control"] = "no-cache"
    return Consistency(
        old_size=old_size,
        new_size=new_size,
        old_root=roots[0],
        new_root=roots[1],
        hashes=[b64encode(one).decode() for one in hashes],
        checkpoint=note.decode(),
    )


def _published(log_folder: FilePath) -> tuple[TileFolder, bytes, Checkpoint]:
    """The log's folder with its checkpoint, as it stands and as it is read.

    Raises:
        NotPublishedYet: there is no checkpoint.
    """
    folder = TileFolder(log_folder)
    note = folder.checkpoint_note()
    if note is None:
        raise NotPublishedYet
    return folder, note, Checkpoint.parse(parse_note(note).text)


def _key(bank: Bank, name: str) -> Response:
    headers = {"Cache-Control": "no-cache", **_ANYBODY}
    key = _read(bank.settings.log_folder, name)
    return Response(key, headers=headers, media_type="text/plain; charset=utf-8")


def _read(folder: FilePath, path: str) -> bytes:
    """A published file; small, so that it is read on the event loop.

    Raises:
        NotPublishedYet: there is none.
    """
    try:
        return (folder / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotPublishedYet from None
