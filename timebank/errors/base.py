"""What every refusal of the time bank shares: words for the fields that it names."""

from typing import ClassVar

from ledger.errors import Fact, Refusal

FIELDS: dict[str, tuple[str, str]] = {
    "volunteer": ("志愿者", "volunteer"),
    "recipient": ("服务对象", "recipient"),
    "date": ("服务日期", "date"),
    "start": ("开始时间", "start time"),
    "end": ("结束时间", "end time"),
    "duration": ("服务时长", "duration"),
    "content": ("服务内容", "content"),
    "head_count": ("受益人次", "head-count"),
    "travel": ("路途时间", "travel"),
    "rest": ("用餐休息", "meals and rest"),
    "reason": ("原因", "reason"),
    "name": ("姓名", "name"),
    "number": ("编号", "number"),
    "role": ("身份", "role"),
    "birth_date": ("出生日期", "birth date"),
    "id_number": ("身份证号", "ID number"),
    "telephone": ("联系电话", "telephone"),
    "station": ("站点", "station"),
    "slip": ("确认单编号", "slip number"),
    "pin": ("密码", "PIN"),
    "login": ("登录名", "login"),
    "password": ("口令", "password"),
    "proof": ("证明", "proof"),
    "comment": ("说明", "comment"),
    "owner": ("负责人", "owner"),
    "place": ("地点", "place"),
    "point": ("位置", "position"),
    "code": ("上门码", "door code"),
    "party": ("未到的一方", "party"),
    "stars": ("评价", "rating"),
    "step": ("步骤", "step"),
    "skill": ("技能", "skill"),
    "free_time": ("空闲时间", "free time"),
    "area": ("片区", "area"),
    "gender": ("性别", "gender"),
    "insured_until": ("保险有效期", "end of the insurance"),
    "agreed_until": ("协议有效期", "end of the agreement"),
    "paused_until": ("暂停期限", "end of the pause"),
    "partner": ("对方账本", "the other book"),
    "words": ("说明", "words"),
    "until_on": ("截止日期", "last day"),
    "until": ("截止日期", "last day"),
    "part": ("暂停什么", "part"),
    "cause": ("原因类别", "kind of reason"),
    "choice": ("要办的事", "choice"),
    "kind": ("类别", "kind"),
    "consent": ("本人同意", "consent"),
    "condition": ("困难情形", "condition"),
    "relation": ("关系", "relation"),
    "other": ("对方编号", "the other's number"),
    "elder": ("老人", "elder"),
    "delegate": ("受托人", "delegate"),
    "guardian": ("监护人", "guardian"),
    "guardian_telephone": ("监护人电话", "guardian's telephone"),
    "organisation": ("单位", "organisation"),
    "credit_code": ("统一社会信用代码", "credit code"),
    "minutes": ("约定时间", "minutes promised"),
    "alert_days": ("提醒天数", "days until the alert"),
    "members": ("结对志愿者", "volunteers"),
    "leaving": ("离开的人", "who leaves"),
    "coming": ("接替的人", "who takes over"),
    "risks": ("注意事项", "risks"),
    "born_on": ("出生日期", "birth date"),
    "card": ("卡号", "card number"),
    "photo": ("照片", "photograph"),
    "caption": ("照片说明", "caption"),
    "title": ("标题", "title"),
    "outlet": ("媒体", "outlet"),
    "link": ("链接", "link"),
    "reports": ("有关报道", "press reports"),
    "served": ("项目服务对象", "people whom an activity serves"),
    "sheet": ("编号", "number"),
    "signatures": ("签名人数", "count of signatures"),
    "scan": ("扫描件摘要", "digest of a scan"),
}
"""Field codes, as registers and requests use them, and how a clerk and an engineer call them."""

REASONS: dict[str, tuple[str, str]] = {
    "length": ("位数不对", "wrong length"),
    "characters": ("含有不允许的字符", "characters that are not allowed"),
    "region": ("地区码不存在", "no such region"),
    "date": ("日期不存在", "no such date"),
    "checksum": ("末位校验不符", "the check character does not fit"),
    "repeated": ("全部相同", "all characters alike"),
    "sequence": ("连号", "in sequence"),
    "personal": ("取自个人信息", "taken from personal data"),
    "missing": ("文件不存在", "there is no such file"),
    "open_to_others": ("其他人可以读取", "others may read it"),
    "no_key": ("其中没有可用的密钥", "it holds no usable key"),
    "damaged": ("文件已损坏", "the file is damaged"),
    "other_book": ("属于另一个账本", "it belongs to another book"),
    "not_sound": ("核验发现问题", "its verification finds faults"),
    "not_frozen": ("日志没有冻结", "its log is not frozen"),
    "other_successor": ("冻结时指定的是另一个后续账本", "its freeze names another successor"),
    "not_a_statement": ("不是账户结转单", "it is no statement of a move"),
    "signature": ("签名不符", "the signature is not the other book's"),
    "receipt": ("回执与日志不符", "the receipt proves nothing"),
    "differs": ("内容与回执不一致", "it says other things than its receipt"),
    "not_a_clearing": ("不是清算单", "it is no clearing statement"),
    "lines_differ": ("明细与签名的合计不一致", "its lines are not those that were signed"),
    "not_a_kit": ("不是移交包", "it is no kit"),
    "not_signed": ("日志密钥没有签过", "the log's key did not sign it"),
    "changed": ("内容已改动", "it was changed"),
    "added": ("是后来放进去的", "it was added"),
    "rows": ("表格读不出", "its rows cannot be read"),
    "form": ("不是期末证明", "it is no closing statement"),
    "balance": ("余额与账本不符", "the books have another balance"),
    "unset": ("规则没有要求", "no policy asks for them"),
    "no_part": ("一年没有这一份", "the year has no such part"),
    "not_over": ("这段时间还没有结束", "it is not over"),
    "other_end": ("数据文件夹与账本包的终点不同", "the data folder ends elsewhere than the bundle"),
}
"""Codes of the fact ``why``, likewise; a reason in other words is shown as it is."""


