"""Every job with its schedule; a new one is a schedule, a function and one line here."""

from ledger.encoding import Json
from timebank.bank import Bank
from timebank.call_backs import drawing
from timebank.dormancy import reminding
from timebank.expiry import announcing, expiring
from timebank.jobs import (
    anchoring,
    clearing,
    expiry,
    forgetting,
    gifts,
    grants,
    letters,
    notices,
    stale_orders,
    timestamp,
    upkeep,
)
from timebank.jobs.model import Job
from timebank.jobs.plan import (
    ANCHOR_ACCESSES,
    ANNOUNCE_EXPIRY,
    CLOSE_STALE_ORDERS,
    DERIVE_LINES,
    DRAW_CALL_BACKS,
    EXPIRE_CREDIT,
    EXPIRE_HOLDS,
    FINISH_FORGETTING,
    MAKE_LETTERS,
    POST_NOTICED,
    PROPOSE_GRANTS,
    PROPOSE_NETTINGS,
    PUBLISH,
    RECONCILE,
    RECOVER_SHORTFALLS,
    REMIND_RESTING,
    SEND_MESSAGES,
    SETTLE_GIFTS,
    STATE_MONTHS,
    TIMESTAMP,
)
from timebank.outbox import sending
from timebank.reconciliation.reconcile import SCHEDULER, reconcile
from timebank.shortfalls import recovering


def _reconcile(bank: Bank, _planned_ms: int) -> dict[str, Json]:
    outcome = reconcile(bank, SCHEDULER)
    return {
        "checks": len(outcome.checks),
        "closed": outcome.closed,
        "found": outcome.found,
        "seen_again": outcome.seen_again,
    }


JOBS: tuple[Job, ...] = (
    Job(
        RECONCILE,
        "对账：账本各处互相核对，差异立为待办",
        "Reconcile: compare the books with themselves and keep what differs as findings",
        _reconcile,
    ),
    Job(
        PUBLISH,
        "公布：没有服务程序时，把日志的公开文件补齐",
        "Publish: bring the public log up to date where no server does it",
        upkeep.publish,
        upkeep.unpublished,
    ),
    Job(
        SETTLE_GIFTS,
        "转赠：十分钟撤销期满后，把转赠和捐赠的分钟入账",
        "Gifts: settle gifts and donations that can no longer be undone",
        gifts.settle_gifts,
        gifts.has_work,
    ),
    Job(
        EXPIRE_HOLDS,
        "到期：结束已过期限的预留，放回冻结的分钟",
        "Expire: end holds whose deadline has come, and set their minutes free",
        expiry.expire_holds,
        expiry.has_work,
    ),
    Job(
        DERIVE_LINES,
        "明细：把新入账的凭证整理成账户明细，使查询更快",
        "Derive: copy what was posted into the lines that statements read",
        upkeep.derive,
        upkeep.underived,
    ),
    Job(
        ANCHOR_ACCESSES,
        "锚定：把查看个人信息记录的链尾写入日志，使其不能重写",
        "Anchor: state the head of the access chain in the log, so that it cannot be rewritten",
        anchoring.anchor_accesses,
    ),
    Job(
        FINISH_FORGETTING,
        "注销：销毁保存期已满的注销人员的个人信息和遗留的密钥",
        "Forget: destroy the data of those whose retention has ended, and keys that were left",
        forgetting.finish_forgetting,
    ),
    Job(
        TIMESTAMP,
        "时间戳：请时间戳机构每天为公布的检查点签一次时间",
        "Stamp: have an authority state the time of the public checkpoint, once a day",
        timestamp.stamp,
    ),
    Job(
        PROPOSE_GRANTS,
        "发放：每月初按规则提出向重点老人发放时间的名单，等待批准",
        "Grants: propose the month's grants by the policy, for a person to approve",
        grants.propose_monthly_grants,
    ),
    Job(
        SEND_MESSAGES,
        "通知：把待发的短信和工作群消息按先后发出",
        "Messages: send what waits in the outbox, in order",
        sending.send_messages,
        sending.has_work,
    ),
    Job(
        CLOSE_STALE_ORDERS,
        "订单：关闭日期已过、没有人接或没有开始的订单，放回预留",
        "Orders: close those whose day passed with nobody matched or no visit begun",
        stale_orders.close_stale_orders,
    ),
    Job(
        POST_NOTICED,
        "公示：公示期满、没有异议的服务记录入账",
        "Notices: post the records whose public notice is over without objection",
        notices.post_noticed,
    ),
    Job(
        DRAW_CALL_BACKS,
        "回访：按检查点抽签，从上周入账的服务中抽取回访名单",
        "Call-backs: draw from last week's services, by a seed that the log gives",
        drawing.draw_call_backs,
    ),
    Job(
        REMIND_RESTING,
        "提醒：告诉久未使用时间的成员还有多少、怎么用，每次休眠只提醒一次",
        "Reminders: tell members whose time has rested for long what they have, once a rest",
        reminding.remind_resting,
    ),
    Job(
        EXPIRE_CREDIT,
        "失效：告知期满仍未使用的到期时间转入公共时间池",
        "Expiry: move to the pool what was announced in time and is still not used",
        expiring.expire_credit,
    ),
    Job(
        ANNOUNCE_EXPIRY,
        "告知：每月初按规则告诉成员哪些时间将要到期",
        "Announce: tell members by the policy which of their time will expire",
        announcing.announce_expiry,
    ),
    Job(
        RECOVER_SHORTFALLS,
        "归还短缺：按规则从以后的服务入账中归还冲销时垫付的时间",
        "Recovery: take back by the policy, from later credit, what was lent to reverse a record",
        recovering.recover_shortfalls,
    ),
    Job(
        STATE_MONTHS,
        "清算单：每月初为各往来账本做出上月的清算单",
        "Statements: make last month's clearing statement for each partner book",
        clearing.state_months,
    ),
    Job(
        PROPOSE_NETTINGS,
        "轧差：双方清算单相符的月份提出轧差，等待批准；不符的列出来",
        "Netting: propose to net the months on which both statements agree, and list the others",
        clearing.propose_nettings,
    ),
    Job(
        MAKE_LETTERS,
        "书面对账单：每期结束后的第一个工作日，为各站点立出应打印的一批",
        "Letters: on the first working day after each part of a year, note what each station owes",
        letters.make_letters,
    ),
)
"""In the order in which they run when several are due at once."""
