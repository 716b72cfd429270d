"""``timebank card`` and ``password``: secrets of members and staff, typed and never shown."""

from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, asked, opened, say, told
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.stations.actions import set_password


def card_command(
    number: Annotated[str, typer.Argument(help="人员编号 Member number")],
    pin: Annotated[str | None, typer.Option(help="六位密码 PIN; asked for where missing")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """发卡 Issue a card with a PIN, or replace the PIN of one."""
    chosen = asked(pin, "六位密码 PIN of six digits", twice=True)
    with told(json), opened(data) as bank:
        card = issue_card(bank, FOUNDER, number.strip().upper(), chosen)
    say(json, {"card": card}, f"卡 {card} 已启用")


def password_command(
    login: Annotated[str, typer.Argument(help="登录名 Login")],
    password: Annotated[
        str | None, typer.Option(help="新口令 New password; asked for where missing")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """改口令 Give a member of staff a new password and lift a lock."""
    chosen = asked(password, "新口令 New password", twice=True)
    with told(json), opened(data) as bank:
        set_password(bank, FOUNDER, login, chosen)
    say(json, {"login": login}, f"{login} 的口令已更换")
