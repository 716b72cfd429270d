"""``timebank serve``, ``scheduler`` and ``demo``: the commands that stay until they are stopped."""

import gc
import hashlib
import importlib.resources
import secrets
import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from ledger.book import read_head
from ledger.errors import BookNotFound, SchemaAltered
from timebank.bank import Bank
from timebank.clock import SystemClock
from timebank.commands.shared import REFUSED, Data, Json, opened, progress, say, settings_of, told
from timebank.config import Settings
from timebank.errors import WeakPin
from timebank.founding import FOUNDER, Login, found
from timebank.jobs.registry import JOBS
from timebank.jobs.scheduler import run_scheduler
from timebank.logs import configure_logging
from timebank.marker import read_marker
from timebank.people.actions import issue_card
from timebank.people.roster import register_members
from timebank.reconciliation.checks import schema
from timebank.reconciliation.reconcile import reconcile
from timebank.reconciliation.view import view_of
from timebank.records.importing import ImportResult, import_register
from timebank.stations.actions import set_password
from timebank.stations.model import Actor, Role
from timebank.words import minutes_zh

DEMO_STATION = ("XFL", "幸福里社区服务站")
DEMO_POLICY = "plain-2026"
_DEMO_LOGINS = (
    ("operator", "operator", ""),
    ("auditor", "auditor", ""),
    ("clerk-XFL", "clerk", "XFL"),
    ("reviewer-XFL", "reviewer", "XFL"),
    ("kiosk-XFL", "kiosk", "XFL"),
)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535)] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """启动服务 Serve pages and HTTP until stopped."""
    with told(json):
        settings = settings_of(data)
        with Bank.open(settings) as bank:
            check_start(bank)
    door = f"http://{host or settings.host}:{port or settings.port}"
    say(json, {"data": str(settings.data), "serving": door}, f"启动 {door}")
    run_server(settings, host, port)


def check_start(bank: Bank) -> None:
    """Let a server start on a book whose guards stand and whose log extends the public one.

    Raises, the first that applies:
        SchemaAltered: a table, CHECK or trigger is not as this version made it.
        LogForked: see :meth:`timebank.bank.Bank.guard`.
    """
    with view_of(bank) as view:
        altered = [difference.subject for difference in schema.CHECK.run(view)]
    if altered:
        raise SchemaAltered("、".join(altered[:5]))
    bank.guard()


def run_server(settings: Settings, host: str | None = None, port: int | None = None) -> None:
    """Run uvicorn in this process over the book of ``settings``."""
    # The factory is named, not imported: nothing below the API knows it.
    configured = settings.model_copy(
        update={"host": host or settings.host, "port": port or settings.port}
    )
    factory = uvicorn.importer.import_from_string("api.app:create_app")
    application = factory(settings=configured)
    # What is loaded by now stays; looking through it again and again took a third of each post.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        application,
        host=configured.host,
        port=configured.port,
        log_level=configured.log_level,
        access_log=False,
        server_header=False,
    )


def scheduler(data: Data = None, json: Json = False) -> None:
    """定时任务 Run the jobs until stopped; one leader, whoever else waits."""
    with told(json), opened(data) as bank:
        configure_logging(bank.settings)
        check_start(bank)
        found = {"data": str(bank.settings.data), "jobs": [job.name for job in JOBS]}
        say(json, found, f"定时任务：{'、'.join(job.name for job in JOBS)}")
        stop = threading.Event()
        with _until_stopped(stop):
            run_scheduler(bank, stop)


