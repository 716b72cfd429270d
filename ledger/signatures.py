"""The kinds of signature that a line of a note may carry, by the type byte of C2SP.

    0x01  Ed25519 over the text
    0x02  ECDSA on P-256 with SHA-256 over the text, DER; for browsers that have no Ed25519
    0x04  Ed25519 cosignature of a checkpoint, with the time at which it was made
    0x06  ML-DSA-44 cosignature of a checkpoint: holds where a quantum computer breaks the others
    0xff  whatever its key begins with; here SM2 with SM3 over the text, with the extra ``gm``

A key serves one kind only.  What may sign what is decided by whoever reads a note: nobody submits
with a cosigner's key, and no log signs its checkpoint with a device's.

Sources: https://c2sp.org/signed-note, https://c2sp.org/tlog-cosignature (v1.1.0-rc.1).
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from ledger.sm2 import is_sm2_key, sm2_missing, sm2_verifies

ED25519 = 0x01
ECDSA_P256 = 0x02
COSIGNATURE = 0x04
ML_DSA_44 = 0x06
OTHER = 0xFF
"""Types without a byte of their own: a longer identifier stands before the key."""

ML_DSA_44_KEY_BYTES = 1_312
ML_DSA_44_SIGNATURE_BYTES = 2_420
MOST_SECONDS = 2**63 - 1
"""Latest time that a cosignature may state, in POSIX seconds."""

_FIELD = 2**255 - 19
_LOW_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)
"""The y of the eight points under which anybody's signature of anything holds."""

_TIME_BYTES = 8
_LABEL = b"subtree/v1\n\0"


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is to know of one type byte.

    ``is_key(public)`` says whether the bytes are such a key in its one spelling,
    ``verifies(name, public, text, signature)`` whether the signature is that key's over the text,
    ``missing(public)`` what has to be installed before either can be said.
    """

    is_key: Callable[[bytes], bool]
    verifies: Callable[[str, bytes, bytes, bytes], bool]
    missing: Callable[[bytes], str | None] = lambda public: None


def key_id_of(kind: int, name: str, public: bytes) -> bytes:
    """The four bytes by which a line names its key beside the name."""
    if kind == ECDSA_P256:  # The witness that introduced the type hashes the key alone.
        return sha256(public).digest()[:4]
    return sha256(name.encode("utf-8") + b"\n" + bytes([kind]) + public).digest()[:4]


def cosigned_text(seconds: int, text: bytes) -> bytes:
    """What an Ed25519 cosigner signs: ``text`` is a checkpoint's, ``seconds`` POSIX."""
    return b"cosignature/v1\ntime %d\n%b" % (seconds, text)


def cosigned_message(name: str, seconds: int, text: bytes) -> bytes:
    """What an ML-DSA cosigner signs: its name, the time, and the checkpoint's first three lines.

    Raises:
        ValueError: ``text`` is no checkpoint, or a name is empty or longer than 255 bytes.
    """
    origin, size, root, *_extensions = text.split(b"\n")
    cosigner, root_hash = name.encode("utf-8"), base64.b64decode(root, validate=True)
    if not (size.isdigit() and len(root_hash) == 32 and 0 < len(origin) < 256):
        raise ValueError("not a checkpoint")
    if not 0 < len(cosigner) < 256:
        raise ValueError("a cosigner's name has 1 to 255 bytes")
    return b"".join(
        (
            _LABEL,
            bytes([len(cosigner)]) + cosigner,
            seconds.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            bytes(8),  # A checkpoint is the subtree that starts at leaf 0.
            int(size).to_bytes(8, "big"),
            root_hash,
        )
    )


def stamped(seconds: int, signature: bytes) -> bytes:
    """A cosignature as its line carries it: eight bytes of time, then the signature."""
    return seconds.to_bytes(_TIME_BYTES, "big") + signature


def unstamped(signature: bytes) -> tuple[int, bytes]:
    """Time in POSIX seconds and bare signature of a cosignature.

    Raises:
        ValueError: too short, or a time beyond what may be stated.
    """
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    if len(signature) <= _TIME_BYTES or seconds > MOST_SECONDS:
        raise ValueError("not a cosignature")
    return seconds, signature[_TIME_BYTES:]


@lru_cache(maxsize=256)
def _ed25519_key(public: bytes) -> Ed25519PublicKey:
    """A few keys sign most of a log; taking one up costs a twentieth of verifying with it."""
    return Ed25519PublicKey.from_public_bytes(public)


def _is_ed25519_key(public: bytes) -> bool:
    """OpenSSL takes keys of low order and second spellings (RFC 8032, 5.1.3); nobody signs so."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return len(public) == 32 and y < _FIELD and y not in _LOW_ORDER_Y


def _ed25519_verifies(_name: str, public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        _ed25519_key(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _p256_key(public: bytes) -> EllipticCurvePublicKey | None:
    """The key whose SubjectPublicKeyInfo ``public`` is, byte for byte; ``None`` for any other."""
    try:
        key = load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return None
    spelled = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key if spelled == public else None


def _p256_verifies(_name: str, public: bytes, text: bytes, signature: bytes) -> bool:
    key = _p256_key(public)
    try:
        if key is not None:
            key.verify(signature, text, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return key is not None


def _cosignature_verifies(name: str, public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        seconds, bare = unstamped(signature)
    except ValueError:
        return False
    return _ed25519_verifies(name, public, cosigned_text(seconds, text), bare)


def _ml_dsa_verifies(name: str, public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        seconds, bare = unstamped(signature)
        message = cosigned_message(name, seconds, text)
        MLDSA44PublicKey.from_public_bytes(public).verify(bare, message)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


KINDS = {
    ED25519: Kind(_is_ed25519_key, _ed25519_verifies),
    ECDSA_P256: Kind(lambda public: _p256_key(public) is not None, _p256_verifies),
    COSIGNATURE: Kind(_is_ed25519_key, _cosignature_verifies),
    ML_DSA_44: Kind(lambda public: len(public) == ML_DSA_44_KEY_BYTES, _ml_dsa_verifies),
    OTHER: Kind(is_sm2_key, sm2_verifies, sm2_missing),
}
"""Every kind that is read here, by its type byte."""
