"""A list of any length takes as many statements as a short one: nothing is asked row by row."""

import pytest
from sqlalchemy import event

from tests.support.openings import CLERK, REVIEWER, Scheme
from timebank.openings.actions import Signed, confirm_openings
from timebank.openings.approving import approve_openings


def asked(scheme: Scheme, name: str, rows: int) -> dict[str, int]:
    """How many statements each step of a list of that many rows takes."""
    bank, counts, statements = scheme.tried.bank, {}, []

    def note(*_details: object) -> None:
        statements.append(1)

    engine = bank.database.writing
    event.listen(engine, "before_cursor_execute", note)
    try:
        lines = [("V0001", "", f"{name}第{at}页", "1", "2022-12-31") for at in range(rows)]
        batch_id = scheme.hand_in(lines).batch_id
        counts["import"] = len(statements)
        statements.clear()
        signed = [
            Signed(str(row.opening_id), f"{name}-{row.place}")
            for row in scheme.rows("awaiting_holder")
        ]
        confirm_openings(bank, CLERK, signed, key=scheme.key())
        counts["confirm"] = len(statements)
        statements.clear()
        assert approve_openings(bank, REVIEWER, batch_id, key=scheme.key()).approved == rows
        counts["approve"] = len(statements)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return counts


@pytest.mark.parametrize("rows", [400])
def test_statements_do_not_grow_with_rows(scheme: Scheme, rows: int) -> None:
    few = asked(scheme, "A", 20)
    many = asked(scheme, "B", rows)
    assert set(many) == {"import", "confirm", "approve"}
    assert all(many[step] <= few[step] + 5 for step in many), (few, many)
