"""timebank/registers/mentions.py: whom a cell speaks of."""

import pytest

from timebank.registers.cells import Unreadable
from timebank.registers.mentions import (
    clean_name,
    pair,
    read_head_count,
    read_people,
    read_recipients,
)


def said(cell):
    return [(mention.number, mention.name) for mention in read_people(cell)]


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("王德", [(None, "王德")]), ("王　德", [(None, "王德")]), (" 王 德 ", [(None, "王德")]),
        ("王德　", [(None, "王德")]), ("买买提·吐尔逊", [(None, "买买提·吐尔逊")]),
        ("V0001", [("V0001", None)]), ("v0001", [("V0001", None)]),
        ("Ｖ０００１", [("V0001", None)]),
        (1001.0, [("1001", None)]), (1001, [("1001", None)]), ("V-001", [("V-001", None)]),
        ("张三(V0001)", [("V0001", "张三")]), ("张三（V0001）", [("V0001", "张三")]),
        ("V0001(张三)", [("V0001", "张三")]), ("V0001张三", [("V0001", "张三")]),
        ("V0001 张三", [("V0001", "张三")]), ("张三V0001", [("V0001", "张三")]),
        ("张三（组长）", [(None, "张三")]), ("320113197912159561", [("320113197912159561", None)]),
        ("张三、李四", [(None, "张三"), (None, "李四")]),
        ("张三,李四，王五；赵六", [(None, "张三"), (None, "李四"), (None, "王五"), (None, "赵六")]),
        ("张三/李四", [(None, "张三"), (None, "李四")]),
        ("张三\n李四", [(None, "张三"), (None, "李四")]),
        ("张三 李四", [(None, "张三"), (None, "李四")]),
        ("张三　李四", [(None, "张三"), (None, "李四")]),
        ("欧阳 娜娜", [(None, "欧阳娜娜")]),
        ("张三和李四", [(None, "张三"), (None, "李四")]), ("李和平", [(None, "李和平")]),
        ("李和平和张三", [(None, "李和平"), (None, "张三")]),
        ("V0001、V0002", [("V0001", None), ("V0002", None)]),
        ("V0001 V0002", [("V0001", None), ("V0002", None)]),
        ("张三、张三", [(None, "张三")]), ("张三、", [(None, "张三")]), ("、", []), ("", []),
        ("王　德、高　俊", [(None, "王德"), (None, "高俊")]),
        ("Anna Lee", [(None, "anna lee")]),
        ("张三【V0001】", [("V0001", "张三")]), ("张三：V0001", [("V0001", "张三")]),
        ("V0001-张三", [("V0001", "张三")]), ("编号V0001", [("V0001", None)]),
        ("张三（编号：V0001）", [("V0001", "张三")]), ("志愿者：张三", [(None, "张三")]),
        ("张三 (V0001) 李四 (V0002)", [("V0001", "张三"), ("V0002", "李四")]),
        ("张三（组长）和李四", [(None, "张三"), (None, "李四")]),
        ("1.张三 2.李四", [(None, "张三"), (None, "李四")]),
        ("1、张三、2、李四", [(None, "张三"), (None, "李四")]),
        ("张三-李四", [(None, "张三"), (None, "李四")]),
        ("'320113197912159561", [("320113197912159561", None)]),
        ("朱桂兰奶奶", [(None, "朱桂兰")]), ("徐福 老人", [(None, "徐福")]),
        ("朱桂兰奶奶、徐福生爷爷", [(None, "朱桂兰"), (None, "徐福生")]),
        ("陈静老师(V0005)", [("V0005", "陈静")]), ("朱奶奶", [(None, "朱奶奶")]),
    ],
    ids=str,
)  # fmt: skip
def test_people(cell, people):
    assert said(cell) == people


@pytest.mark.parametrize("cell", [3.20113197912159561e17, "3.20113E+17", 320113197912159561])
def test_an_id_that_was_typed_as_a_number_is_ruined(cell):
    with pytest.raises(Unreadable, match="丢失"):
        read_people(cell)


def test_names_and_numbers_in_two_columns_are_paired_in_order():
    assert [(m.number, m.name) for m in pair("张三、李四", "V0001、V0002")] == [
        ("V0001", "张三"),
        ("V0002", "李四"),
    ]
    assert [(m.number, m.name) for m in pair(None, "V0001")] == [("V0001", None)]
    assert [(m.number, m.name) for m in pair("张三", None)] == [(None, "张三")]
    with pytest.raises(Unreadable, match="2个姓名"):
        pair("张三、李四", "V0001")


@pytest.mark.parametrize(
    ("cell", "public", "count"),
    [
        ("公众", "公众", None), ("社区居民", "社区居民", None), ("全体居民", "全体居民", None),
        ("幸福路路段", "幸福路路段", None), ("社区居民50人", "社区居民50人", 50),
        ("50人次", "50人次", 50), ("约30人", "约30人", 30), ("群众，行人", "群众、行人", None),
        ("居民 群众", "居民、群众", None), ("独居老人", "独居老人", None),
        ("辖区60岁以上老人", "辖区60岁以上老人", None), ("幸福里小区", "幸福里小区", None),
        ("空巢老人家庭", "空巢老人家庭", None), ("社区老年人", "社区老年人", None),
    ],
)  # fmt: skip
def test_nobody_in_particular(cell, public, count):
    found = read_recipients(cell)
    assert (found.people, found.public, found.head_count) == ((), public, count)


@pytest.mark.parametrize("cell", ["查无此人", "王德", "李小区", "无", "徐福生老人", "朱奶奶"])
def test_words_that_are_people(cell):
    assert read_recipients(cell).people
    assert read_recipients(cell).public is None


def test_people_and_a_group_in_one_cell():
    found = read_recipients("张三、社区居民")
    assert [mention.name for mention in found.people] == ["张三"]
    assert found.public == "社区居民"


@pytest.mark.parametrize(
    ("cell", "count"),
    [(50.0, 50), (50, 50), ("50", 50), ("50人次", 50), ("约50人", 50), ("0", None), (0.0, None),
     ("若干", None), ("", None), (None, None), (1.5, None), (True, None)],
)  # fmt: skip
def test_head_counts(cell, count):
    assert read_head_count(cell) == count


def test_names_are_compared_without_padding():
    assert clean_name(" 王　德 ") == clean_name("王德") == "王德"
