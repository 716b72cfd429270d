"""timebank/statements/pdf.py, large_pdf.py: what stands on paper, read back by poppler."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import timebank.statements.writing
from tests.support.banks import TriedBank
from tests.support.clients import desk_of
from tests.support.paper import beyond_the_edge, inside, pages_of, smallest_type, text_of
from tests.support.services import service
from timebank.errors.statements import StatementTooLong
from timebank.records.actions import log_service, reverse_record
from timebank.statements.formats import FORMATS, format_named
from timebank.statements.large_pdf import PLAIN_WORDS
from timebank.statements.model import KINDS_ZH, OpenHold, Statement, StatementLine
from timebank.statements.pdf import made_at
from timebank.statements.spreadsheet import as_csv
from timebank.statements.writing import statement_for
from timebank.stations.model import Role

PAPER = ["pdf", "large-pdf"]
RARE = "存折𠮷喆䶮"
MARKUP = '#panic("x") $x$ *b* _i_ \\ ] [ " <a> @b = `c` //d'
UNTIL_MS = 1_682_000_000_000  # 2023-04-20 22:13:20 where the stations stand


def line(place: int, kind: str, minutes: int, balance: int, **more: object) -> StatementLine:
    day = f"2023-04-{place % 28 + 1:02}"
    made = StatementLine(
        place + 1, 0, place + 5, kind, day, f"{day}T06:00:00.001Z", "issuance", minutes, balance
    )
    return replace(made, **more)  # type: ignore[arg-type]


def stated(*lines: StatementLine, **more: object) -> Statement:
    closing = lines[-1].balance if lines else 5
    made = Statement(
        "acct_1", "member", "V0001", "active", date(2023, 4, 1), date(2023, 4, 30),
        5, closing, 25, iter(lines), (OpenHold(25, UNTIL_MS),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def many(count: int) -> tuple[StatementLine, ...]:
    return tuple(line(place, "service", 1, 6 + place, given_minutes=1) for place in range(count))


def written(name: str, statement: Statement) -> bytes:
    return b"".join(format_named(name).write(statement))


LINES = (
    line(0, "service", 90, 95, given_minutes=75, policy="plain-2026", is_late=True),
    line(1, "reversal", -90, 5),
    line(2, "opening_balance", 600, 605, page=f"{RARE} {MARKUP}"),
)


def test_the_professional_edition_has_every_figure() -> None:
    said = text_of(written("pdf", stated(*LINES)))
    for words in (
        "对账单", "V0001", "acct_1", "2023-04-01 至 2023-04-30", "plain-2026",
        "25 分钟，至 2023-04-20 22:13", "第 1 页，共 1 页 · Page 1 of 1",
    ):  # fmt: skip
        assert words in said, words
    rows = [row.split() for row in said.splitlines()]
    assert ["5", "690", "90", "605", "25", "90"] in rows  # Opening, in, out, closing, held, late.
    (first,) = [row for row in rows if row[:1] == ["1"]]
    assert first[1:4] == ["2023-04-01", "14:00", "2023-04-01"]
    assert first[-5:] == ["75", "90", "95", "90", "plain-2026"]
    (second,) = [row for row in rows if row[:1] == ["2"]]
    assert second[-3:] == ["时间发行", "90", "5"]


def test_the_large_edition_is_large_and_plain() -> None:
    made = written("large-pdf", stated(*LINES))
    said = text_of(made)
    assert smallest_type(made) >= 18
    for words in (
        "编号：V0001",
        "更正",
        "现在已预留",
        "其中补录",
        "已预留 25 分钟",
        "这一笔是补录的",
    ):
        assert words in said.replace("　", " "), words
    for jargon in ("冲销", "冻结", "凭证", "期初", "acct_", "科目"):
        assert jargon not in said, jargon
    assert PLAIN_WORDS.keys() == KINDS_ZH.keys()


@pytest.mark.parametrize("name", PAPER)
def test_what_people_wrote_is_shown_and_never_read_as_markup(name: str) -> None:
    said = text_of(written(name, stated(*LINES)))
    shown = "".join(said.split())
    for part in (RARE, '#panic("x")', "$x$", "*b*", "_i_", "\\][", "<a>@b=`c`//d"):
        assert part in shown, part


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize(
    "policy", ["plain-2026@f4ce77640fc8", "shanghai-changning-pilot-2026@f4ce77640fc8"]
)
def test_nothing_runs_off_the_page(name: str, policy: str) -> None:
    lines = [line(0, "service", 10_000_000, 10_000_005, given_minutes=10_000_000, policy=policy)]
    lines.append(line(1, "estate_settlement", -9_999_999, 6, page=RARE * 6))
    made = written(name, stated(*lines))
    assert beyond_the_edge(made) == []
    assert name != "pdf" or policy in text_of(made)


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("holder", ["restricted", "erased"])
def test_whoever_is_forgotten_is_said_to_be(name: str, holder: str) -> None:
    said = text_of(written(name, stated(holder=holder)))
    assert {"restricted": "停止使用", "erased": "已注销"}[holder] in said


@pytest.mark.parametrize("name", PAPER)
def test_an_empty_period_is_said_to_be_empty(name: str) -> None:
    said = text_of(written(name, stated()))
    assert {"pdf": "本期没有凭证", "large-pdf": "这段时间没有来往"}[name] in said


@pytest.mark.parametrize(("name", "count", "least"), [("pdf", 30, 1), ("large-pdf", 30, 4)])
def test_thirty_lines(name: str, count: int, least: int) -> None:
    made = written(name, stated(*many(count)))
    assert pages_of(made) >= least
    assert str(5 + count) in text_of(made) or "35分钟" in text_of(made).replace(" ", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAPER)
def test_three_thousand_lines_have_every_line_once(name: str) -> None:
    made = written(name, stated(*many(3_000)))
    said = text_of(made)
    if name == "pdf":
        numbers = [row.split()[0] for row in said.splitlines() if "志愿服务入账" in row]
        assert numbers == [str(number) for number in range(1, 3_001)]
        assert said.count("凭证号") == pages_of(made)  # The head stands on each page.
    else:
        assert said.count("得到 1 分钟") == 3_000


@pytest.mark.parametrize("name", PAPER)
def test_the_same_statement_gives_the_same_bytes_in_any_thread(name: str) -> None:
    first, others = written(name, stated(*LINES)), []
    thread = threading.Thread(target=lambda: others.append(written(name, stated(*LINES))))
    thread.start()
    thread.join()
    assert others == [first]
    assert written(name, stated(*LINES, closing=606)) != first


@pytest.mark.parametrize("name", PAPER)
def test_it_is_kept_for_decades_with_its_figures_inside(name: str, tmp_path: Path) -> None:
    made = written(name, stated(*LINES))
    assert b"<pdfaid:part>3</pdfaid:part>" in made
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in made
    assert inside(made, tmp_path / "inside") == {
        "statement-V0001.csv": b"".join(as_csv(stated(*LINES)))
    }


@pytest.mark.parametrize(
    ("lines", "first", "last", "day"),
    [
        (LINES[:1], None, None, datetime(2023, 4, 1, 6, 0, 0, 1_000, UTC)),
        ((), date(2023, 4, 1), date(2023, 4, 30), datetime(2023, 4, 28, tzinfo=UTC)),
        ((), date(2023, 4, 1), None, datetime(2023, 4, 1, tzinfo=UTC)),
        ((), None, None, datetime(1970, 1, 1, tzinfo=UTC)),
        ((), date.min, date.max, datetime(9000, 12, 28, tzinfo=UTC)),
        ((), date.min, None, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_it_is_dated_by_what_it_says(
    lines: tuple[StatementLine, ...], first: date | None, last: date | None, day: datetime
) -> None:
    assert made_at(stated(from_on=first, to_on=last), lines) == day
    for name in PAPER:
        assert written(name, stated(*lines, from_on=first, to_on=last)).startswith(b"%PDF")


# With a bank ---------------------------------------------------------------------------------


@pytest.fixture
def served(bank: TriedBank) -> TriedBank:
    """V0001 served once in time and once a month late, and the late one was reversed."""
    bank.people("V0001", "E0001")
    clerk = bank.actor(Role.CLERK)
    for place, (on, reason) in enumerate([("2023-04-05", ""), ("2023-02-01", "纸质登记")]):
        stated = service(on=on, at="09:00", minutes=90, reason=reason)
        made = log_service(bank.bank, clerk, clerk.station_code, stated, key=f"serve-{place}")
    reverse_record(
        bank.bank, bank.actor(Role.OPERATOR), made.body["record"], "登记有误", key="reverse-1"
    )
    return bank


def lines_of(tried: TriedBank, name: str = "csv") -> Statement:
    account_id = tried.account("V0001")
    with statement_for(
        tried.bank, format_named(name), lambda _rows: account_id, from_on=None, to_on=None
    ) as found:
        found.lines = iter(list(found.lines))
        return found


def test_services_tell_what_they_took_under_which_rules_and_what_came_late(
    served: TriedBank,
) -> None:
    lines = list(lines_of(served).lines)
    assert [(one.kind, one.given_minutes, one.policy, one.late_minutes) for one in lines] == [
        ("service", 90, served.policy, 0),
        ("service", 90, served.policy, 90),
        ("reversal", None, "", 0),
    ]
    rows = b"".join(as_csv(lines_of(served))).decode("utf-8-sig").splitlines()
    assert [row.split(",")[-1] for row in rows] == ["补录分钟", "", "0", "90", "0", "90"]


def test_no_transaction_is_open_while_paper_is_laid_out(served: TriedBank) -> None:
    pool = served.bank.database.reading.pool
    open_before = pool.status()
    account_id = served.account("V0001")
    for form in FORMATS:
        with statement_for(
            served.bank, form, lambda _rows: account_id, from_on=None, to_on=None
        ) as found:
            assert (pool.status() == open_before) == form.is_drawn
            assert len(list(found.lines)) == 3


@pytest.mark.parametrize(("most", "fits"), [(2, False), (3, True), (4, True)])
def test_what_is_too_long_for_paper_is_refused(
    served: TriedBank, monkeypatch: pytest.MonkeyPatch, most: int, fits: bool
) -> None:
    monkeypatch.setattr(timebank.statements.writing, "MOST_DRAWN_LINES", most)
    if fits:
        assert len(list(lines_of(served, "pdf").lines)) == 3
    else:
        with pytest.raises(StatementTooLong) as refused:
            lines_of(served, "pdf")
        assert refused.value.facts == {"most": most}
    assert len(list(lines_of(served, "csv").lines)) == 3


@pytest.mark.parametrize("name", PAPER)
def test_paper_over_http(sqlite_bank: TriedBank, name: str) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.issue("V0001", 90)
    sqlite_bank.clock.move(timedelta(hours=1))
    with desk_of(sqlite_bank) as desk:
        asked = {"format": name, "from": "2023-01-01"}
        answer = desk.client("clerk").get("/api/v1/accounts/V0001/statement", params=asked)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert 'filename="statement.pdf"' in answer.headers["content-disposition"]
        assert "V0001" in text_of(answer.content)
        missing = desk.client("clerk").get("/api/v1/accounts/V0009/statement", params=asked)
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_member")
        page = desk.client("auditor").get(f"/audit/statement.{name}?account=V0001")
        assert page.headers["content-type"] == "application/pdf"
        assert "V0001" in text_of(page.content)


def test_a_member_and_their_clerk_get_the_last_year_in_large_type(sqlite_bank: TriedBank) -> None:
    sqlite_bank.people("V0001")
    sqlite_bank.issue("V0001", 90)
    sqlite_bank.clock.move(timedelta(days=366))
    sqlite_bank.issue("V0001", 30)
    with desk_of(sqlite_bank) as desk:
        clerk = desk.client("clerk", follow_redirects=False)
        page = clerk.get("/station/people/V0001/statement.pdf")
        assert page.headers["content-type"] == "application/pdf"
        said = text_of(page.content).replace(" ", "")
        assert "原来有1小时30分钟" in said
        assert "还有2小时" in said
        assert smallest_type(page.content) >= 18
        own = desk.client("member", follow_redirects=False).get("/my/statement.pdf")
        assert own.status_code == 200
        assert text_of(own.content) == text_of(page.content)
        assert clerk.get("/station/people/V0009/statement.pdf").status_code == 404
        assert clerk.get("/my/statement.pdf").status_code != 200
