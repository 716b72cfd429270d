"""Refused rows of an import, kept for the clerk who fetches them, and for nobody else.

The workbook has the register's own cells, names included.  So it lies sealed under a key of the
vault, for :data:`KEPT` at most, and only staff of the station open it.
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.ids import new_id
from timebank.bank import Bank
from timebank.clock import from_milliseconds
from timebank.errors import UnknownBatch
from timebank.records.importing import ImportResult, write_refused
from timebank.records.queries import batch_of
from timebank.stations.model import Actor

KEPT = timedelta(days=30)
_FOLDER = "error-sheets"
_NONCE_BYTES = 12


def keep_error_sheet(bank: Bank, register: Path, result: ImportResult) -> None:
    """Keep the refused rows of an import, and drop what was kept for too long.

    The sheet of a batch that is imported again under the same key is replaced.
    """
    if not result.batch_id or not result.refusals:
        return
    folder = bank.settings.data / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    oldest = bank.clock.now() - KEPT
    for file in folder.glob("*.sealed"):
        if from_milliseconds(file.stat().st_mtime_ns // 1_000_000) < oldest:
            file.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        sheet = Path(scratch) / "refused.xlsx"
        write_refused(register, result, sheet)
        plain = sheet.read_bytes()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + _cipher(bank).encrypt(nonce, plain, result.batch_id.encode())
    temporary = folder / f"{new_id('x')}.tmp"
    temporary.write_bytes(sealed)
    temporary.replace(folder / f"{result.batch_id}.sealed")


def error_sheet(bank: Bank, actor: Actor, batch_id: str) -> bytes:
    """The workbook with the refused rows of an import.

    Raises, the first that applies:
        NotPermitted, UnknownBatch: see :func:`timebank.records.queries.batch_of`.
        UnknownBatch: nothing was refused, or it is no longer kept.
    """
    with bank.read() as connection:
        batch_of(connection, actor, batch_id)
    path = bank.settings.data / _FOLDER / f"{batch_id}.sealed"
    try:
        sealed = path.read_bytes()
        return _cipher(bank).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], batch_id.encode()
        )
    except (FileNotFoundError, InvalidTag, ValueError):
        raise UnknownBatch(batch=batch_id[:60]) from None


def _cipher(bank: Bank) -> AESGCM:
    return AESGCM(bank.vault.derive("error sheets"))
