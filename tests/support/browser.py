"""Debian's Chromium driven by Playwright: a new, empty profile each, no network of its own."""

from contextlib import ExitStack
from itertools import count
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests.support.parts import need_program

# Without the background-networking flags Chromium calls home, which a closed network refuses.
# The sandbox needs a user namespace that a container rarely grants, and never runs as root.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")


class Browsers:
    """Starts as many separate browsers as a test wants and closes them all at its end.

    One per test, not one per run: while Playwright's driver is up, its event loop counts as running
    in this thread, and no other test could run one of its own.
    """

    def __init__(self, profiles: Path) -> None:
        """Keep the browsers' profiles in the empty folder `profiles`."""
        self._profiles = profiles
        self._numbers = count()
        self._open = ExitStack()
        self._playwright: Playwright | None = None

    def start(self, program: str | None = None, **context_options: object) -> BrowserContext:
        """Start headless Chromium on an empty profile, in Chinese and on Shanghai time.

        `program` is the path of another Chromium than the installed one; `context_options` are
        Playwright's own, for example `viewport` or `java_script_enabled=False`.
        """
        program = program or need_program(*NAMES)
        if self._playwright is None:
            self._playwright = self._open.enter_context(sync_playwright())
        options: dict[str, object] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
        context = self._playwright.chromium.launch_persistent_context(
            self._profiles / f"chromium-{next(self._numbers)}",
            executable_path=program,
            headless=True,
            args=list(ARGUMENTS),
            **(options | context_options),  # type: ignore[arg-type]  # forwarded as they are
        )
        self._open.callback(context.close)
        return context

    def close(self) -> None:
        """Close every browser that was started, the latest first."""
        self._open.close()
