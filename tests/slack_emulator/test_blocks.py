"""Blocks and views that Slack takes, what it says of broken ones, and the bot's own table of limits against both."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator.block_kit.blocks import INPUT_TEXT, message_problems, view_problems
from handlers.blocks.blockkit import LIMITS
from tests.slack_emulator.samples import (
    BLOCKS,
    ELEMENTS,
    Json,
    actions,
    asked,
    bars,
    block,
    button,
    cells,
    element,
    error,
    modal,
    option,
    plain,
    section,
)

DATA = {"data_table", "data_visualization"}
SURFACES = {
    "message": (BLOCKS.keys() - {"input"}, lambda one: message_problems([one])),
    "modal": (BLOCKS.keys() - DATA, lambda one: in_modal([one])),
    "home": (BLOCKS.keys() - DATA - {"input"}, lambda one: view_problems({"type": "home", "blocks": [one]})),
}
OUTSIDE = {"button", "overflow", "static_select", "checkboxes"}
PLACES: dict[str, tuple[set[str], Callable[[str], Json]]] = {
    "actions/elements/0": (OUTSIDE, lambda kind: actions(element(kind))),
    "section/accessory": (OUTSIDE, lambda kind: section("x", accessory=element(kind))),
    "input/element": (ELEMENTS.keys() - {"button", "overflow"}, asked),
}


def in_message(*blocks: Json) -> list[str]:
    return message_problems(list(blocks))


def in_modal(blocks: list[Json], title: str = "Title", **more: Any) -> list[str]:
    return view_problems(modal(title, blocks, **more))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("kind", [*BLOCKS, "image", "rich_text"])
def test_where_a_block_may_stand(surface: str, kind: str) -> None:
    allowed, problems = SURFACES[surface]
    path = "/blocks/0/type" if surface == "message" else "/view/blocks/0/type"
    refused = [] if kind in allowed else [f"unsupported type: {kind} [json-pointer:{path}]"]
    assert problems({**BLOCKS.get(kind, {}), "type": kind}) == refused


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ELEMENTS)
def test_where_an_element_may_stand(place: str, kind: str) -> None:
    allowed, around = PLACES[place]
    path = place.partition("/")[2]
    refused = [] if kind in allowed else [f"unsupported type: {kind} [json-pointer:/view/blocks/0/{path}/type]"]
    assert in_modal([around(kind)]) == refused
    if place != "input/element":
        assert bool(in_message(around(kind))) is (kind not in {"button", "overflow"})


TWICE = [section("x", block_id="b")] * 2
BROKEN: list[tuple[Any, str]] = [
    ({}, "missing required field: type [0]"),
    ("text", "must provide an object [0]"),
    ({"type": "section"}, "must define either `text` or `fields` [0]"),
    (section("x", accesory={}), "invalid additional property: accesory [0]"),
    (section("x" * 3001), "failed to match all allowed schemas [0/text]"),
    (section(""), "must be more than 0 characters [0/text/text]"),
    (section("x", block_id="b" * 256), "must be less than 256 characters [0/block_id]"),
    (block("header", text={"type": "mrkdwn", "text": "x"}), "must be a valid enum value [0/text/type]"),
    (block("context", elements=[plain("x")] * 11), "no more than 10 items allowed [0/elements]"),
    (actions(button("a", "x"), button("b", "x")), '`action_id` "x" already exists [0/elements/1/action_id]'),
    (block("data_table", rows=[cells("a")]), "must provide at least 2 items [0/rows]"),
    (block("data_table", rows=[cells("a"), cells("a", "b")]), "all rows must have the same number of cells [0/rows]"),
    (block("data_table", rows=[cells("x" * 10_001)] * 2), "must be less than 20001 characters [0/rows]"),
    (block("data_visualization", chart={"type": "radar"}), "unsupported type: radar [0/chart/type]"),
    (bars(*[(str(n), "Mon") for n in range(13)]), "no more than 12 items allowed [0/chart/series]"),
    (actions(element("button", value="x" * 2001)), "must be less than 2001 characters [0/elements/0/value]"),
    (actions(element("button", style="default")), "must be a valid enum value [0/elements/0/style]"),
]
BROKEN_INPUTS: list[tuple[Json, str]] = [
    (element("static_select", initial_option=option("C")), "must match one of the options [initial_option]"),
    (element("checkboxes", initial_options=[option("C")]), "must match one of the options [initial_options/0]"),
    (element("checkboxes", options=[option(str(n)) for n in range(11)]), "no more than 10 items allowed [options]"),
    (element("multi_static_select", max_selected_items=0), "must be between 1 and 1000 [max_selected_items]"),
    (element("datepicker", initial_date="2026-02-30"), "must be a date such as 2026-02-07 [initial_date]"),
    (element("plain_text_input", max_length=3001), "must be between 1 and 3000 [max_length]"),
    (element("file_input", max_files=11), "must be between 1 and 10 [max_files]"),
]
HOME: Json = {"type": "home", "blocks": []}
BROKEN_VIEWS: list[tuple[Json, str]] = [
    ({"type": "modal", "blocks": []}, "missing required field: title [/view]"),
    ({"type": "modal", "title": plain("x")}, "missing required field: blocks [/view]"),
    ({"type": "card", "title": plain("x"), "blocks": []}, "must be a valid enum value [/view/type]"),
    (modal("x", [], submit_disabled=True), "invalid additional property: submit_disabled [/view]"),
    (
        {"type": "modal", "title": plain("x"), "blocks": [asked("datepicker")]},
        "must define `submit` to use an `input` block in modals [/view/blocks/0/input]",
    ),
    (modal("x", TWICE), '`block_id` "b" already exists [/view/blocks/1/block_id]'),
    (
        modal("x", [{"type": "input", "element": element("datepicker")}]),
        "missing required field: label [/view/blocks/0]",
    ),
    ({**HOME, "title": plain("x")}, "invalid additional property: title [/view]"),
]


def pointed(problem: str, path: str) -> str:
    """`sentence [path]` below a place as Slack writes it."""
    sentence, _, inner = problem.partition(" [")
    return f"{sentence} [json-pointer:{path}{inner}".replace("/]", "]")


@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_a_broken_block_is_refused(broken: Any, said: str) -> None:
    assert pointed(said, "/blocks/") in in_message(broken)


@pytest.mark.parametrize(("broken", "said"), BROKEN_INPUTS)
def test_a_broken_input_is_refused(broken: Json, said: str) -> None:
    assert pointed(said, "/view/blocks/0/element/") in in_modal([{**asked("datepicker"), "element": broken}])


@pytest.mark.parametrize(("view", "said"), BROKEN_VIEWS)
def test_a_broken_view_is_refused(view: Json, said: str) -> None:
    assert pointed(said, "") in view_problems(view)


def test_a_client_hears_what_is_wrong(client: WebClient) -> None:
    said = "invalid additional property: color [json-pointer:/blocks/0]"
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[{"type": "divider", "color": "red"}])
    assert (caught.value.response["error"], caught.value.response["errors"]) == ("invalid_blocks", [said])
    assert caught.value.response["response_metadata"] == {"messages": [f"[ERROR] {said}"]}
    heavy = modal("x", [section("x" * 3000) for _ in range(90)])
    assert error(client.views_open, trigger_id="none", view=heavy) == "view_too_large"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([section("x" * 2641)] * 5, "msg_blocks_too_long"),
        (TWICE, "invalid_blocks"),
    ],
)
def test_limits_over_all_blocks_of_a_message(client: WebClient, blocks: list[Json], said: str) -> None:
    assert error(client.chat_postMessage, channel="C0GENERAL", text="x", blocks=blocks) == said
    client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[section("x" * 2640)] * 5)


def select(*options: Json) -> list[str]:
    return in_modal([actions(element("static_select", options=list(options)))])


EXACT: dict[str, Callable[[int], list[str]]] = {
    "message_blocks": lambda n: in_message(*[section("x")] * n),
    "view_blocks": lambda n: in_modal([section("x")] * n),
    "section": lambda n: in_message(section("x" * n)),
    "field": lambda n: in_message({"type": "section", "fields": [plain("x" * n)]}),
    "fields": lambda n: in_message({"type": "section", "fields": [plain("x")] * n}),
    "header": lambda n: in_message({"type": "header", "text": plain("x" * n)}),
    "button": lambda n: in_message(actions(button("x" * n, "x"))),
    "button_value": lambda n: in_message(actions(button("x", "x", value="x" * n))),
    "option": lambda n: select(option("x" * n, "x")),
    "option_value": lambda n: select(option("x", "x" * n)),
    "options": lambda n: select(*[option(str(i)) for i in range(n)]),
    "actions": lambda n: in_message(actions(*[button("x", str(i)) for i in range(n)])),
    "title": lambda n: in_modal([], "x" * n),
    "private_metadata": lambda n: in_modal([], private_metadata="x" * n),
    "input": lambda n: in_modal([asked("plain_text_input", initial_value="x" * n)]),
    "label": lambda n: in_modal([{**asked("datepicker"), "label": plain("x" * n)}]),
    "chart_title": lambda n: in_message({**bars(("a", "Mon")), "title": "x" * n}),
}
STRICTER: dict[str, Callable[[int], list[str]]] = {
    "message_text": lambda n: in_message(*[section("x" * 2000)] * (n // 2000)),
    "context": lambda n: in_message({"type": "context", "elements": [plain("x" * n)]}),
}
UNKNOWN_TO_SLACK = {"error", "fallback"}
"""The words of an error at a field, and of a notification: limits of the bot's own."""


def test_every_limit_of_the_bot_is_compared() -> None:
    assert LIMITS.keys() == EXACT.keys() | STRICTER.keys() | UNKNOWN_TO_SLACK
    assert LIMITS["input"] == INPUT_TEXT


@pytest.mark.parametrize("name", [*EXACT, *STRICTER])
def test_what_the_bot_sends_at_its_limit_is_taken(name: str) -> None:
    assert {**EXACT, **STRICTER}[name](LIMITS[name]) == []
    assert name in STRICTER or EXACT[name](LIMITS[name] + 1)
