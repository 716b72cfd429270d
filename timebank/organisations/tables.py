"""Organisations, and who belonged to them when."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key
from timebank.organisations.model import Kind

_KINDS = ", ".join(f"'{one.value}'" for one in Kind)


class Organisation(SQLModel, table=True):
    """A body that holds an account of its own; its name and telephone lie in the vault.

    It is a row of ``person`` as well, of the role ``group``, with an account of the kind
    ``organisation``.  ``credit_code`` (统一社会信用代码) is public; empty where it has none.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", "organisation_kinds"),
        Index("organisation_by_code", "book_id", "credit_code"),
        CLUSTERED,
    )

    book_id: int = key()
    organisation_id: str = key(TEXT)
    kind: str = column(TEXT)
    credit_code: str = column(TEXT)


class OrganisationMember(SQLModel, table=True):
    """Who belongs to it from a day on; ``until_on`` is the last day, empty while they do.

    ``guardian`` says, sealed for the member, who answers for a minor; empty for an adult.
    """

    __tablename__ = "organisation_member"
    __table_args__ = (
        Index("organisation_member_by_person", "book_id", "person_id", "organisation_id"),
        CLUSTERED,
    )

    book_id: int = key()
    organisation_id: str = key(TEXT)
    person_id: str = key(TEXT)
    from_on: str = key(TEXT)
    until_on: str = column(TEXT)
    guardian: bytes = column(BYTES)


ORGANISATION = core(Organisation)
ORGANISATION_MEMBER = core(OrganisationMember)
