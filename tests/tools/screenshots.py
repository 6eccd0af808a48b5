"""Screenshots of the documentation, taken from the running demo: ``make pictures``."""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from tests.browser.demo_page import ADMIN, ALERTS, GENERAL, MEMBER, Visitor, running_demo
from tests.support.chromium import open_browser
from tests.support.process import ROOT

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200_000
DESK, PHONE = {"width": 1100, "height": 900}, {"width": 390, "height": 844}
TALL = {"width": 1100, "height": 1200}
BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"

RECORD, UNDO = re.compile("^(Record|기록)$"), re.compile("^(Undo|되돌리기)$")
PROJECTS, HAPPENED = re.compile("^(Projects|사업)"), re.compile("^(What happened|변동 내용)")
HELD_BY, DAY = re.compile("^(Held by|보류국)"), re.compile("^(If the day is not known|정확한 날짜를 모르면)")
FOLLOW = re.compile("^(Follow|구독)$")
STOP = re.compile("^(Unfollow|구독 취소)$")

View = Callable[[Visitor], Locator | None]


def answered(line: str, shown: str, person: str = MEMBER, *, alone: bool = True) -> View:
    """Return a view of the answer to a line, ``alone`` or in the page."""

    def view(visitor: Visitor) -> Locator | None:
        answer = visitor.visit(GENERAL, person).type(line)
        expect(answer).to_contain_text(shown)
        return answer if alone else None

    return view


portfolio = answered("/aid-status", "2026-02-07", ADMIN, alone=False)


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
    dialog = visitor.page.get_by_role("dialog")
    for text, name in (("gg-1", "GG-1"), ("unicef", "UNICEF")):
        dialog.get_by_label(PROJECTS).press_sequentially(text)
        dialog.get_by_role("option", name=name).click()
    dialog.get_by_label(HAPPENED).select_option(label=visitor.either("Hold", "보류"))
    dialog.get_by_label(HELD_BY).select_option(label=visitor.either("France", "프랑스"))
    dialog.get_by_label(DAY).fill(visitor.either("last spring", "지난 봄"))
    dialog.locator("footer button").last.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    return dialog


def newcomer(visitor: Visitor) -> None:
    visitor.visit()


def completing(visitor: Visitor) -> None:
    portfolio(visitor)
    visitor.page.get_by_role("combobox", name=re.compile("^(Message|메시지)$")).press_sequentially("/aid-")
    expect(visitor.page.get_by_role("option", name="/aid-admin")).to_be_visible()


def near_miss(visitor: Visitor) -> None:
    for line in ("/aid-status GG-9", "/aid-admin audit"):
        visitor.visit(GENERAL, MEMBER).type(line)
        expect(visitor.newest).to_contain_text(re.compile("GG-2|/aid-admin people"))


def thread(visitor: Visitor) -> None:
    preview(visitor).get_by_role("button", name=RECORD).click()
    visitor.newest.get_by_role("button", name=UNDO).click()
    expect(visitor.newest).to_contain_text("#7")
    visitor.visit(ALERTS).page.locator("a.replies").click()
    expect(visitor.page.locator("#thread-messages article")).to_have_count(2)


def direct_message(visitor: Visitor) -> None:
    answer = visitor.visit(GENERAL, MEMBER).type("/aid-status GG-1")
    answer.get_by_role("button", name=FOLLOW).click()
    expect(visitor.newest.get_by_role("button", name=STOP)).to_be_visible()
    expect(visitor.visit().type("/aid-update GG-1 hold by:FR on:2026-02-06 as:press no reason")).to_contain_text("#6")
    _to_the_bot(visitor.visit(GENERAL, MEMBER))
    expect(visitor.newest).to_contain_text("no reason")


def _to_the_bot(visitor: Visitor) -> None:
    """Open the direct message with the bot; its link may have a mark of unread messages."""
    visitor.page.locator("#sidebar a[href*='/c/D']").click()


def home(visitor: Visitor) -> None:
    letter = "approved as:letter source:https://example.org/l on:2026-02-06 until:2027-02-06 lift:all"
    for line in (f"/aid-update IO-2 {letter}", "/aid-update GG-1 hold by:FR on:2026-02-06 as:press no reason given"):
        _record(visitor, line)
    for ref in ("IO-2", "GG-1"):
        answer = visitor.visit().type(f"/aid-status {ref}")
        answer.get_by_role("button", name=FOLLOW).click()
        expect(visitor.newest.get_by_role("button", name=STOP)).to_be_visible()
    expect(visitor.home()).to_contain_text("GG-1")


def _record(visitor: Visitor, line: str) -> None:
    """Type a line that records, and wait for its answer."""
    before = visitor.visit().messages.count()
    visitor.type(line)
    expect(visitor.messages).to_have_count(before + 1)
    expect(visitor.newest).to_contain_text(re.compile("[#@]"))


