"""Buttons that turn the pages of a list."""

import re

from db.paging import Page
from handlers.blocks.blockkit import Block, button
from handlers.i18n.translator import Translator


def page_action(action_id: str) -> re.Pattern[str]:
    """Return the pattern of the two action ids that ``page_buttons`` makes."""
    return re.compile(f"{action_id}:(back|on)")


def page_buttons(translator: Translator, page: Page[object], action_id: str, subject: str = "") -> list[Block]:
    """Return *Previous* and *Next*, as far as there are such pages; each has as value a page's number and ``subject``."""
    buttons = []
    if page.number > 1:
        buttons.append(
            button(translator.plain("Previous"), f"{action_id}:back", f"{page.number - 1} {subject}".strip())
        )
    if page.number < page.pages:
        buttons.append(button(translator.plain("Next"), f"{action_id}:on", f"{page.number + 1} {subject}".strip()))
    return buttons
