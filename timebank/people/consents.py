"""Consents: what somebody agreed to, purpose by purpose, and when they took it back."""

from sqlalchemy import delete, insert, select

from ledger.draft import Draft
from timebank.people.tables import CONSENT, PORTRAIT_PICTURE

BOOK = 1

SERVICES, PORTRAIT = "services", "portrait"
CONDITIONS, FAMILY_CONFIRMS, LOCATION = "conditions", "family_confirms", "coarse_location"
"""Purposes, permanent words.  What is sensitive has a consent of its own (Personal Information
Protection Law, art. 28 and 29): need and health, whereabouts."""

PURPOSES = (SERVICES, PORTRAIT, CONDITIONS, FAMILY_CONFIRMS, LOCATION)
AT_REGISTRATION = (SERVICES, PORTRAIT, FAMILY_CONFIRMS)
"""What is asked when somebody is registered; the others when it comes up."""


def note_consent(draft: Draft, person_id: str, purpose: str, *, given: bool) -> None:
    """Note a consent, or its end; what was given before stays written.

    With the consent to a photograph goes the photograph.
    """
    if purpose == PORTRAIT and not given:
        delete_portrait(draft, person_id)
    columns = CONSENT.c
    same = (columns.book_id == BOOK, columns.person_id == person_id, columns.purpose == purpose)
    found = draft.query(select(columns.given_ms, columns.withdrawn_ms).where(*same)).first()
    if found is None and not given:
        return
    if found is not None and (found.withdrawn_ms is None) is given:
        return
    given_ms = draft.recorded_ms if given or found is None else found.given_ms
    row = {
        "book_id": BOOK,
        "person_id": person_id,
        "purpose": purpose,
        "given_ms": given_ms,
        "withdrawn_ms": None if given else draft.recorded_ms,
    }
    draft.add(delete(CONSENT).where(*same))
    draft.add(insert(CONSENT), [row])


def delete_portrait(draft: Draft, person_id: str) -> None:
    """Delete a person's photograph in the group's commit; whoever has none stays without."""
    mine = PORTRAIT_PICTURE.c
    draft.add(delete(PORTRAIT_PICTURE).where(mine.book_id == BOOK, mine.person_id == person_id))
