"""Editions of packages: read byte for byte, and forgotten as a whole.

An edition names people and shows them, so it lies sealed under a key of its own.  Destroying the
key is how it is forgotten; that it was submitted, and its hash, stay.
"""

from base64 import b64decode
from typing import Any

from sqlalchemy import Connection, select

from ledger.draft import Draft, Facts
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.campaigns.actions import CAMPAIGN_KIND
from timebank.campaigns.finding import BOOK, READERS, Ask, unit_of
from timebank.campaigns.model import FORGET_EDITION
from timebank.campaigns.tables import CAMPAIGN_EDITION
from timebank.errors.campaigns import UnknownCampaignItem
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

_MOST_EDITIONS = 1_000_000  # a greater number may be none that a database can be asked for


def edition_bytes(
    bank: Bank,
    connection: Connection,
    actor: Actor,
    campaign_id: str,
    unit_code: str,
    number: int,
) -> bytes:
    """A package as it was submitted, byte for byte.

    Raises, the first that applies:
        NotPermitted, UnknownCampaign, UnknownCampaignUnit: see
            :func:`timebank.campaigns.queries.activities_listed`.
        UnknownCampaignItem: there is no such edition, or it was forgotten.
    """
    require(actor, "read_campaigns", *READERS)
    unit_of(connection.execute, actor, "read_campaigns", campaign_id, unit_code)
    row = _row(connection.execute, campaign_id, unit_code, number)
    wrapped = bank.wrapped_keys.of([row.key_id]).get(row.key_id)
    if wrapped is None:
        raise UnknownCampaignItem(item=_called(unit_code, number))
    facts = bank.vault.open(row.key_id, wrapped, bytes(row.sealed))
    return b64decode(str(facts["zip"]))


def forget_edition(
    bank: Bank, actor: Actor, campaign_id: str, unit_code: str, number: int, *, key: str
) -> Answer:
    """Destroy the key under which an edition lies; asked again, it completes what broke off.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownCampaign, UnknownCampaignUnit, UnknownCampaignItem: there is none.
    """
    require(actor, FORGET_EDITION, Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        unit_of(draft.query, actor, FORGET_EDITION, campaign_id, unit_code)
        _row(draft.query, campaign_id, unit_code, number)
        facts: Facts = {
            "by": actor.actor_id,
            "campaign": campaign_id,
            "do": FORGET_EDITION,
            "edition": number,
            "unit": unit_code,
        }
        draft.state(campaign_id, facts)
        return {"edition": number, "unit": unit_code}

    content = {"campaign": campaign_id, "forget": number, "unit": unit_code}
    answer = bank.act(bank.action(actor, CAMPAIGN_KIND, decide, key=key, content=content))
    with bank.read() as connection:
        row = _row(connection.execute, campaign_id, unit_code, number)
    bank.wrapped_keys.destroy([row.key_id])
    return answer


def _row(ask: Ask, campaign_id: str, unit_code: str, number: int) -> Any:
    columns = CAMPAIGN_EDITION.c
    query = select(CAMPAIGN_EDITION).where(
        columns.book_id == BOOK,
        columns.campaign_id == campaign_id,
        columns.unit_code == unit_code,
        columns.number == number,
    )
    row = ask(query).first() if 0 < number <= _MOST_EDITIONS else None
    if row is None:
        raise UnknownCampaignItem(item=_called(unit_code, number))
    return row


def _called(unit_code: str, number: int) -> str:
    return f"{unit_code[:20]} {str(number)[:20]}"
