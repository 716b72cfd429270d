"""SM2 signatures over SM3 (国密), for readers who must not rely on foreign curves alone.

    key        "sm2-sm3-gbt32918" ‖ 0x04 ‖ x ‖ y, after the type byte 0xff
    signature  DER SEQUENCE of r and s, over the text, with the default signer's id

Needs the extra ``gm`` (``gmssl_pyx``), which is loaded when first asked for.  Where it is missing
no such key can be taken up, and lines of such keys are passed over as those of any unknown key.

Sources: GB/T 32918.2-2016, GB/T 32905-2016; GM/T 0009-2012 for the encoding and the signer's id.
"""

import importlib
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

SM2_NAME = b"sm2-sm3-gbt32918"
"""Follows the type byte 0xff in keys, key ids and key files, so that no other type collides."""

SM2_SECRET_BYTES = 32
SM2_POINT_BYTES = 65
NEEDS_GM = "SM2 keys need the extra gm: pip install 'timebank[gm]'"

_SIGNER_ID = b"1234567812345678"


def gmssl() -> ModuleType | None:
    """The library, ``None`` where it is not installed."""
    try:
        return importlib.import_module("gmssl_pyx")
    except ImportError:
        return None


def sm2_missing(public: bytes) -> str | None:
    """What has to be installed before this SM2 key can be read; ``None``: nothing, or no SM2."""
    return NEEDS_GM if public.startswith(SM2_NAME) and gmssl() is None else None


def is_sm2_key(public: bytes) -> bool:
    """Whether ``public`` is the identifier and an uncompressed point on the curve."""
    return _coordinates(public) is not None


def sm2_verifies(_name: str, public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the signature, in its one DER spelling, is the key's over ``text``.

    The library writes a line about every wrong one to standard error.
    """
    library, coordinates = gmssl(), _coordinates(public)
    if library is None or coordinates is None:
        return False
    try:
        if encode_dss_signature(*decode_dss_signature(signature)) != signature:
            return False
        return bool(library.sm2_verify(coordinates, text, signature, _SIGNER_ID))
    except (ValueError, library.GmsslInnerError):
        return False


def sm2_sign(secret: bytes, public: bytes, text: bytes) -> bytes:
    """The DER signature of the 32 secret bytes whose key ``public`` is.

    Raises:
        ValueError: no key, a secret out of range, or nobody to sign (the extra ``gm``).
    """
    library, coordinates = gmssl(), _coordinates(public)
    if library is None:
        raise ValueError(NEEDS_GM)
    if coordinates is None:
        raise ValueError("not an SM2 key")
    try:
        return bytes(library.sm2_sign(secret, coordinates, text, _SIGNER_ID))
    except library.GmsslInnerError as error:
        raise ValueError("not an SM2 secret") from error


def new_sm2_pair() -> tuple[bytes, bytes]:
    """A new secret and its key, as :func:`sm2_sign` takes them.

    Raises:
        ValueError: the extra ``gm`` is missing.
    """
    library = gmssl()
    if library is None:
        raise ValueError(NEEDS_GM)
    coordinates, secret = library.sm2_key_generate()
    return bytes(secret), SM2_NAME + b"\x04" + bytes(coordinates)


def _coordinates(public: bytes) -> bytes | None:
    """x ‖ y of a key on the curve; ``None`` for any other bytes, or without the library."""
    library, point = gmssl(), public.removeprefix(SM2_NAME)
    if library is None or point == public or len(point) != SM2_POINT_BYTES or point[0] != 4:
        return None
    try:
        return bytes(library.normalize_sm2_public_key(point[1:]))
    except library.GmsslInnerError:
        return None
