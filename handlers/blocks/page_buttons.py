"""Pages of a list: the number in its heading, and the buttons that turn them."""

import re

from db.errors import N_
from db.paging import Page
from handlers.blocks.blockkit import Block, actions, button
from handlers.i18n.translator import Translator


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
