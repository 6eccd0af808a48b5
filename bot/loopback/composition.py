"""The objects that elements are composed of (texts, options, dialogs, filters, images) and their limits."""

from datetime import date
from typing import Any

from bot.loopback.schema import (
    Check,
    Report,
    anything,
    array,
    boolean,
    every,
    matching,
    may,
    need,
    one_of,
    one_schema_of,
    string,
    table,
    typed,
)

ID = string(255, 1)
URL = every(string(3000, 1), matching(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "a valid URL"))
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 09:30")
NUMBER = matching(r"-?\d+(\.\d+)?", "a number as a string")
STYLE = one_of("primary", "danger")
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150


def plain(longest: int) -> Check:
    """A `plain_text` object."""
    return table(
        {
            "type": need(one_of("plain_text")),
            "text": need(string(longest, 1)),
            "emoji": may(boolean),
        },
    )


def mrkdwn(longest: int) -> Check:
    """A `mrkdwn` object."""
    return table(
        {
            "type": need(one_of("mrkdwn")),
            "text": need(string(longest, 1)),
            "verbatim": may(boolean),
        },
    )


def any_text(longest: int) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    return one_schema_of(typed({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)}))


def day(report: Report, value: Any, path: str) -> None:
    """A day of the calendar, `YYYY-MM-DD`."""
    try:
        date.fromisoformat(value if isinstance(value, str) and "W" not in value else "")
    except ValueError:
        report.add(path, "must be a date such as 2026-02-07")


def one_of_two(one: str, other: str) -> Check:
    """An object in which one of two keys stands, not both."""

    def check(report: Report, value: Any, path: str) -> None:
        if one in value and other in value:
            report.add(path, f"cannot define both `{one}` and `{other}`")
        elif one not in value and other not in value:
            report.add(path, f"must define either `{one}` or `{other}`")

    return check


def _option(text: Check) -> Check:
    return table({"text": need(text), "value": need(string(OPTION_VALUE, 1)), "description": may(text)})


OPTION = _option(plain(OPTION_TEXT))
MARKED_OPTION = _option(any_text(OPTION_TEXT))
"""An option of checkboxes and radio buttons."""
LINK_OPTION = table(
    {
        "text": need(plain(OPTION_TEXT)),
        "value": need(string(OPTION_VALUE, 1)),
        "description": may(plain(OPTION_TEXT)),
        "url": may(URL),
    },
)
"""An option of an overflow menu."""
OPTION_GROUP = table({"label": need(plain(OPTION_TEXT)), "options": need(array(OPTION, OPTIONS))})
CONFIRM = table(
    {
        "title": need(plain(100)),
        "text": need(any_text(300)),
        "confirm": may(plain(30)),
        "deny": may(plain(30)),
        "style": may(STYLE),
    },
)
FILTER = table(
    {
        "include": may(array(one_of("im", "mpim", "private", "public"), 4)),
        "exclude_external_shared_channels": may(boolean),
        "exclude_bot_users": may(boolean),
    },
    "include",
    "exclude_external_shared_channels",
    "exclude_bot_users",
)
DISPATCH = table(
    {"trigger_actions_on": may(array(one_of("on_enter_pressed", "on_character_entered"), 2))},
)
SLACK_FILE = every(table({"id": may(ID), "url": may(URL)}), one_of_two("id", "url"))
IMAGE_SOURCE = {"image_url": may(URL), "slack_file": may(SLACK_FILE)}
IMAGE = every(
    table({"type": need(anything), "alt_text": need(string(2000, 1)), **IMAGE_SOURCE}),
    one_of_two("image_url", "slack_file"),
)
