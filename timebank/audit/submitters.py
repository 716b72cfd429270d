"""The verifier's look at who signed what: a key submits only what its role may."""

from ledger.approvals import OPERATOR
from ledger.encoding import Json
from ledger.leaf import Genesis, KeyAdded, Leaf
from ledger.notes import NoteRejected
from ledger.replay import Say
from ledger.submission import parse_submission
from timebank.keys.roles import may_submit


class Submitters:
    """Judges leaves in order, see :class:`ledger.verify_log.Rules`; keeps the role of each key."""

    def __init__(self) -> None:
        self._roles: dict[str, str] = {}

    def leaf(self, leaf: Leaf, signed: Json, say: Say) -> None:
        """Judge the submission that a leaf carries itself; a key may bring itself in."""
        body = leaf.body
        if isinstance(body, Genesis):
            self._take(body.operator, OPERATOR)
        elif isinstance(body, KeyAdded):
            self._take(body.vkey, body.role)
        if leaf.sub is None:
            return
        try:
            submission = parse_submission(leaf.sub)
        except NoteRejected:
            return  # The ledger's own rules say so.
        role = self._roles.get(submission.submitter)
        if role is not None and not may_submit(role, submission.kind):
            evidence = f"a key of the role {role} submits no {submission.kind}"
            say(leaf.index, "submission_role", evidence)

    def finish(self, say: Say) -> None:
        """Nothing is left to be judged at the end."""

    def _take(self, vkey: str, role: str) -> None:
        self._roles[vkey.partition("+")[0]] = role
