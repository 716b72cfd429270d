"""Where people are kept: opaque ids in the clear, everything that names somebody sealed."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import BYTES, CLUSTERED, TEXT, column, core, key


class Person(SQLModel, table=True):
    """One human being with one account, however many numbers and roles."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'restricted', 'erased')", "person_states"),
        Index("person_by_account", "book_id", "account_id", unique=True),
        CLUSTERED,
    )

    book_id: int = key()
    person_id: str = key(TEXT)
    account_id: str = column(TEXT)
    station_code: str = column(TEXT)
    state: str = column(TEXT)
    registered_ms: int = column()


class PersonNumber(SQLModel, table=True):
    """A number that stands for a person in one role (志愿者 volunteer, 老人 elder)."""

    __tablename__ = "person_number"
    __table_args__ = (Index("person_number_by_person", "book_id", "person_id"), CLUSTERED)

    book_id: int = key()
    number: str = key(TEXT)
    person_id: str = column(TEXT)
    role: str = column(TEXT)


class Vault(SQLModel, table=True):
    """Name, identity number, telephone and birth date, sealed under the person's own key.

    The key lies elsewhere: see :mod:`timebank.people.wrapped_keys`.
    """

    __tablename__ = "vault"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    sealed: bytes = column(BYTES)


class BlindIndex(SQLModel, table=True):
    """Keyed hashes by which a name, identity number or telephone is found without being read."""

    __tablename__ = "blind_index"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    field: str = key(TEXT)
    value_hash: bytes = key(BYTES)
    person_id: str = key(TEXT)


class Consent(SQLModel, table=True):
    """Agreement to one purpose; ``withdrawn_ms`` ends it."""

    __tablename__ = "consent"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    purpose: str = key(TEXT)
    given_ms: int = column()
    withdrawn_ms: int | None = column(nullable=True)


class Kinship(SQLModel, table=True):
    """``other_id`` is ``person_id``'s spouse, parent, child …; kept in both directions."""

    __tablename__ = "kinship"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    other_id: str = key(TEXT)
    relation: str = column(TEXT)


class KinshipProof(SQLModel, table=True):
    """What was shown for a kinship and who saw it, sealed for ``person_id``."""

    __tablename__ = "kinship_proof"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    other_id: str = key(TEXT)
    noted_ms: int = column()
    sealed: bytes = column(BYTES)


class Delegate(SQLModel, table=True):
    """Whom an elder named to act for them; ``until_on`` is the last day, empty where it has none.

    ``sealed`` says, for the elder, what was shown; ``ended_ms`` is set when it was taken back.
    """

    __tablename__ = "delegate"
    __table_args__ = (
        CheckConstraint("may_ask IN (0, 1)", "delegate_may_ask"),
        Index("delegate_by_elder", "book_id", "elder_id", "delegate_id"),
        Index("delegate_by_delegate", "book_id", "delegate_id"),
        CLUSTERED,
    )

    book_id: int = key()
    authority_id: str = key(TEXT)
    elder_id: str = column(TEXT)
    delegate_id: str = column(TEXT)
    noted_ms: int = column()
    noted_by: str = column(TEXT)
    until_on: str = column(TEXT)
    may_ask: int = column()
    sealed: bytes = column(BYTES)
    ended_ms: int | None = column(nullable=True)
    ended_by: str = column(TEXT)


class PersonCondition(SQLModel, table=True):
    """Condition codes that make a key elder, each with what was shown for it, sealed for them."""

    __tablename__ = "person_condition"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    sealed: bytes = column(BYTES)


class PortraitPicture(SQLModel, table=True):
    """A small JPEG of a person who agreed to it, sealed for them; see
    :mod:`timebank.people.portraits`.
    """

    __tablename__ = "portrait_picture"
    __table_args__ = (CLUSTERED,)

    book_id: int = key()
    person_id: str = key(TEXT)
    sealed: bytes = column(BYTES)
    kept_by: str = column(TEXT)
    kept_ms: int = column()


class Card(SQLModel, table=True):
    """A member's card: its number is read by the kiosk, its PIN stands as an argon2id hash."""

    __tablename__ = "card"
    __table_args__ = (CheckConstraint("state IN ('active', 'lost')", "card_states"), CLUSTERED)

    book_id: int = key()
    card_number: str = key(TEXT)
    person_id: str = column(TEXT)
    pin_hash: str = column(TEXT)
    failures: int = column()
    locked_until_ms: int = column()
    state: str = column(TEXT)


class Access(SQLModel, table=True):
    """One look at what identifies a person: who, when, whose, why, which fields.

    ``number`` counts looks without gaps; ``hash`` covers the row and ``previous_hash`` (hex), so
    that no row can be changed or taken out unseen.  ``fields`` are words joined by blanks;
    ``reason`` is sealed for the person, and empty where the purpose says it all.
    """

    __tablename__ = "access"
    __table_args__ = (
        CheckConstraint("number > 0", "access_number"),
        Index("access_by_person", "book_id", "person_id", "number"),
        CLUSTERED,
    )

    book_id: int = key()
    number: int = key()
    accessed_ms: int = column()
    actor_id: str = column(TEXT)
    role: str = column(TEXT)
    person_id: str = column(TEXT)
    purpose: str = column(TEXT)
    fields: str = column(TEXT)
    reason: bytes = column(BYTES)
    previous_hash: str = column(TEXT)
    hash: str = column(TEXT)


PERSON = core(Person)
PERSON_NUMBER = core(PersonNumber)
VAULT = core(Vault)
BLIND_INDEX = core(BlindIndex)
CONSENT = core(Consent)
KINSHIP = core(Kinship)
KINSHIP_PROOF = core(KinshipProof)
DELEGATE = core(Delegate)
PERSON_CONDITION = core(PersonCondition)
PORTRAIT_PICTURE = core(PortraitPicture)
CARD = core(Card)
ACCESS = core(Access)

APPEND_ONLY = ("access",)
"""Tables of people that refuse to be changed, like those of the ledger."""