STATES: dict[str, tuple[str, str]] = {
    "awaiting_review": ("待复核", "awaiting review"),
    "posted": ("已入账", "posted"),
    "rejected": ("已退回", "sent back"),
    "reversed": ("已冲销", "reversed"),
    "proposed": ("待批准", "proposed"),
    "active": ("有效", "active"),
    "withdrawn": ("已撤回", "withdrawn"),
    "replaced": ("已换新密钥", "replaced"),
    "netted": ("已轧差", "netted"),
    "ended": ("已结束", "ended"),
    "asked": ("待办理", "asked"),
    "stated": ("待复核", "stated"),
    "moved": ("已转出", "moved"),
    "came_back": ("已转回", "came back"),
    "awaiting_holder": ("待本人确认", "awaiting its holder"),
    "awaiting_approval": ("待复核", "awaiting approval"),
    "returned": ("退回", "sent back"),
    "carried_over": ("已在前一账簿入账", "posted in the book before this one"),
    "not_reported": ("未报", "not reported"),
    "reported": ("已报", "reported"),
    "requested": ("已登记", "requested"),
    "vetted": ("已审核", "vetted"),
    "published": ("已发布", "published"),
    "matched": ("已匹配", "matched"),
    "accepted": ("已接单", "accepted"),
    "signed_in": ("服务中", "under way"),
    "awaiting_confirmation": ("待确认", "awaiting confirmation"),
    "interrupted": ("中途结束", "interrupted"),
    "disputed": ("有异议", "disputed"),
    "upheld": ("异议成立，不入账", "upheld, not credited"),
    "confirmed": ("已确认", "confirmed"),
    "cancelled": ("已取消", "cancelled"),
    "no_show": ("未到场", "nobody came"),
}
"""States of records, opening balances, campaigns and orders, likewise."""

STEPS: dict[str, tuple[str, str]] = {
    "request": ("登记需求", "request"),
    "vet": ("审核", "vet"),
    "reject": ("不予受理", "reject"),
    "publish": ("发布", "publish"),
    "match": ("匹配志愿者", "match"),
    "accept": ("接单", "accept"),
    "decline": ("退单", "decline"),
    "sign_in": ("签到", "sign in"),
    "sign_out": ("签退", "sign out"),
    "interrupt": ("中途结束", "interrupt"),
    "confirm": ("确认", "confirm"),
    "dispute": ("提出异议", "dispute"),
    "uphold": ("认定异议成立", "uphold"),
    "dismiss": ("驳回异议", "dismiss"),
    "cancel": ("取消", "cancel"),
    "no_show": ("登记未到场", "note a no-show"),
    "rate": ("评价", "rate"),
}
"""Steps of an order, likewise."""

_WORDS = (("field", FIELDS), ("why", REASONS), ("state", STATES), ("step", STEPS))


class _Shown(dict[str, Fact]):
    """Facts for a template; what the caller did not know shows as an ellipsis, never as a crash."""

    def __missing__(self, _name: str) -> str:
        return "…"


class BankRefusal(Refusal):
    """Base of every "no" of the time bank.

    The fact ``field`` is one of :data:`FIELDS`, ``why`` may be one of :data:`REASONS`; the sentence
    shows their words, the stored facts keep their codes.
    """

    code: ClassVar[str] = "bank_refused"

    def __str__(self) -> str:
        return self.message_en.format_map(self._shown(1))

    def in_chinese(self) -> str:
        """The sentence that stands on the clerk's screen and in the error sheet."""
        return self.message_zh.format_map(self._shown(0))

    def _shown(self, language: int) -> _Shown:
        shown = _Shown(self.facts)
        for fact, words in _WORDS:
            code = self.facts.get(fact)
            if isinstance(code, str) and code in words:
                shown[fact] = words[code][language]
        return shown
