"""Further keys of the log for a book that was founded without them: made once, kept for good.

Readers who have found such a key beside the checkpoint expect its line for ever, so there is never
a second one of a kind.
"""

from pathlib import Path

from ledger.further_keys import FURTHER_KEYS, named_of_kind
from ledger.leaf import Genesis
from ledger.leaf_parser import parse
from ledger.notes import Signer, Vkey
from ledger.publication import read_leaves
from ledger.signatures import ML_DSA_44, OTHER
from ledger.sm2 import gmssl
from ledger.sm2_signer import LOG_SM2_KEY
from timebank.bank import Bank
from timebank.clock import seconds
from timebank.errors import ExtraMissing, LogLineKeyExists
from timebank.keyring import LOG_COSIGNER, new_log_cosigner, new_log_sm2_key

FILES = {ML_DSA_44: f"{LOG_COSIGNER}.key", OTHER: LOG_SM2_KEY}
"""The file of each kind in the keys folder, by its type byte."""


def make_further_key(bank: Bank, kind: int) -> Vkey:
    """Make the log's key of ``kind``, a type byte of :data:`FILES`; it signs from the next start.

    Raises, the first that applies:
        ExtraMissing: SM2 without the extra ``gm``.
        LogLineKeyExists: the log has one: in the keys folder, beside its checkpoint, or by the
            word of its genesis leaf.
    """
    if kind == OTHER and gmssl() is None:
        raise ExtraMissing(extra="gm")
    with bank.read() as connection:
        (data,) = read_leaves(connection, 0, 1)
    genesis = parse(data).body
    assert isinstance(genesis, Genesis)
    folder = bank.settings.keys_folder
    refuse_a_second(kind, genesis, folder, bank.settings.log_folder)
    made: Signer
    try:
        if kind == OTHER:
            made = new_log_sm2_key(folder, bank.origin)
        else:
            made = new_log_cosigner(folder, bank.origin, lambda: seconds(bank.clock.now()))
    except FileExistsError as error:  # Somebody else made it meanwhile.
        raise LogLineKeyExists(file=FILES[kind]) from error
    return made.vkey


def refuse_a_second(kind: int, genesis: Genesis, keys_folder: Path, log_folder: Path) -> None:
    """Let no key of ``kind`` be made that would not be the one which readers know.

    Raises:
        LogLineKeyExists: the file in the keys folder, a published key, a key in the genesis leaf.
    """
    if (keys_folder / FILES[kind]).exists() or named_of_kind(genesis.cosigners, kind):
        raise LogLineKeyExists(file=FILES[kind])
    if (log_folder / FURTHER_KEYS[kind]).exists():
        raise LogLineKeyExists(file=FURTHER_KEYS[kind])
