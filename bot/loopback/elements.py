"""Interactive elements: their fields and limits, and which block each may stand in."""

from typing import Any

from bot.loopback.composition import (
    CONFIRM,
    DISPATCH,
    FILTER,
    ID,
    IMAGE,
    LINK_OPTION,
    MARKED_OPTION,
    NUMBER,
    OPTION,
    OPTION_GROUP,
    OPTIONS,
    STYLE,
    TIME,
    URL,
    day,
    one_of_two,
    plain,
)
from bot.loopback.model import Json
from bot.loopback.rich import RICH_TEXT
from bot.loopback.schema import (
    Check,
    Field,
    Report,
    anything,
    array,
    boolean,
    every,
    integer,
    may,
    need,
    one_of,
    string,
    table,
    typed,
)

BUTTON_TEXT = 75
BUTTON_VALUE = 2000
INPUT_TEXT = 3000
COUNT = integer(1, 1000)
LABEL = string(75)
IDS = array(ID, OPTIONS)


def _element(**fields: Field) -> Check:
    return table({"type": need(anything), "action_id": may(ID), **fields})


def _focused(**fields: Field) -> Check:
    return _element(focus_on_load=may(boolean), **fields)


def _picker(**fields: Field) -> Check:
    return _focused(placeholder=may(plain(150)), confirm=may(CONFIRM), **fields)


def _menu(**fields: Field) -> Check:
    """A menu over options of its own."""
    own = {"options": may(array(OPTION, OPTIONS)), "option_groups": may(array(OPTION_GROUP, OPTIONS))}
    return every(_picker(**own, **fields), one_of_two("options", "option_groups"), _initial_is_an_option)


def _ticks(**fields: Field) -> Check:
    ten = need(array(MARKED_OPTION, 10))
    return every(_focused(options=ten, confirm=may(CONFIRM), **fields), _initial_is_an_option)


def _typed_in(**fields: Field) -> Check:
    return _focused(placeholder=may(plain(150)), dispatch_action_config=may(DISPATCH), **fields)


def _initial_is_an_option(report: Report, element: Any, path: str) -> None:
    groups = element.get("option_groups", ())
    options = [*element.get("options", ()), *(option for group in groups for option in group["options"])]
    if "initial_option" in element and element["initial_option"] not in options:
        report.add(f"{path}/initial_option", "must match one of the options")
    for number, option in enumerate(element.get("initial_options", ())):
        if option not in options:
            report.add(f"{path}/initial_options/{number}", "must match one of the options")


def _in_order(low: str, high: str) -> Check:
    def check(report: Report, element: Any, path: str) -> None:
        if low in element and high in element and float(element[low]) > float(element[high]):
            report.add(f"{path}/{low}", f"cannot be greater than `{high}`")

    return check


_MOST = {"max_selected_items": may(COUNT)}
_QUERY = {"min_query_length": may(integer(0, 1000))}
_HERE = {"default_to_current_conversation": may(boolean), "filter": may(FILTER)}
_ANSWERED = {"response_url_enabled": may(boolean)}
_SAID = {"text": need(plain(BUTTON_TEXT)), "accessibility_label": may(LABEL)}
_OPINION = table({**_SAID, "value": need(string(BUTTON_VALUE))})
_PARAMETER = table({"name": need(string(255, 1)), "value": need(anything)})
_TRIGGER = table({"url": need(URL), "customizable_input_parameters": may(array(_PARAMETER, 100, fewest=0))})

