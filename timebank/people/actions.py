"""Registering people: one ID number is one person with one account, whatever numbers they bear."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, update

from ledger.draft import Action, Draft
from ledger.errors import Refusal
from ledger.ids import new_id
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind, title_of
from timebank.errors import NumberTaken, PersonRestricted, UnknownMember, UnknownRole
from timebank.people.directory import account_of_number, members
from timebank.people.known import Known, known_of, number_for
from timebank.people.model import GROUP, ROLES, Newcomer
from timebank.people.pins import check_pin
from timebank.people.tables import (
    BLIND_INDEX,
    CARD,
    PERSON,
    PERSON_NUMBER,
    VAULT,
)
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.stations.sessions import end_sessions

BOOK = 1
PEOPLE_AT_ONCE = 1_000
"""People of one submission; a longer list is several."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A newcomer sealed under a key of their own, before the writer is asked."""

    newcomer: Newcomer
    person_id: str
    account_id: str
    sealed: bytes
    wrapped: bytes
    indexes: dict[str, bytes]


def register(
    bank: Bank, actor: Actor, newcomers: Sequence[Newcomer], *, key: str, rehearsal: bool = False
) -> list[str]:
    """Register up to :data:`PEOPLE_AT_ONCE` people; answers their person ids, in order.

    Who is registered already (by ID number, or by the same number and name) gets what numbers and
    roles they lack and keeps the account.  Sealing is done before the writer is asked.

    Raises, the first that applies:
        NotPermitted: the actor is neither operator nor clerk.
        UnknownRole: a role that the time bank does not know.
        NumberTaken: a number that stands for somebody else; then nobody is registered.
        PersonRestricted: somebody who asked to be forgotten, as for the whole list.
    """
    found = _registered(bank, actor, newcomers, key=key, rehearsal=rehearsal, leaves_out=False)
    return [person for person in found if person is not None]


def register_list(
    bank: Bank, actor: Actor, newcomers: Sequence[Newcomer], *, key: str, rehearsal: bool = False
) -> list[str | None]:
    """As :func:`register`, but who asked to be forgotten is left out: ``None`` in their place.

    One such person is no reason to turn a station's whole list away.

    Raises, the first that applies:
        NotPermitted, UnknownRole, NumberTaken: as :func:`register`.
    """
    return _registered(bank, actor, newcomers, key=key, rehearsal=rehearsal, leaves_out=True)


def register_beside(
    bank: Bank,
    actor: Actor,
    newcomer: Newcomer,
    beside: Callable[[Draft, str], None],
    *,
    key: str,
    content: dict[str, Any],
) -> str:
    """Register one newcomer, and in the same commit what ``beside`` adds for their id.

    ``content`` is what else was asked for, bound to the key.

    Raises, the first that applies:
        NotPermitted, UnknownRole, NumberTaken, PersonRestricted: as :func:`register`.
        Refusal: whatever ``beside`` refuses.
    """
    found = _registered(
        bank, actor, [newcomer], key=key, rehearsal=False, leaves_out=False,
        beside=beside, more=content,
    )  # fmt: skip
    return str(found[0])


def _registered(
    bank: Bank,
    actor: Actor,
    newcomers: Sequence[Newcomer],
    *,
    key: str,
    rehearsal: bool,
    leaves_out: bool,
    beside: Callable[[Draft, str], None] | None = None,
    more: dict[str, Any] | None = None,
) -> list[str | None]:
    require(actor, "register_people", Role.OPERATOR, Role.CLERK)
    for newcomer in newcomers:
        known = {*ROLES, GROUP} if newcomer.is_organisation else set(ROLES)
        for _number, role in newcomer.numbers:
            if not role.split() or not set(role.split()) <= known:
                raise UnknownRole(field="role", given=role[:20])
    prepared = [_prepare(bank, newcomer) for newcomer in newcomers]

    def decide(draft: Draft) -> dict[str, Any]:
        people = _register(bank, draft, prepared, actor, leaves_out)
        for person_id in people if beside is not None else ():
            if person_id is not None and beside is not None:
                beside(draft, person_id)
        return {"people": people}

    content = {
        "people": [
            [list(number) for number in newcomer.numbers] + [_digest(bank, newcomer)]
            for newcomer in newcomers
        ],
        **(more or {}),
    }
    action = bank.action(
        actor,
        "roster",
        decide,
        key=key,
        content=content,
        batch=new_id("batch", bank.now_ms()),
        rehearsal=rehearsal,
    )
    people = _act(
        bank, action, {} if rehearsal else {one.person_id: one.wrapped for one in prepared}
    )
    bank.people_seen.clear()  # Somebody may have got another role.
    return people


