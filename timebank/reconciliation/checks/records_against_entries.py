"""Service records against journal entries: every credited minute has its service, and back.

Each volunteer of a posted record has an entry of their own that moves exactly the credited minutes
to their account; every entry of kind ``service`` belongs to one volunteer of one record.  Records
that came from the book before this one are left out: their entries stand in its log, and what they
credited came over as a balance.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "record_missing": ("参与人所属的服务记录不存在。", "The part belongs to no record."),
    "posted_too_early": (
        "记录状态为 {state}，却已经记账（{entry}）。",
        "The record is {state} and has been posted already ({entry}).",
    ),
    "entry_missing": (
        "记录已入账，志愿者应得 {credited} 分钟，却没有凭证。",
        "The record is posted and credits {credited} minutes, but has no entry.",
    ),
    "entry_unknown": (
        "记录所指的凭证 {entry} 不存在。",
        "The entry {entry} that the record names does not exist.",
    ),
    "entry_kind": (
        "记录所指的凭证 {entry} 既不是服务凭证也不是结算凭证。",
        "The entry {entry} that the record names is neither of kind service nor a settlement.",
    ),
    "minutes_differ": (
        "记录写 {credited} 分钟，凭证 {entry} 转入其账户 {moved} 分钟。",
        "The record credits {credited} minutes; {entry} moves {moved} to that account.",
    ),
    "date_differs": (
        "记录的服务日期与凭证 {entry} 的生效日期不同。",
        "The record's date is not the effective date of {entry}.",
    ),
    "reversal_unseen": (
        "凭证 {entry} 已被冲销，记录仍算作有效。",
        "{entry} was reversed, and the record still counts.",
    ),
    "reversal_missing": (
        "记录已作废，凭证 {entry} 却没有冲销。",
        "The record no longer counts, and {entry} was not reversed.",
    ),
    "entry_without_record": (
        "服务凭证 {number} 没有对应的服务记录。",
        "Entry {number} of kind service belongs to no record.",
    ),
    "entry_shared": (
        "凭证被 {parts} 人的记录共用，应当一人一证。",
        "{parts} parts of records share the entry; each has one of its own.",
    ),
    "volunteer_missing": ("服务记录没有志愿者。", "The record has no volunteer."),
    "numbers_differ": (
        "站点 {station}：登记至 {counter} 号，实有 {records} 条，最大编号 {most}。",
        "Station {station} has counted {counter} records; there are {records}, up to {most}.",
    ),
    "reviewed_alone": (
        "登记人与复核人是同一人（{by}）。",
        "One person recorded and reviewed it ({by}).",
    ),
}

# What is known of each volunteer's part, and of that the first thing that is wrong.  Sums are of
# that person's account only; grouped by the key of the part, which spares a sort.
_PARTS = """
SELECT record_id, person_id, credited, entry_id, coalesce(state, '') AS state, moved, what FROM (
SELECT *, CASE
   WHEN state IS NULL THEN 'record_missing'
   WHEN state IN ('awaiting_review', 'rejected') AND entry_id <> '' THEN 'posted_too_early'
   WHEN state = 'posted' AND live = 1 AND entry_id = '' AND credited > 0 THEN 'entry_missing'
   WHEN entry_id = '' THEN ''
   WHEN number IS NULL THEN 'entry_unknown'
   WHEN least_kind <> most_kind OR least_kind NOT IN ('service', 'settlement') THEN 'entry_kind'
   WHEN moved <> credited THEN 'minutes_differ'
   WHEN effective_on <> service_on THEN 'date_differs'
   WHEN reversed_id IS NOT NULL AND live = 1 THEN 'reversal_unseen'
   WHEN reversed_id IS NULL AND live = 0 THEN 'reversal_missing'
   ELSE '' END AS what
FROM (
SELECT rp.record_id, rp.person_id, max(rp.credited_minutes) AS credited,
       max(rp.entry_id) AS entry_id, max(rp.live) AS live, max(sr.state) AS state,
       max(sr.service_on) AS service_on, max(e.number) AS number,
       min(m.kind) AS least_kind, max(m.kind) AS most_kind,
       min(m.effective_on) AS effective_on, max(r.reversed_id) AS reversed_id,
       coalesce(sum(CASE WHEN m.to_no = a.account_no THEN m.minutes
                         WHEN m.from_no = a.account_no THEN -m.minutes ELSE 0 END), 0) AS moved
  FROM record_person rp
  LEFT JOIN service_record sr ON sr.book_id = rp.book_id AND sr.record_id = rp.record_id
  LEFT JOIN person p ON p.book_id = rp.book_id AND p.person_id = rp.person_id
  LEFT JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id
  LEFT JOIN entry e ON e.book_id = rp.book_id AND e.entry_id = rp.entry_id
  LEFT JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
  LEFT JOIN reversal r ON r.book_id = rp.book_id AND r.reversed_id = rp.entry_id
 WHERE rp.book_id = :book AND rp.part = 'volunteer'
   AND (sr.marks IS NULL OR sr.marks NOT LIKE '%carried_over%')
 GROUP BY rp.book_id, rp.record_id, rp.person_id, rp.part) AS known) AS judged
 WHERE what <> '' ORDER BY record_id, person_id
