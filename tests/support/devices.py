"""A station's device, or a person with a key: signs services as the log's page says, asks nothing.

Facts are put together here once more, from the roster's opaque ids and the statement alone.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from ledger.approvals import DEVICE, prove_possession
from ledger.errors import Refusal
from ledger.leaf import Leaf
from ledger.leaf_parser import parse
from ledger.notes import Signer
from ledger.submission import FIRST_PREV, sign_submission
from tests.support.banks import FOUNDER, TriedBank
from tests.support.books import finds
from tests.support.soundness import assert_sound, leaves_of
from timebank.answers import Answer
from timebank.audit.bundle import export
from timebank.audit.verification import verify_all
from timebank.keys.actions import add_key
from timebank.keys.ceremony import read_proof
from timebank.people.directory import account_of_number
from timebank.reconciliation.reconcile import reconcile
from timebank.records.commitments import commitment
from timebank.records.model import Party, Service, StatedService
from timebank.records.signed_batches import Sent, prepare_batch
from timebank.records.submitting import prepare_submission
from timebank.stations.model import Actor, Role

CLASSES = {"助餐": "meals", "助洁": "cleaning"}

Row = dict[str, Any]

_ATTEMPTS = count(1)


def salt_of(number: int) -> bytes:
    """The salt of a device's record of that number."""
    return number.to_bytes(16, "big")


@dataclass
class Device:
    """A key, where it stands, and who is signed in beside it."""

    tried: TriedBank
    key: Signer
    actor: Actor
    station: str = "XFL"
    seq: int = 0
    prev: str = FIRST_PREV
    records: int = 0

    @property
    def name(self) -> str:
        """The key's name."""
        return self.key.vkey.name

    def enrol(self, role: str = DEVICE, **whose: str) -> "Device":
        """Have the operator bring the key in, by default as a device of the station."""
        bank = self.tried.bank
        belongs: dict[str, str] = whose or {"station_code": self.station}
        proof = read_proof(prove_possession(bank.origin, role, self.key))
        add_key(bank, FOUNDER, proof, key=f"enrol-{self.name[-8:]}", **belongs)  # type: ignore[arg-type]
        return self

    def rows(self, stated: StatedService, **changed: Any) -> list[Row]:
        """What is signed of a service under the next record id: a row for each volunteer."""
        self.records += 1
        with self.tried.bank.read() as connection:
            found = {
                number: account_of_number(connection, number)
                for number in (*_numbers(stated.volunteers), *_numbers(stated.recipients))
            }
        helped = [found[number] for number in _numbers(stated.recipients)]
        parties = tuple(Party(person, account, "", (), b"") for person, account in helped)
        service = Service(
            stated.starts_at, stated.ends_at, stated.content, "", (), parties,
            place=stated.place, note=stated.note,
        )  # fmt: skip
        row: Row = {
            "by": self.actor.actor_id,
            "c": commitment(salt_of(self.records), service),
            "class": CLASSES[stated.content],
            "do": "record",
            "given": service.given_minutes,
            "heads": stated.head_count,
            "on": stated.starts_at.date().isoformat(),
            "payer": stated.payer.value,
            "record": f"record_{self.records:032x}",
            "station": self.station,
        }
        if stated.payer.value == "elder":
            row["payer_account"] = helped[0][1]
        said = {"travel": stated.spent.travel_minutes, "rest": stated.spent.rest_minutes}
        row |= {name: minutes for name, minutes in said.items() if minutes}
        if not stated.spent.aim_met:
            row["aim_met"] = False
        return [
            {**row, "volunteer": found[number][1], **changed}
            for number in _numbers(stated.volunteers)
        ]

    def sign(self, body: Row, *, seq: int | None = None) -> str:
        """The next note, or with ``seq`` one under that number that moves nothing."""
        at = self.seq if seq is None else seq
        origin = self.tried.bank.origin
        note, text_hash = sign_submission(origin, "record", body, self.key, seq=at, prev=self.prev)
        if seq is None:
            self.seq, self.prev = at + 1, text_hash
        return note

    def batch_note(self, rows: Sequence[Row], *, seq: int | None = None) -> str:
        """The note of a batch whose id is drawn from its place."""
        return self.sign({"batch": f"batch_{self.records:032x}", "rows": list(rows)}, seq=seq)

    def sent(self, stated: StatedService | Refusal, record: int, station: str = "") -> Sent:
        """What goes beside the rows of one record."""
        return Sent(station or self.station, stated, salt_of(record))

    def send(self, note: str, sent: Sequence[Sent], key: str = "") -> Answer:
        """Have a batch recorded."""
        key = key or _attempt()
        bank = self.tried.bank
        return bank.act(prepare_batch(bank, self.actor, sent, note=note, key=key))

    def sends(self, *services: StatedService) -> Answer:
        """Sign services in one batch and have them recorded."""
        rows, sent = [], []
        for stated in services:
            rows += self.rows(stated)
            sent.append(self.sent(stated, self.records))
        return self.send(self.batch_note(rows), sent)

    def sends_one(self, stated: StatedService, *, seq: int | None = None) -> Answer:
        """Sign a service of one volunteer by itself and have it recorded."""
        (row,) = self.rows(stated)
        action = prepare_submission(
            self.tried.bank, self.actor, self.station, stated,
            note=self.sign(row, seq=seq), salt=salt_of(self.records),
            key=_attempt(),
        )  # fmt: skip
        return self.tried.bank.act(action)


def device_of(tried: TriedBank, key: Signer, role: Role = Role.CLERK) -> Device:
    """An enrolled device of the first station, with somebody of that role signed in."""
    return Device(tried, key, tried.actor(role)).enrol()


def leaves(tried: TriedBank) -> list[Leaf]:
    """Every leaf of the book, read strictly."""
    with tried.bank.read() as connection:
        return [parse(body) for body in leaves_of(connection)]


def sound(tried: TriedBank, *rules: str) -> None:
    """Fail unless the books agree and the log verifies, its entries too but for ``rules``."""
    assert_sound(tried.bank.database, tried.bank.log_key)
    with tempfile.TemporaryDirectory() as folder:
        export(tried.bank.database, finds(tried.bank.log_key), Path(folder) / "bundle")
        judged = verify_all(Path(folder) / "bundle")
    assert [finding.rule for finding in judged.report.findings] == list(rules)
    assert reconcile(tried.bank, FOUNDER).open_findings == 0


def posted(tried: TriedBank, number: str) -> int:
    """Minutes of a member as the writer sees them."""
    account = tried.account(number)

    def ask(draft: Any) -> dict[str, Any]:
        return {"posted": draft.account(account).posted}

    return int(tried.bank.keep_house(ask)["posted"])


def _attempt() -> str:
    return f"attempt-{next(_ATTEMPTS):06}"


def _numbers(texts: Sequence[str]) -> list[str]:
    return [number for text in texts for number in text.split("、")]
