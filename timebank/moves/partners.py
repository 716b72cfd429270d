"""Partner books: proposed by an operator with the key that the other district gave, approved by
another.  The approval opens the clearing account; a later key of the same book replaces the first.
"""

from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from ledger.draft import Draft, Facts
from ledger.ids import is_id
from ledger.notes import NoteRejected, Vkey
from timebank.answers import Answer
from timebank.bank import Bank
from timebank.chart import Kind, title_of
from timebank.databases import check_text
from timebank.errors import MissingField
from timebank.errors.moves import (
    MoverDecides,
    PartnerKeyInvalid,
    PartnerKnown,
    PartnerNotOpen,
    UnknownPartner,
)
from timebank.moves.model import (
    APPROVE_PARTNER,
    MOST_NAME_CHARACTERS,
    PROPOSE_PARTNER,
    PartnerState,
)
from timebank.moves.tables import PARTNER_BOOK
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
PARTNER_KIND = "partner"
"""The kind of submissions about partner books."""

_FORMER = text(
    "SELECT partner_id, state, account_id FROM partner_book "
    "WHERE book_id = 1 AND origin = :origin AND account_id <> '' "
    "ORDER BY live_origin IS NULL, partner_id DESC"
)
_LIVE = text(
    "SELECT partner_id, vkey, name, account_id FROM partner_book "
    "WHERE book_id = 1 AND live_origin = :origin"
)


def propose_partner(bank: Bank, actor: Actor, vkey: str, name: str, *, key: str) -> Answer:
    """Propose another book by its log's verifier key; answers the proposal.

    ``name`` is how people call the district.  The key comes from the other district by a way that
    both trust, and is read back to them before it is approved.

    Raises, the first that applies:
        NotPermitted: no operator.
        MissingField: no name, or one of more than :data:`MOST_NAME_CHARACTERS` characters.
        PartnerKeyInvalid: no Ed25519 verifier key, or this book's own.
        PartnerKnown: the book is proposed or a partner with that key.
    """
    require(actor, "propose_partner", Role.OPERATOR)
    called = name.strip()
    if not 0 < len(called) <= MOST_NAME_CHARACTERS:
        raise MissingField(field="name")
    check_text(called)
    known = _vkey(bank, vkey.strip())
    asked = select(PARTNER_BOOK.c.partner_id).where(
        PARTNER_BOOK.c.book_id == BOOK,
        PARTNER_BOOK.c.vkey == str(known),
        PARTNER_BOOK.c.state.in_((PartnerState.PROPOSED.value, PartnerState.ACTIVE.value)),
    )

    def decide(draft: Draft) -> dict[str, Any]:
        if draft.query(asked).first():
            raise PartnerKnown(field="partner", partner=known.name)
        partner_id = draft.new_id("partner")
        facts: Facts = {
            "by": actor.actor_id, "do": PROPOSE_PARTNER, "partner": partner_id, "vkey": str(known),
        }  # fmt: skip
        draft.state(partner_id, facts)
        row = {
            "book_id": BOOK,
            "partner_id": partner_id,
            "origin": known.name,
            "live_origin": None,
            "vkey": str(known),
            "name": called,
            "account_id": "",
            "state": PartnerState.PROPOSED.value,
            "proposed_by": actor.actor_id,
            "proposed_ms": draft.recorded_ms,
            "decided_by": "",
            "decided_ms": None,
        }
        draft.add(insert(PARTNER_BOOK), [row])
        return {"origin": known.name, "partner": partner_id, "state": PartnerState.PROPOSED.value}

    content = {"do": "propose", "name": called, "vkey": str(known)}
    return bank.act(bank.action(actor, PARTNER_KIND, decide, key=key, content=content))


def decide_partner(bank: Bank, actor: Actor, partner_id: str, *, approve: bool, key: str) -> Answer:
    """Approve a proposed book, or withdraw the proposal, which its proposer may do too.

    Raises, the first that applies:
        NotPermitted: no operator.
        UnknownPartner: there is no such proposal.
        PartnerNotOpen: it was decided before.
        MoverDecides: whoever proposed it would approve it.
    """
    require(actor, "decide_partner", Role.OPERATOR)

    def decide(draft: Draft) -> dict[str, Any]:
        row = draft.query(_partner(partner_id)).first()
        if row is None:
            raise UnknownPartner(partner=partner_id[:60])
        if row.state != PartnerState.PROPOSED:
            raise PartnerNotOpen(partner=partner_id, state=row.state)
        if approve and row.proposed_by == actor.actor_id:
            raise MoverDecides(move=partner_id)
        account_id = _approved(draft, actor, row) if approve else ""
        state = PartnerState.ACTIVE if approve else PartnerState.WITHDRAWN
        if not approve:
            facts: Facts = {
                "by": actor.actor_id, "do": "withdraw_partner", "partner": partner_id,
            }  # fmt: skip
            draft.state(partner_id, facts)
        draft.add(
            update(PARTNER_BOOK)
            .where(PARTNER_BOOK.c.book_id == BOOK, PARTNER_BOOK.c.partner_id == partner_id)
            .values(
                state=state.value,
                live_origin=row.origin if approve else None,
                account_id=account_id,
                decided_by=actor.actor_id,
                decided_ms=draft.recorded_ms,
            )
        )
        return {"origin": row.origin, "partner": partner_id, "state": state.value}

    content = {"approve": approve, "do": "decide", "partner": partner_id}
    return bank.act(bank.action(actor, PARTNER_KIND, decide, key=key, content=content))


def partner_of(connection: Connection | Draft, origin: str) -> Any:
    """The active partner of that origin: ``partner_id``, ``vkey``, ``name``, ``account_id``.

    Raises:
        UnknownPartner: no book of that origin is an approved partner.
    """
    asked = {"origin": origin}
    if isinstance(connection, Draft):
        row = connection.query(_LIVE, asked).first()
    else:
        row = connection.execute(_LIVE, asked).first()
    if row is None:
        raise UnknownPartner(field="partner", partner=origin[:120])
    return row


# Parts -------------------------------------------------------------------------------------


def _vkey(bank: Bank, given: str) -> Vkey:
    try:
        vkey = Vkey.parse(given)
    except NoteRejected as error:
        raise PartnerKeyInvalid(field="partner") from error
    if vkey.name == bank.origin:
        raise PartnerKeyInvalid(field="partner")
    return vkey


def _partner(partner_id: str) -> Any:
    columns = PARTNER_BOOK.c
    return select(PARTNER_BOOK).where(
        columns.book_id == BOOK,
        columns.partner_id == (partner_id if is_id(partner_id, "partner") else ""),
    )


def _approved(draft: Draft, actor: Actor, row: Any) -> str:
    """Put the approval into the log; answers the clearing account, a new one for a new book.

    A book whose partnership was ended has the account that it had.
    """
    facts: Facts = {"by": actor.actor_id, "do": APPROVE_PARTNER, "partner": row.partner_id}
    former = draft.query(_FORMER, {"origin": row.origin}).first()
    if former is not None:
        draft.state(row.partner_id, facts)
        if former.state == PartnerState.ACTIVE:
            columns = PARTNER_BOOK.c
            draft.add(
                update(PARTNER_BOOK)
                .where(columns.book_id == BOOK, columns.partner_id == former.partner_id)
                .values(state=PartnerState.REPLACED.value, live_origin=None)
            )
        return str(former.account_id)
    title = title_of(Kind.PARTNER_CLEARING)
    account_id = draft.new_id("acct")
    draft.open_account(
        account_id, title.kind.value, floor=title.floor, ceiling=title.ceiling, facts=facts
    )
    return account_id