def _act(bank: Bank, action: Action, keys: dict[str, bytes]) -> list[str | None]:
    """Register with the keys in their store beforehand, and take back those that nobody needs.

    Where it is not known whether the book took the people up, the keys stay.
    """
    bank.wrapped_keys.put(keys)
    try:
        answer: Answer = bank.act(action)
    except Refusal:
        bank.wrapped_keys.destroy(keys)
        raise
    people: list[str | None] = answer.body["people"]
    bank.wrapped_keys.destroy(keys.keys() - set(people))
    return people


def _prepare(bank: Bank, newcomer: Newcomer) -> _Prepared:
    person_id, vault = new_id("person", bank.now_ms()), bank.vault
    wrapped = vault.new_key(person_id)
    facts = {
        "name": newcomer.name,
        "born_on": newcomer.born_on.isoformat() if newcomer.born_on else None,
        "id_number": newcomer.id_number,
        "telephone": newcomer.telephone,
    }
    indexes = {
        field: vault.blind_index(field, value)
        for field, value in facts.items()
        if field != "born_on" and value
    }
    sealed = vault.seal(person_id, wrapped, facts)
    account_id = new_id("acct", bank.now_ms())
    return _Prepared(newcomer, person_id, account_id, sealed, wrapped, indexes)


def _digest(bank: Bank, newcomer: Newcomer) -> str:
    """A keyed hash of who is meant: binds the idempotency key without keeping a name."""
    text = f"{newcomer.name}|{newcomer.id_number}|{newcomer.telephone}|{newcomer.born_on}"
    return bank.vault.blind_index("id_number", text).hex()


def _register(
    bank: Bank, draft: Draft, prepared: list[_Prepared], actor: Actor, leaves_out: bool
) -> list[str | None]:
    numbers = [number for one in prepared for number, _role in one.newcomer.numbers if number]
    hashes = [one.indexes["id_number"] for one in prepared if "id_number" in one.indexes]
    known = known_of(draft, numbers, hashes)
    result: list[str | None] = []
    rows = _Rows()
    for one in prepared:
        person_id = _same_person(bank, known, one)
        if person_id in known.restricted:
            if leaves_out:
                result.append(None)
                continue
            raise PersonRestricted(field="number", number=one.newcomer.numbers[0][0])
        if person_id is None:
            person_id = one.person_id
            _open(draft, one)
            rows.add_person(one, actor.station_code, draft.recorded_ms)
            known.names[person_id] = one.indexes["name"]
            if "id_number" in one.indexes:
                known.by_id_number[one.indexes["id_number"]] = person_id
        for stated, role in one.newcomer.numbers:
            number = stated or number_for(draft, known, person_id)
            holder = known.by_number.get(number)
            if holder is None:
                known.by_number[number] = person_id
                known.roles[number] = role.split()
                rows.add_number(number, person_id, role)
            elif holder != person_id:
                raise NumberTaken(field="number", number=number)
            elif lacking := [word for word in role.split() if word not in known.roles[number]]:
                known.roles[number] += lacking
                rows.change_role(number, " ".join(known.roles[number]))
        result.append(person_id)
    rows.store(draft)
    return result


