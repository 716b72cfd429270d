"""Refusals about periods and their closing; whose turn it is, the ledger says."""

from timebank.errors.base import BankRefusal


class NotAPeriod(BankRefusal):
    """No month of the form YYYY-MM.  Facts: ``period``."""

    code = "not_a_period"
    message_zh = "期间应写成 2026-03 的样子。"
    message_en = "A period is a month, written like 2026-03."


class PeriodNotClosed(BankRefusal):
    """The period has no closing yet.  Facts: ``period``."""

    code = "period_not_closed"
    message_zh = "{period} 尚未结账。"
    message_en = "The period {period} has not been closed."


class SevereFindingsOpen(BankRefusal):
    """Findings that are alarms are open, and no reason was given.  Facts: ``findings``."""

    code = "severe_findings_open"
    message_zh = "还有 {findings} 个严重问题未处理；请先处理或说明，确须结账的请写明理由。"
    message_en = "{findings} severe findings are open: deal with them, or give a reason to close."
