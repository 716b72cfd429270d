"""What is signed of a service: codes and minutes in the clear, hours and words as a commitment.

Whoever signs, a device or the book's software key, signs the same; so whoever has only the log can
say again what each service was worth (:mod:`timebank.audit.policy_replay`).
"""

from ledger.encoding import Json
from timebank.records.commitments import commitment
from timebank.records.model import Payer, Service

RECORD = "record"
"""What such facts do; also the kind of a submission that has them."""

SERVICE = "service"
"""The kind of the entries that credit a service for which nothing was held before."""

VOLUNTEER = "volunteer"
"""The account of the one volunteer of whose part the facts speak."""

PAYER_ACCOUNT = "payer_account"
"""The account that an elder pays from; the other payers need no name."""

TRAVEL, REST, AIM_MET = "travel", "rest", "aim_met"
"""What was said of the time inside the interval; each is there only where it was said."""


def facts_of(
    service: Service, by: str, station_code: str, record_id: str, salt: bytes
) -> dict[str, Json]:
    """The facts of a service, to which each volunteer's part adds :data:`VOLUNTEER`.

    ``by`` is the opaque id of whoever records, ``salt`` the 16 bytes of the commitment.
    """
    facts: dict[str, Json] = {
        "by": by,
        "c": commitment(salt, service),
        "class": service.class_code,
        "do": RECORD,
        "given": service.given_minutes,
        "heads": service.head_count,
        "on": service.starts_at.date().isoformat(),
        "payer": service.payer.value,
        "record": record_id,
        "station": station_code,
    }
    if service.payer is Payer.ELDER:
        facts[PAYER_ACCOUNT] = elder_of(service)
    if service.spent.travel_minutes:
        facts[TRAVEL] = service.spent.travel_minutes
    if service.spent.rest_minutes:
        facts[REST] = service.spent.rest_minutes
    if not service.spent.aim_met:
        facts[AIM_MET] = False
    return facts


def elder_of(service: Service) -> str:
    """The account of the one recipient who pays; empty where somebody else does."""
    return service.recipients[0].account_id if service.payer is Payer.ELDER else ""
