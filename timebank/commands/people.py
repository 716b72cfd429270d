"""``timebank card`` and ``password``: secrets of members and staff, typed and never shown."""

from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, opened, say, told
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.stations.actions import set_password


def card_command(
    number: Annotated[str, typer.Argument(help="人员编号 Member number")],
    pin: Annotated[
        str,
        typer.Option(
            prompt="六位密码 PIN of six digits", hide_input=True, confirmation_prompt=True
        ),
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """发卡 Issue a card with a PIN, or replace the PIN of one."""
    with told(json), opened(data) as bank:
        card = issue_card(bank, FOUNDER, number.strip().upper(), pin)
    say(json, {"card": card}, f"卡 {card} 已启用")


def password_command(
    login: Annotated[str, typer.Argument(help="登录名 Login")],
    password: Annotated[
        str, typer.Option(prompt="新口令 New password", hide_input=True, confirmation_prompt=True)
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """改口令 Give a member of staff a new password and lift a lock."""
    with told(json), opened(data) as bank:
        set_password(bank, FOUNDER, login, password)
    say(json, {"login": login}, f"{login} 的口令已更换")
