"""Transfers against journal entries and holds: what moved has its row, and what has its row moved.

A posted gift, donation, grant or funding has one entry with exactly its movement; what waits has an
open hold.  What was posted in the book before this one is left out, its entry stands there.
"""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "entry_missing": (
        "转赠或补助已入账，其凭证 {entry} 却不存在。",
        "The transfer is posted, and its entry {entry} does not exist.",
    ),
    "movement_differs": (
        "转赠或补助为 {minutes} 分钟，凭证 {entry} 所记的账户或分钟与它不同。",
        "The transfer is of {minutes} minutes; {entry} moves something else.",
    ),
    "posted_too_early": (
        "转赠或补助状态为 {state}，却已有凭证 {entry}。",
        "The transfer is {state} and has an entry ({entry}).",
    ),
    "hold_differs": (
        "转赠状态为 {state}，与其预留不符。",
        "The transfer is {state}, which its hold is not.",
    ),
    "entry_without_transfer": (
        "补助或基金拨入凭证 {number} 没有对应的登记。",
        "Entry {number} of a grant or of funding belongs to no transfer.",
    ),
    "decided_alone": (
        "提议人与批准人是同一人（{by}）。",
        "One person proposed and approved it ({by}).",
    ),
}

_TRANSFERS = """
SELECT * FROM (
SELECT transfer_id, minutes, entry_id, state, CASE
   WHEN state = 'posted' AND number IS NULL THEN 'entry_missing'
   WHEN state = 'posted' AND (moves <> 1 OR fits <> 1) THEN 'movement_differs'
   WHEN state <> 'posted' AND entry_id <> '' THEN 'posted_too_early'
   WHEN hold_id <> '' AND state = 'held' AND (placed IS NULL OR ended = 'settled')
     THEN 'hold_differs'
   WHEN hold_id <> '' AND state = 'posted' AND coalesce(ended, '') <> 'settled' THEN 'hold_differs'
   WHEN hold_id <> '' AND state IN ('undone', 'lapsed') AND ended = 'settled' THEN 'hold_differs'
   WHEN hold_id = '' AND state = 'held' THEN 'hold_differs'
   ELSE '' END AS what
FROM (
SELECT t.transfer_id, max(t.minutes) AS minutes, max(t.entry_id) AS entry_id,
       max(t.state) AS state, max(t.hold_id) AS hold_id, max(e.number) AS number,
       count(m.place) AS moves, max(p.hold_id) AS placed, max(h.state) AS ended,
       coalesce(sum(CASE WHEN m.minutes = t.minutes AND f.account_id = t.from_account
                          AND o.account_id = t.to_account THEN 1 ELSE 0 END), 0) AS fits
  FROM transfer t
  LEFT JOIN entry e ON e.book_id = t.book_id AND e.entry_id = t.entry_id
  LEFT JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index
  LEFT JOIN account f ON f.book_id = m.book_id AND f.account_no = m.from_no
  LEFT JOIN account o ON o.book_id = m.book_id AND o.account_no = m.to_no
  LEFT JOIN hold_placed p ON p.book_id = t.book_id AND p.hold_id = t.hold_id
  LEFT JOIN hold_ended h ON h.book_id = t.book_id AND h.hold_id = t.hold_id
 WHERE t.book_id = :book AND t.state <> 'carried_over'
 GROUP BY t.transfer_id) AS known) AS judged
 WHERE what <> '' ORDER BY transfer_id
"""

_NO_TRANSFER = """
SELECT e.entry_id, e.number FROM entry e
  JOIN movement m ON m.book_id = e.book_id AND m.leaf_index = e.leaf_index AND m.place = 0
 WHERE e.book_id = :book AND m.kind IN ('grant', 'grant_funding') AND NOT EXISTS (
   SELECT 1 FROM transfer t WHERE t.book_id = e.book_id AND t.entry_id = e.entry_id)
 ORDER BY e.entry_id
"""

_ALONE = """
SELECT transfer_id, made_by FROM transfer
 WHERE book_id = :book AND proposal_id <> '' AND state IN ('posted', 'carried_over')
   AND decided_by = made_by ORDER BY transfer_id
"""


def check(view: View) -> Iterator[Difference]:
    """Transfers against their entries and holds, entries against transfers, then who decided."""
    for transfer, minutes, entry, state, what in view.rows(_TRANSFERS):
        facts = {"minutes": minutes, "entry": entry or "-", "state": state}
        yield Difference(f"transfer {transfer}", what, facts)
    for entry, number in view.rows(_NO_TRANSFER):
        yield Difference(f"entry {entry}", "entry_without_transfer", {"number": number})
    for transfer, by in view.rows(_ALONE):
        yield Difference(f"transfer {transfer}", "decided_alone", {"by": by})


CHECK = Check(
    "transfers_against_entries",
    "每笔入账的转赠和补助都有凭证，每张补助凭证都有登记，预留与状态相符",
    "Posted gifts and grants have their entries, grants' entries their rows; holds agree",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
