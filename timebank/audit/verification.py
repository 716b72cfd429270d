"""Everything that can be verified of a bundle: the ledger's own rules, then what entries mean.

What ``timebank-verify`` and ``timebank verify`` run; needs no database and no configuration.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from ledger.encoding import Json
from ledger.findings import Report
from ledger.trust_policy import TrustPolicy
from ledger.verify import Progress, verify
from timebank.audit.policy_replay import PolicyReplay
from timebank.audit.verify_page import judge_page


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
    progress: Progress | None = None,
    first: bool = False,
) -> Verification:
    """Verify a bundle or a published log on every core; as :func:`ledger.verify.verify` besides.

    Raises:
        NoteRejected: ``vkey`` is no verifier key.
    """
    rules = PolicyReplay()
    report = verify(
        folder,
        vkey=vkey,
        since=since,
        least_size=least_size,
        policy=policy,
        progress=progress,
        cores=os.cpu_count() or 1,
        first=first,
        rules=rules,
    )
    return Verification(judge_page(folder, report), rules.derived, rules.attested)