@contextmanager
def _until_stopped(stop: threading.Event) -> Any:
    def on_signal(_number: int, _frame: object) -> None:
        stop.set()

    before = {one: signal.signal(one, on_signal) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def demo(
    register: Annotated[
        Path | None, typer.Option("--register", exists=True, dir_okay=False, help="别的台账")
    ] = None,
    members: Annotated[
        Path | None, typer.Option("--members", exists=True, dir_okay=False, help="别的名单")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="不启动服务")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """示例 A whole time bank in one command: founded, a register imported, checked, served."""
    folder = importlib.resources.files("timebank.demo") / "happiness_lane"
    with (
        importlib.resources.as_file(folder) as lane,
        told(json),
    ):
        settings = settings_of(data)
        passwords = _found_once(settings)
        with Bank.open(settings) as bank:
            logins = passwords or _new_passwords(bank)
            result = _import(
                bank, register or lane / "register.xlsx", members or lane / "members.csv", json
            )
            pin = _demo_card(bank, result)
            with progress(json, "对账 reconcile") as bar:
                checked = reconcile(bank, FOUNDER, progress=bar)
            bank.publish()
            size = read_head(bank.database).size
    answer = {
        "accepted": result.accepted,
        "refused": result.refused,
        "minutes": result.minutes,
        "log_size": size,
        "data": str(settings.data),
    }
    say(json, answer, *_lines(settings, result, checked.open_findings, size, logins, pin))
    if checked.open_findings:
        raise typer.Exit(REFUSED)
    if not no_serve:
        run_server(settings)


def _found_once(settings: Settings) -> tuple[Login, ...]:
    """Found the demo's book where there is none; a second run goes on with the first one's."""
    try:
        read_marker(settings.data)
    except BookNotFound:
        made = found(
            settings,
            SystemClock(),
            origin="timebank.example/demo",
            policies=[DEMO_POLICY],
            stations=[DEMO_STATION],
        )
        return made.logins
    return ()


def _new_passwords(bank: Bank) -> tuple[Login, ...]:
    made = []
    for login, role, station in _DEMO_LOGINS:
        password = secrets.token_urlsafe(12)
        set_password(bank, FOUNDER, login, password)
        made.append(Login(login, password, role, station))
    return tuple(made)


def _import(bank: Bank, register: Path, members: Path, json: bool) -> ImportResult:
    clerk = Actor("staff_demo", Role.CLERK, DEMO_STATION[0], title="登记员（示例）")
    # A second run with the same files repeats the answers, one with others imports those too.
    with progress(json, "人员 members") as bar:
        key = f"demo-{_digest(members)}"
        register_members(bank, clerk, members, key=key, progress=bar)
    with progress(json, "台账 register") as bar:
        key = f"demo-{_digest(members, register)}"
        return import_register(bank, clerk, DEMO_STATION[0], register, key=key, progress=bar)


def _digest(*files: Path) -> str:
    told_apart = hashlib.sha256()
    for path in files:
        with open(path, "rb") as file:
            told_apart.update(hashlib.file_digest(file, "sha256").digest())
    return told_apart.hexdigest()[:40]


def _demo_card(bank: Bank, result: ImportResult) -> tuple[str, str] | None:
    """A card for the first volunteer of the register, with a PIN made for this run."""
    if not result.by_volunteer:
        return None
    number = min(result.by_volunteer)
    while True:
        pin = "".join(secrets.choice("0123456789") for _digit in range(6))
        try:
            issue_card(bank, FOUNDER, number, pin)
        except WeakPin:
            continue  # 123456 and its like; the next draw is another.
        return number, pin


def _lines(
    settings: Settings,
    result: ImportResult,
    findings: int,
    size: int,
    logins: tuple[Login, ...],
    card: tuple[str, str] | None,
) -> list[str]:
    door = f"http://{settings.host}:{settings.port}"
    lines = [
        f"《{result.title}》（示例，人物均为虚构）",
        f"接受 {result.accepted} 行，共 {minutes_zh(result.minutes)}；退回 {result.refused} 行：",
        *(f"  {one.explanation}（{one.code}）" for one in result.refusals),
        f"对账：{findings} 项差异；日志共 {size} 条，检查点已公布",
        f"数据文件夹：{settings.data}",
        "",
        f"自助终端 {door}/kiosk    站点 {door}/station",
        f"审计 {door}/audit    运营 {door}/operator",
        "登录（口令只显示这一次）：",
        *(f"  {one.role:<9} {one.login:<14} {one.password}" for one in logins),
    ]
    if card is not None:
        lines.append(f"  会员卡 {card[0]}，密码 {card[1]}")
    return lines
