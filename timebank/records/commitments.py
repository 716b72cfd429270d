"""Salted commitments: the leaf binds a service's hours and words without showing them."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from ledger.encoding import Json, encode
from timebank.records.model import Service, wall_time


def commitment(salt: bytes, service: Service) -> str:
    """SHA-256 over 16 random bytes and the canonical facts that the leaf must not show.

    22 to 44 characters of base64url; opened by salt, hours, words and recipients (decision 13).
    """
    recipients: list[Json] = [*sorted(party.person_id for party in service.recipients)]
    hidden = encode(
        {
            "content": service.content,
            "end": wall_time(service.ends_at),
            "note": service.note,
            "place": service.place,
            "recipients": recipients,
            "start": wall_time(service.starts_at),
        }
    )
    return urlsafe_b64encode(sha256(salt + hidden).digest()).decode("ascii").rstrip("=")
