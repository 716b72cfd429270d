"""What stands beside a service that is recorded one by one: the books, and its own submission."""

from collections.abc import Sequence
from datetime import datetime

from ledger.draft import Draft
from timebank.pairings.together import TOGETHER, are_bound
from timebank.records.model import Service
from timebank.records.occupied import stored_records
from timebank.registers import ResolvedRow, StoredService


class Beside:
    """What stands beside some services of one action: the books, and what it records itself."""

    def __init__(self, draft: Draft, services: Sequence[Service]) -> None:
        self._draft = draft
        self._stored = stored_records(
            draft,
            (
                (party.person_id, service.starts_at, service.ends_at)
                for service in services
                for party in service.volunteers + service.recipients
            ),
        )
        self._made: list[StoredService] = []

    def add(self, record_id: str, service: Service) -> None:
        """Let later services meet one that was just recorded."""
        row = resolved(0, service)
        publics = frozenset({row.public} if row.public else ())
        self._made.append(
            StoredService(
                record_id, row.starts_at, row.ends_at, row.content, row.volunteers,
                row.recipients, publics,
            )
        )  # fmt: skip

    def of(self, service: Service) -> "BesideOne":
        """What stands beside one of them, but for helpers who come along with it."""
        return BesideOne(self, service)

    def together(self, service: Service, other: StoredService) -> bool:
        """Whether both are one visit of helpers of a pairing (多助一), each recorded apart."""
        volunteers = frozenset(party.person_id for party in service.volunteers)
        recipients = frozenset(party.person_id for party in service.recipients)
        if abs(service.starts_at - other.starts_at) > TOGETHER or recipients != other.recipients:
            return False
        if volunteers & (other.volunteers | recipients) or other.volunteers & recipients:
            return False
        day = service.starts_at.date().isoformat()
        helpers = volunteers | other.volunteers
        return all(are_bound(self._draft.query, elder, day, helpers) for elder in recipients)

    def overlapping(
        self, people: frozenset[str], starts_at: datetime, ends_at: datetime
    ) -> Sequence[StoredService]:
        """See :class:`timebank.registers.grouping.Occupied`."""
        made = [
            one
            for one in self._made
            if one.starts_at < ends_at
            and starts_at < one.ends_at
            and people & (one.volunteers | one.recipients)
        ]
        return [*self._stored.overlapping(people, starts_at, ends_at), *made]


class BesideOne:
    """See :class:`timebank.registers.grouping.Occupied`; who comes along is no overlap."""

    def __init__(self, beside: Beside, service: Service) -> None:
        self._beside = beside
        self._service = service

    def overlapping(
        self, people: frozenset[str], starts_at: datetime, ends_at: datetime
    ) -> Sequence[StoredService]:
        """Services of any of ``people`` at those hours that are not one visit with this."""
        return [
            one
            for one in self._beside.overlapping(people, starts_at, ends_at)
            if not self._beside.together(self._service, one)
        ]


def resolved(key: int, service: Service) -> ResolvedRow:
    """A service as the judge of repetitions and overlaps reads it."""
    return ResolvedRow(
        key,
        service.starts_at,
        service.ends_at,
        service.content,
        frozenset(party.person_id for party in service.volunteers),
        frozenset(party.person_id for party in service.recipients),
        service.public or None,
    )
