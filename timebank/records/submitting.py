"""A service that a device has signed: its own words go into the log, verbatim.

The device signs what the leaf may show (codes, minutes, opaque ids, a commitment to hours and
words) and sends beside it what it stated and the salt of the commitment, which stay here.  What is
stated must be what was signed, to the letter.
"""

import re
from dataclasses import replace
from typing import Any

from ledger.approvals import DEVICE, STAFF, SUBMITTING_KINDS
from ledger.draft import Action, Draft
from ledger.errors import SigningKeyUnknown, SubmissionUnfit
from ledger.notes import Vkey
from ledger.submitted import read_submission, verified
from timebank.bank import Bank
from timebank.errors import GroupTooLarge
from timebank.keys.actions import standing_of
from timebank.records.actions import content_of, decide_service, service_of
from timebank.records.model import StatedService
from timebank.records.signed_facts import RECORD, VOLUNTEER, facts_of
from timebank.stations.model import Actor

SALT_BYTES = 16
_RECORD = re.compile(r"record_[0-9a-f]{32}", re.ASCII)
_TAKEN = "SELECT 1 FROM service_record WHERE book_id = 1 AND record_id = ?"


def prepare_submission(
    bank: Bank,
    actor: Actor,
    station_code: str,
    stated: StatedService,
    *,
    note: str,
    salt: bytes,
    key: str,
) -> Action:
    """The action that records one service under a device's signature.

    ``note`` is the submission, ``salt`` the 16 bytes of its commitment.  It answers as
    :func:`timebank.records.actions.prepare_log`; a service with several volunteers is stated once
    for each of them.

    Raises, the first that applies:
        NotPermitted … AmbiguousMember: see :func:`timebank.records.actions.prepare_log`.
        GroupTooLarge: more than one volunteer.
        SubmissionUnfit: no submission of a record for this log.
        SigningKeyUnknown: its key is no device's or member of staff's.
        SubmissionUnfit: the signature is not this key's, or the facts are not those stated.
    """
    service = service_of(bank, actor, station_code, stated)
    if len(service.volunteers) > 1:
        raise GroupTooLarge(field="volunteer", count=len(service.volunteers), most=1)
    submission = read_submission(note, bank.origin, RECORD)
    signed = verified(submission, _vkey_of(bank, submission.submitter))
    record_id = submission.body.get("record")
    if not isinstance(record_id, str) or not _RECORD.fullmatch(record_id):
        raise SubmissionUnfit(why="facts")
    facts = facts_of(service, actor.actor_id, station_code, record_id, salt)
    facts[VOLUNTEER] = service.volunteers[0].account_id
    if submission.body != {**facts, "prev": submission.prev, "seq": submission.seq}:
        raise SubmissionUnfit(why="facts")

    def decide(draft: Draft) -> dict[str, Any]:
        if draft.rows(_TAKEN, record_id):
            raise SubmissionUnfit(why="record")
        return decide_service(
            bank, draft, actor, station_code, service, stated.reason, (record_id, salt)
        )

    action = bank.action(
        actor,
        RECORD,
        decide,
        key=key,
        content={**content_of(station_code, stated), "note": note, "salt": salt.hex()},
        station_code=station_code,
        accounts=tuple(party.account_id for party in service.volunteers),
    )
    return replace(action, signer=submission.submitter, submitter=signed.vkey, signed=signed)


def _vkey_of(bank: Bank, name: str) -> Vkey:
    with bank.read() as connection:
        standing = standing_of(connection, name)
    if standing.role not in (DEVICE, STAFF):
        raise SigningKeyUnknown(key=name)
    # Whether it ended is the writer's to say: what was answered before is answered again.
    return Vkey.parse(standing.vkey, SUBMITTING_KINDS)
