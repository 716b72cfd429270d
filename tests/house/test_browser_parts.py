"""The browser that tests get is real, empty, Chinese and on Shanghai time."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Browsers

pytestmark = pytest.mark.browser


def test_page_speaks_chinese_on_shanghai_time(browser_page: "Page") -> None:
    browser_page.set_content("<h1>时间银行</h1>")
    assert browser_page.inner_text("h1") == "时间银行"
    assert browser_page.evaluate("navigator.language") == "zh-CN"
    zone = browser_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert zone == "Asia/Shanghai"


def test_two_browsers_share_no_profile(browsers: "Browsers") -> None:
    first, second = browsers.start(), browsers.start(java_script_enabled=False)
    first.add_cookies([{"name": "card", "value": "1", "url": "http://localhost/"}])
    assert first.cookies()
    assert second.cookies() == []
