"""Block Kit as plain data: builders, Slack's limits, text that cannot become markup. What does not fit is counted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from db.domain.text import without_unseen
from db.errors import N_
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape, split, without_emoji

Block = dict[str, Any]

LIMITS = {
    "message_blocks": 50,
    "view_blocks": 100,
    "message_text": 12_000,  # all blocks of a message; beyond about 13,200 Slack answers msg_blocks_too_long
    "section": 3000,
    "field": 2000,
    "fields": 10,
    "header": 150,
    "context": 2000,
    "button": 75,
    "button_value": 2000,
    "option": 75,
    "option_value": 150,
    "options": 100,
    "actions": 25,
    "title": 24,
    "private_metadata": 3000,
    "input": 3000,
    "label": 2000,
    "chart_title": 50,
    "error": 2000,
    "fallback": 3000,
}
LEFT_OUT = N_("… {count} more parts did not fit in this message.")


def plain(text: str, limit: int) -> Block:
    """Return plain text, in which names of emoji stay words (with ``emoji`` false an emoji would become its name)."""
    return {"type": "plain_text", "text": clip(without_emoji(without_unseen(text)), limit) or " ", "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text or " "}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, LIMITS["header"])}


def sections(text: str, *, accessory: Block | None = None) -> list[Block]:
    """Return one section, or several where the text is too long for one; none without a text."""
    parts = split(text, LIMITS["section"]) if text else []
    blocks: list[Block] = [{"type": "section", "text": mrkdwn(part)} for part in parts]
    if accessory and blocks:
        blocks[0]["accessory"] = accessory
    return blocks


def paragraph(translator: Translator, text: str, **params: object) -> list[Block]:
    return sections(translator.mrkdwn(text, **params))


def fields(texts: Sequence[str]) -> list[Block]:
    """Return short texts in two columns, which a phone shows one below the other; at most ten."""
    shown = [mrkdwn(clip(text, LIMITS["field"])) for text in texts[: LIMITS["fields"]]]
    return [{"type": "section", "fields": shown}] if shown else []


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(clip(text, LIMITS["context"]))]}


def bar_chart(title: str, series: Mapping[str, Mapping[str, int]], axes: tuple[str, str]) -> list[Block]:
    """Return bars for each series by category, the same in each; ``axes`` name the categories and the values."""
    categories = list(next(iter(series.values())))
    drawn = [
        {"name": name, "data": [{"label": each, "value": values[each]} for each in categories]}
        for name, values in series.items()
    ]
    config = {"categories": categories, "x_label": axes[0], "y_label": axes[1]}
    return [
        {
            "type": "data_visualization",
            "title": clip(title, LIMITS["chart_title"]),
            "chart": {"type": "bar", "series": drawn, "axis_config": config},
        }
    ]


def divider() -> Block:
    return {"type": "divider"}


def button(
    label: str, action_id: str, value: str = "", *, style: str | None = None, confirm: Block | None = None
) -> Block:
    element = {"type": "button", "text": plain(label, LIMITS["button"]), "action_id": action_id}
    return element | given(value=value, style=style, confirm=confirm)


def menu(action_id: str, choices: Sequence[Block]) -> Block:
    return {"type": "overflow", "action_id": action_id, "options": list(choices)}


def actions(elements: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(elements)}


def option(label: str, value: str, description: str | None = None) -> Block:
    choice = {"text": plain(label, LIMITS["option"]), "value": value[: LIMITS["option_value"]]}
    return choice | given(description=description and plain(description, LIMITS["option"]))


def given(**parts: object) -> Block:
    """Return the parts that are there, as Slack takes no empty ones."""
    return {name: part for name, part in parts.items() if part}


def fit(translator: Translator, blocks: Iterable[Block], left_out: str = LEFT_OUT, more: int = 0) -> list[Block]:
    """Return at most as many blocks as a message takes; ``left_out`` (with ``{count}``) says how many are missing.

    Buttons at the end are kept: without them an answer would lead nowhere. ``more``: so many would follow that were
    not even made, there being more than a message takes anyway.
    """
    everything, kept = list(blocks), list[Block]()
    buttons = [everything.pop()] if everything and everything[-1]["type"] == "actions" else []
    room, most = LIMITS["message_text"] - text_length(buttons), LIMITS["message_blocks"] - len(buttons)
    for index, block in enumerate(everything):
        room -= text_length(block)
        if room < 0 or (len(kept) == most - 1 and index < len(everything) - 1):
            missing = translator.plain(left_out, count=len(everything) - index + more)
            return [*kept, context(missing), *buttons]
        kept.append(block)
    return [*kept, *buttons]


def text_length(node: Any) -> int:
    """Return the characters that people read in a piece of Block Kit."""
    length, left = 0, [node]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            text = each.get("text")
            length += len(text) if isinstance(text, str) else 0
            left += [value for value in each.values() if not isinstance(value, str)]
        elif isinstance(each, list):
            left += each
    return length


def first_line(blocks: Sequence[Block]) -> str:
    """Return what a notification shows of a message: its title."""
    return clip(as_mrkdwn(blocks[0].get("text", {})) if blocks else "", LIMITS["header"] * 2) or "…"


def as_mrkdwn(text: Block) -> str:
    """Return a text of Block Kit for where only mrkdwn can stand, such as the text of a message."""
    return escape(text["text"]) if text.get("type") == "plain_text" else text.get("text", "")


def in_words(blocks: Iterable[Block]) -> str:
    """Return all that blocks say, in their order, without buttons and menus."""
    said: list[Block | None] = []
    for block in blocks:
        said += [block.get("text"), *block.get("fields", ())]
        if block["type"] == "context":
            said += block["elements"]
    return "\n".join(as_mrkdwn(each) for each in said if each and each["text"].strip())


def fallback_text(blocks: Iterable[Block]) -> str:
    """Return the whole answer as text, for notifications and screen readers, which read no blocks."""
    return clip(in_words(blocks), LIMITS["fallback"]) or "…"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """The words of one message.

    ``text`` is what notifications and screen readers get, and all there is without ``blocks`` (Block Kit as
    plain data). ``reply_broadcast`` shows a thread's reply in the channel too.
    """

    text: str
    blocks: list[Block] | None = None
    reply_broadcast: bool = False

    @property
    def digest(self) -> str:
        """Return a hash of what people see."""
        return sha256(json.dumps([self.text, self.blocks], sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def of(cls, blocks: list[Block], *, reply_broadcast: bool = False) -> "OutgoingMessage":
        return cls(first_line(blocks), blocks, reply_broadcast)
