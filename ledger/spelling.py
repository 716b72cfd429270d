"""How ids and words are spelled inside a leaf.

A leaf stays for ever, so nothing may get in that the strict reader would refuse later: what passes
here, :mod:`ledger.leaf_parser` accepts.  A breach is a fault of our own code, never a refusal.
"""

import re

_ID = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SUBMISSION_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@~-]{0,119}", re.ASCII)
_POLICY_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,79}", re.ASCII)
_LAST_MS = 253_402_300_799_999


class Misspelled(ValueError):
    """Our own code chose an id or a word that no leaf can hold."""


def is_word(text: object) -> bool:
    """Whether ``text`` is a lower-case word of up to 40 letters, digits and underscores."""
    return type(text) is str and _WORD.fullmatch(text) is not None


def is_key_name(text: object) -> bool:
    """Whether ``text`` can be the name of a signing key, up to 120 characters."""
    return type(text) is str and _KEY_NAME.fullmatch(text) is not None


def check_id(text: str) -> None:
    """Let an id pass: lower-case words and digits joined by underscores, up to 80 characters.

    Raises:
        Misspelled: anything else.
    """
    _check("id", _ID, text)


def check_word(text: str) -> None:
    """Let :func:`is_word` pass, such as an account's kind or a key's role.

    Raises:
        Misspelled: anything else.
    """
    _check("word", _WORD, text)


def check_submission_kind(text: str) -> None:
    """Let the word of a submission's first line pass, up to 32 characters.

    Raises:
        Misspelled: anything else.
    """
    _check("kind of submission", _SUBMISSION_KIND, text)


def check_key_name(text: str) -> None:
    """Let the name of a signing key pass, up to 120 characters.

    Raises:
        Misspelled: anything else.
    """
    _check("name of a key", _KEY_NAME, text)


def check_policy_version(text: str) -> None:
    """Let the version of a profile pass, up to 80 characters.

    Raises:
        Misspelled: anything else.
    """
    _check("policy version", _POLICY_VERSION, text)


def check_moment(moment_ms: int) -> None:
    """Let milliseconds from 1970 up to the end of the year 9999 UTC pass.

    Raises:
        Misspelled: anything else.
    """
    if type(moment_ms) is not int or not 0 <= moment_ms <= _LAST_MS:
        raise Misspelled(f"{moment_ms!r:.40} is no moment in milliseconds")


def _check(what: str, pattern: re.Pattern[str], text: object) -> None:
    if type(text) is not str or pattern.fullmatch(text) is None:
        raise Misspelled(f"{text!r:.90} cannot be the {what} in a leaf")
