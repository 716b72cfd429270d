"""Whether a checkpoint has the lines that a reader's trust policy asks for.

The policy comes from the reader, never from the log: whoever could choose the witnesses could be
all of them.

Source: https://c2sp.org/tlog-policy
"""

from ledger.checkpoint import Checkpoint
from ledger.findings import Findings
from ledger.notes import Note, parse_note
from ledger.signed import Signed
from ledger.trust_policy import TrustPolicy
from ledger.verify_files import Layout
from ledger.verify_leaves import GENESIS


def check_policy(
    layout: Layout, believed: Checkpoint, policy: TrustPolicy | None, found: Findings
) -> tuple[bool, tuple[Signed, ...]]:
    """Hold the checkpoint that was ``believed`` against ``policy``.

    Answers whether a log that the policy names has signed it, and which witnesses did, in the
    order of the policy; without one, none.
    """
    if policy is None:
        return False, ()
    note = parse_note(layout.log.joinpath("checkpoint").read_bytes())
    text = note.text.encode("utf-8")
    known = any(
        key.verifies(text, line.signature)
        for key in policy.logs_of(believed.origin)
        for line in note.lines_of(key)
    )
    if policy.logs and not known:
        evidence = "no log that the policy names has signed the checkpoint"
        found.add(f"{layout.prefix}vkey", GENESIS if believed.size else None, "vkey", evidence)
    return known, _witnesses(note, f"{layout.prefix}checkpoint", policy, found)


def _witnesses(note: Note, path: str, policy: TrustPolicy, found: Findings) -> tuple[Signed, ...]:
    """Those whose line holds; too few of them are reported, and each line that is false."""
    for vkey in policy.false_lines(note):
        found.add(path, None, "quorum", f"the line of {vkey.name} is false or stands twice")
    witnessed = policy.witnessed(note)
    if not policy.is_met(witnessed):
        evidence = f"{len(witnessed)} of {len(policy.witnesses)} witnesses cosigned: no quorum"
        found.add(path, None, "quorum", evidence)
    return tuple(Signed.of(note, one.vkey) for one in policy.witnesses if one.name in witnessed)
