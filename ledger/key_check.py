"""What a key must be before it enters the log: one that no two libraries judge differently.

Ed25519 has keys of low order, under which one signature fits many texts, and keys and signatures
with a second spelling; `cryptography` (OpenSSL) lets some of them pass that libsodium refuses.  A
key that enters the log is there for ever, so both have to accept it, and both have to accept its
proof of possession.  Afterwards one library is enough: of a good key they accept the same texts.

Sources: RFC 8032, 5.1.7; Chalkias, Garillot, Nikolaenko, "Taming the Many EdDSAs" (2020).
"""

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.notes import NoteRejected, Vkey
from ledger.signatures import COSIGNATURE, ED25519, KINDS, ML_DSA_44, cosigned_text, unstamped

_ON_EDWARDS = (ED25519, COSIGNATURE)


def check_new_key(vkey: Vkey) -> None:
    """Let a public key pass that may enter the log: canonical, and of full order.

    A P-256 key is judged by `cryptography` alone, which refuses points that are not on the curve.

    Raises:
        NoteRejected: low or mixed order, a second spelling, no point, or of no kind read here.
    """
    if vkey.kind not in KINDS or not KINDS[vkey.kind].is_key(vkey.public):
        raise NoteRejected(f"not a public key of type 0x{vkey.kind:02x}")
    if vkey.kind in _ON_EDWARDS and not crypto_core_ed25519_is_valid_point(vkey.public):
        raise NoteRejected("an Ed25519 key that is not canonical or not of full order")
    if vkey.kind == ML_DSA_44:
        try:
            MLDSA44PublicKey.from_public_bytes(vkey.public)
        except ValueError as error:
            raise NoteRejected("not an ML-DSA-44 key") from error


def check_possession(vkey: Vkey, text: bytes, signature: bytes) -> None:
    """Let a new key pass whose holder signed ``text``, as both libraries see it.

    Raises, the first that applies:
        NoteRejected: as :func:`check_new_key`; the signature is not this key's over ``text``; or
            it is one about which the libraries differ.
    """
    check_new_key(vkey)
    if not vkey.verifies(text, signature):
        raise NoteRejected(f"the signature of {vkey.name} does not verify")
    if vkey.kind not in _ON_EDWARDS:
        return
    if vkey.kind == COSIGNATURE:
        seconds, signature = unstamped(signature)
        text = cosigned_text(seconds, text)
    try:
        crypto_sign_open(signature + text, vkey.public)
    except BadSignatureError as error:
        raise NoteRejected(f"libraries differ about the signature of {vkey.name}") from error
