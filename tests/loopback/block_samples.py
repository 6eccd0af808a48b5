"""Small blocks and elements for the tests of what Slack takes."""

from typing import Any

from loopback_sample import Json, button, option, plain

RICH: Json = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}],
}
CONFIRM: Json = {"title": plain("Sure?"), "text": plain("Really."), "confirm": plain("Yes"), "deny": plain("No")}
IMAGE: Json = {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A map"}
OPTIONS: Json = {"options": [option("A"), option("B")]}

ELEMENTS: dict[str, Json] = {
    "button": button("Press", "x"),
    "workflow_button": {"text": plain("Run"), "workflow": {"trigger": {"url": "https://slack.com/shortcuts/Ft1"}}},
    "feedback_buttons": {
        "positive_button": {"text": plain("Good"), "value": "good"},
        "negative_button": {"text": plain("Bad"), "value": "bad"},
    },
    "icon_button": {"icon": "trash", "text": plain("Delete"), "value": "gone"},
    "overflow": OPTIONS,
    "static_select": OPTIONS,
    "multi_static_select": OPTIONS,
    "external_select": {},
    "multi_external_select": {},
    "users_select": {},
    "multi_users_select": {},
    "conversations_select": {},
    "multi_conversations_select": {},
    "channels_select": {},
    "multi_channels_select": {},
    "datepicker": {},
    "timepicker": {},
    "datetimepicker": {},
    "checkboxes": OPTIONS,
    "radio_buttons": OPTIONS,
    "plain_text_input": {},
    "number_input": {"is_decimal_allowed": False},
    "url_text_input": {},
    "email_text_input": {},
    "rich_text_input": {},
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


CARD: Json = {"type": "card", "title": {"type": "mrkdwn", "text": "*GG-1*"}}
TASK: Json = {"type": "task_card", "task_id": "t1", "title": "Read", "status": "complete"}
DATA_TABLE: Json = {"type": "data_table", "caption": "Table", "rows": [cells("Ref"), cells("GG-1")]}
PIE: Json = {
    "type": "data_visualization",
    "title": "Pie",
    "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}]},
}

BLOCKS: dict[str, Json] = {
    "section": {"text": plain("text")},
    "header": {"text": plain("text")},
    "context": {"elements": [plain("text")]},
    "divider": {},
    "actions": actions(element("button")),
    "input": asked("plain_text_input"),
    "rich_text": RICH,
    "image": IMAGE,
    "video": {
        "video_url": "https://example.org/v",
        "thumbnail_url": "https://example.org/t.png",
        "alt_text": "A talk",
        "title": plain("Talk"),
    },
    "card": CARD,
    "carousel": {"elements": [CARD]},
    "container": {"title": plain("Two records"), "child_blocks": [{"type": "divider"}]},
    "alert": {"text": plain("Careful")},
    "table": {"rows": [cells("a")]},
    "data_table": DATA_TABLE,
    "data_visualization": PIE,
    "markdown": {"text": "**bold**"},
    "file": {"external_id": "F1", "source": "remote"},
    "context_actions": {"elements": [element("feedback_buttons")]},
    "task_card": TASK,
    "plan": {"title": "Plan", "tasks": [{**TASK, "status": "pending"}]},
}


def block(kind: str, **more: Any) -> Json:
    """The smallest block of a kind, with more fields."""
    return {**BLOCKS[kind], "type": kind, **more}
