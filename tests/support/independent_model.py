"""A stranger's reading of an exported bundle, from docs/reference/log-format.md and nothing else.

Imports none of our code: the standard library, and cryptography for one signature algorithm.  It is
slow, keeps everything, and stops at nothing; what does not fit goes into ``Truth.problems``.
"""

import base64
import csv
import hashlib
import json
from collections import defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# One journal entry; movements are (from, to, minutes).
Entry = namedtuple("Entry", "number identifier kind effective_on recorded_ms leaf of movements")


@dataclass
class Truth:
    """Everything that the bundle says, recomputed."""

    origin: str = ""
    size: int = 0
    root: bytes = b""
    accounts: dict[str, SimpleNamespace] = field(default_factory=dict)
    entries: list = field(default_factory=list)
    open_holds: dict[str, dict] = field(default_factory=dict)
    policies: set[str] = field(default_factory=set)
    chains: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    outcomes: dict[int, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def balance(self, account: str, effective_until: str, recorded_until_ms: int) -> int:
        """What was posted that counts by one day, as known at one moment, both included."""
        known = [e for e in self.entries if e.recorded_ms <= recorded_until_ms]
        moved = [m for e in known if e.effective_on <= effective_until for m in e.movements]
        return sum(n * ((receiver == account) - (giver == account)) for giver, receiver, n in moved)


def read(bundle: Path) -> Truth:
    """Read and recompute a whole bundle."""
    truth = Truth()
    log_key = bundle.joinpath("log/vkey").read_text("utf-8").removesuffix("\n")
    say = truth.problems.append
    text = _open(bundle.joinpath("log/checkpoint").read_text("utf-8"), {log_key}, say)
    truth.origin, size, root = text.split("\n")[:3]
    truth.size, truth.root = int(size), base64.b64decode(root)
    leaves = _leaves(bundle / "log", truth.size)
    hashes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if (len(hashes), _root(hashes)) != (truth.size, truth.root):
        say("the leaves do not give the root")
    _check_tiles(bundle / "log", hashes, say)
    _Replay(truth, log_key).run(leaves)
    _check_tables(bundle, truth)
    data = bundle.joinpath("manifest.json").read_text("utf-8")
    if _open(bundle.joinpath("manifest.note").read_text("utf-8"), {log_key}, say) != data:
        say("manifest.json is not the text of its note")
    files = {p.relative_to(bundle).as_posix(): p for p in bundle.rglob("*") if p.is_file()}
    files = {name: path for name, path in files.items() if not name.startswith("manifest.")}
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    if json.loads(data)["files"] != sums:
        say("the manifest's hashes differ")
    return truth


def _verifies(vkey: str, line: str, text: str) -> bool:
    name, key_id, key = vkey.split("+", 2)
    data = base64.b64decode(key)
    mark, signer, signature = line.split(" ")
    raw = base64.b64decode(signature)
    expected = hashlib.sha256(f"{name}\n".encode() + data).digest()[:4]
    if (mark, signer, raw[:4], key_id) != ("—", name, expected, expected.hex()) or data[0] != 1:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(data[1:]).verify(raw[4:], text.encode())
    except InvalidSignature:
        return False
    return True


def _cut(note: str) -> tuple[str, list[str]]:
    text, _, lines = note.rpartition("\n\n")
    return text + "\n", lines.splitlines()


def _open(note: str, keys: set[str], say) -> str:  # type: ignore[no-untyped-def]
    text, lines = _cut(note)
    if not any(_verifies(key, line, text) for key in keys for line in lines):
        say(f"no valid signature under {text[:40]!r}")
    return text


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(hashes[:k]) + _root(hashes[k:])).digest()


def _tile(log: Path, level: str, number: int, width: int) -> bytes:
    groups = f"{number:,d}".split(",")
    name = "/".join([*("x" + g.zfill(3) for g in groups[:-1]), groups[-1].zfill(3)])
    return log.joinpath(f"tile/{level}/{name}" + f".p/{width}" * (width < 256)).read_bytes()


