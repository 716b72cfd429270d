"""``receipt``: an entry's receipt as a file, from the operator's side."""

from pathlib import Path
from typing import Annotated

import typer

from timebank.commands.shared import Data, Json, opened, say, told
from timebank.founding import FOUNDER
from timebank.receipts.issuing import receipt_of_entry


def receipt_command(
    entry: Annotated[str, typer.Argument(help="凭证 Entry id, entry_…")],
    out: Annotated[Path, typer.Option("--out", help="写入文件 File, ends in .tlog-proof")],
    data: Data = None,
    json: Json = False,
) -> None:
    """回执 Write an entry's receipt, which anybody can verify offline."""
    with told(json), opened(data) as bank:
        receipt = receipt_of_entry(bank, FOUNDER, entry).receipt
        out.write_text(str(receipt), encoding="utf-8", newline="\n")
    signed = list(dict.fromkeys(line.name for line in receipt.note.lines))
    size = receipt.checkpoint.size
    say(
        json,
        {"out": str(out), "leaf_index": receipt.index, "size": size, "signed": signed},
        f"{out}：第 {receipt.index} 条，全日志 {size} 条，签名 {'、'.join(signed)}",
    )
