"""Buttons that lead from any message to a project: open it, follow it."""

from collections.abc import Iterable

from db.errors import N_
from handlers.blocks.blockkit import Block, button
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
