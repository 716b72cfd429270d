"""Card PINs and staff passwords: what is acceptable, how it is kept, when a guesser must wait.

A PIN of six digits has a million values, so argon2id alone would not keep it from somebody who
holds the database.  Every secret is therefore keyed first, by a pepper that lies outside the
database, and bound to its owner, so that a hash cannot be copied to another person's card.
"""

import hmac
import os
import unicodedata
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from timebank.errors import LockedOut, WeakPassword, WeakPin

PIN_DIGITS = 6
PASSWORD_LEAST = 10
PASSWORD_MOST = 128
FREE_ATTEMPTS = 5
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=24)

_LONGEST_SECRET = 1_024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes over ``memory_kib`` of memory, in ``lanes``.

    The default is the least that OWASP recommends, about 20 ms on a station's old PC.
    """

    passes: int = 2
    memory_kib: int = 19 * 1_024
    lanes: int = 1


def check_pin(pin: str, *personal: str) -> str:
    """Let a card PIN pass: six digits that nobody guesses from the card or the person.

    ``personal`` are digit strings of the owner, such as birth date and telephone.

    Raises:
        WeakPin: ``why`` is ``length``, ``characters``, ``repeated``, ``sequence`` or ``personal``,
            the first that applies.
    """
    digits = unicodedata.normalize("NFKC", pin)
    why = _pin_fault(digits, personal)
    if why:
        raise WeakPin(field="pin", why=why)
    return digits


def _pin_fault(digits: str, personal: tuple[str, ...]) -> str | None:
    if len(digits) != PIN_DIGITS:
        return "length"
    if not (digits.isascii() and digits.isdigit()):
        return "characters"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    if steps == {0}:
        return "repeated"
    if steps in ({1}, {9}):
        return "sequence"
    return "personal" if any(digits in text for text in personal) else None


def check_password(password: str, login: str) -> str:
    """Let a staff password pass; returned as it is compared.

    Raises:
        WeakPassword: ``why`` is ``length``, ``repeated`` or ``personal`` (it contains the login),
            the first that applies.
    """
    text = unicodedata.normalize("NFKC", password)
    why = None
    if not PASSWORD_LEAST <= len(text) <= PASSWORD_MOST:
        why = "length"
    elif len(set(text)) == 1:
        why = "repeated"
    elif login and login.casefold() in text.casefold():
        why = "personal"
    if why:
        raise WeakPassword(field="password", why=why, least=PASSWORD_LEAST, most=PASSWORD_MOST)
    return text


class SecretKeeper:
    """Hashes and compares secrets under one ``pepper`` of at least 16 bytes."""

    __slots__ = ("_hasher", "_nobody", "_pepper")

    def __init__(self, pepper: bytes, cost: Cost | None = None) -> None:
        if len(pepper) < 16:
            raise ValueError("a pepper has at least 16 bytes")
        cost = cost or Cost()
        self._pepper = pepper
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes)
        self._nobody = _unmatched(cost)

    def __repr__(self) -> str:
        return "SecretKeeper()"

    def hash(self, owner: str, secret: str) -> str:
        """What is stored for ``owner`` (an opaque id): argon2id in PHC format, salted."""
        return self._hasher.hash(self._keyed(owner, secret))

    def matches(self, owner: str, stored: str | None, secret: str) -> bool:
        """Whether ``secret`` is the one that was stored; ``None`` where there is no such owner.

        An unknown owner costs the same work as a wrong secret, so the time tells nothing.
        """
        try:
            fits = self._hasher.verify(stored or self._nobody, self._keyed(owner, secret))
        except (VerificationError, InvalidHashError):
            return False
        return fits and bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made at another cost and should be made anew at the next sign-in."""
        return self._hasher.check_needs_rehash(stored)

    def _keyed(self, owner: str, secret: str) -> bytes:
        text = unicodedata.normalize("NFKC", secret[:_LONGEST_SECRET])
        message = f"{owner}\0{text}".encode(errors="surrogatepass")
        return b64encode(hmac.digest(self._pepper, message, "sha256"))


def _unmatched(cost: Cost) -> str:
    """A hash in PHC format that no secret is known for: comparing with it costs what any does."""
    salt, digest = (b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    costs = f"m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def locked_until(failures: int, failed_at: datetime) -> datetime | None:
    """When the next attempt is allowed after ``failures`` in a row, or ``None`` for at once.

    Five attempts are free; the fifth failure locks for 15 minutes, each further one for twice as
    long, at most a day.
    """
    if failures < FREE_ATTEMPTS:
        return None
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return failed_at + min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def check_unlocked(until: datetime | None, now: datetime) -> None:
    """Let an attempt pass unless the lock still holds; at ``until`` itself it is open.

    Raises:
        LockedOut: with the minutes that remain, rounded up.
    """
    if until is not None and now < until:
        raise LockedOut(minutes=-((now - until) // timedelta(minutes=1)))
