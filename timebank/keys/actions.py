"""What the operator does to keys; each is one leaf of the log, and none can be taken back."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from ledger.approvals import (
    DEVICE,
    OPERATOR,
    STAFF,
    add_key_text,
    freeze_text,
    revoke_key_text,
)
from ledger.draft import Draft, Facts
from ledger.enrolment import enrol_key, freeze_log, revoke_key
from ledger.errors import SigningKeyUnknown
from ledger.keys import SigningKey
from timebank.bank import Bank
from timebank.errors import MissingField, StationMissing, UnknownStation
from timebank.keys.ceremony import Proof
from timebank.stations.actions import require, staff_named, station_named
from timebank.stations.model import Actor, Role


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of the log: its identifier, what it is for, and from and up to which leaf it counts."""

    key: str
    role: str
    vkey: str
    submissions: int
    added_at: int
    ended_at: int | None


def keys_listed(connection: Connection) -> list[ListedKey]:
    """Every key that ever was, in the order in which they came."""
    rows = connection.execute(
        text(
            "SELECT k.name, k.role, k.vkey, k.next_seq, k.leaf_index, e.leaf_index "
            "FROM signing_key k LEFT JOIN key_ended e "
            "ON e.book_id = k.book_id AND e.name = k.name "
            "WHERE k.book_id = 1 ORDER BY k.leaf_index, k.role"
        )
    )
    return [ListedKey(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands in its own sequence: what its next submission must state."""

    key: str
    role: str
    vkey: str
    next_seq: int
    prev: str
    ended: bool


def standing_of(connection: Connection, name: str) -> Standing:
    """Where the key of that name stands.

    Raises:
        SigningKeyUnknown: there is none.
    """
    row = connection.execute(
        text(
            "SELECT k.name, k.role, k.vkey, k.next_seq, k.previous_hash, e.name IS NOT NULL "
            "FROM signing_key k LEFT JOIN key_ended e "
            "ON e.book_id = k.book_id AND e.name = k.name "
            "WHERE k.book_id = 1 AND k.name = :name"
        ),
        {"name": name},
    ).first()
    if row is None:
        raise SigningKeyUnknown(key=name[:80])
    key, role, vkey, next_seq, prev, ended = row
    return Standing(key, role, vkey, next_seq, prev, bool(ended))


def request_of_key(bank: Bank, proof: Proof) -> str:
    """What root keys sign so that an operator's or the log's new key may enter."""
    return add_key_text(bank.origin, proof.role, proof.vkey)


def request_of_end(bank: Bank, key: str) -> str:
    """What root keys sign so that an operator's or the log's key ends."""
    return revoke_key_text(bank.origin, key)


def request_of_freeze(bank: Bank, successor: str) -> str:
    """What root keys sign so that the log ends."""
    return freeze_text(bank.origin, successor)


def add_key(
    bank: Bank,
    actor: Actor,
    proof: Proof,
    *,
    key: str,
    approval: str | None = None,
    replaces: str | None = None,
    held: SigningKey | None = None,
    station_code: str = "",
    login: str = "",
) -> str:
    """Bring a key into the log; answers its identifier.

    ``held`` is the new key itself where it is an operator's that brings itself in, because the one
    that it replaces is lost or stolen.  A device's key belongs to the station of that code, a
    member of staff's to whoever has that ``login``; no other key takes either.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        StationMissing, UnknownStation: a device's key without a station, or with none that is.
        MissingField, UnknownStaff: a member of staff's without a login, or with nobody's.
        SigningKeyUnfit … SigningKeyEnded: see :func:`ledger.enrolment.enrol_key`.
    """
    require(actor, "change_keys", Role.OPERATOR)
    belongs = _belongs(bank, proof.role, station_code, login)

    def decide(draft: Draft) -> dict[str, Any]:
        identifier = enrol_key(
            draft,
            proof.vkey,
            role=proof.role,
            possession=proof.note,
            approval=approval,
            replaces=replaces,
            facts={"by": actor.actor_id, "do": "enrol_key", **belongs},
        )
        return {"key": identifier}

    content = {"approval": approval, "proof": proof.note, "replaces": replaces, **belongs}
    action = bank.action(actor, "key", decide, key=key, content=content)
    if held is not None and proof.role == OPERATOR:
        bank.add_signer(held)
        action = replace(action, signer=held.name)
    return str(bank.act(action).body["key"])


def _belongs(bank: Bank, role: str, station_code: str, login: str) -> Facts:
    """What the key's leaf says of whose it is."""
    if role == DEVICE:
        if not station_code:
            raise StationMissing(role=role)
        with bank.read() as connection:
            if station_named(connection, station_code) is None:
                raise UnknownStation(station=station_code[:20])
        return {"station": station_code}
    if role == STAFF:
        if not login:
            raise MissingField(field="staff")
        with bank.read() as connection:
            return {"staff": staff_named(connection, login)}
    return {}


def end_key(
    bank: Bank, actor: Actor, name: str, *, reason: str, key: str, approval: str | None = None
) -> str:
    """End a key for good; answers the id of the leaf.  ``reason`` is a word, such as ``lost``.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        SigningKeyUnknown … ApprovalMissing: see :func:`ledger.enrolment.revoke_key`.
    """
    require(actor, "change_keys", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {"by": actor.actor_id, "do": "revoke_key"}
        ended = revoke_key(draft, name, reason=reason, approval=approval, facts=dict(facts))
        return {"leaf": ended}

    content = {"approval": approval, "key": name, "reason": reason}
    answer = bank.act(bank.action(actor, "revocation", decide, key=key, content=content))
    return str(answer.body["leaf"])


def freeze(bank: Bank, actor: Actor, *, successor: str, approval: str, key: str) -> str:
    """End the log for good; answers the id of its last leaf.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        SigningKeyUnfit, ApprovalMissing: see :func:`ledger.enrolment.freeze_log`.
    """
    require(actor, "change_keys", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        facts = {"by": actor.actor_id, "do": "freeze"}
        ended = freeze_log(draft, successor=successor, approval=approval, facts=dict(facts))
        return {"leaf": ended}

    content = {"approval": approval, "successor": successor}
    answer = bank.act(bank.action(actor, "freeze", decide, key=key, content=content))
    return str(answer.body["leaf"])
