"""Buttons that lead from any message to a project: open it, follow it."""

from handlers.blocks.blockkit import Block, button
from handlers.i18n.translator import Translator

ASK = "status_ask"
"""Buttons and menus whose value is what somebody could type after /aid-status; several in a block are numbered."""
FOLLOW = "follow_on"
UNFOLLOW = "follow_off"


def ask_button(label: str, query: str, number: int | None = None) -> Block:
    """Return a button that answers as /aid-status does with ``query``; ``number`` tells several in a block apart."""
    return button(label, ASK if number is None else f"{ASK}:{number}", query)


def follow_button(translator: Translator, ref: str) -> Block:
    return button(translator.plain("Follow"), FOLLOW, ref)


def stop_button(translator: Translator, ref: str) -> Block:
    return button(translator.plain("Unfollow"), UNFOLLOW, ref)
