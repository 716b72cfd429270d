"""Numbers without gaps: leaves from 0, journal entries (凭证号) and accounts from 1."""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

_SERIES = (
    ("leaf", "leaf_index", 0, "size", "count(*)"),
    ("entry", "number", 1, "entries", "count(DISTINCT number)"),
    ("account", "account_no", 1, "accounts", "count(*)"),
)
"""Table, column, first number, its count in the head, and how many there are; keys never repeat."""

WORDS = {
    "gap": (
        "{table} 的编号在 {after} 之后直接跳到 {next}，中间缺号。",
        "The numbers of {table} jump from {after} to {next}.",
    ),
    "repeated": (
        "{table} 的编号 {after} 出现了不止一次。",
        "Number {after} of {table} is used more than once.",
    ),
    "first_missing": (
        "{table} 的编号从 {next} 开始，应从 {first} 开始。",
        "The numbers of {table} begin at {next} instead of {first}.",
    ),
    "head_differs": (
        "账本记载 {table} 共 {head} 条，实际有 {rows} 条。",
        "The head counts {head} rows of {table}; there are {rows}.",
    ),
}


def check(view: View) -> Iterator[Difference]:
    """Every number of each series is there once, and as many as the head says."""
    head = view.head()
    for table, column, first, counted, numbers in _SERIES:
        # An empty series has no row to be found wanting; the head shows whether it may be empty.
        count, distinct, least, most = view.row(
            f"SELECT count(*), {numbers}, min({column}), max({column}) "
            f"FROM {table} WHERE book_id = :book"
        )
        told = getattr(head, counted)
        if told != count:
            yield Difference("head", "head_differs", {"table": table, "head": told, "rows": count})
        if count and least != first:
            facts = {"table": table, "first": first, "next": least}
            yield Difference(f"{table} {first}", "first_missing", facts)
        if count and not count == distinct == most - least + 1:
            yield from _breaks(view, table, column)


def _breaks(view: View, table: str, column: str) -> Iterator[Difference]:
    """Where a series breaks; only asked for when its counts disagree."""
    steps = view.rows(
        f"SELECT at, following FROM (SELECT {column} AS at, lead({column}) OVER "
        f"(ORDER BY {column}) AS following FROM {table} WHERE book_id = :book) AS steps "
        "WHERE following <> at + 1 ORDER BY at"
    )
    for at, following in steps:
        what = "repeated" if following == at else "gap"
        yield Difference(f"{table} {at}", what, {"table": table, "after": at, "next": following})


CHECK = Check(
    "numbering",
    "叶子、凭证号和账户编号连续，不缺号、不重号",
    "Leaves, journal entries and accounts are numbered without gaps",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
