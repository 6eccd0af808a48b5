"""Buttons that lead from any message to a project (open it, follow it), and those that turn the pages of a list."""

import re
from collections.abc import Iterable

from db.errors import N_
from db.paging import Page
from handlers.blocks.blockkit import Block, actions, button
from handlers.i18n.translator import Translator
from handlers.slack.payloads import stamp

ASK = "status_ask"
"""Buttons and menus whose value is what somebody could type after /aid-status; several in a block are numbered."""
FOLLOW = "follow_on"
UNFOLLOW = "follow_off"
SEEN = "update_seen"
MOST_SEEN = 3


def ask_button(label: str, query: str, number: int | None = None) -> Block:
    """Return a button that answers as /aid-status does with ``query``; ``number`` tells several in a block apart."""
    return button(label, ASK if number is None else f"{ASK}:{number}", query)


def follow_button(translator: Translator, ref: str) -> Block:
    return button(translator.plain("Follow"), FOLLOW, ref)


def stop_button(translator: Translator, ref: str) -> Block:
    return button(translator.plain("Unfollow"), UNFOLLOW, ref)


def seen_buttons(translator: Translator, numbers: Iterable[int], epoch: str) -> list[Block]:
    """Return *Seen* for each update that waits for a second admin, the first few."""
    shown = sorted(numbers)[:MOST_SEEN]
    label = N_("Seen") if len(shown) == 1 else N_("Seen #{number}")
    return [
        button(translator.plain(label, number=number), f"{SEEN}:{index}", stamp(number, epoch))
        for index, number in enumerate(shown)
    ]


def page_action(action_id: str) -> re.Pattern[str]:
    """Return the pattern of the two action ids that ``page_buttons`` makes."""
    return re.compile(f"{action_id}:(back|on)")


def page_buttons(translator: Translator, page: Page[object], action_id: str, subject: str = "") -> list[Block]:
    """Return *Previous* and *Next*, as far as there are such pages; each has as value a page's number and ``subject``."""
    turns = ((N_("Previous"), "back", page.number - 1), (N_("Next"), "on", page.number + 1))
    return [
        button(translator.plain(label), f"{action_id}:{way}", f"{number} {subject}".strip())
        for label, way, number in turns
        if 1 <= number <= page.pages
    ]


def page_actions(translator: Translator, page: Page[object], action_id: str, subject: str = "") -> list[Block]:
    buttons = page_buttons(translator, page, action_id, subject)
    return [actions(buttons)] if buttons else []


def subject_and_number(value: str) -> str:
    """Return what a page's button carries as a line that ends in the number."""
    number, _, subject = value.partition(" ")
    return f"{subject} {number}".strip()


def with_page_number(translator: Translator, head: str, page: Page[object]) -> str:
    if page.pages <= 1:
        return head
    return head + " · " + translator.mrkdwn("page {page} of {pages}", page=page.number, pages=page.pages)
