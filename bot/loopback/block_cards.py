"""Blocks that frame others or stand as a card: `card`, `carousel`, `container`, `alert`, `task_card`, `plan`."""

from collections.abc import Mapping
from typing import Any

from bot.loopback.composition import ID, IMAGE, URL, any_text, plain
from bot.loopback.elements import ONLY_BUTTONS
from bot.loopback.rich import RICH_TEXT
from bot.loopback.schema import (
    Check,
    Field,
    Report,
    anything,
    array,
    boolean,
    every,
    may,
    need,
    one_of,
    string,
    table,
    typed,
)

_ICONS = (
    "archive book bookmark bot bug calendar call caret-left caret-right check clipboard code comment compass copy "
    "cube download edit email eye-closed eye-open file flag folder gear globe heart help image info key lightbulb "
    "link map mobile new-window pin plus refine refresh rocket save screen share sparkle star star-filled tag "
    "thumbs-down thumbs-up trash upload user warning"
)
ICONS = tuple(_ICONS.split())
CHILDREN = 10
IN_CONTAINER = {
    "actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video",
}  # fmt: skip
_BLOCK = {"type": need(anything), "block_id": may(ID)}
_SLACK_ICON = table({"type": need(one_of("icon")), "name": need(one_of(*ICONS))})


def _one_icon(report: Report, card: Any, path: str) -> None:
    if "icon" in card and "slack_icon" in card:
        report.add(path, "cannot define both `icon` and `slack_icon`")


CARD = every(
    table(
        {
            **_BLOCK,
            "hero_image": may(IMAGE),
            "icon": may(IMAGE),
            "slack_icon": may(_SLACK_ICON),
            "title": may(any_text(150)),
            "subtitle": may(any_text(150)),
            "body": may(any_text(200)),
            "subtext": may(any_text(200)),
            "actions": may(array(ONLY_BUTTONS, 3)),
        },
        "hero_image",
        "title",
        "actions",
        "body",
    ),
    _one_icon,
)
CAROUSEL = table({**_BLOCK, "elements": need(array(typed({"card": CARD}), 10))})
ALERT = table(
    {
        **_BLOCK,
        "text": need(any_text(200)),
        "level": may(one_of("default", "info", "warning", "error", "success")),
    },
)
_SOURCE = table({"type": need(one_of("url")), "url": need(URL), "text": need(string(3000, 1))})
_STATES = ("in_progress", "complete", "error")


def _task(states: tuple[str, ...], **block: Field) -> Check:
    return table(
        {
            **block,
            "task_id": need(string(255, 1)),
            "title": need(string(3000, 1)),
            "details": may(RICH_TEXT),
            "output": may(RICH_TEXT),
            "sources": may(array(_SOURCE, 100, fewest=0)),
            "status": may(one_of(*states)),
        },
    )


TASK_CARD = _task(_STATES, **_BLOCK)
_PLANNED = _task(("pending", *_STATES), type=may(one_of("task_card")), block_id=may(ID))
PLAN = table(
    {
        **_BLOCK,
        "title": need(string(3000, 1)),
        "tasks": may(array(_PLANNED, 100, fewest=0)),
        "status": may(one_of("pending", *_STATES)),
    },
)


def _collapse(report: Report, block: Any, path: str) -> None:
    if block.get("is_collapsible") and block.get("has_header_divider"):
        report.add(f"{path}/has_header_divider", "cannot be set on a container that `is_collapsible`")
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        report.add(f"{path}/default_collapsed", "requires `is_collapsible`")


def container(blocks: Mapping[str, Check]) -> Check:
    """The check of a `container`, given those of the blocks that there are."""
    children = typed({name: blocks[name] for name in sorted(IN_CONTAINER)})
    shape = table(
        {
            **_BLOCK,
            "title": may(plain(150)),
            "rich_text_title": may(RICH_TEXT),
            "subtitle": may(any_text(150)),
            "child_blocks": need(array(children, CHILDREN)),
            "width": may(one_of("narrow", "standard", "wide", "full")),
            "icon": may(IMAGE),
            "is_collapsible": may(boolean),
            "default_collapsed": may(boolean),
            "has_header_divider": may(boolean),
        },
        "title",
        "rich_text_title",
    )
    return every(shape, _collapse)
