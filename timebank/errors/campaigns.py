"""Refusals about campaigns: their units, activities, rosters, photographs and packages."""

from timebank.errors.base import BankRefusal


class UnknownCampaign(BankRefusal):
    """There is no such campaign.  Facts: ``campaign``."""

    code = "unknown_campaign"
    message_zh = "没有这个集中活动：{campaign}。"
    message_en = "There is no campaign {campaign}."


class UnknownCampaignUnit(BankRefusal):
    """The campaign has no such unit.  Facts: ``unit``."""

    code = "unknown_campaign_unit"
    message_zh = "这个集中活动里没有代码为 {unit} 的单位。"
    message_en = "The campaign has no unit {unit}."


class UnknownActivity(BankRefusal):
    """There is no such activity.  Facts: ``activity``."""

    code = "unknown_activity"
    message_zh = "没有这个项目：{activity}。"
    message_en = "There is no activity {activity}."


class UnknownCampaignItem(BankRefusal):
    """There is no such photograph, press report, served person or edition.  Facts: ``item``."""

    code = "unknown_campaign_item"
    message_zh = "没有这一项：{item}。"
    message_en = "There is no {item}."


class CampaignUnfit(BankRefusal):
    """Days out of order, a theme or a unit's code twice, or none of them.  Facts: ``why``."""

    code = "campaign_unfit"
    message_zh = "集中活动的设置不对：{why}。"
    message_en = "The campaign cannot be opened so: {why}."


class ActivityInUse(BankRefusal):
    """A new table would drop or change what has people or hours.  Facts: ``serial``."""

    code = "activity_in_use"
    message_zh = "序号 {serial} 的项目已有签到名单，不能改主题、日期或删去。"
    message_en = "Activity no. {serial} has a roster; its theme and day stay, and so does its line."


class TableNotReported(BankRefusal):
    """What shall go back or be handed in was not reported.  Facts: ``unit``, ``state``."""

    code = "table_not_reported"
    message_zh = "单位 {unit} 的材料现为“{state}”，不能再这样办理。"
    message_en = "What unit {unit} hands in is {state}; this step is not open to it."


class RosterTimesUnfit(BankRefusal):
    """Times on another day than the activity, in the wrong order, too long, or said twice."""

    code = "roster_times_unfit"
    message_zh = (
        "签到须在活动当天，签退晚于签到且不超过 24 小时；没有签到不能签退，一个人只写一行。"
    )
    message_en = (
        "Signing in is on the activity's day, signing out after it and within 24 hours; "
        "somebody stands on one line."
    )


class RosterCodeWrong(BankRefusal):
    """No code of that activity at that time."""

    code = "roster_code_wrong"
    message_zh = "签到码不对，或已经换了；请看工作人员屏幕上现在的码。"
    message_en = (
        "This is not the activity's code, or no longer; read the one on the staff's screen."
    )


class RosterLineHandedIn(BankRefusal):
    """The line became a service record already.  Facts: ``record``."""

    code = "roster_line_handed_in"
    message_zh = "这一位的时长已提交（{record}），先退回或冲销那条记录，再改名单。"
    message_en = "This line was handed in as {record}; send that back or reverse it first."


class ReviewerKeptRoster(BankRefusal):
    """Whoever kept the roster would approve its hours.  Facts: ``record``."""

    code = "reviewer_kept_roster"
    message_zh = "登记过这份签到名单的人不能复核它的时长（{record}）；请没有登记过名单的人复核。"
    message_en = "Whoever kept the roster may not approve {record}; somebody else must."


class NothingToHandIn(BankRefusal):
    """No line of the roster is signed in and out and waits.  Facts: ``activity``."""

    code = "nothing_to_hand_in"
    message_zh = "名单里没有签到、签退齐全而尚未提交的人。"
    message_en = "Nobody on the roster is signed in and out and not handed in yet."


class HeadsCounted(BankRefusal):
    """The activity's people served are counted already.  Facts: ``record``, ``heads``."""

    code = "heads_counted"
    message_zh = "受益人次已计在记录 {record} 上，是 {heads} 人次；要改请先退回或冲销那条记录。"
    message_en = "Record {record} counts {heads} people served; send that back to change it."


class ChildWithoutGuardian(BankRefusal):
    """A child without a guardian."""

    code = "child_without_guardian"
    message_zh = "服务对象是儿童的，须写明监护人。"
    message_en = "A child needs a guardian's name."


class ThemeServesNobody(BankRefusal):
    """Somebody in particular is named under a theme that is for nobody.  Facts: ``theme``."""

    code = "theme_serves_nobody"
    message_zh = "主题“{theme}”没有具体服务对象。"
    message_en = "The theme {theme} is for nobody in particular."


class PhotographUnfit(BankRefusal):
    """A file that is no photograph, or is too large.  Facts: ``why``."""

    code = "photograph_unfit"
    message_zh = "照片不能用：{why}。"
    message_en = "The photograph cannot be used: {why}."


class TooManyPhotographs(BankRefusal):
    """The unit has as many as a package takes.  Facts: ``most``."""

    code = "too_many_photographs"
    message_zh = "每个单位最多 {most} 张照片，先删去一张。"
    message_en = "A unit has at most {most} photographs; remove one first."


class ListFull(BankRefusal):
    """What is added would be one too many of its kind.  Facts: ``field``, ``most``."""

    code = "list_full"
    message_zh = "“{field}”最多 {most} 条，请先删去一条。"
    message_en = "There are {most} of the {field} at most; remove one first."


class SummaryTooLong(BankRefusal):
    """More characters than the plan allows.  Facts: ``characters``, ``most``."""

    code = "summary_too_long"
    message_zh = "总结有 {characters} 个字，最多 {most} 个。"
    message_en = "The summary has {characters} characters, at most {most} are allowed."


class LinkInvalid(BankRefusal):
    """A link that is no address of a web page."""

    code = "link_invalid"
    message_zh = "链接须以 http:// 或 https:// 开头。"
    message_en = "A link begins with http:// or https://."


class PackageIncomplete(BankRefusal):
    """Something that the package needs is missing.  Facts: ``why``."""

    code = "package_incomplete"
    message_zh = "材料还不齐：{why}。"
    message_en = "The package is not complete: {why}."


REFUSALS: tuple[type[BankRefusal], ...] = (
    UnknownCampaign,
    UnknownCampaignUnit,
    UnknownActivity,
    UnknownCampaignItem,
    CampaignUnfit,
    ActivityInUse,
    TableNotReported,
    RosterTimesUnfit,
    RosterCodeWrong,
    RosterLineHandedIn,
    ReviewerKeptRoster,
    NothingToHandIn,
    HeadsCounted,
    ChildWithoutGuardian,
    ThemeServesNobody,
    PhotographUnfit,
    TooManyPhotographs,
    ListFull,
    SummaryTooLong,
    LinkInvalid,
    PackageIncomplete,
)
"""Every refusal of this page."""
