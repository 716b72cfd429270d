"""Why a whole file is refused before any of its rows is looked at."""

from ledger.errors import Refusal


class UnreadableFile(Refusal):
    """The bytes are no sheet that can be read.  Facts: ``why``, a sentence for the clerk."""

    code = "unreadable_file"
    message_zh = "文件读不出来：{why}。"
    message_en = "The file cannot be read ({why})."


class PasswordProtected(Refusal):
    """The workbook is encrypted."""

    code = "password_protected"
    message_zh = "文件设有打开密码，请去掉密码后再导入。"
    message_en = "The workbook is protected by a password."


class WorkbookTooLarge(Refusal):
    """A workbook that would not fit in memory.  Facts: ``limit_mib``, unpacked."""

    code = "workbook_too_large"
    message_zh = "表格文件太大（展开后超过 {limit_mib} MiB），请另存为 CSV 后导入，CSV 不限行数。"
    message_en = "The workbook unpacks to more than {limit_mib} MiB; save it as CSV instead."


class HeaderNotFound(Refusal):
    """No sheet has a header row that names what is needed.  Facts: ``missing``."""

    code = "header_not_found"
    message_zh = "前 30 行里没有找到表头，缺少这些列：{missing}。"
    message_en = "None of the first 30 rows is a header; missing: {missing}."
