"""Small valid logs without a database, byte for byte the same on every run.

Each method appends the leaves of one submission.  ``append`` is the tool of planted faults: it
takes any kind, members and carrier, however wrong.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from ledger import approvals
from ledger.bundle import seal
from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.cosigners import Cosigner
from ledger.encoding import Json
from ledger.exports import write_exports
from ledger.further_keys import FURTHER_KEYS
from ledger.keys import SigningKey
from ledger.leaf_parser import parse
from ledger.merkle import Frontier, leaf_hashes, root_of
from ledger.notes import Signer, sign_note
from ledger.publish import publish, publish_vkey
from ledger.signatures import ML_DSA_44
from ledger.submission import FIRST_PREV, sign_submission
from tests.support import leaf_spelling as spelled
from tests.support.closings import closing, month

ORIGIN = "timebank.example/xingfu"
START_MS = 1_678_000_000_000
POLICY = "plain-2023"
DAY = "2023-03-05"

_FOR_EVER, _YEAR_MS = 1 << 53, 31_536_000_000

Movements = list[tuple[str, str, int]]


class NamedSigner(Signer, Protocol):
    """A signer that says its name."""

    @property
    def name(self) -> str:
        """The name in every signature line."""
        ...


def key_of(name: str) -> SigningKey:
    """The signing key of this name, always the same one."""
    return SigningKey(name, sha256(f"seed of {name}".encode()).digest())


def cosigner_of(name: str, kind: int = ML_DSA_44, seconds: int = START_MS // 1_000) -> Cosigner:
    """The cosigner of this name, always the same one, whose clock stands still."""
    seed = sha256(f"seed of cosigner {name}".encode()).digest()
    return Cosigner(kind, name, seed, lambda: seconds)


class LogBuilder:
    """A log in memory; opens with genesis, a station's key and a policy unless ``bare``."""

    def __init__(self, *, bare: bool = False) -> None:
        self.leaves: list[bytes] = []
        self.log_key = key_of(ORIGIN)
        self.cosigners: list[Signer] = []
        self.operator = key_of(f"{ORIGIN}/op")
        self.station = key_of(f"{ORIGIN}/stn/XF01")
        self.roots = [key_of(f"{ORIGIN}/roots/{number}") for number in (1, 2, 3)]
        self._log_keys = [(self.log_key, 0, _FOR_EVER)]
        self.now_ms = START_MS
        self.numbers = 0
        self._ids = 0
        self._chains: dict[str, tuple[int, str]] = {}
        if not bare:
            self.genesis()
            self.key(self.station, "station")
            self.policy(POLICY)

    @property
    def size(self) -> int:
        """Leaves so far: the index of the next one."""
        return len(self.leaves)

    def new_id(self, prefix: str) -> str:
        """The next id, counted."""
        self._ids += 1
        return f"{prefix}_{self._ids:032x}"

    def append(
        self,
        kind: str,
        identifier: str,
        facts: spelled.Facts,
        *,
        sub: str | None = None,
        ref: tuple[int, int] | None = None,
        index: int | None = None,
    ) -> int:
        """One leaf a second later than the last; answers its index."""
        at = self.size
        rnd = urlsafe_b64encode(sha256(f"rnd {at}".encode()).digest()[:16])[:22].decode()
        data = spelled.encode_leaf(
            at if index is None else index,
            self.now_ms,
            kind,
            identifier,
            rnd,
            facts,
            sub=sub,
            ref=ref,
        )
        self.leaves.append(data)
        self.now_ms += 1_000
        return at

    def sign(
        self, kind: str, body: spelled.Facts, *others: SigningKey, by: NamedSigner | None = None
    ) -> str:
        """The next submission of a key (the station's by default), its chain moved on."""
        signer = by or self.station
        seq, prev = self._chains.get(signer.name, (0, FIRST_PREV))
        note, text_hash = sign_submission(ORIGIN, kind, body, signer, *others, seq=seq, prev=prev)
        self._chains[signer.name] = seq + 1, text_hash
        return note

    # One submission each -------------------------------------------------------------------

    def genesis(self, *further: str) -> int:
        """Leaf 0; ``further`` are vkeys that it names as the log's own besides."""
        keys = str(self.log_key.vkey), str(self.operator.vkey)
        roots = [str(root.vkey) for root in self.roots]
        facts = spelled.genesis_facts(ORIGIN, *keys, POLICY, 2, roots)
        facts |= {"cosigners": list(further)} if further else {}
        return self.append("genesis", self.new_id("book"), facts)

    def approve(self, text: str, *roots: SigningKey) -> str:
        """The word of two root keys, or of ``roots``."""
        return sign_note(text, *(roots or self.roots[:2]))

    def key(
        self,
        key: Signer,
        role: str,
        *,
        by: NamedSigner | None = None,
        of: str | None = None,
        approval: str | None = None,
    ) -> int:
        """Enrol a key that has shown to be held, by the operator's submission."""
        vkey = str(key.vkey)
        body: spelled.Facts = {"vkey": vkey, "role": role}
        body["possession"] = approvals.prove_possession(ORIGIN, role, key)
        body |= {} if approval is None else {"approval": approval}
        body |= {} if of is None else {"of": of}
        sub = self.sign("key", body, by=by or self.operator)
        identifier = approvals.key_identifier(key.vkey, role)
        return self.append("key", identifier, spelled.key_facts(vkey, role, of), sub=sub)

    def revoke(
        self,
        of: str,
        *,
        approval: str | None = None,
        reason: str = "lost",
        evidence: str | None = None,
    ) -> int:
        """End a key; ``evidence`` is the second note of a fork."""
        body: spelled.Facts = {"of": of, "reason": reason}
        body |= {} if approval is None else {"approval": approval}
        body |= {} if evidence is None else {"evidence": evidence}
        sub = self.sign("revocation", body, by=self.operator)
        return self.append(
            "revocation", self.new_id("end"), spelled.revocation_facts(of, reason), sub=sub
        )

    def freeze(self, successor: str, approval: str) -> int:
        """End the log."""
        body: spelled.Facts = {"approval": approval, "successor": successor}
        sub = self.sign("freeze", body, by=self.operator)
        return self.append("freeze", self.new_id("end"), spelled.freeze_facts(successor), sub=sub)

    def policy(self, version: str) -> int:
        """Adopt a policy version."""
        sub = self.sign("policy", {"profile": version, "text": "单位 = 分钟\n"}, by=self.operator)
        return self.append("policy", version, spelled.policy_facts(version), sub=sub)

    def account(self, kind: str, floor: int | None = 0, ceiling: int | None = None) -> str:
        """Open an account; answers its id."""
        account_id = self.new_id("acct")
        sub = self.sign("account", {"acct": account_id, "kind": kind}, by=self.operator)
        self.append("account", account_id, spelled.account_facts(kind, floor, ceiling), sub=sub)
        return account_id

    def entry(
        self,
        movements: Movements,
        kind: str = "gift",
        *,
        on: str = DAY,
        of: str | None = None,
        policy: str = POLICY,
        number: int | None = None,
        entry_id: str | None = None,
        ref: tuple[int, int] | None = None,
    ) -> str:
        """One journal entry with a submission of its own, or as a row of a batch."""
        self.numbers += 1
        identifier = entry_id or self.new_id("entry")
        facts = spelled.entry_facts(number or self.numbers, on, policy, movements, of)
        sub = None if ref else self.sign(kind, {"on": on, "entry": identifier})
        self.append(kind, identifier, facts, sub=sub, ref=ref)
        return identifier

    def batch(self, rows: list[Movements | str], *, kind: str = "service") -> list[str]:
        """A batch of rows, each movements or the code of its refusal, and its outcome."""
        batch_id = self.new_id("batch")
        body: spelled.Facts = {
            "batch": batch_id,
            "part": 0,
            "parts": 1,
            "rows": [{"place": place} for place in range(len(rows))],
        }
        index = self.append("batch", batch_id, {}, sub=self.sign("register", body))
        told = [
            row if isinstance(row, str) else self.entry(row, kind, ref=(index, place))
            for place, row in enumerate(rows)
        ]
        self.append("outcome", batch_id, spelled.outcome_facts([index], told))
        return told

    def hold(self, payer: str, payee: str, minutes: int, *, lasts_ms: int = 600_000) -> str:
        """Place a hold; answers its id."""
        hold_id = self.new_id("hold")
        facts = spelled.hold_facts(payer, payee, minutes, self.now_ms + lasts_ms)
        self.append("hold", hold_id, facts, sub=self.sign("hold", {"minutes": minutes}))
        return hold_id

    def end(self, hold_id: str, kind: str = "release") -> int:
        """Release or expire a hold."""
        sub = self.sign(kind, {"hold": hold_id})
        return self.append(kind, self.new_id("end"), spelled.end_facts(hold_id), sub=sub)

    def fact(self, *, by: NamedSigner | None = None) -> int:
        """State something that moves nothing."""
        sub = self.sign("record", {"c": "x"}, by=by)
        return self.append("fact", self.new_id("record"), {}, sub=sub)

    def close(
        self,
        name: str,
        *,
        signed: spelled.Facts | None = None,
        by: NamedSigner | None = None,
        **other: Json,
    ) -> int:
        """Close a month, truly but for what ``other`` states of it; ``signed`` is signed instead.

        Moves the clock behind the month's end, unless it stands there.
        """
        self.now_ms = max(self.now_ms, month(name)[1])
        return self.append_closing(name, signed=signed, by=by, **other)

    def append_closing(
        self,
        name: str,
        *,
        signed: spelled.Facts | None = None,
        by: NamedSigner | None = None,
        **other: Json,
    ) -> int:
        """As :meth:`close`, wherever the clock stands."""
        stated: spelled.Facts = closing(self.leaves, name) | other
        sub = self.sign("closing", {"closing": signed or stated}, by=by or self.operator)
        return self.append("closing", self.new_id("closing"), {"closing": stated}, sub=sub)

    def refuse(self, code: str = "floor_exceeded") -> int:
        """Refuse a request that was never signed."""
        facts = spelled.refused_facts(sha256(b"a request").hexdigest(), code, self.station.name)
        return self.append("refused", self.new_id("sub"), facts)

    # Writing -------------------------------------------------------------------------------

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """The tree head at ``size`` leaves, by default at all."""
        leaves = self.leaves[: self.size if size is None else size]
        return Checkpoint(ORIGIN, len(leaves), root_of(leaf_hashes(leaves)))

    def frontier(self) -> bytes:
        """The right edge of the tree over all leaves, as it is stored."""
        return Frontier().append(leaf_hashes(self.leaves)).to_bytes()

    def note(self, size: int | None = None) -> str:
        """The checkpoint at ``size`` leaves, signed by the keys of that size and further ones."""
        return sign_checkpoint(self.checkpoint(size), *self.signers(size), *self.cosigners)

    def hand_over(self, new: SigningKey) -> None:
        """Let a new log key sign beside the others from the next leaf's checkpoint on."""
        text = approvals.add_key_text(ORIGIN, approvals.LOG, new.vkey)
        at = self.key(new, approvals.LOG, approval=self.approve(text))
        self._log_keys.append((new, at + 1, _FOR_EVER))

    def retire(self, old: SigningKey) -> None:
        """Let a log key sign no checkpoint any more."""
        of = approvals.key_identifier(old.vkey, approvals.LOG)
        at = self.revoke(of, approval=self.approve(approvals.revoke_key_text(ORIGIN, of)))
        self._log_keys = [
            (key, low, at + 1 if key is old else high) for key, low, high in self._log_keys
        ]
        self.log_key = self._log_keys[-1][0]

    def cut(self, size: int) -> "LogBuilder":
        """The log as it was at ``size`` leaves; the file shows the newest key of then."""
        del self.leaves[size:]
        self.log_key = self.signers(size)[-1]
        return self

    def signers(self, size: int | None = None) -> list[SigningKey]:
        """The log keys that count at ``size`` leaves, by default at all, the oldest first."""
        at = self.size if size is None else size
        return [key for key, low, high in self._log_keys if low <= at < high]

    def write_log(self, folder: Path, size: int | None = None) -> Path:
        """Publish up to ``size`` leaves into a folder, which may have an earlier size already."""
        folder.mkdir(parents=True, exist_ok=True)
        publish_vkey(folder, self.log_key.vkey, durable=False)
        for key in self.cosigners:
            publish_vkey(folder, key.vkey, FURTHER_KEYS[key.vkey.kind], durable=False)
        publish(folder, self.read, self.note(size), durable=False)
        return folder

    def write_bundle(self, folder: Path) -> Path:
        """A whole sealed bundle."""
        self.write_log(folder.joinpath("log"))
        write_exports(folder, ORIGIN, map(parse, self.leaves))
        seal(folder, self.checkpoint(), *self.signers())
        return folder

    def read(self, start: int, count: int) -> list[bytes]:
        """Stored leaves, as the publisher asks for them."""
        return self.leaves[start : start + count]


