"""How a name sounds: initials and pinyin, so that a clerk finds 单晓明 by typing "sxm"."""

import re
import unicodedata

from timebank.people.surnames import READINGS, split_name

_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def pinyin_of(name: str) -> str:
    """A normalised name in lower-case pinyin without tones, by syllables: "shan xiao ming".

    The surname is read as a surname (单 shan, 解 xie, 仇 qiu, 曾 zeng); ü stays ü.  What is no Han
    character stays as it is, in lower case.
    """
    return " ".join(_syllables(name))


def initials_of(name: str) -> str:
    """The first letters of :func:`pinyin_of`, without accents: "sxm", also "lxm" for 吕晓明."""
    return "".join(unicodedata.normalize("NFD", each)[0] for each in _syllables(name))


def sort_key(name: str) -> tuple[str, str]:
    """Orders names as a Chinese register does, by sound and then by character."""
    return pinyin_of(name), name


def _syllables(name: str) -> list[str]:
    if not _is_han(name[:1]):
        return _read(name)
    surname, given = split_name(name)
    reading = READINGS.get(surname)
    return (reading.split() if reading else _read(surname)) + _read(given)


def _read(text: str) -> list[str]:
    # Characters one by one: a phrase dictionary would read 长安 in a name as a word.
    from pypinyin import Style, lazy_pinyin  # its dictionaries take 0.2 s: only when needed

    syllables: list[str] = []
    for part in re.split(r"([\u2e80-\u9fff\U00020000-\U0003ffff])", text):
        if _is_han(part):
            syllables += lazy_pinyin(part, style=Style.NORMAL, v_to_u=True)
        else:
            syllables += [word.lower() for word in _LATIN_WORD.findall(part)]
    return syllables


def _is_han(text: str) -> bool:
    return len(text) == 1 and ("\u2e80" <= text <= "\u9fff" or "\U00020000" <= text <= "\U0003ffff")
