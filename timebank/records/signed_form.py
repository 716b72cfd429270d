"""The form of what somebody else signs of services: a row for each volunteer's part.

A leaf shows rows to everybody who may read leaves, for ever.  So nothing gets in by them that is
not of this form, not even in a row that is refused.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from ledger.encoding import Json
from ledger.errors import SubmissionUnfit
from timebank.records.model import Payer, Service
from timebank.records.signed_facts import (
    AIM_MET,
    PAYER_ACCOUNT,
    RECORD,
    REST,
    TRAVEL,
    VOLUNTEER,
    facts_of,
)
from timebank.stations.model import Actor

MOST_ROWS = 1_000
"""Rows of one signed batch; its size allows some hundred services."""

SALT_BYTES = 16

_ACCOUNT = r"acct_[0-9a-f]{32}"
_FORMS = {
    name: re.compile(form, re.ASCII)
    for name, form in {
        "c": r"[A-Za-z0-9_-]{43}",
        "class": r"[a-z][a-z0-9_]{0,39}",
        "on": r"\d{4}-\d\d-\d\d",
        "payer": "|".join(payer.value for payer in Payer),
        PAYER_ACCOUNT: _ACCOUNT,
        "record": r"record_[0-9a-f]{32}",
        VOLUNTEER: _ACCOUNT,
    }.items()
}
_BATCH = re.compile(r"batch_[0-9a-f]{32}", re.ASCII)
_MINUTES = ("given", "heads")
_SPENT = (TRAVEL, REST)
_SAID = ("by", "do", "station")


def rows_of(
    service: Service, actor: Actor, station_code: str, record_id: str, salt: bytes
) -> list[dict[str, Json]]:
    """What is signed of a service beside the key's sequence: one row for each volunteer."""
    facts = facts_of(service, actor.actor_id, station_code, record_id, salt)
    return [{**facts, VOLUNTEER: party.account_id} for party in service.volunteers]


def is_record_id(value: object) -> bool:
    """Whether a device may have drawn this id for a record."""
    return isinstance(value, str) and _FORMS["record"].fullmatch(value) is not None


def services_in(
    body: Mapping[str, Json], actor: Actor, station_code: str
) -> tuple[str, list[list[dict[str, Json]]]]:
    """A batch's id and its rows, those of one record together; ``body`` is what was signed.

    Raises:
        SubmissionUnfit: ``why`` is ``facts``: another form, more than :data:`MOST_ROWS` rows, or
            rows of one record that do not stand together.
    """
    batch, rows = body.get("batch"), body.get("rows")
    if body.keys() != {"batch", "prev", "rows", "seq"} or not isinstance(rows, list):
        raise SubmissionUnfit(why="facts")
    if not isinstance(batch, str) or not _BATCH.fullmatch(batch):
        raise SubmissionUnfit(why="facts")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise SubmissionUnfit(why="facts")
    said: dict[str, Json] = {"by": actor.actor_id, "do": RECORD, "station": station_code}
    fit = [row for row in rows if isinstance(row, dict) and _is_fit(row, said)]
    services = [list(part) for _record, part in groupby(fit, key=lambda row: row["record"])]
    distinct = {str(part[0]["record"]) for part in services}
    if len(fit) < len(rows) or len(distinct) < len(services):
        raise SubmissionUnfit(why="facts")
    return batch, services


def _is_fit(row: dict[str, Json], said: dict[str, Json]) -> bool:
    members = set(_wanted(row))
    return (
        row.keys() == members
        and all(row[name] == said[name] for name in _SAID)
        and all(type(row[name]) is int for name in (*_MINUTES, *_SPENT) if name in members)
        and row.get(AIM_MET, False) is False
        and all(
            isinstance(row[name], str) and form.fullmatch(str(row[name]))
            for name, form in _FORMS.items()
            if name in members
        )
    )


def _wanted(row: dict[str, Json]) -> Iterator[str]:
    yield from (*_SAID, *_MINUTES)
    yield from (name for name in (*_SPENT, AIM_MET) if name in row)
    for name in _FORMS:
        if name != PAYER_ACCOUNT or row.get("payer") == Payer.ELDER.value:
            yield name
