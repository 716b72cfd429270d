"""Letters that the policy promises: made when a part of the year is over, and said to be out."""

from collections.abc import Iterator
from datetime import timedelta

from timebank.clock import from_milliseconds, local_date
from timebank.letters.model import LOOKS_BACK_DAYS, due_parts, handed_by
from timebank.letters.people import addressed, stations_addressed
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "not_made": (
        "{part} 的书面对账单应于 {due} 立出，至今没有；站点“{station}”有 {letters} 位会员应收到。",
        "The letters of {part} were due on {due}; at “{station}” {letters} members get none.",
    ),
    "not_drawn": (
        "站点“{station}” {part} 的 {letters} 封书面对账单还没有打印，应于 {by} 前交给会员。",
        "“{station}” has not printed its {letters} letters of {part}, to be handed out by {by}.",
    ),
    "not_handed": (
        "站点“{station}” {part} 的 {letters} 封书面对账单已下载，{by} 前没有登记为已交给会员。",
        "“{station}” drew its {letters} letters of {part} and did not say by {by} that they left.",
    ),
}

_WAITING = """
SELECT run_id, station_code, part, made_ms, letters, drawn_ms FROM letter_run
 WHERE book_id = :book AND handed_ms IS NULL ORDER BY run_id
"""

_MADE = "SELECT part, station_code FROM letter_run WHERE book_id = :book AND last_on >= :since"


def check(view: View) -> Iterator[Difference]:
    """What was due before today against what was made, then what was made against the calendar.

    On the day itself the job may still come.
    """
    today = local_date(from_milliseconds(view.now_ms))
    since = (today - timedelta(days=LOOKS_BACK_DAYS + 1)).isoformat()
    made = {(part, code) for part, code in view.rows(_MADE, since=since)}
    for part in due_parts(view.profiles, today - timedelta(days=1)):
        for code in stations_addressed(view.connection, part):
            if (part.name, code) in made:
                continue
            letters = len(addressed(view.connection, part, code).person_ids)
            if letters:
                facts = {"part": part.name, "due": part.due_on.isoformat(), "station": code or "-"}
                subject = f"letters {part.name} {code or '-'}"
                yield Difference(subject, "not_made", facts | {"letters": letters})
    for run, code, name, made_ms, letters, drawn_ms in view.rows(_WAITING):
        by = handed_by(local_date(from_milliseconds(made_ms)))
        if today > by:
            what = "not_drawn" if drawn_ms is None else "not_handed"
            told = {"part": name, "by": by.isoformat(), "station": code or "-"}
            yield Difference(f"letters {run}", what, told | {"letters": int(letters)})


CHECK = Check(
    "letters",
    "每期的书面对账单都已立出，并在 10 个工作日内打印、交给会员",
    "Each part's letters were made, printed and handed out within 10 working days",
    frozenset({Need.TABLES}),
    Severity.WARNING,
    check,
    WORDS,
)
