"""The receipt on a screen and on paper: readable for people, and for whatever reads QR codes."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.support.banks import TriedBank
from tests.support.qr import read_pixels
from tests.support.server import serving
from timebank.audit.receipt_cli import judge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers
    from tests.support.eyes import Eyes

pytestmark = pytest.mark.browser

SIZES = ((1024, 768), (1280, 800), (800, 1280))
SERVICE = {
    "volunteer": "V0001",
    "recipient": "E0001",
    "date": "4月5日",
    "start": "8:30",
    "end": "10:00",
    "content": "陪伴聊天",
}


@pytest.fixture
def eyes(tried: TriedBank, browsers: "Browsers") -> Iterator["Eyes"]:
    """A clerk's eyes on the receipt of a service that was just logged, without scripts."""
    from tests.support.eyes import Eyes

    password = next(one.password for one in tried.founded.logins if one.login == "clerk-XFL")
    with serving(tried.bank) as served:
        page = browsers.start().new_page()
        seen = Eyes(page, served.address)
        page.goto(served.at("/station"))
        fill(page, login="clerk-XFL", password=password)
        fill(page, **SERVICE)
        yield seen
    assert not seen.complaints, "\n" + "\n".join(seen.complaints)


def fill(page: "Page", **typed: str) -> None:
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def photographed(page: "Page") -> bytes:
    """What a camera reads off the page's QR code."""
    shot = Image.open(io.BytesIO(page.locator(".qr").screenshot())).convert("L")
    return read_pixels(shot.tobytes(), *shot.size)


def test_the_receipt_is_read_by_eyes_and_by_cameras(tried: TriedBank, eyes: "Eyes") -> None:
    eyes.look("logged")
    eyes.page.locator("a[href^='/station/receipts/']").first.click()
    eyes.page.wait_for_url("**/station/receipts/*")
    eyes.look("receipt")
    for width, height in SIZES:
        eyes.page.set_viewport_size({"width": width, "height": height})
        _receipt, leaf, _proven = judge(photographed(eyes.page), tried.bank.log_key.vkey, [])
        assert leaf.identifier == eyes.page.url.rpartition("/")[2]


def test_on_paper_there_is_one_sheet_without_the_frame(eyes: "Eyes") -> None:
    page = eyes.page
    page.locator("a[href^='/station/receipts/']").first.click()
    page.wait_for_url("**/station/receipts/*")

    sheet = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"))
    assert sheet.count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator("a.button").is_visible()
    assert page.locator(".qr svg").is_visible()
