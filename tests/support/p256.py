"""A P-256 key as a browser without Ed25519 has it; the same signatures on every run (RFC 6979)."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.notes import Vkey
from ledger.signatures import ECDSA_P256


def spki(public: ec.EllipticCurvePublicKey) -> bytes:
    """The DER of a SubjectPublicKeyInfo."""
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class P256Key:
    """Signs as WebCrypto's answer looks once it is DER; ``secret`` is the private number."""

    def __init__(self, name: str, secret: int = 9) -> None:
        self.private = ec.derive_private_key(secret, ec.SECP256R1())
        self.vkey = Vkey.of(ECDSA_P256, name, spki(self.private.public_key()))

    @property
    def name(self) -> str:
        """The name in every signature line."""
        return self.vkey.name

    def sign_text(self, text: bytes) -> bytes:
        """The DER of the signature over ``text``."""
        return self.private.sign(text, ec.ECDSA(SHA256(), deterministic_signing=True))
