"""``timebank register …``: importing a station's register, and approving what was imported."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from timebank.attempts import part_key
from timebank.commands.shared import (
    Data,
    Json,
    Key,
    asked,
    opened,
    progress,
    say,
    staff_actor,
    told,
)
from timebank.people.roster import RosterResult, people_in_file, register_members
from timebank.records.importing import ImportResult, import_register, write_refused
from timebank.records.parties import people_for_rehearsal
from timebank.records.review import approve_batch
from timebank.stations.sessions import checked_staff
from timebank.words import minutes_zh

register_commands = typer.Typer(help="台账 Registers", no_args_is_help=True)

_SKIPPED = {"hidden": "已隐藏", "empty": "空白", "no_header": "没有台账表头", "summary": "汇总表"}

Login = Annotated[
    str | None, typer.Option("--as", help="登录名 Login of who acts; by default the operator")
]


@register_commands.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    station: Annotated[str, typer.Option("--station", help="站点代码 Station code")],
    members: Annotated[
        Path | None,
        typer.Option(
            "--members", exists=True, dir_okay=False, readable=True, help="人员名单 Members file"
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="补录原因 Why old rows come late; default: the title")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不入账 Judge and write nothing")
    ] = False,
    error_sheet: Annotated[
        Path | None,
        typer.Option(
            "--error-sheet", help="退回表 Where refused rows go [default: FILE-退回.xlsx]"
        ),
    ] = None,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """导入台账 Import a register: every row is posted, or refused with its reason."""
    made_key = key or secrets.token_hex(16)
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        roster, extra = None, None
        if members is not None and dry_run:
            look_up = people_in_file(bank, members)
            extra = lambda mentions: people_for_rehearsal(bank, *look_up(mentions))  # noqa: E731
        elif members is not None:
            with progress(json, "人员 members") as bar:
                roster = register_members(
                    bank, actor, members, key=part_key(made_key, "members"), progress=bar
                )
        with progress(json, "台账 register") as bar:
            result = import_register(
                bank,
                actor,
                station,
                file,
                key=made_key,
                reason=reason,
                dry_run=dry_run,
                extra=extra,
                progress=bar,
            )
        sheet = None
        if result.refusals and (not dry_run or error_sheet is not None):
            sheet = error_sheet or file.with_name(f"{file.stem}-退回.xlsx")
            write_refused(file, result, sheet)
        if not dry_run:
            bank.publish()
    say(json, told_of(result, roster, sheet), *lines_of(result, roster, sheet))


@register_commands.command("approve")
def approve_command(
    batch: Annotated[str, typer.Argument(help="导入批次 Batch id")],
    login: Annotated[
        str | None, typer.Option("--as", help="复核人登录名 Reviewer's login; asked for if missing")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="口令 Password of the reviewer; asked for where missing")
    ] = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """复核批次 Approve an import as another person than the one who handed it in."""
    who = asked(login, "复核人登录名 Reviewer's login", secret=False)
    secret = asked(password, "口令 Password")
    with told(json), opened(data) as bank:
        actor = checked_staff(bank, who, secret)
        answer = approve_batch(bank, actor, batch, key=key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, f"已复核 {answer.body['approved']} 条（{batch}）")


def told_of(
    result: ImportResult, roster: RosterResult | None, sheet: Path | None
) -> dict[str, Any]:
    """The import for a program, with the keys that the register's expected result has."""
    several = len({one.sheet for one in result.refusals}) > 1
    refusals: list[dict[str, Any]] = []
    for one in result.refusals:
        told_row: dict[str, Any] = {"row": one.row, "why": one.code}
        if several or result.several_sheets:
            told_row["sheet"] = one.sheet
        refusals.append(told_row)
    return {
        "accepted": result.accepted,
        "refused": result.refused,
        "minutes": result.minutes,
        "by_volunteer": result.by_volunteer,
        "refusals": refusals,
        "already_posted": result.already_posted,
        "batch": result.batch_id,
        "state": result.state,
        "stated_minutes": result.stated_minutes,
        "refused_minutes": result.refused_minutes,
        "events": [
            {"row": one.row, "record": one.record_id, "volunteers": one.volunteers}
            for one in result.events
        ],
        "error_sheet": None if sheet is None else str(sheet),
        "members": None
        if roster is None
        else {
            "people": roster.people,
            "refusals": [
                {"row": row, "sheet": name, "why": refusal.code}
                for name, row, refusal in roster.refused
            ],
        },
    }


def lines_of(result: ImportResult, roster: RosterResult | None, sheet: Path | None) -> list[str]:
    """The import for a person: the figures, each refusal, and where to mend them."""
    lines = [f"《{result.title}》"]
    if roster is not None:
        lines.append(f"人员：{roster.people} 人已登记，{len(roster.refused)} 行被退回")
        lines += [f"  第{row}行 {refusal.explanation}" for _sheet, row, refusal in roster.refused]
    state = {
        "posted": "已入账",
        "awaiting_review": "待复核",
        "under_notice": "公示中",
        "dry_run": "仅检查，未入账",
    }
    lines.append(
        f"接受 {result.accepted} 行，{minutes_zh(result.minutes)}（{state[result.state]}）；"
        f"退回 {result.refused} 行，{minutes_zh(result.refused_minutes)}；"
        f"此前已入账 {result.already_posted} 行"
    )
    lines += [
        f"第{one.row}行起 {one.volunteers} 名志愿者，由另一人凭签到表复核后入账（{one.record_id}）"
        for one in result.events
    ]
    if result.stated_minutes is not None:
        lines.append(f"台账自填合计：{minutes_zh(result.stated_minutes)}")
    skipped = [f"“{one.name}”（{_SKIPPED[one.why]}）" for one in result.skipped_sheets]
    if skipped:
        lines.append(f"没有计入的工作表：{'、'.join(skipped)}")
    lines += [f"  {one.explanation}（{one.code}）{one.mend}" for one in result.refusals]
    if sheet is not None:
        lines.append(f"退回表：{sheet}（改好后可直接再次导入）")
    if result.batch_id:
        lines.append(f"批次：{result.batch_id}")
    return lines