def log_of_keys() -> LogBuilder:
    """A device comes, is replaced and lost; a second operator comes; the log's key is handed over;
    the log ends."""
    log = LogBuilder()
    first, second = key_of(f"{ORIGIN}/dev/1"), key_of(f"{ORIGIN}/dev/1b")
    log.key(first, approvals.DEVICE)
    log.key(second, approvals.DEVICE, of=first.name)
    new = SigningKey(ORIGIN, sha256(b"seed of the second log key").digest())
    log.hand_over(new)
    log.account("issuance", None)
    log.retire(log.log_key)
    log.revoke(second.name)
    operator = key_of(f"{ORIGIN}/op/2")
    text = approvals.add_key_text(ORIGIN, approvals.OPERATOR, operator.vkey)
    log.key(operator, approvals.OPERATOR, approval=log.approve(text))
    successor = "timebank.example/xingfu2"
    log.freeze(successor, log.approve(approvals.freeze_text(ORIGIN, successor)))
    return log


def log_of_periods() -> LogBuilder:
    """Two months are closed, each after the next one has begun; a fact comes late; one of two
    holds outlives them."""
    log = LogBuilder()
    issuance = log.account("issuance", None)
    wang, li = log.account("member"), log.account("member")
    log.entry([(issuance, wang, 90), (issuance, li, 60)], "service")
    lasting = log.hold(wang, li, 30, lasts_ms=_YEAR_MS)
    log.now_ms = month("2023-03")[1]
    log.entry([(issuance, li, 45)], "service", on="2023-03-31")
    log.close("2023-03")
    log.entry([(li, wang, 15)], on="2023-04-01")
    log.entry([(wang, li, 20)], "settlement", on="2023-04-02", of=lasting)
    log.hold(li, wang, 5, lasts_ms=_YEAR_MS)
    log.now_ms = month("2023-04")[1] - 1
    log.account("member")
    log.close("2023-04")
    log.close("2023-05")
    return log


def little_log() -> LogBuilder:
    """Every kind of leaf once or more, with a register, holds of all ends and a reversal."""
    log = LogBuilder()
    issuance = log.account("issuance", None)
    wang, li = log.account("member"), log.account("member", ceiling=1_000)
    told = log.batch([[(issuance, wang, 90)], "unknown_member", [(issuance, li, 60)]])
    log.entry([(wang, li, 15)], on="2023-03-01")
    log.end(log.hold(wang, li, 30))
    settled = log.hold(wang, li, 30)
    log.entry([(wang, li, 20), (issuance, li, 5)], "settlement", of=settled)
    lapsed = log.hold(wang, li, 5, lasts_ms=1_000)
    log.end(lapsed, "expiry")
    log.entry([(li, issuance, 60)], "reversal", of=told[2])
    log.refuse()
    log.fact()
    log.hold(wang, li, 7)
    return log
