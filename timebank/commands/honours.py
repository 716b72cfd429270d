"""``stars``: which star each volunteer has reached, by station."""

from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, opened, say, told
from timebank.founding import FOUNDER
from timebank.honours.queries import stars_listed
from timebank.words import minutes_zh

MOST = 100_000


def stars_command(
    station: Annotated[str, typer.Option("--station", help="站点代码 Station code")] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """星级 Volunteers by minutes given, with the stars of the policy in force today."""
    with told(json), opened(data) as bank, bank.read() as connection:
        found = stars_listed(bank, connection, FOUNDER, station_code=station, most=MOST)
    lines = [
        f"{one.number:<8} {one.name} {one.stars.drawn} {minutes_zh(one.given.minutes)}"
        for one in found
    ]
    answer = {"station": station, "items": [one.as_json() for one in found]}
    say(json, answer, *(lines or ["没有可显示的星级 no stars to show"]))
