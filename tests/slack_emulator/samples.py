"""Small blocks, elements and views, and a small app that answers as they say."""

import json
import re
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

Json = dict[str, Any]


def error(call: Any, **args: Any) -> str:
    """Return the error of a Web API call that is refused."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text}


def modal(title: str, blocks: list[Json], **more: Any) -> Json:
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": blocks, **more}


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
    return {"type": "input", "label": plain(kind), "element": element(kind, **more)}


def cells(*texts: str) -> list[Json]:
    return [{"type": "raw_text", "text": text} for text in texts]


def bars(*series: tuple[str, str]) -> Json:
    """A chart of one category, `Mon`, for series by name and label."""
    lines = [{"name": name, "data": [{"label": label, "value": 1}]} for name, label in series]
    chart = {"type": "bar", "series": lines, "axis_config": {"categories": ["Mon"]}}
    return {"type": "data_visualization", "title": "Chart", "chart": chart}


BLOCKS: dict[str, Json] = {
    "section": {"text": plain("text")},
    "header": {"text": plain("text")},
    "context": {"elements": [plain("text")]},
    "divider": {},
    "actions": actions(element("button")),
    "input": asked("plain_text_input"),
    "data_table": {"caption": "Table", "rows": [cells("Ref"), cells("GG-1")]},
    "data_visualization": bars(("a", "Mon")),
}


def block(kind: str, **more: Any) -> Json:
    """The smallest block of a kind, with more fields."""
    return {**BLOCKS[kind], "type": kind, **more}


def build(client: WebClient) -> App:
    """An app of which each command and view says how it is to be answered; what it heard lies in `app.heard`."""
    app = App(client=client, signing_secret="emulator", process_before_response=True)
    heard: list[Json] = []
    app.heard = heard  # type: ignore[attr-defined]
    answers: dict[str, Json] = {"": {}, "plain": {"text": "just text"}}

    def answer(ack: Any, body: Json) -> None:
        heard.append(body)
        ack(**answers.get(body["text"], {"text": "x", "blocks": [{"type": body["text"]}]}))

    def submitted(ack: Any, body: Json) -> None:
        ack(**json.loads(body["view"]["private_metadata"] or "{}"))

    app.command("/status")(answer)
    app.view_submission(re.compile(".*"))(submitted)
    return app
