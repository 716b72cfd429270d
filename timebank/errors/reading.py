"""Refusals of what cannot be read: cells, files and folders."""

from timebank.errors.base import BankRefusal


class MissingField(BankRefusal):
    """A field that every record needs is empty.  Facts: ``field``."""

    code = "missing_field"
    message_zh = "“{field}”没有填写；这一栏必须填写。"
    message_en = "The {field} is missing; every record needs it."


class UnreadableDate(BankRefusal):
    """A cell that is no calendar day.  Facts: ``field``, ``given``."""

    code = "unreadable_date"
    message_zh = "“{field}”无法识别：{given}；请写成 2023-03-05 或 2023年3月5日。"
    message_en = "The {field} cannot be read: {given}; write it as 2023-03-05."


class UnreadableTime(BankRefusal):
    """A cell that is no time of day.  Facts: ``field``, ``given``."""

    code = "unreadable_time"
    message_zh = "“{field}”无法识别：{given}；请写成 8:30 或 下午2点30分。"
    message_en = "The {field} cannot be read: {given}; write it as 14:30."


class UnreadableDuration(BankRefusal):
    """A cell that is no length of time.  Facts: ``field``, ``given``."""

    code = "unreadable_duration"
    message_zh = "“{field}”无法识别：{given}；请写成 1.5、90分钟 或 2小时30分。"
    message_en = "The {field} cannot be read: {given}; write it as 1.5 (hours) or 90 minutes."


class UnreadableHeadCount(BankRefusal):
    """A head-count that is no whole number from 0 to ``most``.  Facts: ``field``, ``most``."""

    code = "unreadable_head_count"
    message_zh = "“{field}”必须是 0 到 {most} 的整数。"
    message_en = "The {field} must be a whole number from 0 to {most}."


class EndBeforeStart(BankRefusal):
    """The service ends at or before its start.  Facts: ``start``, ``end`` as HH:MM."""

    code = "end_before_start"
    message_zh = "结束时间 {end} 必须晚于开始时间 {start}；跨过午夜的服务请分两天登记。"
    message_en = "The end {end} must be later than the start {start}; split a service at midnight."


class DurationMismatch(BankRefusal):
    """The stated duration is not the time between start and end.

    Facts: ``stated_minutes``, ``timed_minutes``.
    """

    code = "duration_mismatch"
    message_zh = (
        "服务时长 {stated_minutes} 分钟与起止时间相差的 {timed_minutes} 分钟不一致；两者必须相等。"
    )
    message_en = (
        "The stated duration of {stated_minutes} minutes must equal the {timed_minutes} minutes"
        " between start and end."
    )


class DurationOutOfRange(BankRefusal):
    """Less than one minute or more than a day.  Facts: ``field``, ``minutes``, ``most_minutes``."""

    code = "duration_out_of_range"
    message_zh = "“{field}”必须在 1 到 {most_minutes} 分钟之间（收到 {minutes}）。"
    message_en = "The {field} must be 1 to {most_minutes} minutes (got {minutes})."


class UnreadableFile(BankRefusal):
    """A file that no reader understands.  Facts: ``why``, a code."""

    code = "unreadable_file"
    message_zh = "文件无法读取（{why}）；可用 .xlsx .xls .ods 或 UTF-8、GB18030 的 .csv。"
    message_en = (
        "The file cannot be read ({why}); use .xlsx, .xls, .ods, or CSV as UTF-8 or GB18030."
    )


class HeaderNotFound(BankRefusal):
    """No row of a sheet names the columns that are needed.  Facts: ``missing``, field codes."""

    code = "header_not_found"
    message_zh = "找不到表头：前若干行中没有同时出现所需的栏目（缺：{missing}）。"
    message_en = "No header row was found; columns are missing: {missing}."


class NothingToRead(BankRefusal):
    """A sheet whose header is followed by no data row."""

    code = "nothing_to_read"
    message_zh = "表格中没有任何数据行。"
    message_en = "The sheet has no data row."
