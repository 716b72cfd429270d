"""api/routes/accounts.py: balances of any pair, statements in pages and as CSV."""

from datetime import timedelta

import pytest


@pytest.fixture
def posted_desk(desk):
    """V0001 has 7 entries of 10 minutes: effective 1 to 7 April, recorded 6 to 12 April."""
    tried = desk.tried
    tried.people("V0001")
    for day in range(1, 8):
        tried.issue("V0001", 10, on=f"2023-04-{day:02}")
        tried.clock.move(timedelta(days=1))
    return desk


def get(desk, path, role="auditor", **params):
    return desk.client(role).get(path, params=params)


def test_a_balance_is_read_by_number_and_by_account(posted_desk):
    by_number = get(posted_desk, "/api/v1/people/v0001/balance")
    account = by_number.json()["account"]

    by_account = get(posted_desk, f"/api/v1/accounts/{account}/balance")

    assert by_number.json() == {
        "account": account,
        "kind": "member",
        "posted": 70,
        "held": 0,
        "available": 70,
        "floor": 0,
        "ceiling": None,
    }
    assert by_number.content == by_account.content


@pytest.mark.parametrize(
    ("bounds", "posted"),
    [
        ({"effective_until": "2023-03-31"}, 0),
        ({"effective_until": "2023-04-01"}, 10),
        ({"effective_until": "2023-04-02"}, 20),
        ({"known_before": "2023-04-06T01:00:00Z"}, 0),
        ({"known_before": "2023-04-06T01:00:00.001Z"}, 10),
        ({"known_before": "2023-04-08T09:00:00.001+08:00"}, 30),
        ({"known_before": "2023-04-09T00:00:00Z", "effective_until": "2023-04-02"}, 20),
    ],
)
def test_a_balance_is_told_for_any_pair(posted_desk, bounds, posted):
    told = get(posted_desk, "/api/v1/people/V0001/balance", **bounds).json()

    assert told["posted_for"]["posted"] == posted
    assert told["posted"] == 70


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/accounts/acct_none/balance", "account_not_found"),
        ("/api/v1/accounts/V9999/balance", "unknown_member"),
        ("/api/v1/accounts/acct_none/statement", "account_not_found"),
        ("/api/v1/accounts/acct_none/statement?format=csv", "account_not_found"),
        ("/api/v1/accounts/V9999/statement?format=csv", "unknown_member"),
    ],
)
def test_an_unknown_account_is_a_problem_before_anything_is_sent(shared_desk, path, code):
    said = shared_desk.client("auditor").get(path)

    assert (said.status_code, said.json()["code"]) == (404, code)


@pytest.mark.parametrize("bounds", [{"known_before": "2023-04-06T01:00:00"}, {"to": "April"}])
def test_a_moment_needs_a_zone_and_a_day_a_number(shared_desk, bounds):
    path = "/api/v1/accounts/x/statement" if "to" in bounds else "/api/v1/accounts/x/balance"

    assert shared_desk.client("auditor").get(path, params=bounds).status_code == 422


def test_a_statement_comes_in_pages_that_join(posted_desk):
    path, after, lines = "/api/v1/accounts/V0001/statement", "", []
    while after is not None:
        page = get(posted_desk, path, limit=3, after=after).json()
        assert page["opening"] == (lines[-1]["balance"] if lines else 0)
        lines += page["lines"]
        assert page["closing"] == lines[-1]["balance"]
        after = page["next"]

    whole = get(posted_desk, path, limit=200).json()
    assert lines == whole["lines"]
    assert [line["balance"] for line in lines] == [10, 20, 30, 40, 50, 60, 70]


def test_a_line_names_the_entry_that_its_receipt_is_asked_by(posted_desk):
    page = get(posted_desk, "/api/v1/accounts/V0001/statement", limit=200).json()
    for line in page["lines"]:
        receipt = get(posted_desk, f"/api/v1/entries/{line['entry']}/receipt").text
        assert f"\nindex {line['leaf_index']}\n" in receipt
    assert len({line["entry"] for line in page["lines"]}) == 7


@pytest.mark.parametrize("period", [{}, {"from": "2023-04-08"}, {"to": "2023-04-10"}])
def test_an_edited_cursor_shows_no_false_balance(posted_desk, period):
    path = "/api/v1/accounts/V0001/statement"
    whole = get(posted_desk, path, limit=200, **period).json()
    lines, last = whole["lines"], whole["closing"]
    first = get(posted_desk, path, limit=1, **period).json()["next"]
    leaf, place = first.split(".")

    assert get(posted_desk, path, after=f"{first}.9000", **period).status_code == 422
    for edited, left in (
        ("0.0", lines),
        (f"{leaf}.{int(place) + 7}", lines[1:]),
        (f"{int(leaf) - 1}.999", lines),
        ("999999999999999.999999999", []),
    ):
        page = get(posted_desk, path, limit=200, after=edited, **period).json()
        assert page["lines"] == left
        assert page["opening"] == (left[0]["balance"] - left[0]["minutes"] if left else last)
        assert page["closing"] == last


def test_a_statement_of_days_opens_with_what_stood(posted_desk):
    page = get(
        posted_desk,
        "/api/v1/accounts/V0001/statement",
        **{"from": "2023-04-08", "to": "2023-04-09"},
    ).json()

    assert (page["opening"], page["closing"], page["next"]) == (20, 40, None)
    assert [line["effective_on"] for line in page["lines"]] == ["2023-04-03", "2023-04-04"]


def test_a_statement_is_a_file_for_a_spreadsheet(posted_desk):
    said = get(posted_desk, "/api/v1/accounts/V0001/statement", format="csv")

    assert said.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in said.headers["content-disposition"]
    rows = said.content.decode("utf-8-sig").split("\r\n")
    assert rows[1].startswith(",,,期初")
    assert rows[-2] == ",,,期末,,,,70,,0"
    assert len(rows) == 1 + 1 + 7 + 1 + 1


@pytest.mark.parametrize("after", ["x", "1", "1.2.3", "-1.0", "1.1e3", "１.0"])
def test_a_cursor_is_one_of_ours(shared_desk, after):
    shared_desk.token("member")  # registers V0001

    said = get(shared_desk, "/api/v1/accounts/V0001/statement", after=after)

    assert (said.status_code, said.json()["field"]) == (422, "after")
