"""How often a costly test repeats: in full on demand, scaled down in the everyday run."""

import os


def full_run() -> bool:
    """Tell whether the full counts were asked for (`TIMEBANK_FULL=1`, as in `.ci/long`)."""
    return os.environ.get("TIMEBANK_FULL", "") == "1"


def count(full: int, scaled: int) -> int:
    """Return `full` repetitions under `TIMEBANK_FULL=1` and `scaled` ones otherwise.

    Both are at least 1 and `scaled` is at most `full`, so the everyday run is never empty and
    never the longer one.
    """
    if not 1 <= scaled <= full:
        raise ValueError(f"scaled must lie in 1..{full}, not {scaled}")
    return full if full_run() else scaled
