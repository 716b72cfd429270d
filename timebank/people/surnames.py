"""Chinese surnames of two characters, and those that are read otherwise than the word."""

_COMPOUND = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳"
    " 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西"
    " 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生"
    " 左丘 西门 第五 完颜 单于 淳于 纳兰 叶赫 爱新觉罗"
)
COMPOUND = frozenset(_COMPOUND.split())
"""Surnames of more than one character, as the 百家姓 and today's registers have them."""

READINGS: dict[str, str] = {
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "单于": "chan yu",
    "澹台": "tan tai",
    "乐正": "yue zheng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "曾": "zeng",
    "查": "zha",
    "朴": "piao",
    "区": "ou",
    "盖": "ge",
    "翟": "zhai",
    "乐": "yue",
    "缪": "miao",
    "覃": "qin",
    "种": "chong",
    "繁": "po",
    "员": "yun",
    "洗": "xian",
    "折": "she",
    "黑": "he",
    "秘": "bi",
    "重": "chong",
    "祭": "zhai",
    "都": "du",
    "牟": "mu",
    "召": "shao",
    "句": "gou",
    "能": "nai",
    "难": "ning",
    "佴": "nai",
    "颉": "xie",
    "卜": "bu",
    "隗": "wei",
    "郇": "xun",
    "薄": "bo",
    "参": "shen",
    "藏": "zang",
    "粘": "nian",
    "不": "fou",
    "阚": "kan",
}
"""Surnames that pypinyin would read as the word: lower case, no tones, the commoner reading."""


def split_name(name: str) -> tuple[str, str]:
    """Surname and given name of a normalised Chinese name; of another name, its first letter.

    A name of two characters that is itself a compound surname is read as surname and given name.
    """
    for length in (4, 2):
        if len(name) > length and name[:length] in COMPOUND:
            return name[:length], name[length:]
    return name[:1], name[1:]
