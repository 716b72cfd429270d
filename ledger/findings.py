"""What a verification found, and what its silence is worth."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ledger.encoding import Json
from ledger.signed import Signed

MOST_FINDINGS = 1_000
"""Findings that a report spells out; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: in which file, at which leaf, against which rule, and what was seen.

    In a report only a log without leaves has none to name.
    """

    file: str
    leaf: int | None
    rule: str
    evidence: str

    def __str__(self) -> str:
        leaf = "" if self.leaf is None else f" leaf {self.leaf}"
        return f"{self.file}{leaf}: {self.rule}: {self.evidence}"


@dataclass(slots=True)
class Findings:
    """Collects findings up to ``most``."""

    items: list[Finding] = field(default_factory=list)
    left_out: int = 0
    most: int = MOST_FINDINGS

    def add(self, file: str, leaf: int | None, rule: str, evidence: str) -> None:
        """Note one fault; a file's name may be bytes that no text can have."""
        if len(self.items) < self.most:
            shown = file.encode("utf-8", "backslashreplace").decode("utf-8")
            self.items.append(Finding(shown, leaf, rule, evidence))
        else:
            self.left_out += 1

    def name_leaves(self, leaf_of: Callable[[str], int | None]) -> None:
        """Give a leaf to each fault that was noted without one.

        It is the leaf that another fault of the same file names, because that one was found by
        looking inside; failing that ``leaf_of(file)``.
        """
        seen: dict[str, int] = {}
        for item in self.items:
            if item.leaf is not None:
                seen.setdefault(item.file, item.leaf)
        self.items = [
            item
            if item.leaf is not None
            else replace(item, leaf=seen.get(item.file, leaf_of(item.file)))
            for item in self.items
        ]


@dataclass(frozen=True, slots=True)
class Claims:
    """What the caller brought from elsewhere and the log was held against.

    ``identity`` holds where a key of the log was brought, ``extends`` where an older checkpoint
    was; ``least_size`` is the number of leaves that it had to have, ``witnesses`` are those of the
    caller's policy that cosigned.
    """

    identity: bool = False
    extends: bool = False
    least_size: int | None = None
    witnesses: tuple[Signed, ...] = ()

    @property
    def freshness(self) -> bool:
        """Whether anything says how far the log must have come: one of the three is enough."""
        return self.extends or self.least_size is not None or bool(self.witnesses)

    def __str__(self) -> str:
        shown = ["extends the given checkpoint"] if self.extends else []
        if self.least_size is not None:
            shown.append(f"has at least {self.least_size} leaves")
        if self.witnesses:
            shown.append(f"was cosigned by {', '.join(map(str, self.witnesses))}")
        fresh = " and ".join(shown)
        if self.identity:
            said = f", and {fresh}" if fresh else "; freshness not shown"
            return f"verified against the given key{said}"
        if fresh:
            return f"{fresh}; the log's identity was taken from the folder"
        return "self-consistent only"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one verification.

    ``judged_leaves`` says up to which leaf the books were replayed: after a leaf that is damaged
    nothing can be said of balances.  Without any ``claims`` the log has only been shown to agree
    with itself.  ``hash_only`` are files that the manifest covers and no rule reads,
    ``not_checked`` those of keys that this installation cannot judge, each with the reason.
    """

    origin: str
    size: int
    root: str
    findings: tuple[Finding, ...]
    left_out: int
    judged_leaves: int
    entries: int
    accounts: int
    signatures: int
    claims: Claims
    hash_only: tuple[str, ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def claim(self) -> str:
        """What a clean report proves, in one sentence."""
        return str(self.claims)

    @property
    def identity(self) -> bool:
        """Whether the log was held against a key from elsewhere."""
        return self.claims.identity

    @property
    def freshness(self) -> bool:
        """Whether it was held against anything that says how far it must have come."""
        return self.claims.freshness

    def as_json(self) -> dict[str, Json]:
        """The report for a program."""
        findings: list[Json] = [
            {"file": f.file, "leaf": f.leaf, "rule": f.rule, "evidence": f.evidence}
            for f in self.findings
        ]
        return {
            "ok": self.ok,
            "claim": self.claim,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "judged_leaves": self.judged_leaves,
            "entries": self.entries,
            "accounts": self.accounts,
            "signatures": self.signatures,
            "witnesses": [one.as_json() for one in self.claims.witnesses],
            "hash_only": list(self.hash_only),
            "not_checked": [{"file": file, "why": why} for file, why in self.not_checked],
            "findings": findings,
            "left_out": self.left_out,
        }
