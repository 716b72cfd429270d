"""Further keys of the log for a book that was founded without them: made once, kept for good.

Readers who have found such a key beside the checkpoint expect its line for ever, so there is never
a second one of a kind.  Its file alone signs nothing: a leaf that the root keys approved names it,
and from the next publication on it signs, also in a server that is running.
"""

from sqlalchemy import text

from ledger.approvals import COSIGNER, prove_possession
from ledger.further_keys import FURTHER_KEYS, kind_in
from ledger.log_keys import cosigner_vkeys
from ledger.notes import Signer
from ledger.signatures import ML_DSA_44, OTHER
from ledger.sm2 import gmssl
from ledger.sm2_signer import LOG_SM2_KEY
from timebank.bank import Bank
from timebank.clock import seconds
from timebank.errors import ExtraMissing, LogLineKeyExists
from timebank.keyring import LOG_COSIGNER, load_log_cosigners, new_log_cosigner, new_log_sm2_key

FILES = {ML_DSA_44: f"{LOG_COSIGNER}.key", OTHER: LOG_SM2_KEY}
"""The file of each kind in the keys folder, by its type byte."""


def make_further_key(bank: Bank, kind: int) -> tuple[Signer, str]:
    """Make the log's key of ``kind``, a type byte of :data:`FILES`; answers it with its proof.

    Until a leaf names the key, the same call answers the same key with a proof of it.

    Raises, the first that applies:
        ExtraMissing: SM2 without the extra ``gm``.
        LogLineKeyExists: leaves name one of that kind, or one is published.
        KeyFileUnusable: the file in the keys folder is open to others, or holds no such key.
    """
    if kind == OTHER and gmssl() is None:
        raise ExtraMissing(extra="gm")
    with bank.read() as connection:
        size = connection.execute(text("SELECT size FROM head WHERE book_id = 1")).scalar_one()
        named = cosigner_vkeys(connection, size)
    if any(kind_in(vkey) == kind for vkey in named):
        raise LogLineKeyExists(file=FILES[kind])
    if (bank.settings.log_folder / FURTHER_KEYS[kind]).exists():
        raise LogLineKeyExists(file=FURTHER_KEYS[kind])
    key = _made(bank, kind)
    return key, prove_possession(bank.origin, COSIGNER, key)


def _made(bank: Bank, kind: int) -> Signer:
    """The key in the folder, made where there is none."""
    folder = bank.settings.keys_folder

    def now() -> int:
        return seconds(bank.clock.now())

    for held in load_log_cosigners(folder, bank.origin, now):
        if held.vkey.kind == kind:
            return held
    if kind == OTHER:
        return new_log_sm2_key(folder, bank.origin)
    return new_log_cosigner(folder, bank.origin, now)
