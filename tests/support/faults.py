"""Faults planted in a lived-in book, each with the checks that find it, the first of them first.

A fault is planted as the owner of the database would do it, with every guard off, inside a
transaction that is rolled back; faults of the published folder are planted in the view.
``docs/reference/checks.md`` shows the same table.
"""

from tests.support.clearing_faults import UNKNOWN_HERE
from tests.support.integrity import (
    LATE_MONTH,
    OVERLAP,
    RUSH,
    SAID_NO,
    WHOLE_HOURS,
    far_away,
    many_cards,
)
from tests.support.planting import (
    Fault,
    announced_expiry,
    corrected,
    departed,
    drop_trigger,
    later,
    later_checkpoint,
    letters,
    other_looker,
    paired,
    promised,
    put_on_notice,
    rewrite_history,
    rewrite_leaf,
    shared,
    short_of,
    sql,
    stale_publication,
    strange_checkpoint,
    suspended,
    weaken_trigger,
    without_a_key,
    without_tiles,
)

_ROW = (
    "INSERT INTO movement (book_id, leaf_index, place, number, from_no, to_no, minutes, kind, "
    "effective_on, recorded_ms) VALUES (1, :tail, 1, :entries, :anna, :carla, 1, 'service', "
    "'2023-04-05', :now)"
)

_CLOSED = "INSERT INTO period_closing VALUES (1, '2023-03', 1677600000000, 1680278400000, :size)"

