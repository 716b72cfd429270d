"""A service that a device has signed: its own words go into the log, verbatim.

The device signs what the leaf may show (codes, minutes, opaque ids, a commitment to hours and
words) and sends beside it what it stated and the salt of the commitment, which stay here.  What is
stated must be what was signed, to the letter.
"""

from dataclasses import replace
from typing import Any

from ledger.draft import Action, Draft
from ledger.errors import SubmissionUnfit
from ledger.submitted import Signed, read_submission, verified
from timebank.bank import Bank
from timebank.errors import GroupTooLarge
from timebank.keys.holders import check_holder, holder_of
from timebank.records.actions import content_of, decide_service, service_of
from timebank.records.model import StatedService
from timebank.records.signed_facts import RECORD
from timebank.records.signed_form import is_record_id, rows_of
from timebank.stations.model import Actor

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
    """The action that records one service under a device's or a person's own signature.

    ``note`` is the submission, ``salt`` the 16 bytes of its commitment.  It answers as
    :func:`timebank.records.actions.prepare_log`; a service with several volunteers is a batch, see
    :func:`timebank.records.signed_batches.prepare_batch`.

    Raises, the first that applies:
        NotPermitted … AmbiguousMember: see :func:`timebank.records.actions.prepare_log`.
        GroupTooLarge: more than one volunteer.
        SubmissionTooLarge … SigningKeyOfAnother: see :func:`signed_for`.
        SubmissionUnfit: the facts are not those stated.
    """
    service = service_of(bank, actor, station_code, stated)
    if len(service.volunteers) > 1:
        raise GroupTooLarge(field="volunteer", count=len(service.volunteers), most=1)
    signed = signed_for(bank, actor, station_code, note)
    submission = signed.submission
    record_id = submission.body.get("record")
    if not isinstance(record_id, str) or not is_record_id(record_id):
        raise SubmissionUnfit(why="facts")
    (facts,) = rows_of(service, actor, station_code, record_id, salt)
    if submission.body != {**facts, "prev": submission.prev, "seq": submission.seq}:
        raise SubmissionUnfit(why="facts")

    def decide(draft: Draft) -> dict[str, Any]:
        check_free(draft, record_id)
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
    return under(action, signed)


def signed_for(bank: Bank, actor: Actor, station_code: str, note: str) -> Signed:
    """A submission of services, verified under a key that is the sender's to use.

    Raises, the first that applies:
        SubmissionTooLarge, SubmissionUnfit: see :func:`ledger.submitted.read_submission`.
        SigningKeyUnknown: its key is no device's or member of staff's.
        SigningKeyOfAnother: see :func:`timebank.keys.holders.check_holder`.
        SubmissionUnfit: the signature is not this key's.
    """
    submission = read_submission(note, bank.origin, RECORD)
    with bank.read() as connection:
        holder = holder_of(connection, submission.submitter)
    check_holder(holder, actor, station_code)
    # Whether it ended is the writer's to say: what was answered before is answered again.
    return verified(submission, holder.vkey)


def under(action: Action, signed: Signed) -> Action:
    """The action as submitted by whoever signed; attempts are the key's own."""
    name = signed.submission.submitter
    return replace(action, signer=name, submitter=signed.vkey, signed=signed)


def check_free(draft: Draft, record_id: str) -> None:
    """Let an id pass that no record has.

    Raises:
        SubmissionUnfit: ``why`` is ``record``.
    """
    if draft.rows(_TAKEN, record_id):
        raise SubmissionUnfit(why="record")
