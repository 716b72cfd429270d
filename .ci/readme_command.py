"""Print one of the README's commands, so that CI runs what a reader would paste.

Run as `python3 readme_command.py NAME [FILE]`. A command is the only line of the code fence that
follows the comment `<!-- command: NAME -->`.
"""

import re
import sys
from pathlib import Path

COMMAND = re.compile(r"<!-- command: ([a-z-]+) -->\s*```sh\n(.*)\n```")


def commands(text: str) -> dict[str, str]:
    """Return the marked commands of a Markdown text by name."""
    return dict(COMMAND.findall(text))


def main() -> None:
    """Print the command, or leave with 1 when the file has none of that name."""
    readme = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1] / "README.md"
    found = commands(readme.read_text(encoding="utf-8"))
    if sys.argv[1] not in found:
        sys.exit(f"{readme} marks no command {sys.argv[1]!r}, only {sorted(found)}")
    print(found[sys.argv[1]])


if __name__ == "__main__":
    main()
