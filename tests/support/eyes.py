"""What a page must be like for old eyes and shaking hands, measured in a real browser.

Sources: MIIT's general specifications of 2021 and WCAG 2.2, as the axe rules read it.
"""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.support.counts import full_run

SIZES = ((1024, 768), (1280, 800), (800, 1280))

TAGS = ("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_MEASURE = """([text, target]) => {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide > 0) wrong.push(`the page is ${wide} px too wide`);
  const seen = (el) => {
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && !el.closest(".skip, .unseen");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, el = node.parentElement;
    if (!node.data.trim() || !seen(el)) continue;
    const style = getComputedStyle(el), size = parseFloat(style.fontSize);
    if (size < text) wrong.push(`${size} px text: ${node.data.trim().slice(0, 20)}`);
    if (parseFloat(style.lineHeight) < size * 1.25)
      wrong.push(`lines too close: ${node.data.trim().slice(0, 20)}`);
  }
  const targets = "a, button, select, textarea, summary, .tick label, input:not([type=hidden])";
  for (const el of document.querySelectorAll(targets)) {
    if (!seen(el) || el.type === "checkbox") continue;
    const box = el.getBoundingClientRect(), name = (el.innerText || el.name || "").slice(0, 20);
    if (Math.min(box.width, box.height) < target - 0.5)
      wrong.push(`target of ${box.width} x ${box.height} px: ${el.tagName} ${name}`);
  }
  for (const el of document.querySelectorAll(".figures dd, td.figure, .balance .big")) {
    const range = document.createRange();
    for (const node of [...el.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE)) {
      range.selectNodeContents(node);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (node.data.trim() && lines.size > 1) wrong.push(`broken figure: ${node.data.trim()}`);
    }
  }
  const edge = (el) =>
    el.getBoundingClientRect().left + parseFloat(getComputedStyle(el).paddingLeft);
  const [top, main] = [document.querySelector(".top .inner"), document.querySelector("main")];
  if (top && Math.abs(edge(top) - edge(main)) > 1) wrong.push("head and text are out of line");
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) wrong.push(`ids twice: ${twice}`);
  return wrong;
}"""


@dataclass
class Eyes:
    """Looks at a page at every size; ``complaints`` gathers what is wrong, and where."""

    page: Page
    root: str
    sizes: tuple[tuple[int, int], ...] = SIZES
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen for what the page fetches and for what the browser refuses."""
        self.page.on("request", self._asked)
        self.page.on("console", self._said)

    def look(
        self,
        name: str,
        *,
        text: int = 18,
        target: int = 44,
        more: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """Measure the page as it stands; texts of at least ``text`` px, targets of ``target``.

        ``more`` are sizes besides those of every page.  axe sees the last size alone in the
        everyday run, and each one where counts are full.
        """
        sizes = (*more, *self.sizes)
        for size in sizes:
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            at = f"{name} at {size[0]}x{size[1]}"
            wrong = self.page.evaluate(_MEASURE, [text, target])
            self.complaints += [f"{at}: {one}" for one in wrong]
            # What axe judges are colours, names and roles, and it takes seconds.
            if full_run() or size == sizes[-1]:
                self._judge(at)

    def _judge(self, at: str) -> None:
        options: dict[str, Any] = {"runOnly": {"type": "tag", "values": list(TAGS)}}
        for one in Axe().run(self.page, options=options).response["violations"]:
            where = "; ".join(node["html"][:120] for node in one["nodes"][:3])
            self.complaints.append(f"{at}: {one['id']}: {one['help']}: {where}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.root):
            self.complaints.append(f"fetched from elsewhere: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # A refused form is answered by 4xx, which the browser notes; nothing else may be noted.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"the browser says: {message.text}")