def _leaves(log: Path, size: int) -> list[bytes]:
    leaves = []
    for number in range((size + 255) // 256):
        data = _tile(log, "entries", number, min(256, size - 256 * number))
        while data:
            end = 2 + int.from_bytes(data[:2], "big")
            leaves.append(data[2:end])
            data = data[end:]
    return leaves


def _check_tiles(log: Path, hashes: list[bytes], say) -> None:  # type: ignore[no-untyped-def]
    level, row = 0, hashes
    while row:
        for number in range((len(row) + 255) // 256):
            part = row[256 * number : 256 * number + 256]
            if _tile(log, str(level), number, len(part)) != b"".join(part):
                say(f"tile {level}/{number}")
        full = len(row) // 256
        level, row = level + 1, [_root(row[256 * n : 256 * n + 256]) for n in range(full)]


class _Replay:
    def __init__(self, truth: Truth, log_key: str) -> None:
        self.truth, self.log_key, self.last_ms = truth, log_key, 0
        self.keys: dict[str, tuple[str, str]] = {}  # name: vkey, role
        self.refused: dict[str, list[str]] = defaultdict(list)
        self.batches: dict[int, tuple[str, list[str | None]]] = {}
        self.reversible: dict[str, list] = {}
        self.roots: tuple[list[str], int] = [], 1
        self.leaves: list[dict] = []  # All so far.
        self.closed: dict = {}  # What the last closing stated.

    def run(self, leaves: list[bytes]) -> None:
        for index, data in enumerate(leaves):
            leaf = json.loads(data)
            spelled = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            self.expect(spelled.encode() == data and len(data) <= 61_440, index, "spelling")
            place = (leaf["v"], leaf["n"], leaf["kind"] == "genesis")
            self.expect(place == (1, index, index == 0), index, "version, index or genesis")
            self.expect(leaf["t"] >= self.last_ms, index, "time")
            self.last_ms = leaf["t"]
            self.leaves.append(leaf)
            self.expect(leaf["t"] >= self.closed.get("until", 0), index, "closed period")
            if "sub" in leaf:
                self.submission(index, leaf)
            elif "ref" in leaf:
                at, place = leaf["ref"]
                used = self.batches.get(at, ("", []))[1]
                fits = 0 <= place < len(used) and used[place] is None
                self.expect(fits, index, "row of a batch")
                used[place : place + fits] = [leaf["id"]] * fits
            (self.entry if "post" in leaf else self.other)(index, leaf)
        self.expect((self.log_key, "log") in self.keys.values(), 0, "log key")
        for at, (_, used) in self.batches.items():
            told = self.truth.outcomes.get(at)
            self.expect(told is not None and len(told) == len(used), at, "outcome")
            for said, leaf_id in zip(told or [], used, strict=False):
                is_code = len(said.rpartition("_")[2]) != 32
                self.expect(said == leaf_id if leaf_id else is_code, at, "outcome of a row")

    def expect(self, condition: bool, index: int, what: str) -> None:
        self.truth.problems += [] if condition else [f"leaf {index}: {what}"]

    def submission(self, index: int, leaf: dict) -> None:
        text, lines = _cut(leaf["sub"])
        header, body_line = text.split("\n")[:2]
        body, name = json.loads(body_line), lines[0].split(" ")[1]
        self.expect(header.split(" ")[0] == self.truth.origin, index, "origin of the submission")
        if leaf["kind"] in ("key", "revocation", "freeze"):
            self.change_of_keys(index, leaf, body)
        if leaf["kind"] == "closing":
            self.closing(index, leaf, body)
        vkey, role = self.keys.get(name, ("", ""))
        signed = len(lines) == 1 and vkey != "" and _verifies(vkey, lines[0], text)
        self.expect(signed, index, "signature")
        about_keys = leaf["kind"] in ("key", "revocation", "freeze")
        by_operator = about_keys or leaf["kind"] == "closing"
        self.expect(role == "operator" if by_operator else role != "log", index, "role")
        self.keys |= {leaf["of"]: ("", "")} if about_keys and "of" in leaf else {}
        seq, prev = self.truth.chains.get(name, (0, "0" * 64))
        ahead, refused = body["seq"] - seq, self.refused.pop(name, [])
        skips = 0 < ahead <= len(refused) and body["prev"] in refused
        self.expect(skips or (ahead, body["prev"]) == (0, prev), index, "chain")
        self.truth.chains[name] = body["seq"] + 1, hashlib.sha256(text.encode()).hexdigest()
        if leaf["kind"] == "batch":
            self.batches[index] = leaf["id"], [None] * len(body["rows"])

    def change_of_keys(self, index: int, leaf: dict, body: dict) -> None:
        deed, role = {"do": leaf["kind"]}, "log"  # A freeze needs the roots like a log's key.
        if leaf["kind"] == "key":
            proof, role = {"role": leaf["role"], "vkey": leaf["vkey"]}, leaf["role"]
            held = self.says(body["possession"], "possession", proof, [leaf["vkey"]], 1)
            names = [":".join(leaf["vkey"].split("+")[:parts]) for parts in (1, 2)]
            self.expect(held and leaf["id"] in names, index, "key")
            self.expect(leaf["id"] not in self.keys, index, "key once more")
            self.keys[leaf["id"]] = leaf["vkey"], leaf["role"]
            deed = {"do": "add_key", **proof}
        elif leaf["kind"] == "revocation":
            deed, role = {"do": "revoke_key", "key": leaf["of"]}, self.keys[leaf["of"]][1]
        deed |= {"successor": leaf["successor"]} if leaf["kind"] == "freeze" else {}
        word = self.says(body.get("approval", "\n\n"), "approval", deed, *self.roots)
        self.expect(word or role not in ("operator", "log"), index, "approval")

    def closing(self, index: int, leaf: dict, body: dict) -> None:
        said, last, self.closed = leaf["closing"], self.closed, leaf["closing"]
        self.expect(body.get("closing") == said, index, "signed closing")
        year, month = map(int, said["period"].split("-"))
        after = f"{year + month // 12}-{month % 12 + 1:02}"
        for name, bound in ((said["period"], said["from"]), (after, said["until"])):
            begins = datetime.fromisoformat(f"{name}-01T00:00:00+00:00").timestamp()
            self.expect(-14 * 3600 <= bound / 1000 - begins <= 12 * 3600, index, "bounds")
        first = said["from"] <= self.leaves[0]["t"] < said["until"]
        turn = (last["after"], last["until"]) == (said["period"], said["from"]) if last else first
        self.expect(turn and leaf["t"] >= said["until"], index, "turn")
        self.closed = said | {"after": after}
        known = [one for one in self.leaves if one["t"] < said["until"]]
        accounts = {one["id"]: [0, 0] for one in known if one["kind"] == "account"}
        kind_of = {one["id"]: one["account"]["kind"] for one in known if one["id"] in accounts}
        kinds = {kind: [0, 0, 0] for kind in kind_of.values()}
        ended = {one["of"] for one in known if one["kind"] in ("release", "expiry", "settlement")}
        for one in known:
            if one["kind"] == "hold" and one["id"] not in ended:
                accounts[one["hold"]["from"]][1] += one["hold"]["minutes"]
            for account, minutes in one.get("post", []):
                accounts[account][0] += minutes
                row = kinds[kind_of[account]]
                row[(1 if minutes > 0 else 2) if one["t"] >= said["from"] else 0] += minutes
        inside = [one for one in known if "post" in one and one["t"] >= said["from"]]
        spelled = '{"account":"%s","held":%d,"posted":%d}'
        stand = [
            spelled % (name, held, posted) for name, (posted, held) in sorted(accounts.items())
        ]
        told = {
            "first": inside[0]["no"] if inside else None,
            "last": inside[-1]["no"] if inside else None,
            "entries": len(inside),
            "late": sum(one["on"] < f"{said['period']}-01" for one in inside),
            "minutes": sum(max(m, 0) for one in inside for _, m in one["post"]),
            "accounts": len(accounts),
            "balances": _root([hashlib.sha256(b"\0" + s.encode()).digest() for s in stand]).hex(),
            "kinds": [
                {"kind": kind, "opening": a, "in": b, "out": -c, "closing": a + b + c}
                for kind, (a, b, c) in sorted(kinds.items())
            ],
        }
        bounds = {name: said[name] for name in ("period", "from", "until")}
        self.expect(told | bounds == said, index, "closing")

    def says(self, note: str, what: str, said: dict, keys: list[str], needed: int) -> bool:
        (text, lines), spelled = _cut(note), json.dumps(said, sort_keys=True, separators=(",", ":"))
        signed = sum(any(_verifies(key, line, text) for line in lines) for key in keys)
        return text == f"{self.truth.origin} {what}/v1\n{spelled}\n" and signed >= needed

    def other(self, index: int, leaf: dict) -> None:
        truth, name, kind = self.truth, leaf["id"], leaf["kind"]
        if kind == "genesis":
            self.expect(leaf["origin"] == truth.origin, index, "origin")
            self.keys[":".join(leaf["vkey"].split("+")[:2])] = leaf["vkey"], "log"
            self.keys[leaf["operator"].split("+")[0]] = leaf["operator"], "operator"
            self.roots = leaf["roots"]["vkeys"], leaf["roots"]["needed"]
        elif kind == "policy":
            truth.policies.add(leaf["pol"])
        elif kind == "account":
            self.expect(name not in truth.accounts, index, "account")
            truth.accounts[name] = SimpleNamespace(**leaf["account"], posted=0, held=0)
        elif kind == "outcome":
            rows = list(leaf["rows"])
            for at in leaf["of"]:
                batch_id, used = self.batches.get(at, ("", []))
                self.expect(batch_id == name and at not in truth.outcomes, index, "batch")
                truth.outcomes[at], rows = rows[: len(used)], rows[len(used) :]
            self.expect(not rows, index, "rows left over")
        elif kind == "refused":
            truth.refused.append((leaf["by"], leaf["code"]))
            self.refused[leaf["by"]].append(leaf["hash"])
        elif kind == "hold":
            hold = leaf["hold"]
            fresh = name not in truth.open_holds and hold["expires"] > leaf["t"]
            self.expect(fresh and hold["minutes"] > 0, index, "hold")
            truth.open_holds[name] = hold
            truth.accounts[hold["from"]].held += hold["minutes"]
            self.limits(index, [hold["from"], hold["to"]])
        elif kind in ("release", "expiry"):
            hold = self.end_hold(index, leaf["of"])
            self.expect(kind == "release" or leaf["t"] >= hold["expires"], index, "early expiry")

    def end_hold(self, index: int, hold_id: str) -> dict:
        hold = self.truth.open_holds.pop(
            hold_id, {"from": "", "to": "", "minutes": 0, "expires": 0}
        )
        self.expect(hold["minutes"] > 0, index, "hold that is not open")
        if hold["from"]:
            self.truth.accounts[hold["from"]].held -= hold["minutes"]
        return hold

    def entry(self, index: int, leaf: dict) -> None:
        truth, kind, of = self.truth, leaf["kind"], leaf.get("of", "")
        pairs = list(zip(leaf["post"][::2], leaf["post"][1::2], strict=True))
        moves = [(giver, receiver, minutes) for (giver, _), (receiver, minutes) in pairs]
        paired = all(-m == n > 0 and a != b for (a, m), (b, n) in pairs)
        self.expect(paired and moves != [], index, "postings")
        self.expect(leaf["no"] == len(truth.entries) + 1, index, "number")
        self.expect(leaf["pol"] in truth.policies, index, "policy")
        if kind == "settlement":
            hold = self.end_hold(index, of)
            taken = sum(n for a, _, n in moves if a == hold["from"])
            paid = any((a, b) == (hold["from"], hold["to"]) for a, b, _ in moves)
            fits = taken <= hold["minutes"] and leaf["t"] < hold["expires"]
            self.expect(paid and fits, index, "settlement")
        if kind == "reversal":
            back = [(b, a, n) for a, b, n in reversed(self.reversible.pop(of, []))]
            self.expect(moves == back, index, "reversal")
        else:
            self.reversible[leaf["id"]] = moves
        for giver, receiver, minutes in moves:
            truth.accounts[giver].posted -= minutes
            truth.accounts[receiver].posted += minutes
        facts = leaf["no"], leaf["id"], kind, leaf["on"], leaf["t"]
        truth.entries.append(Entry(*facts, index, of, moves))
        self.limits(index, [name for move in moves for name in move[:2]])

    def limits(self, index: int, names: list[str]) -> None:
        for name in names:
            a = self.truth.accounts[name]
            self.expect(a.floor is None or a.posted - a.held >= a.floor, index, "floor")
            self.expect(a.ceiling is None or a.posted <= a.ceiling, index, "ceiling")


def _check_tables(bundle: Path, truth: Truth) -> None:
    moved = [
        (str(e.number), e.identifier, *map(str, m)) for e in truth.entries for m in e.movements
    ]
    columns = "number entry_id from_account to_account minutes"
    stand = [(name, str(a.posted), str(a.held)) for name, a in sorted(truth.accounts.items())]
    tables = ("journal.csv", columns, moved), ("accounts.csv", "account_id posted held", stand)
    for file, names, rows in tables:
        told = csv.DictReader(bundle.joinpath(file).read_text("utf-8").splitlines())
        if [tuple(row[name] for name in names.split()) for row in told] != rows:
            truth.problems.append(f"{file} differs")
