"""Trust policies: which logs and witnesses are known, and which of them must have signed.

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

Read strictly: a policy that two readers take differently is no agreement.  Names are opaque and
have no meaning outside the file.

Source: https://c2sp.org/tlog-policy
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from ledger.notes import Note, NoteRejected, Vkey
from ledger.signatures import COSIGNATURE, ED25519, ML_DSA_44

MOST_BYTES = 2**18
"""Of a policy file; an ML-DSA-44 key alone is 1,800 characters."""
MOST_WITNESSES = 60
"""A note carries 64 lines, and some are the log's own."""

NONE = "none"
_LOG_KINDS = (ED25519, ML_DSA_44)
_WITNESS_KINDS = (COSIGNATURE, ML_DSA_44)
_BLANKS = re.compile("[ \t]+")
_COUNT = re.compile("[1-9][0-9]{0,3}", re.ASCII)
_NOT_ALLOWED = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


class TrustPolicyRejected(ValueError):
    """Not a policy of this syntax; the message names the line."""


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that the policy accepts; ``url`` is empty where none is given."""

    vkey: Vkey
    url: str


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness under the name that the policy gives it; without ``url`` it cannot be asked."""

    name: str
    vkey: Vkey
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members, witnesses or earlier groups, must have cosigned."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A whole policy; ``quorum`` is the name of a witness or group, or ``none``."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: dict[str, Group]
    quorum: str

    def is_met(self, witnessed: Collection[str]) -> bool:
        """Whether cosignatures of exactly these witnesses, by their names here, are enough."""
        return self.quorum == NONE or self._counts(self.quorum, witnessed)

    def witnessed(self, note: Note) -> frozenset[str]:
        """The witnesses whose one line under ``note`` verifies."""
        text = note.text.encode("utf-8")
        found = set()
        for one in self.witnesses:
            lines = note.lines_of(one.vkey)
            if len(lines) == 1 and one.vkey.verifies(text, lines[0].signature):
                found.add(one.name)
        return frozenset(found)

    def false_lines(self, note: Note) -> tuple[Vkey, ...]:
        """The keys of witnesses under whose name a line stands that is false or not the only one.

        No honest writer makes such a note, so a reader who knows the key rejects it.
        """
        true = self.witnessed(note)
        return tuple(
            one.vkey for one in self.witnesses if one.name not in true and note.lines_of(one.vkey)
        )

    def logs_of(self, origin: str) -> tuple[Vkey, ...]:
        """The keys of the policy's logs that bear this origin."""
        return tuple(one.vkey for one in self.logs if one.vkey.name == origin)

    def _counts(self, name: str, witnessed: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in witnessed
        counted = sum(1 for member in group.members if self._counts(member, witnessed))
        return counted >= group.least


def parse_trust_policy(data: bytes) -> TrustPolicy:
    """Read a policy file.

    Raises:
        TrustPolicyRejected: unknown words, names that are not defined above or stand twice, keys of
            another kind, duplicate keys, not exactly one quorum, a last line without its newline
            (the file may have been cut), control characters, or more than the bounds.
    """
    if len(data) > MOST_BYTES:
        raise TrustPolicyRejected(f"more than {MOST_BYTES} bytes")
    if _NOT_ALLOWED.search(data):
        raise TrustPolicyRejected("a control character other than tab and newline")
    if data and not data.endswith(b"\n"):
        raise TrustPolicyRejected("the last line has no newline: is the file whole?")
    reader = _Reader()
    # Octets beyond ASCII are opaque; this keeps every one of them apart.
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        words = _BLANKS.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            try:
                reader.read(words[0], words[1:])
            except (TrustPolicyRejected, NoteRejected, UnicodeEncodeError) as error:
                raise TrustPolicyRejected(f"line {number}: {error}") from error
    return reader.finish()


def read_trust_policy(path: Path) -> TrustPolicy:
    """The policy in a file.

    Raises:
        TrustPolicyRejected: there is none that can be read, or as :func:`parse_trust_policy`.
    """
    try:
        return parse_trust_policy(path.read_bytes())
    except OSError as error:
        raise TrustPolicyRejected(error.strerror or "cannot be read") from error


@dataclass
class _Reader:
    """What the lines read so far have defined."""

    logs: list[KnownLog] = field(default_factory=list)
    witnesses: list[KnownWitness] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def read(self, word: str, rest: list[str]) -> None:
        """Take up one line."""
        if word == "log" and len(rest) in (1, 2):
            self._log(*rest)
        elif word == "witness" and len(rest) in (2, 3):
            self._witness(*rest)
        elif word == "group" and len(rest) >= 3:
            self._group(rest[0], rest[1], tuple(rest[2:]))
        elif word == "quorum" and len(rest) == 1:
            self._quorum(rest[0])
        else:
            raise TrustPolicyRejected(f"not a line of a policy: {word!r:.40}")

    def finish(self) -> TrustPolicy:
        """The policy, once every line is read."""
        if self.quorum is None:
            raise TrustPolicyRejected("no quorum line")
        return TrustPolicy(tuple(self.logs), tuple(self.witnesses), self.groups, self.quorum)

    def _log(self, vkey: str, url: str = "") -> None:
        key = Vkey.parse(vkey, kinds=_LOG_KINDS)
        if key.public in {log.vkey.public for log in self.logs}:
            raise TrustPolicyRejected("a log of this key stands above")
        self.logs.append(KnownLog(key, url))

    def _witness(self, name: str, vkey: str, url: str = "") -> None:
        key = Vkey.parse(vkey, kinds=_WITNESS_KINDS)
        if key.public in {one.vkey.public for one in self.witnesses}:
            raise TrustPolicyRejected("a witness of this key stands above")
        if len(self.witnesses) == MOST_WITNESSES:
            raise TrustPolicyRejected(f"more than {MOST_WITNESSES} witnesses")
        self._define(name)
        self.witnesses.append(KnownWitness(name, key, url))

    def _group(self, name: str, wanted: str, members: tuple[str, ...]) -> None:
        for place, member in enumerate(members):
            if member not in self.names:
                raise TrustPolicyRejected(f"{member!r:.40} is not defined above")
            if member in self.members or member in members[:place]:
                raise TrustPolicyRejected(f"{member!r:.40} is a member already")
        if wanted not in ("all", "any") and not _COUNT.fullmatch(wanted):
            raise TrustPolicyRejected("a group wants all, any or a number")
        least = {"all": len(members), "any": 1}.get(wanted) or int(wanted)
        if least > len(members):
            raise TrustPolicyRejected(f"{least} of {len(members)} members")
        self._define(name)
        self.members.update(members)
        self.groups[name] = Group(least, members)

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise TrustPolicyRejected("a second quorum line")
        if name != NONE and name not in self.names:
            raise TrustPolicyRejected(f"{name!r:.40} is not defined above")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self.names:
            raise TrustPolicyRejected(f"{name!r:.40} is taken")
        self.names.add(name)
