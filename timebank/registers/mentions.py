"""Who a cell speaks of: one or several people by name or number, or nobody in particular."""

import re
from dataclasses import dataclass
from functools import lru_cache

from timebank.registers.cells import Cell, Unreadable, blank, packed, show, tidy
from timebank.registers.model import PersonMention
from timebank.registers.vocabulary import key, vocabulary

_SEPARATORS = re.compile(r"[、,;/\\|&+\n]|(?<=[^\x00-\x7f])[.-](?=[^\x00-\x7f])")
_AND = re.compile("[和与及]")
_NUMBER = re.compile(r"[A-Z]{0,4}-?\d{1,17}[A-Z]?", re.IGNORECASE)
_ID_NUMBER = re.compile(r"\d{17}[\dXx]")
_BOTH = re.compile(r"(?P<a>[^()\[\]]+?) ?[(\[](?P<b>[^()\[\]]*)[)\]]")
_NAME_THEN_NUMBER = re.compile(r"(?P<name>[^\x00-\x7f]+)[ :-]*(?P<number>[A-Za-z]{1,4}-?\d+)")
_NUMBER_THEN_NAME = re.compile(r"(?P<number>[A-Za-z]{0,4}-?\d+)[ :-]*(?P<name>[^\x00-\x7f]+)")
_BRACKETS = str.maketrans("【〔〖［「[", "((((((") | str.maketrans("】〕〗］」]", "))))))")
_LABEL = re.compile(
    r"(?:志愿者|服务对象|老人|姓名|编号|工号|卡号|证号)+(?::|(?=[A-Za-z]{1,4}\d)) ?"
)
_LISTED = re.compile(r"(?:(?<=^)|(?<=[ 、,;]))\d{1,2}[.)、] ?(?=[^\x00-\x7f])")
_HEADS = re.compile(
    r"(?P<group>.*?)(?:约|共)?(?P<count>\d{1,6})(?:余|多)?(?:人次|人|名|位)(?:左右)?"
)
_LATIN = re.compile(r"[A-Za-z]")

