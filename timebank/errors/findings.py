"""Refusals about findings of reconciliation and about jobs."""

from timebank.errors.base import BankRefusal


class UnknownFinding(BankRefusal):
    """There is no such finding.  Facts: ``finding``."""

    code = "unknown_finding"
    message_zh = "没有此差异记录：{finding}。"
    message_en = "There is no finding {finding}."


class FindingClosed(BankRefusal):
    """The finding was closed; a difference that comes back is a new one.  Facts: ``finding``."""

    code = "finding_closed"
    message_zh = "差异记录 {finding} 已经关闭；若差异再次出现，会另立新记录。"
    message_en = "Finding {finding} is closed; a difference that comes back is a new finding."


class UnknownJob(BankRefusal):
    """There is no job of that name.  Facts: ``job``."""

    code = "unknown_job"
    message_zh = "没有名为 {job} 的后台任务。"
    message_en = "There is no job {job}."


class JobAlreadyRun(BankRefusal):
    """That planned run has been done or is going on.  Facts: ``job``."""

    code = "job_already_run"
    message_zh = "后台任务 {job} 的这一次计划运行已经完成或正在进行。"
    message_en = "This planned run of {job} is done or going on."
