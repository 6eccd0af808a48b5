"""Interactive elements: their fields and limits, and which block each may stand in."""

from bot.slack_emulator.block_kit.composition import (
    CONFIRM,
    ID,
    MARKED_OPTION,
    OPTION,
    OPTION_GROUP,
    OPTIONS,
    STYLE,
    day,
    options_of,
    plain,
)
from bot.slack_emulator.block_kit.schema import (
    Check,
    Field,
    SchemaReport,
    anything,
    array,
    boolean,
    every,
    integer,
    may,
    need,
    string,
    table,
    typed,
)
from bot.slack_emulator.models import Json

BUTTON_TEXT = 75
BUTTON_VALUE = 2000
INPUT_TEXT = 3000


def _element(**fields: Field) -> Check:
    return table({"type": need(anything), "action_id": may(ID), **fields})


def _picker(**fields: Field) -> Check:
    return _element(placeholder=may(plain(150)), confirm=may(CONFIRM), **fields)


def _menu(**fields: Field) -> Check:
    """Return a menu over options of its own, or over groups of them."""
    own = {"options": may(array(OPTION, OPTIONS)), "option_groups": may(array(OPTION_GROUP, OPTIONS))}
    return every(every(_picker(**own, **fields), _one_of_two), _initial_is_an_option)


def _one_of_two(report: SchemaReport, element: Json, path: str) -> None:
    either = {"options", "option_groups"}
    if element.keys() >= either:
        report.add(path, "cannot define both `options` and `option_groups`")
    elif not element.keys() & either:
        report.add(path, "must define either `options` or `option_groups`")


def _ticks(**fields: Field) -> Check:
    ten = need(array(MARKED_OPTION, 10))
    return every(_element(options=ten, confirm=may(CONFIRM), **fields), _initial_is_an_option)


def _initial_is_an_option(report: SchemaReport, element: Json, path: str) -> None:
    options = options_of(element)
    if "initial_option" in element and element["initial_option"] not in options:
        report.add(f"{path}/initial_option", "must match one of the options")
    for number, option in enumerate(element.get("initial_options", ())):
        if option not in options:
            report.add(f"{path}/initial_options/{number}", "must match one of the options")


_MOST = {"max_selected_items": may(integer(1, 1000))}
_QUERY = {"min_query_length": may(integer(0, 1000))}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        text=need(plain(BUTTON_TEXT)),
        value=may(string(BUTTON_VALUE)),
        style=may(STYLE),
        confirm=may(CONFIRM),
    ),
    "static_select": _menu(initial_option=may(OPTION)),
    "multi_static_select": _menu(initial_options=may(array(OPTION, OPTIONS)), **_MOST),
    "external_select": _picker(initial_option=may(OPTION), **_QUERY),
    "multi_external_select": _picker(initial_options=may(array(OPTION, OPTIONS)), **_QUERY, **_MOST),
    "datepicker": _picker(initial_date=may(day)),
    "checkboxes": _ticks(initial_options=may(array(MARKED_OPTION, 10))),
    "radio_buttons": _ticks(initial_option=may(MARKED_OPTION)),
    "plain_text_input": _element(
        placeholder=may(plain(150)),
        initial_value=may(string(INPUT_TEXT)),
        multiline=may(boolean),
        max_length=may(integer(1, INPUT_TEXT)),
    ),
    "url_text_input": _element(placeholder=may(plain(150)), initial_value=may(string(INPUT_TEXT))),
    "overflow": _element(options=need(array(OPTION, 5)), confirm=may(CONFIRM)),
    "file_input": _element(filetypes=may(array(string(20, 1), 100)), max_files=may(integer(1, 10))),
}

_IN_INPUT = ELEMENTS.keys() - {"button", "overflow"}
_OUTSIDE = {"button", "overflow", "static_select", "checkboxes"}


def _those(names: set[str]) -> Check:
    return typed({name: ELEMENTS[name] for name in sorted(names)})


IN_INPUT = _those(_IN_INPUT)
IN_VIEW = _those(_OUTSIDE)
IN_MESSAGE = _those({"button", "overflow"})


def check_options(body: Json) -> list[str]:
    """Return what is wrong in an answer to a `block_suggestion`: 100 `options` at most."""
    report = SchemaReport()
    rule = table({"options": may(array(OPTION, OPTIONS, fewest=0))})
    rule(report, body, "")
    return report.problems
