"""Reading PDFs back with programs that are not ours: what they say, how large, what lies inside."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.parts import need_program

_WORD = re.compile(r'xMax="([0-9.]+)"[^>]*>([^<]*)</word>')
_EDGE_POINTS = 14
_SIZE = re.compile(r'<fontspec id="(\d+)" size="(-?\d+)"')


def text_of(content: bytes) -> str:
    """The words of a PDF as poppler reads them, laid out as on the page."""
    return _run("pdftotext", "-layout", "-", "-", given=content).decode()


def smallest_type(content: bytes) -> int:
    """The smallest type in a PDF, in points."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.pdf"
        path.write_bytes(content)
        said = _run("pdftohtml", "-xml", "-zoom", "1", "-i", "-stdout", str(path)).decode()
    return min(int(size) for _number, size in _SIZE.findall(said))


def pages_of(content: bytes) -> int:
    """How many pages a PDF has."""
    said = _run("pdfinfo", "-", given=content).decode()
    return int(said.split("Pages:")[1].split()[0])


def beyond_the_edge(content: bytes) -> list[str]:
    """The words of a PDF that run out of the page, or into its last five millimetres."""
    said = _run("pdftotext", "-bbox", "-", "-", given=content).decode()
    found = []
    for page in said.split("<page ")[1:]:
        width = float(page.split('width="')[1].split('"')[0])
        found += [word for ends, word in _WORD.findall(page) if float(ends) > width - _EDGE_POINTS]
    return found


def inside(content: bytes, folder: Path) -> dict[str, bytes]:
    """The files that travel inside a PDF, by name; ``folder`` is new."""
    folder.mkdir()
    path = folder.with_suffix(".pdf")
    path.write_bytes(content)
    _run("pdfdetach", "-saveall", "-o", str(folder), str(path))
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def _run(program: str, *arguments: str, given: bytes = b"") -> bytes:
    command = [need_program(program), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout
