"""timebank/registers/members.py and directory.py: who is in the list, and whom a name means."""

from datetime import date

import pytest
from stdnum.cn import ric

from tests.support.register_files import Grid, write
from timebank.errors import HeaderNotFound
from timebank.registers import Directory, PersonMention, read_members

HEADER = ["编号", "姓名", "身份", "出生日期", "身份证号", "手机号"]


def an_id(born: str = "19791215", order: str = "956") -> str:
    body = f"320113{born}{order}"
    return body + ric.calc_check_digit(body + "0")


def listed(tmp_path, *rows, header=HEADER, suffix=".csv", **how):
    return read_members(write(tmp_path / f"m{suffix}", Grid("人员", [header, *rows]), **how))


def codes(found):
    return [(line.row, line.refusal.code) for line in found.refused]


GOOD = ["V0001", "韩 杰浩", "志愿者", "1979-12-15", an_id(), "138 0000 0000"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".xls", ".ods"])
def test_one_line_is_one_person(tmp_path, suffix):
    (person,) = listed(tmp_path, GOOD, suffix=suffix).people
    assert (person.name, person.numbers, person.roles) == ("韩杰浩", ("V0001",), ("volunteer",))
    assert (person.born_on, person.id_number) == (date(1979, 12, 15), an_id())
    assert (person.phone, person.rows) == ("13800000000", (2,))
    assert an_id() not in repr(person)


def test_other_labels_orders_and_encodings(tmp_path):
    header = ["联系电话", "角色", "姓 名", "会员编号", "身份证号码"]
    row = ["13800000000", "老人、志愿者", "杨玲英", "e0001", an_id("19521210").lower()]
    (person,) = listed(tmp_path, row, header=header, encoding="gb18030", delimiter="\t").people
    assert (person.numbers, person.roles) == (("E0001",), ("elder", "volunteer"))
    assert person.born_on == date(1952, 12, 10)


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ("助老志愿者", ("volunteer",)), ("高龄老人", ("elder",)),
        ("志愿者（党员）", ("volunteer",)),
        ("志愿者/服务对象", ("volunteer", "elder")), ("老年人兼志愿者", ("elder", "volunteer")),
        ("低龄老人志愿者", ("volunteer",)), ("老人家属", ("老人家属",)), ("社工", ("社工",)),
    ],
)  # fmt: skip
def test_roles_by_how_their_words_end(tmp_path, said, roles):
    (person,) = listed(tmp_path, [*GOOD[:2], said, *GOOD[3:]]).people
    assert person.roles == roles


@pytest.mark.parametrize(
    ("title", "number", "name", "roles"),
    [
        ("名册", "志愿者编号", "姓名", ("volunteer",)), ("名册", "编号", "老人姓名", ("elder",)),
        ("幸福里老人名册", "编号", "姓名", ("elder",)), ("志愿者及老人名册", "编号", "姓名", ()),
    ],
)  # fmt: skip
def test_a_list_of_one_role_needs_no_column_for_it(tmp_path, title, number, name, roles):
    rows = [[title], ["序号", number, name], [1, "X0001", "韩杰浩"], ["合计", None, "1人"]]
    (person,) = read_members(write(tmp_path / "m.xlsx", Grid("Sheet1", rows))).people
    assert person.roles == roles


def test_a_list_in_a_sheet_for_each_role(tmp_path):
    sheets = [
        Grid(f"{role}名单", [["序号", f"{role}编号", "姓名"], [1, number, "韩杰浩"]])
        for role, number in (("志愿者", "V0001"), ("老人", "E0001"))
    ]
    found = read_members(write(tmp_path / "m.xlsx", *sheets))
    assert [(one.numbers, one.roles) for one in found.people] == [
        (("V0001",), ("volunteer",)),
        (("E0001",), ("elder",)),
    ]


def test_a_bare_number_beside_a_member_number_counts_the_lines(tmp_path):
    found = listed(tmp_path, [1, "韩杰浩", "V0001"], header=["编号", "姓名", "会员编号（卡号）"])
    assert found.people[0].numbers == ("V0001",)


def test_sums_and_signatures_below_a_list_are_nobody(tmp_path):
    found = listed(tmp_path, GOOD, ["合计", None, "1人"], ["填表人：小李", None, None])
    assert (len(found.people), found.refused) == (1, ())


