"""Uploaded files, kept for as long as they are read and no longer."""

import re
from pathlib import Path

from starlette.datastructures import UploadFile

from api.problems import RequestTooLarge

_BLOCK = 2**16


def saved_upload(file: UploadFile, folder: Path, most: int) -> Path:
    """The upload in a folder of its own under its own name, whose stem may become the title.

    Raises:
        RequestTooLarge: more than ``most`` bytes.
    """
    folder.mkdir()
    path = folder / _plain_name(file.filename or "")
    size = 0
    with open(path, "wb") as target:
        while block := file.file.read(_BLOCK):
            size += len(block)
            if size > most:
                raise RequestTooLarge(most=most, field="file")
            target.write(block)
    return path


def _plain_name(given: str) -> str:
    """A file's own name without folders and signs; its ending says how the file is read."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    known = re.sub(r"[^\w.()（）《》 -]", "_", last)
    stem, _dot, ending = known.rpartition(".")
    stem, ending = stem.strip(". ")[:60], ending.strip()[:8]
    return f"{stem or 'register'}.{ending}" if ending else stem or "register"