FAULTS: tuple[Fault, ...] = (
    Fault("a guard of the leaves is dropped", ("schema",), drop_trigger, spares_guards=False),
    Fault("a guard is put back without effect", ("schema",), weaken_trigger, spares_guards=False),
    Fault("an index is dropped", ("schema",), sql("DROP INDEX record_person_by_entry")),
    Fault(
        "the head counts an entry that does not exist",
        ("numbering",),
        sql("UPDATE head SET entries = entries + 1"),
    ),
    Fault(
        "the newest leaf is taken out, its rows stay",
        ("numbering", "tree", "published_log", "entries_against_leaves", "sequences",
         "idempotency"),
        sql("DELETE FROM leaf WHERE leaf_index = :tail"),
    ),
    Fault(
        "an account is renumbered",
        ("numbering", "trial_balance", "stored_balances", "entries_against_leaves",
         "records_against_entries"),
        sql("UPDATE account SET account_no = 99 WHERE account_no = :berta"),
    ),
    Fault(
        "minutes arrive on an account that does not exist",
        ("trial_balance", "stored_balances", "entries_against_leaves",
         "records_against_entries"),
        sql("UPDATE movement SET to_no = 99 WHERE leaf_index = :tail"),
    ),
    Fault(
        "a balance is raised by hand",
        ("trial_balance", "stored_balances"),
        sql("UPDATE balance SET posted = posted + 5 WHERE account_no = :anna"),
    ),
    Fault(
        "minutes are shifted between two members' balances",
        ("stored_balances",),
        sql(
            "UPDATE balance SET posted = posted + 5 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted - 5 WHERE account_no = :berta",
        ),
    ),
    Fault(
        "the floor beside a balance is loosened",
        ("account_limits",),
        sql("UPDATE balance SET floor = -600 WHERE account_no = :anna"),
    ),
    Fault(
        "minutes are held without a hold",
        ("holds",),
        sql("UPDATE balance SET held = held + 5 WHERE account_no = :berta"),
    ),
    Fault(
        "a hold settles more than its entry moved",
        ("holds", "entries_against_leaves"),
        sql("UPDATE hold_ended SET settled_minutes = 5 WHERE state = 'settled'"),
    ),
    Fault(
        "the end of a hold is taken out",
        ("holds", "entries_against_leaves", "orders"),
        sql("DELETE FROM hold_ended WHERE state = 'released'"),
    ),
    Fault(
        "a hold outlives its deadline",
        ("holds",),
        change=later(minutes=62),
    ),
    Fault(
        "a line of a statement is changed",
        ("derived_lines",),
        sql("UPDATE line SET minutes = minutes + 1 WHERE account_no = :anna AND minutes = 60"),
    ),
    Fault(
        "a line of a statement is taken out",
        ("derived_lines",),
        sql("DELETE FROM line WHERE account_no = :berta"),
    ),
    Fault(
        "the frontier in the head is damaged",
        ("tree",),
        sql("UPDATE head SET frontier = root"),
    ),
    Fault("the bytes of a leaf are changed", ("tree", "published_log"), rewrite_leaf),
    Fault("history is rewritten up to the head", ("published_log",), rewrite_history),
    Fault("the book has less than was published", ("published_log",), change=later_checkpoint),
    Fault("the checkpoint is signed by a stranger", ("published_log",), change=strange_checkpoint),
    Fault("published files are gone", ("published_log",), change=without_tiles),
    Fault("leaves stay unpublished", ("published_log",), change=stale_publication),
    Fault(
        "an entry is put in behind the ledger, with everything else made to fit",
        ("entries_against_leaves",),
        sql(
            "INSERT INTO entry (book_id, entry_id, number, leaf_index) "
            "VALUES (1, :no_entry, :entries + 1, :size + 7)",
            "INSERT INTO movement (book_id, leaf_index, place, number, from_no, to_no, minutes, "
            "kind, effective_on, recorded_ms) VALUES (1, :size + 7, 0, :entries + 1, :anna, "
            ":berta, 1, 'gift', '2023-04-06', :now)",
            "UPDATE balance SET posted = posted - 1 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted + 1 WHERE account_no = :berta",
            "UPDATE head SET entries = entries + 1",
        ),
    ),
    Fault(
        "a movement is added to an entry, with balances and record made to fit",
        ("entries_against_leaves",),
        sql(
            _ROW,
            "UPDATE balance SET posted = posted - 1 WHERE account_no = :anna",
            "UPDATE balance SET posted = posted + 1 WHERE account_no = :carla",
            "UPDATE record_person SET credited_minutes = credited_minutes + 1 "
            "WHERE entry_id = :tail_entry",
        ),
    ),
    Fault(
        "the date of a service is changed in journal and record",
        ("entries_against_leaves",),
        sql(
            "UPDATE movement SET effective_on = '2023-03-31' WHERE leaf_index = :tail",
            "UPDATE service_record SET service_on = '2023-03-31' WHERE record_id = "
            "(SELECT record_id FROM record_person WHERE entry_id = :tail_entry)",
        ),
    ),
    Fault("a month is closed without a leaf", ("entries_against_leaves",), sql(_CLOSED)),
    Fault(
        "a reversal is unlinked",
        ("entries_against_leaves", "records_against_entries", "openings_against_entries"),
        sql("DELETE FROM reversal"),
    ),
    Fault(
        "a key's next number is set back",
        ("sequences",),
        sql("UPDATE signing_key SET next_seq = next_seq - 1 WHERE role = 'station'"),
    ),
    Fault(
        "a request is forgotten, so that it could be carried out again",
        ("idempotency",),
        sql("DELETE FROM idempotency_key WHERE leaf_index = :tail"),
    ),
    Fault(
        "an answer is changed to name another entry",
        ("idempotency",),
        sql(
            "UPDATE idempotency_key SET answer = :forged WHERE leaf_index = :tail"
        ),
    ),
    Fault(
        "the minutes of a posted record are raised",
        ("records_against_entries",),
        sql(
            "UPDATE record_person SET credited_minutes = credited_minutes + 30 "
            "WHERE entry_id = :tail_entry"
        ),
    ),
    Fault(
        "the record of an entry is taken out",
        ("records_against_entries",),
        sql("DELETE FROM record_person WHERE entry_id = :tail_entry"),
    ),
    Fault(
        "a station's records are numbered with a gap",
        ("records_against_entries",),
        sql("UPDATE station SET records = records + 1"),
    ),
    Fault(
        "one person recorded and reviewed",
        ("records_against_entries",),
        sql("UPDATE service_record SET reviewed_by = recorded_by WHERE reviewed_ms IS NOT NULL"),
    ),
    Fault(
        "the proposal of a funding is taken out",
        ("transfers_against_entries",), sql("DELETE FROM transfer"),
    ),
    Fault(
        "a record is credited before its public notice is over", ("notices",),
        sql(put_on_notice("posted", "2023-04-06")),
    ),
    Fault(
        "an event is called approved and nobody saw its roster", ("rosters",),
        sql("UPDATE service_record SET marks = 'event' WHERE state = 'posted'"),
    ),
    Fault(
        "an opening balance was posted without its holder's confirmation",
        ("openings_against_entries",),
        sql("UPDATE opening_row SET confirmed_ms = NULL WHERE state = 'posted'"),
    ),
    Fault(
        "the row of a posted opening balance is taken out",
        ("openings_against_entries",),
        sql("DELETE FROM opening_row WHERE state = 'posted'"),
    ),
    Fault(
        "a record counts for a campaign for which nobody handed it in", ("campaigns",),
        sql(
            "INSERT INTO campaign_record (book_id, record_id, activity_id) SELECT 1, "
            "min(record_id), 'actv_1' FROM service_record WHERE state = 'posted'"
        ),
    ),
    Fault(
        "a settlement after a death says more than its entry moved", ("estates",),
        sql(shared()),
    ),
    Fault(
        "a suspension is called in force that nobody approved", ("suspensions",),
        sql(suspended("approved", "2023-04-05", "")),
    ),
    Fault(
        "a request for correction is called mended, and its record still counts",
        ("corrections",), sql(corrected("mended", "2999-01-01")),
    ),
    Fault("nobody of a pairing came for a month", ("pairings",), sql(*paired("2023-03-01"))),
    Fault(
        "a move to another book states what no entry moved", ("moves",),
        sql(departed("came_back", ":tail_entry", 7, 1)),
    ),
    Fault(
        "credit is called expired that no entry moved", ("expiries",),
        sql(announced_expiry("expired", "2023-04-01", ":tail_entry", 7)),
    ),
    Fault("an account is called short of what nobody lent", ("shortfalls",), sql(short_of(7))),
    Fault(
        "a partner states that it took in what this book never sent", ("clearing",), UNKNOWN_HERE
    ),
    Fault(
        "a matched order no longer names its hold", ("orders",),
        sql("UPDATE service_order SET hold_id = '' WHERE state = 'matched'"),
    ),
    Fault(
        "a member's account belongs to nobody",
        ("people",),
        sql("DELETE FROM person WHERE person_id = "
            "(SELECT person_id FROM person_number WHERE number = 'E0002')"),
    ),
    Fault(
        "the key of a person is destroyed and the person is not marked as erased",
        ("people",),
        change=without_a_key,
    ),
    Fault(
        "somebody else is named as who looked at a person",
        ("accesses",),
        sql("UPDATE access SET actor_id = 'staff_nobody' WHERE number = 1"),
    ),
    Fault(
        "the newest look at a person is taken out",
        ("accesses",),
        sql("DELETE FROM access WHERE number = 2"),
    ),
    Fault("all looks are written anew, with hashes that fit", ("accesses",), other_looker),
    Fault(
        "the message of a refused wish is taken out",
        ("messages",),
        sql("DELETE FROM message WHERE event = 'order_rejected'"),
    ),
    Fault(
        "a station never said that its letters went out", ("letters",), sql(letters("2023-01-03")),
    ),
    Fault(
        "letters that the policy promises were never made", ("letters",),
        sql("UPDATE person SET registered_ms = 1"), promised,
    ),
    Fault("ten records are entered within a second", ("speed",), RUSH),
    Fault("a volunteer is in two places at once", ("overlaps",), OVERLAP),
    Fault(
        "a volunteer is forty kilometres away within a quarter of an hour", ("travel",), far_away,
    ),
    Fault("five volunteers are signed in on one telephone", ("shared_devices",), many_cards),
    Fault("somebody writes down whole hours only", ("round_numbers",), WHOLE_HOURS),
    Fault("a station records a month late", ("late_records",), LATE_MONTH),
    Fault("an elder says that a visit did not take place", ("call_backs",), SAID_NO),
    Fault(
        "the scheduler has been off for a week",
        ("holds", "jobs_silent"),
        change=later(days=7),
    ),
    Fault(
        "a job has not run for a day",
        ("jobs_silent",),
        sql("UPDATE job_run SET planned_ms = planned_ms - 86400000 WHERE job = 'publish'"),
    ),
    Fault(
        "the last run of a job failed",
        ("jobs_silent",),
        sql("UPDATE job_run SET outcome = 'failed' WHERE job = 'publish'"),
    ),
    Fault(
        "a run of a job never ends",
        ("jobs_silent",),
        sql("UPDATE job_run SET outcome = 'running', ended_ms = NULL, "
            "started_ms = started_ms - 7 * 3600000 WHERE job = 'reconcile'"),
    ),
)  # fmt: skip
