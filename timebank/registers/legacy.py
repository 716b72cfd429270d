"""Trying an old .xls in a process of its own, since some damage ends the process that reads it.

An .xls states how large its grid is, and calamine asks for that much memory at once.  Where a
damaged file states more than there is, Rust ends the whole process: nothing can be caught.
"""

import subprocess
import sys
from pathlib import Path

from timebank.errors import UnreadableFile

MOST_SECONDS = 60
"""An .xls has at most 65,536 lines in a sheet; reading one takes a second or two."""

_TRIAL = """
import sys
import python_calamine as calamine
try:
    import resource  # not on Windows
    most = int(sys.argv[2]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
except ImportError:
    pass
with open(sys.argv[1], "rb") as file:
    book = calamine.CalamineWorkbook.from_filelike(file)
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
_MOST_MIB = 2_048
_ENDED_BY_ITSELF = (0, 1)  # 1 is an exception, which the reader meets again and turns into words


def try_legacy(path: Path) -> None:
    """Let an .xls pass that can be opened without ending the process.

    Raises:
        UnreadableFile: reading it ends the process, or takes more than :data:`MOST_SECONDS`.
    """
    command = [sys.executable, "-I", "-c", _TRIAL, str(path), str(_MOST_MIB)]
    try:
        tried = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=MOST_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(why="文件已损坏") from error
    if tried.returncode not in _ENDED_BY_ITSELF:
        raise UnreadableFile(why="文件已损坏")