def figures(visitor: Visitor) -> Locator:
    for number, (year, month) in enumerate(((2024, 4), (2025, 6)), start=1):
        _record(visitor, f"/aid-update IO-{number} submitted on:{year}-02-01 as:letter")
        letter = f"on:{year}-{month:02}-10 until:{year + 1}-{month:02}-10 source:https://example.org/l lift:all"
        # A letter before the end of the hold contradicts it, so it is previewed.
        visitor.type(f"/aid-update IO-{number} approved as:letter {letter}").get_by_role("button", name=RECORD).click()
        expect(visitor.newest.get_by_role("button", name=UNDO)).to_be_visible()
    answer = visitor.type("/aid-status figures")
    expect(answer.locator(".chart")).to_be_visible()
    return answer


def picture(visitor: Visitor) -> None:
    home(visitor)
    visitor.visit().type("/aid-status GG-1 export:png")
    _to_the_bot(visitor.visit())
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


def suggest(visitor: Visitor) -> Locator:
    visitor.visit(GENERAL, MEMBER).type("/aid-update The Chair approved GG-1, says https://example.org/letter")
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("GG-1")
    return dialog


def suggested(visitor: Visitor) -> None:
    suggest(visitor).locator("footer button").last.click()
    expect(visitor.page.get_by_role("dialog").locator("footer button")).to_have_count(1)
    expect(visitor.visit().type("/aid-admin suggestions")).to_contain_text("GG-1")
    expect(visitor.home()).to_contain_text("https://example.org/letter")


def seen(visitor: Visitor) -> Locator:
    _record(visitor, "/aid-admin grant @mina.lee")
    _record(visitor, "/aid-update GG-1 approved as:letter source:https://example.org/l on:2026-02-06 until:2027-02-06")
    visitor.visit(ALERTS, MEMBER)
    expect(visitor.messages).to_have_count(1)
    return visitor.newest


def inspector(visitor: Visitor) -> None:
    portfolio(visitor)
    visitor.page.goto(f"{visitor.url}/inspector")


TABLE = """Ref,Title,Title in Korean,Group,Applicant,Update,Date,Source kind,Valid until,Source
NEW-1,Tents,천막,io,World Health Organization,approved,2025-07-20,letter,2026-04-20,https://example.org/letter
NEW-1,,,,,shipped,2025-09,,,
GG-1,Kaepung nursery,개풍 양묘장,,,,,,,
"""

# name: what to do, the window, dark or light; each in both languages, the Korean one as NAME-ko
PICTURES: dict[str, tuple[View, dict[str, int], str]] = {
    "first": (newcomer, DESK, "light"),
    "status": (portfolio, DESK, "light"),
    "dark": (portfolio, DESK, "dark"),
    "phone": (portfolio, PHONE, "light"),
    "phone-dark": (portfolio, PHONE, "dark"),
    "completing": (completing, DESK, "light"),
    "card": (answered("/aid-status GG-1", "GG-1 · "), DESK, "light"),
    "list": (answered("/aid-status group:io", "IO-8"), TALL, "light"),
    "near-miss": (near_miss, DESK, "light"),
    "preview": (preview, DESK, "light"),
    "alert": (alert, DESK, "light"),
    "thread": (thread, DESK, "light"),
    "message": (direct_message, DESK, "light"),
    "home": (home, DESK, "light"),
    "form": (form, DESK, "light"),
    "form-phone": (form, PHONE, "light"),
    "shortcut": (shortcut, DESK, "light"),
    "suggest": (suggest, DESK, "light"),
    "suggested": (suggested, PHONE, "light"),
    "seen": (seen, DESK, "light"),
    "figures": (figures, TALL, "light"),
    "picture": (picture, TALL, "light"),
    "import": (trial, DESK, "light"),
    "inspector": (inspector, DESK, "light"),
}
LANGUAGES = {"en": "", "ko": "-ko"}


def take(browser: Browser, url: str, name: str, language: str, folder: Path) -> int:
    """Take one picture from a demo that starts over for it; return its size in bytes."""
    take_view, window, scheme = PICTURES[name]
    page = browser.new_page(viewport=window, color_scheme=scheme, timezone_id="Asia/Seoul")
    page.request.post(f"{url}/start-over")
    element = take_view(Visitor(page, url, language))
    page.mouse.move(0, 0)
    if take_view is not completing:
        page.evaluate("document.activeElement?.blur()")
    picture = (element or page).screenshot(path=folder / f"{name}{LANGUAGES[language]}.png", animations="disabled")
    page.close()
    return len(picture)


def main(arguments: list[str]) -> int:
    """Take the named pictures (``form``: in both languages), or all; return 1 if one is too large for the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="FOLDER")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - PICTURES.keys():
        parser.error(f"no picture is called {', '.join(sorted(unknown))}")
    options.into.mkdir(parents=True, exist_ok=True)
    sizes = {}
    with open_browser() as browser:
        for language, ending in LANGUAGES.items():
            with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder), language) as url:
                for name in options.names or PICTURES:
                    sizes[name + ending] = take(browser, url, name, language, options.into)
    sys.stdout.write("".join(f"{name:14} {size // 1000:4} kB\n" for name, size in sizes.items()))
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
