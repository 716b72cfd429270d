"""One reconciliation: every check, then the findings brought up to what they saw."""

from collections.abc import Callable, Sequence

from timebank.bank import Bank
from timebank.jobs.history import note_done
from timebank.jobs.plan import RECONCILE
from timebank.reconciliation.findings import LIVE, Seen, findings, known_subjects, note
from timebank.reconciliation.model import (
    Check,
    Checked,
    Difference,
    NotCheckable,
    Outcome,
    Result,
    State,
)
from timebank.reconciliation.registry import CHECKS
from timebank.reconciliation.view import view_of, wall_time
from timebank.stations.actions import require
from timebank.stations.model import Actor, Role

MOST_FINDINGS = 200
"""Subjects of one check that become findings; one more says how many differences were left out."""

Progress = Callable[[int, int], None]
"""``progress(done, checks)`` is told before each check and at the end."""

SCHEDULER = Actor("scheduler", Role.SCHEDULER, title="scheduler")
"""Who runs what nobody asked for."""


def _quiet(_done: int, _checks: int) -> None:
    return


def reconcile(
    bank: Bank,
    actor: Actor = SCHEDULER,
    *,
    checks: Sequence[Check] = CHECKS,
    progress: Progress = _quiet,
) -> Outcome:
    """Run ``checks`` and keep what they find; nothing else is changed.

    A run of all checks that a person asked for stands in the jobs' history, like a planned one.
    Each check sees one moment of its own, so writing goes on meanwhile.  A check that breaks is a
    finding itself and does not keep the others from running.

    Raises:
        NotPermitted: the actor is neither operator, auditor nor scheduler.
    """
    require(actor, "reconcile", Role.OPERATOR, Role.AUDITOR, Role.SCHEDULER)
    run_ms = bank.now_ms()
    results: list[Checked] = []
    seen: dict[str, Seen] = {}
    for place, check in enumerate(checks):
        progress(place, len(checks))
        checked, what = run_check(bank, check)
        results.append(checked)
        if checked.result is not Result.NOT_CHECKABLE:
            seen[check.name] = what
    progress(len(checks), len(checks))
    if checks is CHECKS and actor.role is not Role.SCHEDULER:
        note_done(bank, RECONCILE.name, run_ms, actor.actor_id)
    noted = note(bank, seen, f"reconciliation of {wall_time(run_ms)} by {actor.actor_id}")
    with bank.read() as connection:
        live = findings(connection, states=[State(state) for state in LIVE], most=10_000)
    return Outcome(
        run_ms,
        tuple(results),
        tuple(live),
        len(noted.found),
        len(noted.seen_again),
        len(noted.closed),
    )


def run_check(bank: Bank, check: Check) -> tuple[Checked, Seen]:
    """Run one check to its end; answers its result and what it saw, subject by subject.

    Subjects that a lasting check has found before do not use up its :data:`MOST_FINDINGS`, or the
    old ones would one day hide the new.
    """
    seen = Seen(check.severity, complete=True, lasting=check.lasting)
    count = left_out = fresh = 0
    known: frozenset[str] = frozenset()
    if check.lasting:
        with bank.read() as connection:
            known = known_subjects(connection, check.name)
    try:
        with view_of(bank) as view:
            for difference in check.run(view):
                count += 1
                subject = difference.subject
                is_fresh = subject not in seen.differences and subject not in known
                if not is_fresh or fresh < MOST_FINDINGS:
                    seen.add(difference)
                    fresh += is_fresh
                else:
                    left_out += 1
    except NotCheckable as missing:
        return Checked(check.name, Result.NOT_CHECKABLE, 0, missing.reason), seen
    except Exception as error:
        seen.complete = False
        seen.add(Difference(f"check {check.name}", "check_broken", {"why": type(error).__name__}))
        return Checked(check.name, Result.BROKEN, count, type(error).__name__), seen
    if left_out:
        seen.complete = False  # What was left out may be what an older finding is about.
        seen.add(Difference(f"check {check.name}", "more", {"differences": left_out}))
    return Checked(check.name, Result.DIFFERS if count else Result.AGREES, count), seen
