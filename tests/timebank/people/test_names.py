"""timebank/people/names.py: a clerk finds people by the sound of their names."""

import pytest

from timebank.people.names import initials_of, pinyin_of, sort_key


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单晓明", "shan xiao ming", "sxm"),
        ("解放", "xie fang", "xf"),
        ("仇英", "qiu ying", "qy"),
        ("曾子秀", "zeng zi xiu", "zzx"),
        ("查良镛", "zha liang yong", "zly"),
        ("朴正", "piao zheng", "pz"),
        ("区小平", "ou xiao ping", "oxp"),
        ("翟天", "zhai tian", "zt"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("欧阳修", "ou yang xiu", "oyx"),
        ("吕晓明", "lü xiao ming", "lxm"),
        ("任平生", "ren ping sheng", "rps"),
        ("阿依古丽·图尔逊", "a yi gu li tu er xun", "aygltex"),
        ("Anna Lee", "anna lee", "al"),
        ("Émile O'Brien", "émile o'brien", "eo"),
        ("王Anna", "wang anna", "wa"),
        ("", "", ""),
    ],
)
def test_names_by_sound(name, pinyin, initials):
    assert (pinyin_of(name), initials_of(name)) == (pinyin, initials)


def test_a_reading_belongs_to_the_surname_only():
    assert pinyin_of("王单").split()[1] == "dan"
    assert pinyin_of("王解").split()[1] == "jie"


def test_registers_are_ordered_by_sound():
    names = ["赵一", "单二", "曾三", "安四"]

    assert sorted(names, key=sort_key) == ["安四", "单二", "曾三", "赵一"]