RUINED = "身份证号按数字输入，末尾几位已经丢失，请把单元格设为文本后重新输入"


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a cell names: people, or a group that is nobody in particular and how many it was."""

    people: tuple[PersonMention, ...] = ()
    public: str | None = None
    head_count: int | None = None


def clean_name(text: str) -> str:
    """A name as people are looked up by: narrow, without the spaces that pad Chinese names."""
    narrow = tidy(text)
    if _LATIN.search(narrow):
        return narrow.casefold()
    return narrow.replace(" ", "").replace("•", "·").replace("・", "·")


def clean_number(text: str) -> str:
    """A member number as people are looked up by: narrow, without spaces, in capitals."""
    return packed(text).upper()


def read_people(cell: Cell) -> tuple[PersonMention, ...]:
    """Everybody whom a cell names, in its order, each once.

    Several are parted by 、 ， ； / 和 a line break, or by spaces where each part could be a
    whole name; spaces inside a name are dropped (王　德).

    Raises:
        Unreadable: an 18-digit ID that was typed as a number has lost its last digits.
    """
    if type(cell) is str:
        return _people_of_text(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 1e15:
        raise Unreadable(RUINED)
    return _people_of_text(show(cell))


@lru_cache(maxsize=16_384)
def _people_of_text(text: str) -> tuple[PersonMention, ...]:
    if re.fullmatch(r"\d(?:\.\d+)?[Ee]\+1[4-9]", text.strip()):
        raise Unreadable(RUINED)
    lines = "、".join(part for part in text.replace("\r", "\n").split("\n") if part.strip())
    narrow = _guard_brackets(_plain(tidy(lines)))
    found: dict[PersonMention, None] = {}
    for part in _SEPARATORS.split(narrow):
        for piece in _split_spaces(part.strip(" -").replace("\x1f", "/")):
            for mention in _split_and(piece):
                found.setdefault(_mention(mention))
    return tuple(found)


def _plain(text: str) -> str:
    """Without what a cell adds to its people: 志愿者：王德, 1.王德 2.高俊, 王德 (V1) 高俊 (V2)."""
    round_brackets = _LABEL.sub("", text.strip("'").translate(_BRACKETS))
    if re.match(r"1[.)、]", round_brackets):
        round_brackets = _LISTED.sub("", round_brackets)
    round_brackets = vocabulary().parted_honorifics.sub("", round_brackets)
    return re.sub(r"\) ?(?=[^\s()、,;/和与及])", ")、", round_brackets)


def _guard_brackets(text: str) -> str:
    return re.sub(r"\([^()]*\)", lambda m: m.group().replace("/", "\x1f"), text)


def _split_spaces(text: str) -> list[str]:
    """Parts that are each a whole name or number; a padded or Latin name stays in one piece."""
    parts = text.split(" ")
    if len(parts) == 1 or _LATIN.search(re.sub(r"[A-Za-z]{1,4}-?\d+", "", text)) or "(" in text:
        return [text] if text else []
    if all(_NUMBER.fullmatch(part) for part in parts):
        return parts
    names = [part for part in parts if not _NUMBER.fullmatch(part)]
    whole = all(2 <= len(part) <= 4 for part in names) and len(names) == len(parts)
    if whole and parts[0] not in vocabulary().double_surnames:
        return parts
    return [text]


def _split_and(text: str) -> list[str]:
    """Two names joined by 和; a name that contains it (李和平) is left whole."""
    for joint in _AND.finditer(text):
        left, right = text[: joint.start()].strip(), text[joint.end() :].strip()
        if len(left.replace(" ", "")) >= 2 and len(right.replace(" ", "")) >= 2:
            return [left, *_split_and(right)]
    return [text]


def _name(text: str) -> str:
    """The name without what politeness adds: 朱桂兰奶奶 is 朱桂兰; 朱奶奶 is left as it is."""
    return vocabulary().honorifics.sub("", clean_name(text))


def _mention(text: str) -> PersonMention:
    if both := _BOTH.fullmatch(text):
        a, b = both["a"].strip(), both["b"].strip()
        if _is_number(b):
            return PersonMention(text, clean_number(b), _name(a))
        if _is_number(a):
            return PersonMention(text, clean_number(a), _name(b))
        return PersonMention(text, None, _name(a))  # 张三(组长)
    if _is_number(text):
        return PersonMention(text, clean_number(text), None)
    for pattern in (_NAME_THEN_NUMBER, _NUMBER_THEN_NAME):
        if found := pattern.fullmatch(text):
            return PersonMention(text, clean_number(found["number"]), _name(found["name"]))
    return PersonMention(text, None, _name(text))


def _is_number(text: str) -> bool:
    bare = packed(text)
    return bool(_NUMBER.fullmatch(bare) or _ID_NUMBER.fullmatch(bare))


def pair(names: Cell, numbers: Cell) -> tuple[PersonMention, ...]:
    """People whose names and numbers stand in two columns, matched in their order.

    Raises:
        Unreadable: both are filled in, with different counts of people.
    """
    if blank(numbers):
        return read_people(names)
    named, numbered = read_people(names), read_people(numbers)
    if not named or not numbered:
        return named or numbered
    if len(named) != len(numbered):
        raise Unreadable(f"写了{len(named)}个姓名，却有{len(numbered)}个编号")
    return tuple(
        PersonMention(f"{who.text}({no.text})", no.number or who.number, who.name)
        for who, no in zip(named, numbered, strict=True)
    )


def read_recipients(cell: Cell) -> Recipients:
    """Whom the service was for.

    Raises:
        Unreadable: as :func:`read_people`.
    """
    return _recipients_of_text(cell) if type(cell) is str else _recipients(cell)


@lru_cache(maxsize=16_384)
def _recipients_of_text(text: str) -> Recipients:
    return _recipients(text)


def _recipients(cell: Cell) -> Recipients:
    text = key(show(cell))
    if not text:
        return Recipients()
    if found := _HEADS.fullmatch(text):
        return Recipients(public=show(cell).strip(), head_count=int(found["count"]))
    people, groups = [], []
    for mention in read_people(cell):
        names = (mention.name or "", clean_name(mention.text))  # 独居老人 is no 独居
        if mention.number is None and any(map(_is_group, names)):
            groups.append(mention.text)
        else:
            people.append(mention)
    return Recipients(tuple(people), "、".join(groups) or None)


def _is_group(name: str) -> bool:
    words = vocabulary()
    if name in words.nobody_words or (len(name) > 2 and name.endswith(words.nobody_endings)):
        return True
    return any(pattern.search(name) for pattern in words.nobody_patterns)


def read_head_count(cell: Cell) -> int | None:
    """How many people benefited, or None where the cell holds no whole number above zero."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell) if cell > 0 and float(cell).is_integer() else None
    found = re.fullmatch(
        r"(?:约|共)?(\d{1,7})(?:余|多)?(?:人次|人|名|位|户)?(?:左右)?", packed(show(cell))
    )
    return (int(found[1]) or None) if found else None