"""

_NO_RECORD = """
SELECT e.entry_id, e.number FROM entry e
  JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index AND m.place = 0
 WHERE e.book_id = :book AND m.kind = 'service' AND NOT EXISTS (
   SELECT 1 FROM record_person rp WHERE rp.book_id = e.book_id AND rp.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_SHARED = """
SELECT entry_id, count(*) FROM record_person WHERE book_id = :book AND entry_id <> ''
 GROUP BY entry_id HAVING count(*) > 1 ORDER BY entry_id
"""

_ALONE = """
SELECT sr.record_id, sr.recorded_by, sr.reviewed_by FROM service_record sr
 WHERE sr.book_id = :book AND (sr.reviewed_by = sr.recorded_by OR NOT EXISTS (
   SELECT 1 FROM record_person rp WHERE rp.book_id = sr.book_id
      AND rp.record_id = sr.record_id AND rp.part = 'volunteer'))
 ORDER BY sr.record_id
"""

_NUMBERS = """
SELECT code, counter, records, most FROM (
SELECT s.code, s.records AS counter, count(sr.record_id) AS records,
       count(DISTINCT sr.number) AS numbers, coalesce(min(sr.number), 1) AS least,
       coalesce(max(sr.number), 0) AS most
  FROM station s
  LEFT JOIN service_record sr ON sr.book_id = s.book_id AND sr.station_code = s.code
 WHERE s.book_id = :book GROUP BY s.code, s.records) AS numbered
 WHERE records <> numbers OR records <> most OR counter <> most OR least <> 1 ORDER BY code
"""


def check(view: View) -> Iterator[Difference]:
    """Parts against their entries, entries against their parts, then numbers and reviewers."""
    for record, person, credited, entry, state, moved, what in view.rows(_PARTS):
        facts = {
            "person": person,
            "credited": credited,
            "entry": entry or "-",
            "state": state,
            "moved": int(moved),
        }
        yield Difference(f"record {record}", what, facts)
    for entry, number in view.rows(_NO_RECORD):
        yield Difference(f"entry {entry}", "entry_without_record", {"number": number})
    for entry, parts in view.rows(_SHARED):
        yield Difference(f"entry {entry}", "entry_shared", {"parts": parts})
    for record, recorder, reviewer in view.rows(_ALONE):
        if recorder == reviewer:
            yield Difference(f"record {record}", "reviewed_alone", {"by": recorder})
        else:
            yield Difference(f"record {record}", "volunteer_missing")
    for code, counter, records, most in view.rows(_NUMBERS):
        facts = {"station": code, "counter": counter, "records": records, "most": most}
        yield Difference(f"station {code}", "numbers_differ", facts)


CHECK = Check(
    "records_against_entries",
    "每条入账的服务记录都有凭证，每张服务凭证都有记录，站点编号连续",
    "Posted records have their entries, service entries their records; station numbers have no gap",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
