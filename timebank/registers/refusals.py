"""Why a single row is refused, in the clerk's words, and what the clerk can do about it.

The codes are permanent.  Reading tries them in the order of this list; what needs the members,
the calendar or the other rows comes after everything that the row alone can tell.
"""

from enum import StrEnum

from timebank.registers.model import RowRefusal


class Code(StrEnum):
    """The permanent codes, in the order in which they are tried."""

    MISSING_FIELD = "missing_field"
    UNREADABLE_DATE = "unreadable_date"
    UNREADABLE_TIME = "unreadable_time"
    UNREADABLE_DURATION = "unreadable_duration"
    END_BEFORE_START = "end_before_start"
    DURATION_MISMATCH = "duration_mismatch"
    ID_NUMBER_TYPED_AS_NUMBER = "id_number_typed_as_number"
    UNKNOWN_MEMBER = "unknown_member"
    NOT_A_VOLUNTEER = "not_a_volunteer"
    NOT_A_RECIPIENT = "not_a_recipient"
    AMBIGUOUS_MEMBER = "ambiguous_member"
    IN_THE_FUTURE = "in_the_future"
    DUPLICATE = "duplicate"
    OVERLAPPING_SERVICE = "overlapping_service"


_TEMPLATES: dict[Code, tuple[str, str]] = {
    Code.MISSING_FIELD: ("缺少“{field}”", "把“{field}”补填完整"),
    Code.UNREADABLE_DATE: (
        "“{field}”读不出来：“{text}”{why}",
        "把日期写完整，例如 2023-03-05",
    ),
    Code.UNREADABLE_TIME: (
        "“{field}”读不出来：“{text}”{why}",
        "把时间写成 14:30 的样子",
    ),
    Code.UNREADABLE_DURATION: (
        "“{field}”读不出来：“{text}”{why}",
        "把时长写成 1.5小时、90分钟 或 1小时30分",
    ),
    Code.END_BEFORE_START: (
        "结束时间 {end} 不晚于开始时间 {start}",
        "核对起止时间；跨过半夜的服务请在结束时间前写“次日”",
    ),
    Code.DURATION_MISMATCH: (
        "“{field}”写的是“{text}”，按起止时间应为 {minutes} 分钟",
        "核对起止时间和时长，改到两者一致",
    ),
    Code.ID_NUMBER_TYPED_AS_NUMBER: (
        "“{field}”{why}",
        "改填人员编号或姓名，或把身份证号按文本重新输入",
    ),
    Code.UNKNOWN_MEMBER: (
        "“{field}”里的“{text}”{why}",
        "先登记此人，或改正姓名、编号，再导入",
    ),
    Code.NOT_A_VOLUNTEER: (
        "“{field}”里的“{text}”没有登记为志愿者",
        "核对填在这一栏的人；确是志愿者的，先补登记这一身份，再导入",
    ),
    Code.NOT_A_RECIPIENT: (
        "“{field}”里的“{text}”没有登记为老人",
        "核对填在这一栏的人；确是服务对象的，先补登记这一身份，再导入",
    ),
    Code.AMBIGUOUS_MEMBER: (
        "“{field}”里的“{text}”有 {count} 位同名：{candidates}",
        "在姓名后注明编号，例如 {text}(编号)",
    ),
    Code.IN_THE_FUTURE: ("服务日期 {on} 还没有到", "核对年份和日期"),
    Code.DUPLICATE: ("与{other}重复", "确属同一次服务就删去这一行；不是的话请改正时间或内容"),
    Code.OVERLAPPING_SERVICE: (
        "与{other}时间重叠：同一个人不能同时在两次服务里",
        "核对两行的日期和时间",
    ),
}


def refuse(code: Code, place: str, **facts: object) -> RowRefusal:
    """The refusal of the row at ``place`` ("第29行"), its sentence made from ``facts``."""
    said, mend = _TEMPLATES[code]
    filled = {name: str(value) for name, value in facts.items()}
    return RowRefusal(code.value, f"{place}：{said.format_map(filled)}", mend.format_map(filled))


def place_of(sheet: str, row: int, *, name_sheet: bool) -> str:
    """How an explanation points at a row; the sheet is named only where there are several."""
    return f"“{sheet}”第{row}行" if name_sheet else f"第{row}行"
