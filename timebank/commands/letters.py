"""``letters``: the written statements of a part of a year, as PDFs for each station's printer."""

from pathlib import Path
from typing import Annotated, Any

import typer

from timebank.commands.shared import Data, Json, opened, progress, say, staff_actor, told
from timebank.letters.making import make_letters, part_named, stations_of


def letters_command(
    year: Annotated[int, typer.Option("--year", min=2000, max=9998, help="年 Year")],
    out: Annotated[Path, typer.Option("--out", help="文件夹 Folder for the PDFs")],
    part: Annotated[int, typer.Option("--part", min=1, max=12, help="第几份 Which part")] = 1,
    station: Annotated[
        str | None, typer.Option("--station", help="站点代码 Of one station; otherwise all")
    ] = None,
    login: Annotated[str | None, typer.Option("--as", help="登录名 Login of who acts")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """书面对账单 Each member's letter in large type, to print; each name is a recorded look."""
    with told(json), opened(data) as bank, progress(json, "书面对账单 letters") as bar:
        actor = staff_actor(bank, login)
        wanted = part_named(bank, year, part)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        codes = stations_of(bank, wanted) if station is None else (station,)
        made = [make_letters(bank, actor, wanted, code, out, progress=bar) for code in codes]
    answer: dict[str, Any] = {
        "part": wanted.name,
        "out": str(out),
        "stations": [
            {
                "station": one.station_code, "letters": one.letters, "left_out": one.left_out,
                "files": list(one.files),
            }
            for one in made
        ],
    }  # fmt: skip
    lines = [
        f"{one.station_code or '无站点'}：{one.letters} 封，{one.left_out} 人不寄，"
        f"{len(one.files)} 个文件"
        for one in made
    ]
    say(json, answer, f"{wanted.name}（{wanted.first_on} 至 {wanted.last_on}）", *lines)
