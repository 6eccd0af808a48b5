"""Starting over, the page in Korean, and how a demo begins and ends."""

import re
import signal
import socket
from pathlib import Path

from playwright.sync_api import Browser, expect

from bot.slack_emulator.formatting.translations import KOREAN
from bot.slack_emulator.web.rendering import HERE
from tests.browser.demo_page import Visitor, running_demo
from tests.support.process import running


def test_korean_page_is_korean_and_ends_with_pages_open(browser: Browser, tmp_path: Path) -> None:
    with running_demo(tmp_path, "ko", signal.SIGINT) as url:
        visitor = Visitor(browser.new_page(), url).visit()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "ko")
        expect(visitor.page.get_by_role("navigation", name="워크스페이스")).to_contain_text("현재 사용자")
        expect(visitor.type("/aid-status")).to_contain_text("나만 볼 수 있음")
        visitor.type("/aid-update")
        expect(visitor.page.get_by_role("dialog").get_by_role("button", name="닫기").first).to_be_visible()
        pages = [visitor.page, *(Visitor(browser.new_page(), url).visit().page for _ in range(2))]
    for page in pages:
        page.close()
    assert (tmp_path / "errors.txt").read_text() == ""


def test_every_page_text_has_korean() -> None:
    templates = [path for path in (HERE / "templates").iterdir() if not path.name.startswith("inspector")]
    used = {word for path in templates for _, word in re.findall(r"""\bt\((["'])(.+?)\1\)""", path.read_text())}
    code = "".join(path.read_text() for path in [*(HERE / "static").glob("*.js"), *HERE.parent.rglob("*.py")])
    used |= {word for _, word in re.findall(r"""(?<!admin\.)\b_?say\((["'])(.+?)\1[,)]""", code)}
    assert used - KOREAN.keys() == set()
    code = code.replace((HERE.parent / "formatting" / "translations.py").read_text(), "")
    assert {
        word for word in KOREAN if word not in used and f'"{word}"' not in code and f"'{word}'" not in code
    } == set()


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with running(tmp_path, "demo", "--port", port) as process:
            assert (process.wait(), process.printed) == (1, "")
    assert process.errors.startswith("The port is taken, perhaps by another bot or demo. Set PORT to a free one")
