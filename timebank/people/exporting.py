"""Everything about one person, for them or for a near relative after their death.

The law gives access and copy (personal information law, art. 45) to the person and, of the dead, to
near relatives with a reason of their own (art. 49).  An export is itself a look, and lists itself.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from sqlalchemy import Connection, select

from ledger.balances import balance_of
from timebank.bank import Bank
from timebank.call_backs.queries import told_of_calls
from timebank.campaigns.queries import told_of_campaigns
from timebank.clock import local_datetime
from timebank.corrections.queries import told_of_corrections
from timebank.errors import NotPermitted, SealBroken
from timebank.estates.queries import told_of_death
from timebank.expiry.queries import told_of_expiries
from timebank.matching.queries import told_of
from timebank.moves.queries import told_of_moves
from timebank.notices.queries import told_of_objections
from timebank.openings.queries import told_of_openings
from timebank.organisations.queries import told_of_groups
from timebank.outbox.tables import OUTBOX_MESSAGE
from timebank.pairings.queries import told_of_pairings
from timebank.people.accesses import (
    IDENTITY,
    Purpose,
    accesses_shown,
    opened,
    stated,
)
from timebank.people.conditions import conditions_noted
from timebank.people.directory import account_of_number
from timebank.people.kinship import kinship_shown
from timebank.people.model import Member, Relation
from timebank.people.portraits import told_of_portrait
from timebank.people.tables import CARD, CONSENT, PERSON, PERSON_NUMBER
from timebank.records.tables import RECORD_PERSON, RECORD_TIME, SERVICE_RECORD
from timebank.shortfalls.queries import told_of_shortfall
from timebank.statements.objects import line_as_json
from timebank.statements.origins import origins_of_account
from timebank.statements.statement import recorded_at, statement
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role
from timebank.suspensions.queries import told_of_suspensions

BOOK = 1
FORMAT = "timebank-person/1"
_MOST_ACCESSES = 10_000

TITLES = {
    "person": "本人 Person",
    "identity": "身份信息 Identity",
    "numbers": "编号与身份 Numbers and roles",
    "consents": "同意 Consents",
    "kin": "亲属 Kin",
    "portrait": "照片 Photograph",
    "cards": "卡 Cards",
    "messages": "通知 Messages",
    "matching": "供需对接 Matching",
    "conditions": "困难情形 Conditions",
    "balance": "余额（分钟）Balance in minutes",
    "records": "服务记录 Service records",
    "statement": "账户明细 Statement",
    "openings": "期初时长 Opening balances",
    "moves": "转往其他区和转入 Moves between books",
    "objections": "提出的异议 Objections made",
    "groups": "所属单位 Organisations",
    "pairings": "结对 Pairings",
    "corrections": "更正申请 Requests for correction",
    "suspensions": "暂停参与 Suspensions",
    "calls": "回访 Call-backs",
    "campaigns": "集中活动名单 Campaign rosters",
    "expiries": "时间到期告知 Expiries of credit",
    "shortfall": "冲销短缺 Shortfall",
    "death": "身故登记 Reported death",
    "accesses": "谁查看过 Who looked",
}
"""The parts of an export, in the order in which a person reads them."""


def export_person(bank: Bank, actor: Actor, number: str) -> dict[str, Any]:
    """Everything about the person of a number, for the operator's desk or the member's session.

    Raises, the first that applies:
        NotPermitted: neither operator nor the person.
        UnknownMember: the number stands for nobody.
        PersonErased: nothing is left but entries of an opaque account.
    """
    purpose = Purpose.OWN if actor.role is Role.MEMBER else Purpose.EXPORT
    _check_own(bank, actor, number)
    return _everything(bank, actor, number, purpose, {})


def export_for_relative(
    bank: Bank, actor: Actor, number: str, relation: Relation, proof: str
) -> dict[str, Any]:
    """The same for a near relative of somebody who died.

    What the relative is to the dead and ``proof``, what they showed for it, are kept with the look,
    sealed for the dead.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField, ContentOutOfProfile: no proof; see :func:`timebank.people.accesses.stated`.
        UnknownMember, PersonErased: as :func:`export_person`.
    """
    require(actor, "export_person", Role.OPERATOR)
    told = {"proof": stated("proof", proof), "relation": relation.value}
    return _everything(bank, actor, number, Purpose.RELATIVE, told)


def as_html(found: dict[str, Any]) -> str:
    """The export as one page to read and print; it loads nothing from elsewhere."""
    body = "".join(
        f"<h2>{escape(title)}</h2>"
        f"{_pictured(found[part]) if part == 'portrait' else ''.join(_shown(found[part]))}"
        for part, title in TITLES.items()
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        "<title>个人信息副本 Personal data</title></head><body>"
        f"<h1>个人信息副本 Personal data</h1><p>{escape(found['made_at'])}</p>"
        f"{body}</body></html>\n"
    )


def _pictured(portrait: dict[str, str]) -> str:
    """The photograph itself, within the page; a dash where there is none."""
    if not portrait:
        return "".join(_shown(portrait))
    return f'<img alt="" src="data:image/jpeg;base64,{escape(portrait["jpeg"])}">'


def _shown(value: Any) -> Iterator[str]:
    """A value as nested tables; an empty one as a dash."""
    if isinstance(value, dict) and value:
        rows = (
            f"<tr><th>{escape(k)}</th><td>{''.join(_shown(v))}</td></tr>" for k, v in value.items()
        )
        yield f"<table>{''.join(rows)}</table>"
    elif isinstance(value, list | tuple) and value:
        yield from ("".join(_shown(one)) for one in value)
    else:
        text = "–" if value in (None, "", [], {}, ()) else str(value)
        yield f"<span>{escape(text)} </span>"


def _check_own(bank: Bank, actor: Actor, number: str) -> None:
    if actor.role is Role.MEMBER:
        with bank.read() as connection:  # Raises for everybody's number but one's own.
            accesses_shown(bank, connection, actor, number, most=1)
    elif actor.role is not Role.OPERATOR:
        raise NotPermitted(role=actor.role.value, action="export_person")


def _everything(
    bank: Bank, actor: Actor, number: str, purpose: Purpose, told: dict[str, str]
) -> dict[str, Any]:
    parts = tuple(TITLES)[2:]
    member = opened(bank, actor, number, purpose, told, more=parts)
    with bank.read() as connection:
        person_id, account_id = account_of_number(connection, number.strip().upper())
        balance = balance_of(connection, account_id)
        assert balance is not None
        lines = statement(
            connection,
            account_id,
            from_on=None,
            to_on=None,
            pages=origins_of_account(bank, connection, account_id),
        )
        return {
            "format": FORMAT,
            "made_at": local_datetime(bank.clock.now()).isoformat(timespec="seconds"),
            **_about(bank, connection, member),
            "matching": told_of(bank, connection, person_id),
            "conditions": conditions_noted(bank, connection, person_id).get(person_id, {}),
            "balance": {
                "posted": balance.posted, "held": balance.held, "available": balance.available
            },
            "records": list(_records(bank, connection, person_id)),
            "statement": {
                "opening": lines.opening,
                "lines": [line_as_json(line) for line in lines.lines],
                "closing": lines.closing,
            },
            "openings": told_of_openings(bank, connection, person_id),
            "moves": told_of_moves(connection, person_id),
            "objections": told_of_objections(connection, person_id),
            "groups": told_of_groups(bank, connection, person_id),
            "pairings": told_of_pairings(bank, connection, person_id),
            "corrections": told_of_corrections(bank, connection, person_id),
            "suspensions": told_of_suspensions(bank, connection, person_id),
            "calls": told_of_calls(bank, connection, person_id),
            "campaigns": told_of_campaigns(connection, person_id),
            "expiries": told_of_expiries(connection, person_id),
            "shortfall": told_of_shortfall(connection, person_id),
            "death": told_of_death(bank, connection, person_id),
            "accesses": [
                {
                    "number": one.number, "at": recorded_at(one.accessed_ms), "who": one.actor_id,
                    "role": one.role, "title": one.title, "purpose": one.purpose,
                    "fields": list(one.fields), "reason": dict(one.stated),
                }
                for one in accesses_shown(
                    bank, connection, actor, number, most=_MOST_ACCESSES
                )
            ],
        }  # fmt: skip


def _about(bank: Bank, connection: Connection, member: Member) -> dict[str, Any]:
    def rows(table: Any, *columns: str) -> list[dict[str, Any]]:
        query = select(*(table.c[name] for name in columns)).where(
            table.c.book_id == BOOK, table.c.person_id == member.person_id
        )
        ordered = query.order_by(table.c[columns[0]])
        return [_dated(dict(row)) for row in connection.execute(ordered).mappings()]

    identity = {name: getattr(member, name) for name in IDENTITY}
    born_on = identity["born_on"]
    identity["born_on"] = None if born_on is None else born_on.isoformat()
    (person,) = rows(PERSON, "person_id", "account_id", "station_code", "state", "registered_ms")
    return {
        "person": person,
        "identity": identity,
        "numbers": rows(PERSON_NUMBER, "number", "role"),
        "consents": rows(CONSENT, "purpose", "given_ms", "withdrawn_ms"),
        "kin": kinship_shown(bank, connection, member.person_id),
        "portrait": told_of_portrait(bank, connection, member.person_id),
        "cards": rows(CARD, "card_number", "state"),
        "messages": rows(
            OUTBOX_MESSAGE, "number", "event", "subject", "state", "made_ms", "ended_ms", "told_ms"
        ),
    }


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """Moments as RFC 3339 under names that end in ``_at``."""
    return {
        name.removesuffix("_ms") + "_at" if name.endswith("_ms") else name: recorded_at(value)
        if name.endswith("_ms") and value is not None
        else value
        for name, value in row.items()
    }


def _records(bank: Bank, connection: Connection, person_id: str) -> Iterator[dict[str, Any]]:
    """The person's part in each service, the oldest first, with what its commitment hides."""
    mine, record, spent = RECORD_PERSON.c, SERVICE_RECORD.c, RECORD_TIME.c
    query = (
        select(
            record.record_id, record.station_code, record.number, mine.part, record.service_on,
            record.started_at, record.ended_at, record.class_code, record.content,
            record.given_minutes, mine.credited_minutes, mine.charged_minutes, mine.entry_id,
            record.state, record.marks, record.reason, record.recorded_ms, record.opening,
            spent.travel_minutes, spent.rest_minutes, spent.aim_met,
        )
        .join(SERVICE_RECORD, (record.book_id == BOOK) & (record.record_id == mine.record_id))
        .outerjoin(RECORD_TIME, (spent.book_id == BOOK) & (spent.record_id == mine.record_id))
        .where(mine.book_id == BOOK, mine.person_id == person_id)
        .order_by(record.started_at, record.record_id)
    )  # fmt: skip
    rows = [dict(row) for row in connection.execute(query).mappings()]
    volunteers = _volunteers(connection, person_id)
    keys = bank.wrapped_keys.of(one for named in volunteers.values() for one in named)
    for row in rows:
        sealed = bytes(row.pop("opening"))
        named = volunteers.get(row["record_id"], [])
        yield {**_dated(row), "hidden": _opening(bank, keys, named, sealed)}


def _volunteers(connection: Connection, person_id: str) -> dict[str, list[str]]:
    """By record of the person: everybody under whose key its opening may be sealed."""
    mine = RECORD_PERSON.alias("mine")
    other = RECORD_PERSON.alias("other")
    query = (
        select(other.c.record_id, other.c.person_id)
        .join(mine, (mine.c.book_id == BOOK) & (mine.c.record_id == other.c.record_id))
        .where(other.c.book_id == BOOK, other.c.part == "volunteer", mine.c.person_id == person_id)
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for record_id, volunteer in connection.execute(query):
        found.setdefault(record_id, []).append(volunteer)
    return found


def _opening(bank: Bank, keys: dict[str, bytes], named: list[str], sealed: bytes) -> dict[str, Any]:
    """Place, note and salt; nothing where the key that sealed them was destroyed."""
    for volunteer in named:
        if volunteer in keys and sealed:
            try:
                return dict(bank.vault.open(volunteer, keys[volunteer], sealed))
            except SealBroken:
                continue  # Sealed under another one's key.
    return {}
