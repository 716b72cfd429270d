"""Refusals and faults about policy profiles and the vault's keys: most of them stop the start."""

from timebank.errors.base import BankRefusal


class UnknownProfile(BankRefusal):
    """No policy profile of that name is shipped or configured.  Facts: ``profile``, ``known``."""

    code = "unknown_profile"
    message_zh = "没有名为 {profile} 的规则；可用：{known}。"
    message_en = "There is no policy profile {profile}; known are {known}."


class ProfileInvalid(BankRefusal):
    """A profile that cannot be used.  Facts: ``profile``, ``where``, ``why``, ``why_zh``."""

    code = "profile_invalid"
    message_zh = "规则 {profile} 有误，{where}：{why_zh}。"
    message_en = "Policy profile {profile} is not valid, {where}: {why}."


class ProfileUnitNotTime(BankRefusal):
    """A profile that counts services or prices, not time.  Facts: ``profile``, ``kind``."""

    code = "profile_unit_not_time"
    message_zh = "规则 {profile} 的单位是 {kind}，不是时间；账本只记分钟，无法使用此规则。"
    message_en = "Profile {profile} counts {kind}, not time; the books hold minutes only."


class ProfilesOverlap(BankRefusal):
    """Two profiles of one family in force on one day.  Facts: ``first``, ``second``, ``on``."""

    code = "profiles_overlap"
    message_zh = "规则 {first} 与 {second} 在 {on} 同时有效；同一天只能有一份规则。"
    message_en = "Profiles {first} and {second} are both in force on {on}; one day has one."


class ProfilePricesThePast(BankRefusal):
    """A profile would begin when services are recorded already.  Facts: ``start``, ``on``."""

    code = "profile_prices_the_past"
    message_zh = (
        "规则自 {start} 起施行，但 {on} 已有服务记录；"
        "新规则不得改变已记录的服务，请改为更晚的日期。"
    )
    message_en = "A service of {on} is recorded, so no profile may begin on {start}: begin later."


class NoProfileInForce(BankRefusal):
    """No profile covers the day.  Facts: ``on``."""

    code = "no_profile_in_force"
    message_zh = "{on} 没有有效的规则，无法计算时间。"
    message_en = "No policy profile was in force on {on}."


class VaultKeyMissing(BankRefusal):
    """The vault's master key file is not there.  Facts: ``file``, its name without the folder."""

    code = "vault_key_missing"
    message_zh = "找不到个人信息保险库的主密钥文件 {file}；没有它，任何姓名都无法读出。"
    message_en = "The vault's master key file {file} is missing; without it no name can be read."


class VaultKeyExists(BankRefusal):
    """A master key file is there already and is never overwritten.  Facts: ``file``."""

    code = "vault_key_exists"
    message_zh = "主密钥文件 {file} 已经存在；绝不覆盖。"
    message_en = "The vault's master key file {file} exists already and is never overwritten."


class VaultKeyInvalid(BankRefusal):
    """A master key file that is damaged, or belongs to another book.  Facts: ``why``, a code."""

    code = "vault_key_invalid"
    message_zh = "主密钥文件不可用（{why}）。"
    message_en = "The vault's master key cannot be used ({why})."


class SealBroken(BankRefusal):
    """Sealed data that was altered, or moved from another person.  Facts: ``person``."""

    code = "seal_broken"
    message_zh = "{person} 的加密信息被改动过或不属于此人，拒绝读取。"
    message_en = "The sealed data of {person} was altered or belongs to somebody else."
