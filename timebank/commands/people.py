"""``card``, ``kin``, ``hire`` and ``password``: members and staff, one at a time.

Secrets are typed and never shown.
"""

from enum import StrEnum
from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, asked, opened, say, told
from timebank.founding import FOUNDER
from timebank.people.actions import issue_card
from timebank.people.kinship import note_kinship
from timebank.people.model import Relation
from timebank.stations.actions import hire, set_password
from timebank.stations.model import Role


class Post(StrEnum):
    """Roles that somebody can be hired for."""

    OPERATOR = Role.OPERATOR.value
    AUDITOR = Role.AUDITOR.value
    CLERK = Role.CLERK.value
    REVIEWER = Role.REVIEWER.value
    KIOSK = Role.KIOSK.value


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


def kin_command(
    number: Annotated[str, typer.Argument(help="人员编号 Member number")],
    other: Annotated[str, typer.Argument(help="另一人的编号 Number of the other person")],
    relation: Annotated[Relation, typer.Argument(help="What the other is to the first")],
    proof: Annotated[str, typer.Option(help="看过的证明 What was shown, such as 户口簿")],
    data: Data = None,
    json: Json = False,
) -> None:
    """登记亲属 Note what one person is to another; rules about kin look there."""
    one, two = number.strip().upper(), other.strip().upper()
    with told(json), opened(data) as bank:
        note_kinship(bank, FOUNDER, one, two, relation, proof)
    say(
        json,
        {"number": one, "other": two, "relation": relation.value},
        f"已登记：{two} 是 {one} 的 {relation.value}",
    )


def hire_command(
    login: Annotated[str, typer.Argument(help="登录名 Login")],
    role: Annotated[Post, typer.Option("--role", help="身份 Role")],
    station: Annotated[
        str, typer.Option("--station", help="站点代码 Station of a clerk, reviewer or kiosk")
    ] = "",
    title: Annotated[str, typer.Option("--title", help="职务 Office, not a private name")] = "",
    password: Annotated[
        str | None, typer.Option(help="口令 Password; asked for where missing")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """聘用 Let one more member of staff sign in."""
    chosen = asked(password, "口令 Password", twice=True)
    with told(json), opened(data) as bank:
        staff = hire(
            bank,
            FOUNDER,
            login=login,
            title=title or role.value,
            role=Role(role.value),
            password=chosen,
            station_code=station,
        )
    say(json, {"login": login, "role": role.value, "staff": staff}, f"{login} 可以登录了")
