"""怎么改: what a clerk can do about a register row that the books refuse, by the refusal's code."""

ASK = "这一行自己改不好：请把原因告诉区级管理员"
"""Where the cause lies outside the register."""

MENDING: dict[str, str] = {
    # What the row says.
    "missing_field": "把这一栏补填完整",
    "end_before_start": "核对起止时间；跨过半夜的服务请分两行登记",
    "duration_mismatch": "核对起止时间和时长，改到两者一致",
    "duration_out_of_range": "核对起止时间；一次服务超过一天的请按天分行登记",
    "unreadable_head_count": "把受益人次改成整数",
    # Who is meant.
    "unknown_member": "先登记此人，或改正姓名、编号，再导入",
    "not_a_volunteer": "核对填在这一栏的人；确是志愿者的，先补登记这一身份，再导入",
    "not_a_recipient": "核对填在这一栏的人；确是服务对象的，先补登记这一身份，再导入",
    "ambiguous_member": "在姓名后注明编号",
    "under_age": "核对志愿者和服务日期；确实未成年的不能记时，请删去这一行",
    "person_erased": "此人信息已销毁，不能再记；请核对编号，填错了就改正，否则删去这一行",
    "group_too_large": "把人员分成几行登记，每行不超过上限",
    "content_out_of_profile": "删去看不见的字符，把这一行的文字重新输入",
    # When it happened.
    "in_the_future": "核对年份、日期和时间；还没有结束的服务等结束后再登记",
    "too_late_without_reason": "导入时填写补录原因",
    "no_profile_in_force": "核对年份和日期；确属那一天的，请区级管理员补充当时的规则",
    # What it was.
    "self_service": "核对志愿者和服务对象；确是同一人的不能记时，请删去这一行",
    "own_spouse": "核对志愿者和服务对象；照料配偶不记时，请删去这一行",
    "not_volunteer_activity": "核对服务内容；确是有偿或经营活动的，请删去这一行",
    "excluded_service": "核对服务内容；此类服务须由专业人员承担，不能记时，请删去这一行",
    "payer_not_allowed": "台账不扣减老人的时间；要由老人支付的服务请在页面上单独登记",
    # Again, or at the same time.
    "duplicate": "确属同一次服务就删去这一行；不是的话请改正时间或内容",
    "overlapping_service": "核对两处的日期和时间，改正填错的一处",
    # Caps of the policy and of the account.
    "order_cap_exceeded": "核对起止时间；确实超过每次上限的，只登记上限以内的时间",
    "daily_cap_exceeded": "核对日期和起止时间；当天已满的部分不能再记，请改短或删去这一行",
    "account_cap_exceeded": "此人的账户已到上限，不能再记；请与本人商量捐赠，或删去这一行",
    "ceiling_exceeded": "此人的账户已到上限，不能再记；请与本人商量捐赠，或删去这一行",
    "too_many_postings": "把志愿者分成几行登记",
    "submission_too_large": "把这次服务的人员分成几行登记",
}
"""By permanent code; what stands here is shown in the error sheet's column 怎么改."""


def how_to_mend(code: str) -> str:
    """What to do about a row that was refused with ``code``; never empty."""
    return MENDING.get(code, ASK)
