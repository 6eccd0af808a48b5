"""The objects that elements are composed of (texts, options, dialogs) and their limits."""

from datetime import date

from bot.slack_emulator.block_kit.schema import (
    Check,
    Field,
    SchemaReport,
    anything,
    array,
    boolean,
    may,
    need,
    one_of,
    one_schema_of,
    string,
    table,
    typed,
)
from bot.slack_emulator.models import Json

ID = string(255, 1)
STYLE = one_of("primary", "danger")
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150


def block(**fields: Field) -> Check:
    return table({"type": need(anything), "block_id": may(ID), **fields})


def _text(kind: str, longest: int, switch: str) -> Check:
    return table({"type": need(one_of(kind)), "text": need(string(longest, 1)), switch: may(boolean)})


def plain(longest: int) -> Check:
    return _text("plain_text", longest, "emoji")


def any_text(longest: int) -> Check:
    return one_schema_of(typed({"plain_text": plain(longest), "mrkdwn": _text("mrkdwn", longest, "verbatim")}))


def day(report: SchemaReport, value: object, path: str) -> None:
    """Check a calendar day, `YYYY-MM-DD`."""
    try:
        date.fromisoformat(value if isinstance(value, str) and "W" not in value else "")
    except ValueError:
        report.add(path, "must be a date such as 2026-02-07")


def options_of(element: Json) -> list[Json]:
    """Return the options of an element, also those in groups."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def _option(text: Check) -> Check:
    return table({"text": need(text), "value": need(string(OPTION_VALUE, 1)), "description": may(text)})


OPTION = _option(plain(OPTION_TEXT))
MARKED_OPTION = _option(any_text(OPTION_TEXT))
"""An option of checkboxes and radio buttons."""
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
