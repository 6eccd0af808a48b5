"""Pictures of the documentation, taken from the running demo: ``make pictures``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.demo_page import Visitor, running_demo
from tests.support.chromium import open_browser
from tests.support.process import ROOT

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200_000
LINES = {"status": "/aid-status"}
"""What an admin types for each picture."""


def take(browser: Browser, url: str, name: str) -> int:
    """Take one picture from a demo that starts over for it; return its size in bytes."""
    page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light", timezone_id="Asia/Seoul")
    page.request.post(f"{url}/start-over")
    expect(Visitor(page, url).visit().type(LINES[name])).to_contain_text("2026-02-07")
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    picture = page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    page.close()
    return len(picture)


def main() -> int:
    """Take all pictures; return 1 if one is too large for the documentation."""
    with open_browser() as browser, tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as url:
        sizes = {name: take(browser, url, name) for name in LINES}
    sys.stdout.write("".join(f"{name:14} {size // 1000:4} kB\n" for name, size in sizes.items()))
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
