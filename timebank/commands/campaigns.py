"""``timebank campaign …``: a campaign from its opening to each unit's package."""

import secrets
from datetime import datetime
from typing import Annotated, Any

import typer

from timebank.campaigns.actions import open_campaign, return_package, return_table
from timebank.campaigns.figures import ByState
from timebank.campaigns.hours import hand_in_hours
from timebank.campaigns.lines import lines_csv
from timebank.campaigns.model import Line
from timebank.campaigns.packaging import table_of
from timebank.campaigns.queries import (
    activities_listed,
    board,
    campaign_shown,
    campaigns_listed,
    figures_of,
    roster_shown,
)
from timebank.campaigns.reporting import report_table
from timebank.campaigns.rosters import keep_roster
from timebank.campaigns.stating import stated_in_toml
from timebank.campaigns.table_writing import TITLE, template
from timebank.commands.campaign_packages import (
    Campaign,
    File,
    Login,
    Out,
    Unit,
    Until,
    forget_command,
    package_command,
    photograph_command,
    press_command,
    submit_command,
    summary_command,
    whole_command,
)
from timebank.commands.shared import Data, Json, Key, opened, say, staff_actor, told
from timebank.errors.base import STATES
from timebank.words import minutes_zh

campaign_commands = typer.Typer(help="集中活动 Campaigns", no_args_is_help=True)

Activity = Annotated[str, typer.Argument(help="项目编号 Id of the activity")]
Reason = Annotated[str, typer.Option("--reason", help="原因 Why")]

for _name, _command in (
    ("photograph", photograph_command),
    ("press", press_command),
    ("summary", summary_command),
    ("submit", submit_command),
    ("package", package_command),
    ("forget", forget_command),
    ("whole", whole_command),
):
    campaign_commands.command(_name)(_command)


@campaign_commands.command("open")
def open_command(
    file: File, login: Login = None, key: Key = None, data: Data = None, json: Json = False
) -> None:
    """开设集中活动 Open a campaign as a TOML file describes it."""
    with told(json), opened(data) as bank:
        stated = stated_in_toml(file.read_bytes())
        actor = staff_actor(bank, login)
        answer = open_campaign(bank, actor, stated, key=key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, f"已开设《{stated.name}》，编号 {answer.body['campaign']}。")