ELEMENTS: dict[str, Check] = {
    "button": _element(
        **_SAID,
        value=may(string(BUTTON_VALUE)),
        url=may(URL),
        style=may(STYLE),
        confirm=may(CONFIRM),
    ),
    "workflow_button": _element(**_SAID, workflow=need(table({"trigger": need(_TRIGGER)})), style=may(STYLE)),
    "feedback_buttons": _element(positive_button=need(_OPINION), negative_button=need(_OPINION)),
    "icon_button": _element(
        **_SAID,
        icon=need(one_of("trash")),
        value=may(string(BUTTON_VALUE)),
        visible_to_user_ids=may(IDS),
        confirm=may(CONFIRM),
    ),
    "overflow": _element(options=need(array(LINK_OPTION, 5)), confirm=may(CONFIRM)),
    "static_select": _menu(initial_option=may(OPTION)),
    "multi_static_select": _menu(initial_options=may(array(OPTION, OPTIONS)), **_MOST),
    "external_select": _picker(initial_option=may(OPTION), **_QUERY),
    "multi_external_select": _picker(initial_options=may(array(OPTION, OPTIONS)), **_QUERY, **_MOST),
    "users_select": _picker(initial_user=may(ID)),
    "multi_users_select": _picker(initial_users=may(IDS), **_MOST),
    "conversations_select": _picker(initial_conversation=may(ID), **_HERE, **_ANSWERED),
    "multi_conversations_select": _picker(initial_conversations=may(IDS), **_HERE, **_MOST),
    "channels_select": _picker(initial_channel=may(ID), **_ANSWERED),
    "multi_channels_select": _picker(initial_channels=may(IDS), **_MOST),
    "datepicker": _picker(initial_date=may(day)),
    "timepicker": _picker(initial_time=may(TIME), timezone=may(string(100, 1))),
    "datetimepicker": _focused(confirm=may(CONFIRM), initial_date_time=may(integer(1_000_000_000, 9_999_999_999))),
    "checkboxes": _ticks(initial_options=may(array(MARKED_OPTION, 10))),
    "radio_buttons": _ticks(initial_option=may(MARKED_OPTION)),
    "plain_text_input": every(
        _typed_in(
            initial_value=may(string(INPUT_TEXT)),
            multiline=may(boolean),
            min_length=may(integer(0, INPUT_TEXT)),
            max_length=may(integer(1, INPUT_TEXT)),
        ),
        _in_order("min_length", "max_length"),
    ),
    "number_input": every(
        _typed_in(
            is_decimal_allowed=need(boolean),
            initial_value=may(NUMBER),
            min_value=may(NUMBER),
            max_value=may(NUMBER),
        ),
        _in_order("min_value", "max_value"),
    ),
    "url_text_input": _typed_in(initial_value=may(string(INPUT_TEXT))),
    "email_text_input": _typed_in(initial_value=may(string(INPUT_TEXT))),
    "rich_text_input": every(
        _typed_in(initial_value=may(RICH_TEXT), min_lines=may(integer(1, 100)), max_lines=may(integer(1, 100))),
        _in_order("min_lines", "max_lines"),
    ),
    "file_input": _element(filetypes=may(array(string(20, 1), 100)), max_files=may(integer(1, 10))),
}

BUTTONS = {"button", "workflow_button", "feedback_buttons", "icon_button"}
TYPED_INPUTS = {"plain_text_input", "number_input", "url_text_input", "email_text_input"}
_SMALL = {"feedback_buttons", "icon_button"}
_IN_INPUT = ELEMENTS.keys() - BUTTONS - {"overflow"}
_IN_ACTIONS = ELEMENTS.keys() - TYPED_INPUTS - {"file_input"} - _SMALL
_IN_SECTION = _IN_ACTIONS - {"rich_text_input", "datetimepicker"}


def _those(names: set[str], **more: Check) -> Check:
    return typed({**{name: ELEMENTS[name] for name in sorted(names)}, **more})


IN_INPUT = _those(_IN_INPUT)
IN_ACTIONS = _those(_IN_ACTIONS)
IN_SECTION = _those(_IN_SECTION, image=IMAGE)
IN_CONTEXT_ACTIONS = _those(_SMALL)
ONLY_BUTTONS = _those({"button"})


def check_options(body: Json) -> list[str]:
    """The errors of an answer to a `block_suggestion`: `options` or `option_groups`, 100 at most."""
    report = Report()
    rule = table(
        {
            "options": may(array(OPTION, OPTIONS, fewest=0)),
            "option_groups": may(array(OPTION_GROUP, OPTIONS, fewest=0)),
        },
    )
    rule(report, body, "")
    return report.errors
