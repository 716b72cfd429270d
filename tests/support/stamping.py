"""A time-stamping authority of its own for each test: openssl's, behind a real socket."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.parts import need_program
from tests.support.witnesses import Told, answer, made_up_witness

CONFIG = """
[tsa]
default_tsa = stamping
[stamping]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """Where to ask, whom to trust, and what it was asked: ``told.say`` may be replaced."""

    url: str
    root: Path
    told: Told


@contextmanager
def stamping(folder: Path) -> Iterator[Authority]:
    """A running authority whose files lie in ``folder``."""
    folder.mkdir()
    _make_certificates(folder)
    folder.joinpath("serial").write_text("01\n")
    config = folder / "tsa.cnf"
    config.write_text(CONFIG.format(folder=folder.as_posix()))
    openssl = need_program("openssl")

    def reply(request: bytes) -> bytes:
        query, out = folder / "query.tsq", folder / "reply.tsr"
        query.write_bytes(request)
        subprocess.run(
            [openssl, "ts", "-reply", "-config", config, "-queryfile", query, "-out", out],
            check=True,
            capture_output=True,
        )
        return answer(200, out.read_bytes(), "Content-Type: application/timestamp-reply")

    with made_up_witness(reply) as (site, told):
        yield Authority(site.address, folder / "root.pem", told)


def verified_by_openssl(token: Path, data: Path, root: Path) -> bool:
    """Whether ``openssl ts -verify`` accepts the token over the file."""
    done = subprocess.run(
        [need_program("openssl"), "ts", "-verify", "-in", token, "-data", data, "-CAfile", root],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and "Verification: OK" in done.stdout


def _make_certificates(folder: Path) -> None:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Test root"), _name("Test authority")
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    root = _dated(root_name, root_name, root_key).add_extension(constraints, critical=True)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    leaf = _dated(name, root_name, key).add_extension(usage, critical=True)
    for file, certificate in (("root.pem", root), ("tsa.pem", leaf)):
        pem = certificate.sign(root_key, SHA256()).public_bytes(Encoding.PEM)
        folder.joinpath(file).write_bytes(pem)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.joinpath("tsa.key").write_bytes(pem)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)  # The authority's own clock, which no test can set.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
