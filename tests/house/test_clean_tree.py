"""Nothing of one machine or one registry stands in the files that everybody gets."""

import re

import pytest

from tests.house.sources import ROOT, tracked_files

# The brackets keep these patterns from finding themselves.
FORBIDDEN = {
    "the address of a package registry": re.compile(
        rb"files[.]pythonhosted|pypi[.]org/simple|registry[.]npmjs|deb[.]debian[.]org"
        rb"|index[-]url|find[-]links"
    ),
    "a path of one machine": re.compile(
        rb"(^|[^a-z.])/(work|root|farm)/|/home/[a-z]|/Users/[A-Z]|bash[_]jobs", re.MULTILINE
    ),
}


def _complaints(path: str, content: bytes) -> list[str]:
    if b"\0" in content[:8192]:
        return []  # a spreadsheet or an image
    return [
        f"{path}: {what}: {match.group().decode(errors='replace').strip()}"
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(content)
    ]


def test_tree_names_no_registry_and_no_machine() -> None:
    found = []
    for path in tracked_files():
        found += _complaints(path, (ROOT / path).read_bytes())
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("planted", ["pip install --index[-]url x", "cd /[w]ork/main", "/[r]oot/x"])
def test_rule_sees_planted_faults(planted: str) -> None:
    text = re.sub(r"\[(.)\]", r"\1", planted)
    assert _complaints("made_up.md", text.encode()) != []
    assert _complaints("made_up.md", b"see https://c2sp.org/tlog-tiles") == []
