"""Attempts of several submissions: each one's idempotency key, made from that of the whole."""

from hashlib import sha256


def part_key(key: str, part: str) -> str:
    """The key of one part of the attempt ``key``, 64 hexadecimal digits.

    A hash, because a key that was cut or lengthened may be the key of another attempt.
    """
    return sha256(f"{key}\n{part}".encode()).hexdigest()
