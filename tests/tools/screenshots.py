"""Pictures of the documentation, taken from the running demo in both languages: ``make pictures``."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.browser.demo_page import ALERTS, GENERAL, MEMBER, Visitor, running_demo
from tests.support.chromium import open_browser
from tests.support.process import ROOT

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200_000
LANGUAGES = {"en": "", "ko": "-ko"}
LETTER = "approved as:letter source:https://example.org/l on:2026-02-06 until:2027-02-06"


def status(visitor: Visitor) -> None:
    expect(visitor.visit().type("/aid-status")).to_contain_text("2026-02-07")


def card(visitor: Visitor) -> Locator:
    answer = visitor.visit(GENERAL, MEMBER).type("/aid-status GG-1")
    expect(answer).to_contain_text("GG-1 · ")
    return answer


def suggest(visitor: Visitor) -> Locator:
    visitor.visit(GENERAL, MEMBER).type("/aid-update The Chair approved GG-1, says https://example.org/letter")
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("GG-1")
    return dialog


def seen(visitor: Visitor) -> Locator:
    expect(visitor.visit().type("/aid-admin grant @mina.lee")).to_contain_text("@Mina Lee")
    expect(visitor.type(f"/aid-update GG-1 {LETTER}")).to_contain_text("#6")
    visitor.visit(ALERTS, MEMBER)
    expect(visitor.messages).to_have_count(1)
    return visitor.newest


def board(visitor: Visitor) -> Locator:
    visitor.visit(ALERTS).type("/aid-alerts board on group:gyeonggi")
    expect(visitor.page.get_by_text(re.compile("^.*(Pinned|고정된)"))).to_be_visible()
    visitor.visit(ALERTS)
    return visitor.newest


PICTURES: dict[str, Callable[[Visitor], Locator | None]] = {
    view.__name__: view for view in (status, card, suggest, seen, board)
}


def take(browser: Browser, url: str, name: str, language: str) -> int:
    """Take one picture from a demo that starts over for it; return its size in bytes."""
    page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light", timezone_id="Asia/Seoul")
    page.request.post(f"{url}/start-over")
    element = PICTURES[name](Visitor(page, url))
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    path = FOLDER / f"{name}{LANGUAGES[language]}.png"
    picture = (element or page).screenshot(path=path, animations="disabled")
    page.close()
    return len(picture)


def main() -> int:
    """Take all pictures; return 1 if one is too large for the documentation."""
    sizes = {}
    with open_browser() as browser:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder), language) as url:
                sizes |= {f"{name} {language}": take(browser, url, name, language) for name in PICTURES}
    sys.stdout.write("".join(f"{name:14} {size // 1000:4} kB\n" for name, size in sizes.items()))
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
