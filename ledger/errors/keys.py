"""Refusals of signing keys and of what they signed."""

from ledger.errors.base import Refusal


class SigningKeyUnknown(Refusal):
    """No leaf of the book introduced this signing key.  Facts: ``key`` (its name)."""

    code = "signing_key_unknown"
    message_zh = "签名密钥未登记：{key}。"
    message_en = "Signing key {key} is not enrolled."


class SigningKeyExists(Refusal):
    """A key of this name is enrolled already.  Facts: ``key`` (its name)."""

    code = "signing_key_exists"
    message_zh = "签名密钥已登记：{key}。"
    message_en = "Signing key {key} is enrolled already."


class SigningKeyEnded(Refusal):
    """A key that was revoked or replaced; its name is not used again.  Facts: ``key``."""

    code = "signing_key_ended"
    message_zh = "签名密钥已停用：{key}。"
    message_en = "Signing key {key} was revoked or replaced."


class SigningKeyUnfit(Refusal):
    """A key that may not enter the log.  Facts: ``key`` (its name), ``why`` (a word).

    ``why`` is ``key_id_taken``, ``kind_not_allowed``, ``kind_taken``, ``name_not_allowed``,
    ``not_possessed``, ``role_not_allowed`` or ``weak``.
    """

    code = "signing_key_unfit"
    message_zh = "密钥不能登记：{key}（{why}）。"
    message_en = "Key {key} cannot be enrolled: {why}."


class ApprovalMissing(Refusal):
    """A change of keys that needs the root keys' word and has it not.  Facts: ``key``, ``needed``.

    ``needed`` is the number of root keys that must sign.
    """

    code = "approval_missing"
    message_zh = "缺少根密钥的批准（需要 {needed} 把根密钥签名）：{key}。"
    message_en = "The change of {key} needs the approval of {needed} root keys."


class LastOperatorKey(Refusal):
    """The only operator key that is left; add another first.  Facts: ``key`` (its name)."""

    code = "last_operator_key"
    message_zh = "这是最后一把运营密钥，请先登记新的：{key}。"
    message_en = "{key} is the last operator key; enrol another one first."


class SubmissionUnfit(Refusal):
    """A signed submission that no leaf can carry.  Facts: ``why``, a word.

    ``why`` is ``form``, ``origin``, ``kind``, ``lines``, ``signature``, ``facts`` (what is signed
    is not what was asked) or ``record`` (its record is there already).
    """

    code = "submission_unfit"
    message_zh = "签名的提交不能入账（{why}）。"
    message_en = "The signed submission cannot be taken: {why}."


class SequenceBroken(Refusal):
    """A submission that does not follow its key's last.  Facts: ``key``, ``expected``, ``seq``.

    The device fetches where its key stands, signs what waits anew, and sends it in order.
    """

    code = "sequence_broken"
    message_zh = "设备提交的序号没有接上（应为 {expected}，收到 {seq}）；请设备重新取号后再发。"
    message_en = "Submission {seq} of {key} does not follow its last one; {expected} is next."


class SequenceForked(Refusal):
    """A second text that the key signed under a number of its own that was used.  It ended the key.

    Facts: ``key``, ``seq``.  Somebody holds a copy of the key, or the device lost what it had sent:
    a new key under a new name is enrolled, and what the log lacks is signed anew by that one.
    """

    code = "sequence_forked"
    message_zh = (
        "密钥 {key} 用同一序号 {seq} 签了两份不同的内容，已停用；"
        "请检查设备，再以新名称为它登记新密钥，未入账的服务用新密钥重新签名。"
    )
    message_en = (
        "Key {key} signed two different texts as number {seq} and was ended. Look after the "
        "device, enrol it anew under a new name, and sign with that key what is not recorded."
    )


class SubmissionNotAllowed(Refusal):
    """A submission of a kind that the key's role may not submit.  Facts: ``key``, ``kind``."""

    code = "submission_not_allowed"
    message_zh = "密钥 {key} 不能提交这类内容：{kind}。"
    message_en = "Key {key} may not submit a {kind}."
