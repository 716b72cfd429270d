"""Compare what `timebank demo --no-serve --json` printed with what the demo's register must give.

Run as `python3 check_demo.py FILE`; FILE holds standard output, whose last line is the JSON object.
"""

import json
import sys
from pathlib import Path

EXPECTED = {"accepted": 160, "refused": 13, "minutes": 15420}


def main() -> None:
    """Leave with 1 and say what differs."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").strip().splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, ValueError):
        sys.exit("the main job printed no JSON object in its last line:\n" + "\n".join(lines[-20:]))
    wrong = {key: said.get(key) for key, value in EXPECTED.items() if said.get(key) != value}
    if wrong:
        sys.exit(f"the main job gave {wrong}, expected {EXPECTED}")
    log_size = said.get("log_size")
    if not isinstance(log_size, int) or log_size < EXPECTED["accepted"]:
        sys.exit(f"the log has {log_size!r} leaves, fewer than there are entries")
    if not Path(str(said.get("data"))).is_dir():
        sys.exit(f"the data folder {said.get('data')!r} does not exist")
    print(f"main job: {lines[-1]}")


if __name__ == "__main__":
    main()
