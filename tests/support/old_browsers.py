"""Chromiums of years ago that stations still run, out of npm packages that hold the whole program.

`tests/judges/packages.txt` names them, and `.ci/run` installs them without running their scripts.
"""

import os
import subprocess
from pathlib import Path

from tests.support.parts import need, need_program

OLDEST = 109
"""The last Chrome for Windows 7 and 8, and the oldest one that our pages promise to work in."""

BETWEEN = 119
"""Younger, and its WebCrypto still has no Ed25519."""

_MODULES = Path(__file__).parents[1] / "judges/node_modules"
_INFLATE = """
const [, packed, program] = process.argv;
const { readFileSync, writeFileSync } = require("node:fs");
const { brotliDecompressSync } = require("node:zlib");
writeFileSync(program, brotliDecompressSync(readFileSync(packed)), { mode: 0o755 });
"""


def old_chromium(version: int) -> str:
    """The path of Chromium's headless program of ``version``, unpacked once beside its package."""
    packed = _MODULES / f"chromium-{version}/bin/chromium.br"
    need(packed.is_file(), f"chromium-{version} (npm: tests/judges/packages.txt)")
    program = packed.with_suffix("")
    if not program.exists():
        unfinished = program.with_suffix(f".{os.getpid()}")
        command = [need_program("node"), "-e", _INFLATE, str(packed), str(unfinished)]
        subprocess.run(command, check=True, timeout=120)
        unfinished.rename(program)  # Other workers see it whole or not at all.
    return str(program)
