"""Everything that can be verified of a bundle: the ledger's own rules, then what entries mean.

What ``timebank-verify`` and ``timebank verify`` run; needs no database and no configuration.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.encoding import Json
from ledger.findings import Finding, Findings, Report
from ledger.leaf import Leaf
from ledger.replay import Say
from ledger.succession import CarriedOver, FormerBook, LastStand
from ledger.trust_policy import TrustPolicy
from ledger.verify import Progress, verify
from ledger.verify_files import Layout, read_checkpoint, read_vkey
from ledger.verify_log import Rules
from timebank.audit.call_draws import CallDraws
from timebank.audit.policy_replay import PolicyReplay
from timebank.audit.submitters import Submitters
from timebank.audit.verify_page import judge_page

UNCHECKED = (
    "carried balances",
    "not held against the former log; give --predecessor BUNDLE, its last and sound one",
)
"""What a report says of a log that follows another, where the other one was not given."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The verifier's report, and how much of the credit followed from what was signed.

    ``derived`` counts the entries whose movements the log and its policies give, ``attested`` those
    of which the signature alone tells the minutes.
    """

    report: Report
    derived: int
    attested: int

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.report.ok

    def as_json(self) -> dict[str, Json]:
        """The result for a program."""
        policy: Json = {"derived": self.derived, "attested": self.attested}
        return {**self.report.as_json(), "policy": policy}

    def lines(self) -> list[str]:
        """The result for a person: each fault with its file and leaf, then what was claimed.

        Between them stands what could not be checked here.
        """
        report = self.report
        lines = [str(finding) for finding in report.findings]
        if report.left_out:
            lines.append(f"… and {report.left_out} more")
        lines += [f"{file}: not checked: {why}" for file, why in report.not_checked]
        if self.attested:
            told = f"{self.attested} entries: attested by the key that signed them"
            lines.append(f"{told}; the hours of the services are not in the log")
        lines.append(f"{self.derived} entries derived again from what was signed and the policy")
        faults = len(report.findings) + report.left_out
        lines.append(f"{report.size} leaves, {faults} faults: {report.claim}")
        return lines


def verify_all(
    folder: Path,
    *,
    vkey: str | None = None,
    since: Path | None = None,
    least_size: int | None = None,
    policy: TrustPolicy | None = None,
    predecessor: Path | None = None,
    progress: Progress | None = None,
    first: bool = False,
) -> Verification:
    """Verify a bundle or a published log on every core; as :func:`ledger.verify.verify` besides.

    ``predecessor`` is the last bundle of the frozen log that this one follows: it is verified too,
    its findings stand under its path, and what was carried over is held against it.

    Raises:
        NoteRejected: ``vkey`` is no verifier key.
    """
    former: FormerBook | None = None
    faults: tuple[Finding, ...] = ()
    if predecessor is not None:
        former, faults = _former(predecessor, first=first)
    rules, carried = PolicyReplay(), CarriedOver(former)
    report = verify(
        folder,
        vkey=vkey,
        since=since,
        least_size=least_size,
        policy=policy,
        progress=progress,
        cores=os.cpu_count() or 1,
        first=first,
        rules=_Several(rules, Submitters(), carried, CallDraws(Layout.of(folder).log)),
    )
    if carried.unchecked:
        report = replace(report, not_checked=(*report.not_checked, UNCHECKED))
    report = replace(report, findings=(*report.findings, *faults))
    return Verification(judge_page(folder, report), rules.derived, rules.attested)


class _Several:
    """Rules that see every leaf one after the other."""

    def __init__(self, *rules: Rules) -> None:
        self._rules = rules

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        for one in self._rules:
            one.leaf(leaf, signed, say)

    def finish(self, say: Say) -> None:
        for one in self._rules:
            one.finish(say)


def _former(bundle: Path, *, first: bool) -> tuple[FormerBook | None, tuple[Finding, ...]]:
    """Where the former log ends, and what is wrong with its bundle, each under the bundle's path.

    Where its checkpoint cannot be believed or a leaf is damaged, there is nothing to compare with.
    """
    stand = LastStand()
    rules = _Several(PolicyReplay(), Submitters(), stand, CallDraws(Layout.of(bundle).log))
    report = verify(bundle, cores=os.cpu_count() or 1, first=first, rules=rules)
    report = judge_page(bundle, report)
    faults = tuple(replace(one, file=f"{bundle}/{one.file}") for one in report.findings)
    layout = Layout.of(bundle)
    vkey = read_vkey(layout, Findings())
    head = None
    if vkey is not None:
        head = read_checkpoint(layout.log / "checkpoint", "", vkey, Findings())
    if vkey is None or head is None or report.judged_leaves < head.size:
        return None, faults
    return stand.book(head, vkey), faults