def _same_person(bank: Bank, known: Known, one: _Prepared) -> str | None:
    by_id = known.by_id_number.get(one.indexes.get("id_number", b""))
    if by_id is not None:
        return by_id
    for number, _role in one.newcomer.numbers:
        holder = known.by_number.get(number) if number else None
        if holder is not None:
            # A list without ID numbers names the same person by the same number and name.
            if one.newcomer.id_number is None and known.names.get(holder) == one.indexes["name"]:
                return holder
            raise NumberTaken(field="number", number=number)
    return None


def _open(draft: Draft, one: _Prepared) -> None:
    title = title_of(Kind.ORGANISATION if one.newcomer.is_organisation else Kind.MEMBER)
    draft.open_account(
        one.account_id,
        title.kind.value,
        floor=title.floor,
        ceiling=title.ceiling,
        facts={"do": "open_account", "kind": title.kind.value},
    )


class _Rows:
    """Companion rows of a registration, table by table."""

    def __init__(self) -> None:
        self._rows: dict[Any, list[dict[str, Any]]] = {}
        self._roles: dict[str, str] = {}

    def add_person(self, one: _Prepared, station_code: str, recorded_ms: int) -> None:
        person = {
            "book_id": BOOK,
            "person_id": one.person_id,
            "account_id": one.account_id,
            "station_code": station_code,
            "state": "active",
            "registered_ms": recorded_ms,
        }
        same = {"book_id": BOOK, "person_id": one.person_id}
        self._add(PERSON, person)
        self._add(VAULT, {**same, "sealed": one.sealed})
        for field, value_hash in one.indexes.items():
            self._add(BLIND_INDEX, {**same, "field": field, "value_hash": value_hash})

    def add_number(self, number: str, person_id: str, role: str) -> None:
        self._add(
            PERSON_NUMBER,
            {"book_id": BOOK, "number": number, "person_id": person_id, "role": role},
        )

    def change_role(self, number: str, role: str) -> None:
        self._roles[number] = role

    def store(self, draft: Draft) -> None:
        for table, rows in self._rows.items():
            draft.add(insert(table), rows)
        for number, role in self._roles.items():
            same = (PERSON_NUMBER.c.book_id == BOOK) & (PERSON_NUMBER.c.number == number)
            draft.add(update(PERSON_NUMBER).where(same).values(role=role))

    def _add(self, table: Any, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row)


def issue_card(bank: Bank, actor: Actor, number: str, pin: str) -> str:
    """Give a person a card that bears their member number, with a PIN; answers the card number.

    A second card for the same number replaces the PIN, ends the sessions of whoever used the old
    one and lifts a lock.

    Raises, the first that applies:
        NotPermitted: the actor is neither operator nor clerk.
        UnknownMember: the number stands for nobody.
        WeakPin: see :func:`timebank.people.pins.check_pin`.
    """
    require(actor, "issue_card", Role.OPERATOR, Role.CLERK)
    with bank.read() as connection:
        person_id, _account = account_of_number(connection, number)
        person = members(bank, connection, [person_id]).get(person_id)
    if person is None:
        raise UnknownMember(field="number")
    born = person.born_on.strftime("%Y%m%d") if person.born_on else ""
    personal = [number, person.telephone or "", person.id_number or "", born]
    hashed = bank.secrets.hash(number, check_pin(pin, *personal))
    row = {
        "book_id": BOOK,
        "card_number": number,
        "person_id": person_id,
        "pin_hash": hashed,
        "failures": 0,
        "locked_until_ms": 0,
        "state": "active",
    }

    def change(draft: Draft) -> dict[str, Any]:
        draft.add(delete(CARD).where(CARD.c.book_id == BOOK, CARD.c.card_number == number))
        draft.add(insert(CARD), [row])
        end_sessions(draft, person_id=person_id)
        return {"card": number}

    return str(bank.keep_house(change)["card"])
