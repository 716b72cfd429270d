"""The verifier's second opinion on keys: which of them counts at which leaf, and by whose word.

A key counts from the leaf after the one that introduced it and up to the one that ended it, by
leaf index and never by a clock.  The log's own keys sign checkpoints, all others submissions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ledger.approvals import (
    LOG,
    OPERATOR,
    ROLES,
    ROLES_OF_ROOTS,
    SUBMITTING_KINDS,
    Roots,
    add_key_text,
    freeze_text,
    is_possessed,
    key_identifier,
    revoke_key_text,
)
from ledger.further_keys import FURTHER_KEYS
from ledger.leaf import Frozen, Genesis, KeyAdded, KeyRevoked, Leaf
from ledger.notes import ExtraNeeded, NoteRejected, Vkey
from ledger.signatures import ED25519
from ledger.submission import FIRST_PREV

Facts = Mapping[str, object]

Say = Callable[[int, str, str], None]
"""``say(leaf index, rule, evidence)`` reports one fault."""


@dataclass(slots=True)
class KeyRecord:
    """A key and where its chain stands; ``refused`` are hashes refused since its last submission.

    ``ended_at`` is the leaf that ended it.
    """

    vkey: Vkey
    role: str
    added_at: int
    ended_at: int | None = None
    next_seq: int = 0
    prev: str = FIRST_PREV
    refused: list[str] = field(default_factory=list)


class Registry:
    """The keys of one log, leaf by leaf."""

    def __init__(self, say: Say, origin: str) -> None:
        self.keys: dict[str, KeyRecord] = {}
        self.frozen_at: int | None = None
        self._say = say
        self._origin = origin
        self.cosigners: tuple[str, ...] = ()
        """The log's further keys, as the genesis leaf names them."""
        self._roots: Roots | None = None

    def log_keys(self) -> list[KeyRecord]:
        """The keys that must have signed a checkpoint over all leaves so far, the oldest first."""
        return [one for one in self.keys.values() if one.role == LOG and one.ended_at is None]

    def submitter(self, name: str) -> KeyRecord | None:
        """The key that may submit under this name now."""
        record = self.keys.get(name)
        return record if record is not None and record.ended_at is None else None

    def check(self, leaf: Leaf, facts: Facts, by: str) -> None:
        """Judge what one leaf does to the keys.

        ``facts`` are what its submission says, ``by`` is who submitted; that is judged elsewhere.
        """
        body = leaf.body
        if self.frozen_at is not None:
            self._say(leaf.index, "frozen", f"the log ended with leaf {self.frozen_at}")
        if isinstance(body, Genesis):
            self._found(leaf.index, body)
        elif isinstance(body, KeyAdded):
            self._add(leaf, body, facts, by)
        elif isinstance(body, KeyRevoked):
            self._revoke(leaf.index, body, facts, by)
        elif isinstance(body, Frozen):
            self._approved(leaf.index, freeze_text(self._origin, body.successor), facts)
            self.by_operator(leaf.index, by)
            self.frozen_at = leaf.index

    def _found(self, index: int, genesis: Genesis) -> None:
        try:
            self._roots = Roots.of(genesis.roots_needed, genesis.roots)
            keys = ((Vkey.parse(genesis.vkey), LOG), (Vkey.parse(genesis.operator), OPERATOR))
        except NoteRejected as error:
            self._say(index, "key_form", str(error))
            return
        for vkey, role in keys:
            self._enter(index, vkey, role, key_identifier(vkey, role))
        self._name_cosigners(index, genesis.cosigners)

    def _name_cosigners(self, index: int, texts: tuple[str, ...]) -> None:
        self.cosigners, kinds = texts, set[int]()
        for text in texts:
            try:
                vkey = Vkey.parse(text, FURTHER_KEYS)
            except ExtraNeeded:
                continue  # Who cannot read such a key cannot find fault with it.
            except NoteRejected as error:
                self._say(index, "key_form", str(error))
                continue
            if vkey.name != self._origin:
                self._say(index, "key_form", f"{vkey.name} is not the name to sign under")
            if vkey.kind in kinds:
                self._say(index, "key_repeated", f"a second further key of type {vkey.kind:#04x}")
            kinds.add(vkey.kind)

    def _add(self, leaf: Leaf, added: KeyAdded, facts: Facts, by: str) -> None:
        try:
            vkey = Vkey.parse(added.vkey, SUBMITTING_KINDS)
        except NoteRejected as error:
            self._say(leaf.index, "key_form", str(error))
            return
        identifier, role = key_identifier(vkey, added.role), added.role
        if role not in ROLES or (role in ROLES_OF_ROOTS and vkey.kind != ED25519):
            self._say(leaf.index, "key_role", f"{identifier} may not be {role}")
        if not (role == OPERATOR and by == identifier):  # The roots may bring in a first helper.
            self.by_operator(leaf.index, by)
        if not is_possessed(facts.get("possession"), self._origin, role, vkey):
            self._say(leaf.index, "key_possession", f"nobody has shown to hold {identifier}")
        if role in ROLES_OF_ROOTS:
            self._approved(leaf.index, add_key_text(self._origin, role, vkey), facts)
        if leaf.identifier != identifier:
            self._say(leaf.index, "key_form", f"{leaf.identifier} is not its identifier")
        if added.of is not None:
            replaced = self._end(leaf.index, added.of)
            if role == LOG or (replaced is not None and replaced.role != role):
                self._say(leaf.index, "key_role", f"{identifier} replaces a key of another role")
        self._enter(leaf.index, vkey, role, identifier)

    def _enter(self, index: int, vkey: Vkey, role: str, identifier: str) -> None:
        if (vkey.name == self._origin) != (role == LOG):
            self._say(index, "key_form", f"{vkey.name} is not the name to sign under")
        if any(one.vkey.key_id == vkey.key_id for one in self.keys.values()):
            self._say(index, "key_repeated", f"{identifier} has the key id of another key")
        if identifier in self.keys:
            self._say(index, "key_repeated", identifier)
        else:
            self.keys[identifier] = KeyRecord(vkey, role, index)

    def _revoke(self, index: int, revoked: KeyRevoked, facts: Facts, by: str) -> None:
        self.by_operator(index, by)
        record = self._end(index, revoked.of)
        if record is not None and record.role in ROLES_OF_ROOTS:
            self._approved(index, revoke_key_text(self._origin, revoked.of), facts)
            if not any(
                one.role == record.role and one.ended_at is None for one in self.keys.values()
            ):
                self._say(index, "key_role", f"no key is left to be {record.role}")

    def _end(self, index: int, identifier: str) -> KeyRecord | None:
        record = self.keys.get(identifier)
        if record is None or record.ended_at is not None:
            self._say(index, "key_unknown", f"{identifier} is no key that could end here")
            return None
        record.ended_at = index
        return record

    def by_operator(self, index: int, by: str) -> None:
        """Judge that a change of keys, or a closing, was submitted by an operator's key."""
        record = self.keys.get(by)
        if record is not None and record.role != OPERATOR:
            self._say(index, "key_role", f"{by} is no key of an operator")

    def _approved(self, index: int, text: str, facts: Facts) -> None:
        if self._roots is not None and not self._roots.approve(facts.get("approval"), text):
            evidence = f"{self._roots.needed} root keys must sign {text.splitlines()[1]}"
            self._say(index, "key_approval", evidence)
