"""Signing keys come and go: enrolled, replaced, revoked; and the end of a whole log.

Each change is a leaf of its own and counts from the next leaf on, by index and never by a clock.
Stations, devices, staff and schedulers are the operator's to enrol; the keys of operators and of
the log itself need the word of the root keys, which the genesis leaf names.
"""

from ledger.action import Facts, Staged
from ledger.approvals import (
    COSIGNER,
    LOG,
    OF_THE_LOG,
    OPERATOR,
    ROLES,
    ROLES_OF_ROOTS,
    SUBMITTING_KINDS,
    add_key_text,
    freeze_text,
    is_possessed,
    key_identifier,
    revoke_key_text,
)
from ledger.draft import Draft
from ledger.errors import (
    ApprovalMissing,
    LastOperatorKey,
    SigningKeyEnded,
    SigningKeyExists,
    SigningKeyUnfit,
    SigningKeyUnknown,
)
from ledger.forks import FORKED, fork_facts
from ledger.further_keys import FURTHER_KEYS, key_id_in, named_of_kind
from ledger.key_check import check_possession
from ledger.notes import NoteRejected, Vkey, parse_note
from ledger.signatures import ED25519
from ledger.spelling import check_key_name, check_word, is_key_name
from ledger.store import KeyState


def enrol_key(
    draft: Draft,
    vkey: Vkey,
    *,
    role: str,
    possession: str,
    facts: Facts,
    approval: str | None = None,
    replaces: str | None = None,
) -> str:
    """Let a key sign from the next leaf on; answers its identifier.

    ``possession`` is the note of :func:`ledger.approvals.prove_possession`, ``approval`` that of
    the root keys over :func:`ledger.approvals.add_key_text`, ``replaces`` the identifier of a key
    of the same role that ends with this leaf.  All three stand in the signed facts.  Of the role
    ``cosigner`` the log has one key a kind, for good.

    Raises, the first that applies:
        SigningKeyUnfit: a name, role or kind that may not enter, a key id that another key has, or
            no proof that somebody holds it.
        SigningKeyExists: the name was used before, or the log had this key.
        ApprovalMissing: a key of an operator or of the log without enough root keys' word.
        SigningKeyUnknown, SigningKeyEnded: the key to be replaced is not there, or no more.
    """
    view = draft.view
    identifier = key_identifier(vkey, role)
    if not (role == OPERATOR and draft.action.signer == identifier):
        _check_operator(draft)
    _check_fit(draft, vkey, role, identifier, possession)
    if identifier in view.keys:
        raise SigningKeyExists(key=identifier)
    if role in ROLES_OF_ROOTS:
        _check_approved(draft, approval, add_key_text(view.origin, role, vkey), identifier)
    beside = {"role": role, "vkey": str(vkey)}
    signed: Facts = {**facts, "possession": possession, "role": role, "vkey": str(vkey)}
    if approval is not None:
        signed["approval"] = approval
    if replaces is not None:
        if _standing(draft, replaces).role != role or role in OF_THE_LOG:
            raise SigningKeyUnfit(key=identifier, why="role_not_allowed")
        beside["of"] = signed["of"] = replaces
        draft.undo_later(view.end_key(replaces))
    state = KeyState(identifier, str(vkey), role, 0, "0" * 64, False)
    draft.undo_later(view.add_key(state))
    draft.stage(Staged("key", identifier, beside, signed, key=state, ended_key=replaces or ""))
    return identifier


def revoke_key(
    draft: Draft, key: str, *, reason: str, facts: Facts, approval: str | None = None
) -> str:
    """End a key; answers the id of the leaf.  What it signed before stays true.

    ``key`` is the identifier of its leaf, ``reason`` a word, such as ``lost``.

    Raises, the first that applies:
        SigningKeyUnknown: no such key.
        SigningKeyEnded: it ended before.
        LastOperatorKey: nobody could add another; of the log's keys the last one stays likewise.
        SigningKeyUnfit: a further key of the log, which readers expect for ever.
        ApprovalMissing: a key of an operator or of the log without enough root keys' word.
    """
    check_word(reason)
    if reason == FORKED:
        raise ValueError("a fork is found by the writer, which has the evidence")
    _check_operator(draft)
    view, state = draft.view, _standing(draft, key)
    if state.role == COSIGNER:
        raise SigningKeyUnfit(key=key, why="role_not_allowed")
    if state.role in ROLES_OF_ROOTS:
        if sum(one.role == state.role and not one.ended for one in view.keys.values()) == 1:
            raise LastOperatorKey(key=key)
        _check_approved(draft, approval, revoke_key_text(view.origin, key), key)
    signed: Facts = {**facts, "of": key, "reason": reason}
    if approval is not None:
        signed["approval"] = approval
    return _end(draft, key, reason, signed)


