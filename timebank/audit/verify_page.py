"""``核验.html``: the page in every bundle that verifies it on a PC without network or programs.

One file, opened from the disk, put together from the parts in ``page/`` without a build step.  A
page that was changed could lie, so the command-line verifier compares it with the bytes known here.
"""

import base64
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from ledger.findings import Finding, Report

PAGE = "核验.html"
"""The page's name in a bundle."""

VERSION = 1
"""Of the page's bytes; raised with them once a page has left the house."""

KNOWN = {1: "c6655cd22a812a9ac4243b27889a1f3b1720dccb2b7b6dc4c2a288b14265ff30"}
"""SHA-256 of each version that ever stood in a bundle, so that old bundles stay comparable."""

VERIFIER = (
    "hashes.js", "ed25519.js", "p256.js", "notes.js", "leaves.js", "tree.js", "books.js",
    "periods.js", "registry.js", "chains.js", "exports.js", "places.js", "files.js", "keys.js",
    "verify.js",
)  # fmt: skip
VIEW = ("words.js", "view.js")

_MARK = b'<meta name="timebank-verify-page" content="%d">'


@cache
def page_bytes() -> bytes:
    """The whole page; the same bytes wherever it is made."""
    style, verifier, view = _part("style.css"), _joined(VERIFIER), _joined(VIEW)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_allowed(verifier)} {_allowed(view)}",
            f"style-src {_allowed(style)}",
            "worker-src blob:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    page = _part("page.html").replace("{{policy}}", policy).replace("{{version}}", str(VERSION))
    for name, text in (("style", style), ("verifier", verifier), ("view", view)):
        page = page.replace(f"{{{{{name}}}}}", text)
    return page.encode("utf-8")


def judge_page(folder: Path, report: Report) -> Report:
    """The report with what can be said of the page in ``folder``, if it has one.

    A page that says it is a known version and is not is a finding; one that is drops out of
    ``hash_only``; of any other only the manifest's hash was compared, and it stays there.
    """
    try:
        data = folder.joinpath(PAGE).read_bytes()
    except OSError:
        return report  # There is none, or the manifest's rules have named it.
    if sha256(data).hexdigest() in KNOWN.values():
        others = tuple(path for path in report.hash_only if path != PAGE)
        return replace(report, hash_only=others)
    if any(_MARK % version in data for version in KNOWN):
        evidence = "says it is a page that is known here, and is another"
        last = report.size - 1 if report.size else None  # As of any file that no leaf speaks of.
        found = Finding(PAGE, last, "page_differs", evidence)
        return replace(report, findings=(*report.findings, found))
    return report


def _joined(names: tuple[str, ...]) -> str:
    return "\n" + "\n".join(map(_part, names))


def _part(name: str) -> str:
    # Read as text, so that a checkout with other line ends makes the same page.
    return (resources.files("timebank.audit") / "page" / name).read_text("utf-8")


def _allowed(text: str) -> str:
    """How a content security policy names an inline part by its hash."""
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
