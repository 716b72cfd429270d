"""From data to a PDF: typst with the one font that has every character of a Chinese name.

What a template shows reaches it as JSON and is never read as markup.  The same template and data
give the same bytes: no system font, no clock, and a file identifier that follows from the content.
"""

import threading
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import typst
from noto_cjk_sans_otc import FONT_PATH

_TEMPLATES = Path(str(files("timebank.statements") / "templates"))
_BLANK = _TEMPLATES / "blank.typ"
_STANDARD: list[Any] = ["a-3b"]
"""PDF/A-3b: kept for decades, with the CSV inside."""

_FORGETTING = 11
"""Blank pages after which typst has dropped what it kept of a document (it keeps ten rounds)."""

_MUCH = 30_000
"""Bytes of data from which on what typst keeps is worth dropping at once: a stack of letters is."""

_TURNS = threading.BoundedSemaphore(2)
"""Documents laid out at a time: each large one takes some hundred MiB while it lasts."""

_own = threading.local()


def set_type(template: str, data: dict[str, Any], made_at: datetime) -> bytes:
    """The PDF of ``template`` (a name in ``templates/``) with ``data``, dated ``made_at`` (aware).

    Takes seconds and hundreds of MiB for thousands of lines: call it in no database transaction
    and on no event loop.
    """
    said = orjson.dumps(data).decode()
    with _TURNS:
        compiler = _compiler()
        made = compiler.compile(
            input=_TEMPLATES / template,
            format="pdf",
            sys_inputs={"data": said},
            pdf_standards=_STANDARD,
            pdf_tags=False,
            timestamp=int(made_at.timestamp()),
        )
        if len(said) > _MUCH:
            for _round in range(_FORGETTING):
                compiler.compile(input=_BLANK, format="pdf", sys_inputs=None)
    if not isinstance(made, bytes):
        raise TypeError("typst made no PDF")
    return made


def _compiler() -> typst.Compiler:
    """The compiler of this thread: one serves one document at a time."""
    found: typst.Compiler | None = getattr(_own, "compiler", None)
    if found is None:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(Path(str(FONT_PATH)).parent)],
        )
        found = typst.Compiler(
            input=_BLANK, root=_TEMPLATES, font_paths=fonts, ignore_system_fonts=True
        )
        _own.compiler = found
    return found
