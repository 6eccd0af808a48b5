"""The parts that blocks are made of (texts, options, confirm dialogs, interactive elements) and their limits."""

from bot.loopback.model import Json
from bot.loopback.schema import (
    Check,
    Field,
    Report,
    anything,
    array,
    boolean,
    integer,
    matching,
    may,
    need,
    one_of,
    string,
    table,
    typed,
)

ID = string(255, 1)
DATE = matching(r"\d{4}-\d\d-\d\d", "a date such as 2026-02-07")
TIME = matching(r"[0-2]\d:[0-5]\d", "a time such as 09:30")
NUMBER = matching(r"-?\d+(\.\d+)?", "a number as a string")
STYLE = one_of("primary", "danger")
URL = string(3000, 1)


def plain(longest: int) -> Check:
    """A `plain_text` object."""
    return table(
        {
            "type": need(one_of("plain_text")),
            "text": need(string(longest, 1)),
            "emoji": may(boolean),
        },
    )


def any_text(longest: int) -> Check:
    """A `plain_text` or `mrkdwn` object."""
    mrkdwn = table(
        {
            "type": need(one_of("mrkdwn")),
            "text": need(string(longest, 1)),
            "verbatim": may(boolean),
        },
    )
    return typed({"plain_text": plain(longest), "mrkdwn": mrkdwn})


OPTION = table(
    {
        "text": need(any_text(75)),
        "value": need(string(150, 1)),
        "description": may(any_text(75)),
        "url": may(URL),
    },
)
OPTION_GROUP = table({"label": need(plain(75)), "options": need(array(OPTION, 100))})
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
)
IMAGE = table({"type": need(anything), "image_url": need(URL), "alt_text": need(string(2000))})
DISPATCH = table(
    {"trigger_actions_on": need(array(one_of("on_enter_pressed", "on_character_entered"), 2))},
)
COUNT = integer(1, 1000)


def _element(*either: str, **fields: Field) -> Check:
    common = {"type": need(anything), "action_id": may(ID), "focus_on_load": may(boolean)}
    return table({**common, **fields}, *either)


def _menu(*either: str, **fields: Field) -> Check:
    return _element(*either, placeholder=may(plain(150)), confirm=may(CONFIRM), **fields)


def _typed_in(**fields: Field) -> Check:
    return _element(
        placeholder=may(plain(150)),
        dispatch_action_config=may(DISPATCH),
        initial_value=may(string(3000)),
        **fields,
    )


_CHOICES = {"options": may(array(OPTION, 100)), "option_groups": may(array(OPTION_GROUP, 100))}
_EITHER = ("options", "option_groups")
_MANY = {"initial_options": may(array(OPTION, 100)), "max_selected_items": may(COUNT)}
_QUERY = {"min_query_length": may(integer(0, 100))}
_TEN = {"options": need(array(OPTION, 10)), "confirm": may(CONFIRM)}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        text=need(plain(75)),
        value=may(string(2000)),
        url=may(URL),
        style=may(STYLE),
        confirm=may(CONFIRM),
        accessibility_label=may(string(75)),
    ),
    "overflow": _element(options=need(array(OPTION, 5)), confirm=may(CONFIRM)),
    "static_select": _menu(*_EITHER, **_CHOICES, initial_option=may(OPTION)),
    "multi_static_select": _menu(*_EITHER, **_CHOICES, **_MANY),
    "external_select": _menu(**_QUERY, initial_option=may(OPTION)),
    "multi_external_select": _menu(**_QUERY, **_MANY),
    "users_select": _menu(initial_user=may(ID)),
    "conversations_select": _menu(
        initial_conversation=may(ID),
        default_to_current_conversation=may(boolean),
        response_url_enabled=may(boolean),
        filter=may(FILTER),
    ),
    "channels_select": _menu(initial_channel=may(ID), response_url_enabled=may(boolean)),
    "plain_text_input": _typed_in(
        multiline=may(boolean),
        min_length=may(integer(0, 3000)),
        max_length=may(integer(1, 3000)),
    ),
    "number_input": _typed_in(
        is_decimal_allowed=need(boolean),
        min_value=may(NUMBER),
        max_value=may(NUMBER),
    ),
    "url_text_input": _typed_in(),
    "email_text_input": _typed_in(),
    "datepicker": _menu(initial_date=may(DATE)),
    "timepicker": _menu(initial_time=may(TIME), timezone=may(string(100, 1))),
    "checkboxes": _element(**_TEN, initial_options=may(array(OPTION, 10))),
    "radio_buttons": _element(**_TEN, initial_option=may(OPTION)),
}

_IN_INPUT = ELEMENTS.keys() - {"button", "overflow"}
_IN_ACTIONS = ELEMENTS.keys() - {"plain_text_input", "number_input", "url_text_input", "email_text_input"}
IN_INPUT = typed({name: ELEMENTS[name] for name in _IN_INPUT})
IN_ACTIONS = typed({name: ELEMENTS[name] for name in _IN_ACTIONS})
IN_SECTION = typed({**{name: ELEMENTS[name] for name in _IN_ACTIONS}, "image": IMAGE})


def check_options(body: Json) -> list[str]:
    """The errors of an answer to a `block_suggestion`: `options` or `option_groups`, 100 at most."""
    report = Report()
    rule = table(
        {
            "options": may(array(OPTION, 100, fewest=0)),
            "option_groups": may(array(OPTION_GROUP, 100, fewest=0)),
        },
    )
    rule(report, body, "")
    return report.errors
