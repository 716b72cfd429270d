"""timebank/clearing/statement.py: a partner's key signs nothing that this book would choke on."""

from dataclasses import replace

import pytest

from ledger.ids import new_id
from ledger.keys import SigningKey
from timebank.clearing.model import Line, MonthAccount, Way
from timebank.clearing.statement import believed, head_text, lines_text, read_statement, whole_file
from timebank.errors.clearing import ClearingUnreadable

KEY = SigningKey.generate("timebank.example/north")
SENT, THERE = new_id("entry", 1_680_742_800_000), new_id("entry", 1_680_742_900_000)
OUT = Line(SENT, 90, "2023-04-06", "", Way.OUT)
IN = Line(SENT, -90, "2023-04-06", THERE, Way.IN)
NETTED = Line(SENT, -90, "2023-04-06", "2023-03", Way.NETTED)
CARRIED = Line(SENT, 90, "2023-04-01", "", Way.CARRIED)


def read(*lines: Line) -> MonthAccount:
    said = MonthAccount(KEY.name, "timebank.example/south", "2023-04", 0, lines)
    file = whole_file(head_text(said), lines_text(lines), [KEY])
    return believed(read_statement(file.encode()), KEY.vkey)


@pytest.mark.parametrize("line", [OUT, IN, NETTED, CARRIED], ids=lambda line: line.way.value)
def test_what_a_book_says_is_read(line: Line) -> None:
    assert read(line).lines == (line,)


@pytest.mark.parametrize(
    "line",
    [
        replace(OUT, entry="\0"),
        replace(OUT, entry="entry_1"),
        replace(OUT, entry=SENT.replace("entry", "acct")),
        replace(OUT, other=THERE),
        replace(OUT, on="2023-04-31"),
        replace(OUT, on="2023-05-01"),
        replace(OUT, on="2023-04-6"),
        replace(OUT, minutes=0),
        replace(OUT, minutes=-90),
        replace(IN, other=""),
        replace(IN, other="=1+1"),
        replace(IN, minutes=90),
        replace(NETTED, other="2023-13"),
        replace(NETTED, other=""),
        replace(CARRIED, other="\0"),
    ],
)
def test_what_no_book_says_is_refused_though_it_is_signed(line: Line) -> None:
    with pytest.raises(ClearingUnreadable) as refused:
        read(line)
    assert refused.value.facts["why"] == "lines_differ"
