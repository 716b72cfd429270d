"""What can break: nothing was decided, and somebody must look."""

from ledger.errors.base import LedgerFault


class StorageFault(LedgerFault):
    """The database or the disk failed; what was not acknowledged happened wholly or not at all."""

    code = "storage_fault"
    message_zh = "存储故障，请稍后重试。"
    message_en = "Storage failed; nothing was acknowledged."


class LogForked(LedgerFault):
    """What is stored or published differs from what was written before: all writing stops."""

    code = "log_forked"
    message_zh = "日志与已公布的内容不一致，已停止写入；请保留现场，按《服务启动不了怎么办》处理。"
    message_en = (
        "The log disagrees with what was published before; writing has stopped. "
        "Keep everything as it is and follow how-to/recover-a-server."
    )


class BookNotFound(LedgerFault):
    """The folder or database holds no book."""

    code = "book_not_found"
    message_zh = "这里不是时间银行的数据文件夹。"
    message_en = "This is not a time bank folder."


class BookExists(LedgerFault):
    """A book stands where a new one was to be founded."""

    code = "book_exists"
    message_zh = "这里已经有一本账，不能重新建立。"
    message_en = "There is a book here already."


class SchemaAltered(LedgerFault):
    """Tables, triggers or checks are not those that this version made."""

    code = "schema_altered"
    message_zh = "数据库结构被改动过，拒绝启动。"
    message_en = "The database schema was altered; refusing to start."


class LogKeyMissing(LedgerFault):
    """This process does not hold a key that must sign the log's checkpoints."""

    code = "log_key_missing"
    message_zh = "缺少日志签名密钥，已停止写入。"
    message_en = "A key of the log is not held here; nothing can be signed."


class BookFrozen(LedgerFault):
    """The log was frozen by its root keys; it takes no further leaf."""

    code = "book_frozen"
    message_zh = "本账已冻结，不再记账。"
    message_en = "The book is frozen and takes nothing any more."


class PeriodClosed(LedgerFault):
    """The clock stands before the end of a closed period, which takes nothing any more."""

    code = "period_closed"
    message_zh = "系统时钟早于已结账期间的期末，已停止记账；请校正时钟。"
    message_en = "The clock stands within a closed period; set it right."
