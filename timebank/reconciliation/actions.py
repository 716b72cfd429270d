"""What people do with a finding: take it, comment, explain, close.  Nobody repairs here.

What is mended is mended in the books, by a reversal or a new record; the next reconciliation then
closes the finding.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from ledger.draft import Draft
from timebank.bank import Bank
from timebank.databases import check_text
from timebank.errors import FindingClosed, MissingField, UnknownFinding
from timebank.reconciliation.findings import finding, with_line
from timebank.reconciliation.model import Finding, State
from timebank.reconciliation.tables import FINDING
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

BOOK = 1
TEXT_MAX_CHARACTERS = 1_000
"""Longer comments are cut."""


def comment(bank: Bank, actor: Actor, finding_id: str, text: str) -> Finding:
    """Add a line to a finding's comments, closed ones too; names of people do not belong there.

    Raises, the first that applies:
        NotPermitted: the actor is neither operator nor auditor.
        MissingField: the text is blank.
        ContentOutOfProfile: see :func:`timebank.databases.check_text`.
        UnknownFinding: there is no such finding.
    """
    require(actor, "comment_finding", Role.OPERATOR, Role.AUDITOR)
    return _change(bank, actor, finding_id, text, lambda row: {}, closed_too=True)


def explain(bank: Bank, actor: Actor, finding_id: str, text: str) -> Finding:
    """Say why a difference stands; it stays explained until it changes or is gone.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        MissingField, ContentOutOfProfile, UnknownFinding: as in :func:`comment`.
        FindingClosed: the finding was closed.
    """
    require(actor, "explain_finding", Role.OPERATOR)
    return _change(bank, actor, finding_id, text, lambda row: {"state": State.EXPLAINED.value})


def assign(bank: Bank, actor: Actor, finding_id: str, owner: str, text: str) -> Finding:
    """Make somebody else responsible, by staff login or office.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        MissingField: owner or text is blank.
        UnknownFinding, FindingClosed: as in :func:`explain`.
    """
    require(actor, "assign_finding", Role.OPERATOR)
    name = " ".join(owner.split())[:80]
    if not name:
        raise MissingField(field="owner")
    return _change(bank, actor, finding_id, text, lambda row: {"owner": name})


def close(bank: Bank, actor: Actor, finding_id: str, text: str) -> Finding:
    """Close a finding by hand; should its difference still be there, the next run opens a new one.

    What a lasting check found stays closed until its facts change.

    Raises, the first that applies:
        NotPermitted: the actor is no operator.
        MissingField, UnknownFinding, FindingClosed: as in :func:`explain`.
    """
    require(actor, "close_finding", Role.OPERATOR)
    now_ms = bank.now_ms()
    return _change(
        bank,
        actor,
        finding_id,
        text,
        lambda row: {"state": State.CLOSED.value, "closed_ms": max(now_ms, row.found_ms)},
    )


def _change(
    bank: Bank,
    actor: Actor,
    finding_id: str,
    text: str,
    values: Callable[[Any], dict[str, Any]],
    *,
    closed_too: bool = False,
) -> Finding:
    words = " ".join(text.split())[:TEXT_MAX_CHARACTERS]
    if not words:
        raise MissingField(field="comment")
    check_text(words, finding_id)
    mine = (FINDING.c.book_id == BOOK) & (FINDING.c.finding_id == finding_id)

    def change(draft: Draft) -> dict[str, Any]:
        row = draft.query(select(FINDING).where(mine)).first()
        if row is None:
            raise UnknownFinding(finding=finding_id[:80])
        if row.state == State.CLOSED.value and not closed_too:
            raise FindingClosed(finding=finding_id)
        said = with_line(row.comment, draft.recorded_ms, actor.actor_id, words)
        draft.add(update(FINDING).where(mine).values(comment=said, **values(row)))
        return {}

    bank.keep_house(change)
    with bank.read() as connection:
        return finding(connection, finding_id)
