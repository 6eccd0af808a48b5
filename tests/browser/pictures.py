"""Makes the pictures of the documentation from the running demo: ``make pictures``."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from demo_page import ALERTS, GENERAL, MEMBER, ROOT, Visitor, launch, running_demo
from playwright.sync_api import Browser, Locator, expect, sync_playwright

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200_000
DESK, PHONE = {"width": 1100, "height": 900}, {"width": 390, "height": 844}
TALL = {"width": 1100, "height": 1200}
BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"

RECORD, UNDO = re.compile("^(Record|기록)$"), re.compile("^(Undo|취소|되돌리기)$")
FOLLOW = re.compile("^(Follow|구독)$")
STOP = re.compile("^(Stop following|구독 해지)$")

Scene = Callable[[Visitor], Locator | None]


def portfolio(visitor: Visitor) -> None:
    expect(visitor.visit().type("/aid-status")).to_contain_text("2026-02-07")


def card(visitor: Visitor) -> Locator:
    answer = visitor.visit(GENERAL, MEMBER).type("/aid-status GG-1")
    expect(answer).to_contain_text("GG-1 · ")
    return answer


def preview(visitor: Visitor) -> Locator:
    answer = visitor.visit().type(BATCH)
    expect(answer.get_by_role("button", name=RECORD)).to_be_visible()
    return answer


def alert(visitor: Visitor) -> Locator:
    preview(visitor).get_by_role("button", name=RECORD).click()
    expect(visitor.newest.get_by_role("button", name=UNDO)).to_be_visible()
    visitor.visit(ALERTS)
    expect(visitor.messages).to_have_count(1)
    return visitor.newest


def form(visitor: Visitor) -> Locator:
    visitor.visit().type("/aid-update")
    dialog = visitor.form("Record an update")
    for typed, name in (("gg-1", "GG-1"), ("unicef", "UNICEF")):
        dialog.get_by_label("Projects").press_sequentially(typed)
        dialog.get_by_role("option", name=name).click()
    dialog.get_by_label("What happened").select_option(label="Hold")
    dialog.get_by_label("Held by").select_option(label="France")
    dialog.get_by_label("Happened on").fill("last spring")
    dialog.get_by_role("button", name="Record").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    return dialog


def home(visitor: Visitor) -> None:
    letter = "approved as:letter source:https://example.org/l on:2026-02-06 until:2027-02-06 lift:all"
    for line in (f"/aid-update IO-2 {letter}", "/aid-update GG-1 hold by:FR on:2026-02-06 no reason given"):
        expect(visitor.visit().type(line)).to_contain_text("#")
    for ref in ("IO-2", "GG-1"):
        answer = visitor.visit().type(f"/aid-status {ref}")
        answer.get_by_role("button", name=FOLLOW).click()
        expect(visitor.newest.get_by_role("button", name=STOP)).to_be_visible()
    expect(visitor.home()).to_contain_text("GG-1")


def figures(visitor: Visitor) -> Locator:
    for number, (year, month) in enumerate(((2024, 4), (2025, 6)), start=1):
        letter = f"approved as:letter on:{year}-{month:02}-10 until:{year + 1}-{month:02}-10 source:https://example.org/l"
        for line in (f"IO-{number} submitted on:{year}-02-01 as:letter", f"IO-{number} {letter} lift:all"):
            visitor.visit().type(f"/aid-update {line}")
            expect(visitor.newest).to_contain_text("#")
    answer = visitor.type("/aid-status figures")
    expect(answer).to_contain_text("17")
    return answer


def picture(visitor: Visitor) -> None:
    home(visitor)
    visitor.visit().type("/aid-status GG-1 export:png")
    visitor.visit().page.get_by_role("link", name="aid-status", exact=True).click()
    expect(visitor.newest.get_by_role("img", name=re.compile("GG-1"))).to_be_visible()


def trial(visitor: Visitor) -> Locator:
    visitor.visit().type("/aid-admin import")
    dialog = visitor.page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "projects.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    )
    dialog.locator("footer button").last.click()
    expect(dialog).to_contain_text("NEW-1")
    return dialog


def shortcut(visitor: Visitor) -> Locator:
    visitor.visit().type("The ministry says that the Committee has approved GG-1 and GG-2.")
    visitor.newest.hover()
    visitor.newest.locator("details.menu summary").click()
    visitor.newest.locator("details.menu button").first.click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def inspector(visitor: Visitor) -> None:
    portfolio(visitor)
    visitor.page.goto(f"{visitor.url}/inspector")


TABLE = """Ref,Title,Title in Korean,Group,Applicant,Update,Date,Source kind,Valid until,Source
NEW-1,Tents,천막,io,World Health Organization,approved,2025-07-20,letter,2026-04-20,https://example.org/letter
NEW-1,,,,,shipped,2025-09,,,
GG-1,Kaepung nursery,개풍 양묘장,,,,,,,
"""

# name: what to do, the window, the language, dark or light
PICTURES: dict[str, tuple[Scene, dict[str, int], str, str]] = {
    "status": (portfolio, DESK, "en", "light"),
    "status-ko": (portfolio, DESK, "ko", "light"),
    "dark": (portfolio, DESK, "en", "dark"),
    "phone": (portfolio, PHONE, "en", "light"),
    "card": (card, TALL, "en", "light"),
    "card-ko": (card, TALL, "ko", "light"),
    "preview": (preview, DESK, "en", "light"),
    "alert": (alert, DESK, "en", "light"),
    "home": (home, DESK, "en", "light"),
    "home-ko": (home, DESK, "ko", "light"),
    "form": (form, DESK, "en", "light"),
    "form-ko": (shortcut, DESK, "ko", "light"),
    "alert-ko": (alert, DESK, "ko", "light"),
    "figures": (figures, TALL, "en", "light"),
    "figures-ko": (figures, TALL, "ko", "light"),
    "picture": (picture, TALL, "en", "light"),
    "picture-ko": (picture, TALL, "ko", "light"),
    "import": (trial, DESK, "en", "light"),
    "import-ko": (trial, DESK, "ko", "light"),
    "shortcut": (shortcut, DESK, "en", "light"),
    "phone-ko-dark": (portfolio, PHONE, "ko", "dark"),
    "inspector": (inspector, DESK, "en", "light"),
}


def take(browser: Browser, name: str) -> int:
    """Take one picture from a fresh demo; returns its size in bytes."""
    scene, window, language, scheme = PICTURES[name]
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder), language) as url:
        page = browser.new_page(viewport=window, color_scheme=scheme, timezone_id="Asia/Seoul")
        shown = scene(Visitor(page, url))
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur()")
        picture = (shown or page).screenshot(path=FOLDER / f"{name}.png", animations="disabled")
        page.close()
    return len(picture)


def main(wanted: list[str]) -> int:
    """Take those named, or all; returns 1 when one is too large for the documentation."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        sizes = {name: take(browser, name) for name in wanted or PICTURES}
        browser.close()
    sys.stdout.write("".join(f"{name:12} {size // 1000:4} kB\n" for name, size in sizes.items()))
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
