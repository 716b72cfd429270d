"""Refusals about an installation: its settings, its key files, the folders that it is given."""

from timebank.errors.base import BankRefusal


class SettingInvalid(BankRefusal):
    """A setting of the environment that cannot be used.  Facts: ``setting``, ``why``."""

    code = "setting_invalid"
    message_zh = "设置 {setting} 不可用：{why}。"
    message_en = "The setting {setting} cannot be used: {why}."


class OriginInvalid(BankRefusal):
    """An origin that no key of the log could bear in its name.  Facts: ``most``."""

    code = "origin_invalid"
    message_zh = (
        "日志来源只能由 1 到 {most} 位英文字母、数字和 . _ / : @ ~ - 组成，且以字母或数字开头。"
    )
    message_en = (
        "An origin is 1 to {most} letters, digits and . _ / : @ ~ -, a letter or digit first."
    )


class KeyFileUnusable(BankRefusal):
    """The file of a signing key is missing, or no key that is safe.  Facts: ``file``, ``why``."""

    code = "key_file_unusable"
    message_zh = "密钥文件 {file} 不可用（{why}）；请从密钥的备份恢复，或改正文件权限。"
    message_en = "The key file {file} cannot be used ({why}); restore it, or mend its permissions."


class LogLineKeyExists(BankRefusal):
    """A further key of the log, of a kind that it has for good.  Facts: ``file`` that has it."""

    code = "log_line_key_exists"
    message_zh = "账本已有这一种密钥（{file}），不能另造：读者认的是原来那把，请从备份恢复。"
    message_en = (
        "The log has a key of this kind ({file}) and cannot get another: readers know that one. "
        "Restore it from its backup."
    )


class ExtraMissing(BankRefusal):
    """Something that an optional library is needed for.  Facts: ``extra`` that has it."""

    code = "extra_missing"
    message_zh = "需要先安装附加组件 {extra}：pip install 'timebank[{extra}]'。"
    message_en = "The extra {extra} is needed: pip install 'timebank[{extra}]'."


class FormerBookUnfit(BankRefusal):
    """A book that no other can follow as it stands.  Facts: ``why``."""

    code = "former_book_unfit"
    message_zh = "不能承接前一账本：{why}。"
    message_en = "The former book cannot be carried over: {why}."


class KeyTextUnreadable(BankRefusal):
    """A file that is no proof, request or approval of a key.  Facts: ``what`` was expected."""

    code = "key_text_unreadable"
    message_zh = "这个文件不是密钥的证明、申请或批准（{what}），或已被改动。"
    message_en = "The file is no {what} of a key, or it was changed."


class FolderInUse(BankRefusal):
    """A new folder was to be written where something is already.  Facts: ``folder``."""

    code = "folder_in_use"
    message_zh = "{folder} 已经存在且不是空文件夹；请换一个新的名称。"
    message_en = "There is something at {folder} already; give the name of a new folder."


class WitnessKeyMissing(BankRefusal):
    """A folder that no witness has a key in.  Facts: ``folder``."""

    code = "witness_key_missing"
    message_zh = "{folder} 里没有见证人的密钥；请先运行 timebank witness vkey，并用 --name 取名。"
    message_en = (
        "There is no witness's key in {folder}; run timebank witness vkey with --name first."
    )


class WitnessNameDiffers(BankRefusal):
    """A name for a witness that has another.  Facts: ``key``, which it has."""

    code = "witness_name_differs"
    message_zh = "这个见证人已有名称 {key}，不能改名；另一个见证人请用另一个文件夹。"
    message_en = "This witness is named {key} already; another one needs a folder of its own."


class WitnessDamaged(BankRefusal):
    """What a witness cosigned last cannot be read.  Facts: ``why``."""

    code = "witness_damaged"
    message_zh = (
        "见证人最后签过的检查点无法读取（{why}）；"
        "忘记自己签过什么的见证人不能再签，请用新文件夹和新密钥。"
    )
    message_en = (
        "What this witness cosigned last cannot be read ({why}); one that forgot must not sign "
        "again: begin a new folder with a new key."
    )


class TimestampFailed(BankRefusal):
    """No token of the time-stamping authority that verifies.  Facts: ``why``."""

    code = "timestamp_failed"
    message_zh = "没有取得有效的时间戳（{why}）。"
    message_en = "There is no valid time stamp ({why})."