def test_the_same_id_number_is_one_person_with_several_numbers_and_roles(tmp_path):
    again = ["E0009", "韩杰浩", "老人", None, an_id(), None]
    (person,) = listed(tmp_path, GOOD, again).people
    assert (person.numbers, person.roles) == (("V0001", "E0009"), ("volunteer", "elder"))
    assert person.rows == (2, 3)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({0: None}, "missing_field"),
        ({1: " "}, "missing_field"),
        ({4: an_id()[:-1] + ("0" if an_id()[-1] != "0" else "1")}, "id_number_invalid"),
        ({4: "32011319791215956"}, "id_number_invalid"),
        ({4: an_id("19790230")}, "id_number_invalid"),
        ({4: "3.20113E+17"}, "id_number_typed_as_number"),
        ({3: "很久以前"}, "unreadable_date"),
        ({3: "1979-12-16"}, "birth_date_disagrees"),
    ],
)
def test_each_refusal_of_a_line(tmp_path, changed, code):
    row = [changed.get(index, cell) for index, cell in enumerate(GOOD)]
    found = listed(tmp_path, row)
    assert codes(found) == [(2, code)]
    assert found.people == ()
    assert found.refused[0].refusal.explanation.startswith("第2行：")


def test_an_id_typed_as_a_number_is_refused_and_says_so(tmp_path):
    found = listed(tmp_path, [*GOOD[:4], 320113197912159561, None], suffix=".xlsx")
    assert codes(found) == [(2, "id_number_typed_as_number")]
    assert "丢失" in found.refused[0].refusal.explanation


def test_a_number_or_an_id_used_twice(tmp_path):
    found = listed(
        tmp_path,
        GOOD,
        ["V0001", "李浩", "志愿者", None, an_id("19890816"), None],
        ["V0002", "李浩", "志愿者", None, an_id(), None],
    )
    assert codes(found) == [(3, "duplicate_number"), (4, "name_mismatch")]


def test_people_born_before_their_county_had_its_code_are_valid(tmp_path):
    # 栖霞区 has the code 320113 since 1983; cards of those born before carry it all the same.
    assert listed(tmp_path, [*GOOD[:3], "1932-05-13", an_id("19320513"), None]).people


def test_id_and_birth_date_may_be_absent(tmp_path):
    (person,) = listed(tmp_path, ["V0001", "韩杰浩"], header=["编号", "姓名"]).people
    assert (person.id_number, person.born_on, person.roles) == (None, None, ())


def test_a_list_without_numbers_is_none(tmp_path):
    with pytest.raises(HeaderNotFound):
        listed(tmp_path, ["韩杰浩"], header=["姓名"])


def test_blank_lines_repeated_headers_and_titles_are_passed_over(tmp_path):
    rows = [["人员名册"], [], HEADER, GOOD, [], HEADER]
    found = read_members(write(tmp_path / "m.xlsx", Grid("人员", rows)))
    assert len(found.people) == 1
    assert not found.refused


@pytest.fixture
def directory(tmp_path):
    found = listed(
        tmp_path,
        ["V0001", "高俊", "志愿者"],
        ["V0002", "高俊", "志愿者"],
        ["V0003", "陈玉", "志愿者"],
        ["E0001", "陈玉", "老人"],
        ["E0002", "杨玲英", "老人", None, an_id("19521210")],
        ["V0004", "买买提·吐尔逊", "志愿者"],
    )
    return Directory.of({person.numbers[0]: person for person in found.people})


@pytest.mark.parametrize(
    ("number", "name", "role", "person"),
    [
        ("V0001", None, "volunteer", "V0001"),
        ("V0001", "高俊", "volunteer", "V0001"),
        (None, "陈玉", "volunteer", "V0003"),
        (None, "陈玉", "elder", "E0001"),
        (an_id("19521210"), None, "elder", "E0002"),
        (None, "买买提·吐尔逊", "volunteer", "V0004"),
    ],
)
def test_whom_a_mention_means(directory, number, name, role, person):
    assert directory.find(PersonMention("", number, name), role).person == person


@pytest.mark.parametrize(
    ("number", "name", "role", "code"),
    [
        (None, "高俊", "volunteer", "ambiguous_member"),
        (None, "查无此人", "elder", "unknown_member"),
        ("V0099", None, "volunteer", "unknown_member"),
        ("E0002", None, "volunteer", "not_a_volunteer"),
        ("V0001", "陈玉", "volunteer", "unknown_member"),
        (None, "杨玲英", "volunteer", "not_a_volunteer"),
        (None, "高俊", "elder", "not_a_recipient"),
    ],
)
def test_mentions_that_mean_nobody_in_particular(directory, number, name, role, code):
    found = directory.find(PersonMention("", number, name), role)
    assert (found.person, found.code) == (None, code)


def test_candidates_are_masked(directory):
    found = directory.find(PersonMention("高俊", None, "高俊"), "volunteer")
    assert found.candidates == ("高＊(V0001)", "高＊(V0002)")