def suspend_key(draft: Draft, key: str, *, evidence: str) -> str:
    """End a key whose sequence has forked; answers the id of the leaf.

    ``key`` is the name of a key that counts and that is neither an operator's nor the log's,
    ``evidence`` the second note under one of its numbers.
    """
    _check_operator(draft)
    return _end(draft, key, FORKED, fork_facts(key, evidence))


def _end(draft: Draft, key: str, reason: str, signed: Facts) -> str:
    draft.undo_later(draft.view.end_key(key))
    identifier = draft.new_id("end")
    beside = {"of": key, "reason": reason}
    draft.stage(Staged("revocation", identifier, beside, signed, ended_key=key))
    return identifier


def freeze_log(draft: Draft, *, successor: str, approval: str, facts: Facts) -> str:
    """End the log for good, as after the theft of its key; answers the id of its last leaf.

    ``successor`` is the origin of the log that follows; its genesis leaf embeds the last
    checkpoint of this one.

    Raises, the first that applies:
        SigningKeyUnfit: the successor's name is this log's, or none that a log can bear.
        ApprovalMissing: not enough root keys agreed.
    """
    _check_operator(draft)
    view = draft.view
    if not is_key_name(successor) or successor == view.origin:
        raise SigningKeyUnfit(key=successor[:80], why="name_not_allowed")
    _check_approved(draft, approval, freeze_text(view.origin, successor), view.origin)
    identifier = draft.new_id("end")
    signed: Facts = {**facts, "approval": approval, "successor": successor}
    draft.undo_later(view.freeze())
    draft.stage(Staged("freeze", identifier, {"successor": successor}, signed))
    return identifier


def _check_fit(draft: Draft, vkey: Vkey, role: str, identifier: str, possession: str) -> None:
    view = draft.view
    if role not in ROLES:
        raise SigningKeyUnfit(key=identifier[:80], why="role_not_allowed")
    if not is_key_name(vkey.name) or (vkey.name == view.origin) != (role in OF_THE_LOG):
        raise SigningKeyUnfit(key=identifier[:80], why="name_not_allowed")
    check_key_name(identifier)
    allowed = (ED25519,) if role in ROLES_OF_ROOTS else SUBMITTING_KINDS
    if vkey.kind not in (FURTHER_KEYS if role == COSIGNER else allowed):
        raise SigningKeyUnfit(key=identifier, why="kind_not_allowed")
    further = [*view.cosigners, *(one.vkey for one in view.keys.values() if one.role == COSIGNER)]
    if role == COSIGNER and named_of_kind(further, vkey.kind) and identifier not in view.keys:
        raise SigningKeyUnfit(key=identifier, why="kind_taken")
    taken = {key_id_in(text) for text in (*further, *(one.vkey for one in view.keys.values()))}
    if vkey.key_id.hex() in taken and identifier not in view.keys:
        raise SigningKeyUnfit(key=identifier, why="key_id_taken")
    if not is_possessed(possession, view.origin, role, vkey):
        raise SigningKeyUnfit(key=identifier, why="not_possessed")
    note = parse_note(possession)
    try:  # What enters is there for ever, so a second library has to agree.
        check_possession(vkey, note.text.encode("utf-8"), note.lines[0].signature)
    except NoteRejected as error:
        raise SigningKeyUnfit(key=identifier, why="weak") from error


def _check_operator(draft: Draft) -> None:
    """Other keys are never asked to sign such a change; a fault of our own code if one is."""
    state = draft.view.keys.get(draft.action.signer)
    if state is None or state.role != OPERATOR:
        raise ValueError("only an operator's key changes keys")


def _check_approved(draft: Draft, approval: str | None, text: str, key: str) -> None:
    roots = draft.view.roots
    if not roots.approve(approval, text):
        raise ApprovalMissing(key=key, needed=roots.needed)


def _standing(draft: Draft, key: str) -> KeyState:
    state = draft.view.keys.get(key)
    if state is None:
        raise SigningKeyUnknown(key=key[:80])
    if state.ended:
        raise SigningKeyEnded(key=key)
    return state


__all__ = ["LOG", "OPERATOR", "enrol_key", "freeze_log", "revoke_key", "suspend_key"]