@campaign_commands.command("list")
def list_command(
    campaign: Annotated[str | None, typer.Argument(help="活动编号 Id of a campaign")] = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """集中活动，或某一活动的报送情况 The campaigns, or the board of one."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        if campaign is None:
            listed = campaigns_listed(connection, actor)
            found: dict[str, Any] = {
                "campaigns": [{"campaign": one.campaign_id, "name": one.name} for one in listed]
            }
            lines = [f"{one.campaign_id}  {one.name}" for one in listed] or ["还没有集中活动。"]
        else:
            units = board(bank, connection, actor, campaign)
            found = {
                "units": [
                    {
                        "unit": one.unit_code, "name": one.name, "table": one.table_state,
                        "table_late": one.table_late, "package": one.package_state,
                        "package_late": one.package_late,
                    }
                    for one in units
                ]
            }  # fmt: skip
            lines = [
                f"{one.unit_code}  {one.name}：项目表{_state(one.table_state, one.table_late)}，"
                f"总结{_state(one.package_state, one.package_late)}"
                for one in units
            ]
    say(json, found, *lines)


@campaign_commands.command("template")
def template_command(
    campaign: Campaign, out: Out, login: Login = None, data: Data = None, json: Json = False
) -> None:
    """空白项目表 Write an empty project table with the campaign's themes."""
    with told(json), opened(data) as bank, bank.read() as connection:
        shown = campaign_shown(connection, staff_actor(bank, login), campaign)
        out.write_bytes(template([name for name, _serves in shown.themes], TITLE))
    say(json, {"out": str(out)}, f"已写到 {out}。")


@campaign_commands.command("report")
def report_command(
    campaign: Campaign,
    unit: Unit,
    file: File,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """报送项目表 Report a unit's project table, whole or not at all."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        made_key = key or secrets.token_hex(16)
        result = report_table(bank, actor, campaign, unit, file, key=made_key)
        bank.publish()
    found = {
        "reported": result.reported, "activities": result.activities, "added": result.added,
        "changed": result.changed, "dropped": result.dropped,
        "wrong": [{"row": one.row, "column": one.column, "why": one.code} for one in result.wrong],
    }  # fmt: skip
    lines = [f"已报送 {result.activities} 个项目。" if result.reported else "没有报送，先改正："]
    lines += [f"  {one.explanation}（{one.code}）{one.mend}" for one in result.wrong]
    say(json, found, *lines)
    if not result.reported:
        raise typer.Exit(1)


@campaign_commands.command("table")
def table_command(
    campaign: Campaign,
    unit: Unit,
    out: Out,
    until: Until = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """导出项目表 Write a unit's project table with what the ledger says of each line."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        content = table_of(
            bank,
            connection,
            actor,
            campaign,
            unit,
            until_on=until.date().isoformat() if until else "",
        )
        out.write_bytes(content)
    say(json, {"out": str(out)}, f"已写到 {out}。")


@campaign_commands.command("activities")
def activities_command(
    campaign: Campaign, unit: Unit, login: Login = None, data: Data = None, json: Json = False
) -> None:
    """项目 The activities of a unit's table, with their ids."""
    with told(json), opened(data) as bank, bank.read() as connection:
        rows = activities_listed(connection, staff_actor(bank, login), campaign, unit)
    found = {
        "activities": [
            {"activity": one.activity_id, "serial": one.serial, "name": one.name,
             "theme": one.theme, "on": one.held_on}
            for one in rows
        ]
    }  # fmt: skip
    lines = [f"{one.serial:>4}  {one.activity_id}  {one.held_on}  {one.name}" for one in rows]
    say(json, found, *lines)


@campaign_commands.command("roster")
def roster_command(
    activity: Activity,
    volunteer: Annotated[
        list[str] | None, typer.Option("--volunteer", help="志愿者 Who; several joined by 、")
    ] = None,
    signed_in: Annotated[
        datetime | None, typer.Option("--in", formats=["%Y-%m-%dT%H:%M"], help="签到 Signed in at")
    ] = None,
    signed_out: Annotated[
        datetime | None,
        typer.Option("--out", formats=["%Y-%m-%dT%H:%M"], help="签退 Signed out at"),
    ] = None,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """签到名单 Put people on a roster, sign them in and out, and show it."""
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        if volunteer:
            lines = [Line(one, signed_in, signed_out) for one in volunteer]
            keep_roster(bank, actor, activity, lines, key=key or secrets.token_hex(16))
            bank.publish()
        with bank.read() as connection:
            rows = roster_shown(bank, connection, actor, activity)
    found = {
        "roster": [
            {"number": one.number, "name": one.name, "in": one.signed_in_at,
             "out": one.signed_out_at, "record": one.record_id, "state": one.state}
            for one in rows
        ]
    }  # fmt: skip
    say(
        json,
        found,
        *(
            f"{one.name}（{one.number}） {one.signed_in_at or '未签到'} {one.signed_out_at}"
            f" {STATES[one.state][0] if one.state else ''}"
            for one in rows
        ),
    )


@campaign_commands.command("hours")
def hours_command(
    activity: Activity,
    heads: Annotated[int | None, typer.Option("--heads", help="受益人次 People served")] = None,
    reason: Annotated[str, typer.Option("--reason", help="补录原因 Why it comes late")] = "",
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """提交时长 Hand in an activity's hours; another person approves them."""
    with told(json), opened(data) as bank:
        answer = hand_in_hours(
            bank, staff_actor(bank, login), activity, heads=heads, reason=reason,
            key=key or secrets.token_hex(16),
        )  # fmt: skip
        bank.publish()
    body = answer.body
    said = f"已提交 {body['accepted']} 人，{minutes_zh(body['minutes'])}，待另一人复核"
    refused = [f"  没有提交（{code}）" for _who, code in body["refused"]]
    approve = [f"复核：timebank register approve {body['batch']}"] if body["batch"] else []
    say(json, body, said, *refused, *approve)


@campaign_commands.command("figures")
def figures_command(
    campaign: Campaign,
    unit: Annotated[str, typer.Option("--unit", help="单位代码 Of one unit")] = "",
    until: Until = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """统计 Activities, people served, hours, volunteers and teams, by theme and unit."""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        found = figures_of(
            connection,
            actor,
            campaign,
            unit_code=unit,
            until_on=until.date().isoformat() if until else "",
        )
    groups = {"合计": found.total, **found.themes, **found.units}
    say(
        json,
        {
            "until": found.until_on,
            "total": found.total.as_json(),
            "themes": {name: one.as_json() for name, one in found.themes.items()},
            "units": {name: one.as_json() for name, one in found.units.items()},
        },
        *(_figures_line(name, one) for name, one in groups.items()),
    )


@campaign_commands.command("return")
def return_command(
    campaign: Campaign,
    unit: Unit,
    reason: Reason,
    package: Annotated[
        bool, typer.Option("--package", help="退回总结材料 The package, not the table")
    ] = False,
    login: Login = None,
    key: Key = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """退回 Send a unit's project table back, or its package."""
    step = return_package if package else return_table
    with told(json), opened(data) as bank:
        actor = staff_actor(bank, login)
        answer = step(bank, actor, campaign, unit, reason, key=key or secrets.token_hex(16))
        bank.publish()
    say(json, answer.body, f"已退回 {unit} 的{'总结材料' if package else '项目表'}。")


@campaign_commands.command("lines")
def lines_command(
    campaign: Campaign,
    out: Out,
    unit: Annotated[str, typer.Option("--unit", help="单位代码 Of one unit")] = "",
    until: Until = None,
    login: Login = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """逐条明细 Write the lines behind the figures, each with its entry, as CSV."""
    until_on = until.date().isoformat() if until else ""
    with told(json), opened(data) as bank, bank.read() as connection:
        actor = staff_actor(bank, login)
        found = lines_csv(connection, actor, campaign, unit_code=unit, until_on=until_on)
        out.write_bytes(b"".join(found))
    say(json, {"out": str(out)}, f"已写到 {out}。")


# Parts -------------------------------------------------------------------------------------


def _state(state: str, late: bool) -> str:
    return STATES[state][0] + ("（逾期）" if late else "")


def _figures_line(name: str, by_state: ByState) -> str:
    one = by_state.posted
    more = by_state.under_notice.minutes, by_state.pending.minutes
    return (
        f"{name}：{one.activities} 场次，{one.heads} 人次，{minutes_zh(one.minutes)}，"
        f"其中补录 {minutes_zh(one.late_minutes)}，"
        f"志愿者 {one.volunteers} 人，队伍 {one.teams} 支；"
        f"公示中 {minutes_zh(more[0])}，待复核 {minutes_zh(more[1])}"
    )
