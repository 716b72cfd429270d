"""A time stamp a day: somebody outside states when the public checkpoint was there (RFC 3161).

Into ``timestamps/`` of the data folder go the checkpoint as it stood, ``<day>.checkpoint``, and the
authority's token over its bytes, ``<day>.tsr``; any tool for RFC 3161 verifies the pair.
"""

from contextlib import closing
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography.x509 import load_pem_x509_certificates

from ledger.encoding import Json
from ledger.errors import StorageFault
from ledger.files import DurableFiles
from ledger.outgoing import Address
from ledger.tiles import TileFolder
from timebank.bank import Bank
from timebank.clock import from_milliseconds, local_date
from timebank.errors import TimestampFailed

MOST_TOKEN_BYTES = 2**18
_SECONDS = 20


def stamp(bank: Bank, planned_ms: int) -> dict[str, Json]:
    """Have the public checkpoint stamped, once a day; answers the day, or nothing without one.

    Raises, the first that applies:
        TimestampFailed: the authority cannot be reached, or its token does not verify against the
            root certificate of the settings.  Nothing is kept of it.
        StorageFault: the disk failed.
    """
    url, root = bank.settings.timestamp_url, bank.settings.timestamp_root
    note = TileFolder(bank.settings.log_folder).checkpoint_note()
    if url is None or root is None or note is None:
        return {}
    day = local_date(from_milliseconds(planned_ms)).isoformat()
    folder = bank.settings.timestamps_folder
    if folder.joinpath(f"{day}.tsr").exists():
        return {"day": day}
    token = _token_over(note, url, root)
    files = DurableFiles(folder)
    try:
        files.replace(f"{day}.checkpoint", note)
        files.replace(f"{day}.tsr", token)
        files.flush_folders()
    except OSError as error:
        raise StorageFault(str(error)) from error
    return {"day": day}


def _token_over(data: bytes, url: str, root: Path) -> bytes:
    """A token over ``data`` that verifies; as the authority spelled it."""
    try:
        # An extra: most books have no authority to ask.
        library: Any = import_module("rfc3161_client")
    except ImportError as error:
        raise TimestampFailed(why="pip install 'timebank[timestamp]'") from error
    request = (
        library.TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(library.HashAlgorithm.SHA256)
        .build()
    )
    try:
        token = _asked(url, request.as_bytes())
        verifier = library.VerifierBuilder.from_request(request)
        for certificate in load_pem_x509_certificates(root.read_bytes()):
            verifier = verifier.add_root_certificate(certificate)
        response = library.decode_timestamp_response(token)
        verifier.build().verify_message(response, data)
    except (OSError, HTTPException, ValueError, library.VerificationError) as error:
        raise TimestampFailed(why=str(error)[:200] or type(error).__name__) from error
    return token


def _asked(url: str, request: bytes) -> bytes:
    address = Address.parse(url)
    connection = address.connect(_SECONDS)
    try:
        headers = {"Content-Type": "application/timestamp-query"}
        connection.request("POST", address.path or "/", request, headers)
        with closing(connection.getresponse()) as response:
            token = response.read(MOST_TOKEN_BYTES + 1)
    finally:
        connection.close()
    if response.status != 200 or len(token) > MOST_TOKEN_BYTES:
        raise ValueError(f"status {response.status}, {len(token)} bytes")
    return token
