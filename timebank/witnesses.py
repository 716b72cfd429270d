"""The witnesses that the settings name, read when a book is opened; and being one oneself."""

from collections.abc import Iterable
from pathlib import Path

from ledger.cosigners import Cosigner, NowSeconds
from ledger.errors import StorageFault
from ledger.notes import Vkey
from ledger.signatures import COSIGNATURE
from ledger.trust_policy import TrustPolicyRejected, parse_trust_policy
from ledger.witness_state import Witness, WitnessStateDamaged
from ledger.witnessing import Witnesses
from timebank.config import Settings
from timebank.errors import (
    SettingInvalid,
    WitnessDamaged,
    WitnessKeyMissing,
    WitnessNameDiffers,
)
from timebank.keyring import load_cosigner

WITNESS_KEY = "witness"

_SETTING = "TIMEBANK_WITNESS_POLICY"


def witnesses_of(settings: Settings, log: Vkey) -> Witnesses | None:
    """The witnesses of the policy file, ``None`` where none is set; ``log`` is the book's own key.

    Raises:
        SettingInvalid: the file cannot be read, is no trust policy, is one for other logs, or names
            a quorum that those witnesses that have an address can never be.
    """
    if settings.witness_policy is None:
        return None
    try:
        policy = parse_trust_policy(settings.witness_policy.read_bytes())
        if policy.logs and log not in {one.vkey for one in policy.logs}:
            raise ValueError(f"it names logs, and not this one: {log}")
        return Witnesses(policy)
    except OSError as error:
        raise SettingInvalid(setting=_SETTING, why=error.strerror or "unreadable") from error
    except (TrustPolicyRejected, ValueError) as error:
        raise SettingInvalid(setting=_SETTING, why=str(error)) from error


# Being a witness --------------------------------------------------------------------------


def witness_key(state: Path, now_s: NowSeconds, name: str | None = None) -> Cosigner:
    """The key of the witness whose folder ``state`` is; with ``name`` it is made where none is.

    Raises, the first that applies:
        WitnessKeyMissing: there is none, and no name to make one.
        NoteRejected: a name that no key can bear.
        KeyFileUnusable: a file that others may read, or that holds no witness's key.
        WitnessNameDiffers: there is one, of another name.
    """
    file = state / f"{WITNESS_KEY}.key"
    if not file.exists():
        if name is None:
            raise WitnessKeyMissing(folder=str(state))
        made = Cosigner.generate(COSIGNATURE, name, now_s)
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        made.save(file)
    key = load_cosigner(state, WITNESS_KEY, COSIGNATURE, now_s)
    if name not in (None, key.name):
        raise WitnessNameDiffers(key=key.name)
    return key


def open_witness(state: Path, key: Cosigner, logs: Iterable[Vkey]) -> Witness:
    """The witness whose folder ``state`` is, for ``logs``.

    Raises, the first that applies:
        WitnessDamaged: what it cosigned last cannot be read.
        StorageFault: the folder cannot be used.
    """
    try:
        return Witness(state, key, logs)
    except WitnessStateDamaged as error:
        raise WitnessDamaged(why=str(error)) from error
    except OSError as error:
        raise StorageFault(str(error)) from error
