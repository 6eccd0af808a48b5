"""Small blocks and elements for the tests of what Slack takes."""

from typing import Any

from tests.slack_emulator.sample_app import Json, button, option, plain

CONFIRM: Json = {"title": plain("Sure?"), "text": plain("Really."), "confirm": plain("Yes"), "deny": plain("No")}
OPTIONS: Json = {"options": [option("A"), option("B")]}

ELEMENTS: dict[str, Json] = {
    "button": button("Press", "x"),
    "static_select": OPTIONS,
    "multi_static_select": OPTIONS,
    "external_select": {},
    "multi_external_select": {},
    "datepicker": {},
    "checkboxes": OPTIONS,
    "overflow": OPTIONS,
    "radio_buttons": OPTIONS,
    "plain_text_input": {},
    "url_text_input": {},
    "file_input": {},
}


def element(kind: str, **more: Any) -> Json:
    """The smallest element of a kind, with more fields."""
    return {**ELEMENTS[kind], "type": kind, **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asked(kind: str, **more: Any) -> Json:
    """An input block around an element."""
    return {"type": "input", "label": plain("Label"), "element": element(kind, **more)}


def cells(*texts: str) -> list[Json]:
    return [{"type": "raw_text", "text": text} for text in texts]


def series(name: str, *labels: str) -> Json:
    return {"name": name, "data": [{"label": label, "value": 1} for label in labels]}


def chart(kind: str, *of: Json, categories: tuple[str, ...] = ("Mon",)) -> Json:
    inside = {"type": kind, "series": list(of), "axis_config": {"categories": list(categories)}}
    return {"type": "data_visualization", "title": "Chart", "chart": inside}


DATA_TABLE: Json = {"type": "data_table", "caption": "Table", "rows": [cells("Ref"), cells("GG-1")]}
BARS: Json = chart("bar", series("a", "Mon"))

BLOCKS: dict[str, Json] = {
    "section": {"text": plain("text")},
    "header": {"text": plain("text")},
    "context": {"elements": [plain("text")]},
    "divider": {},
    "actions": actions(element("button")),
    "input": asked("plain_text_input"),
    "data_table": DATA_TABLE,
    "data_visualization": BARS,
}


def block(kind: str, **more: Any) -> Json:
    """The smallest block of a kind, with more fields."""
    return {**BLOCKS[kind], "type": kind, **more}
