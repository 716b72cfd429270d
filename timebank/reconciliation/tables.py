"""Findings, each with an owner and a state, and the history of every job."""

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from ledger.tables import CLUSTERED, TEXT, column, core, key


class Finding(SQLModel, table=True):
    """A difference that somebody owns until it is closed.

    ``subject`` says what differs (an account, an entry, a leaf …) in ids, ``detail`` how, as JSON.
    One open finding stands for one check and subject; seeing it again moves ``last_seen_ms``.
    """

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'explained', 'closed')", "finding_states"),
        CheckConstraint("severity IN ('note', 'warning', 'alarm')", "finding_severities"),
        Index("finding_by_state", "book_id", "state", "finding_id"),
        CLUSTERED,
    )

    book_id: int = key()
    finding_id: str = key(TEXT)
    check_name: str = column(TEXT)
    subject: str = column(TEXT)
    severity: str = column(TEXT)
    detail: str = column(TEXT)
    owner: str = column(TEXT)
    state: str = column(TEXT)
    comment: str = column(TEXT)
    found_ms: int = column()
    last_seen_ms: int = column()
    closed_ms: int | None = column(nullable=True)


class JobRun(SQLModel, table=True):
    """One run of a job, known by the time it was planned for: a planned run happens once."""

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("outcome IN ('running', 'done', 'failed')", "job_outcomes"),
        CLUSTERED,
    )

    book_id: int = key()
    job: str = key(TEXT)
    planned_ms: int = key()
    started_ms: int = column()
    ended_ms: int | None = column(nullable=True)
    outcome: str = column(TEXT)
    detail: str = column(TEXT)


FINDING = core(Finding)
JOB_RUN = core(JobRun)
