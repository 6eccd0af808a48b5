"""Which blocks and elements stand where, and what Slack says of broken ones, told to an unchanged WebClient."""

from typing import Any

import pytest
from block_broken import BROKEN_BLOCKS, BROKEN_ELEMENTS, BROKEN_VIEWS
from block_samples import (
    BLOCKS,
    DATA_TABLE,
    ELEMENTS,
    PIE,
    actions,
    asked,
    block,
    element,
)
from loopback_sample import Json, modal, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

GENERAL = "C0GENERAL"
EVERYWHERE = set("section header context divider actions input rich_text image video card".split())  # noqa: SIM905
FRAMES = {"carousel", "container", "table", "data_table"}
SURFACES = {
    "message": BLOCKS.keys() - {"alert"},
    "modal": EVERYWHERE | {"alert"},
    "home": EVERYWHERE | FRAMES,
}
TEXT_INPUTS = {"plain_text_input", "number_input", "url_text_input", "email_text_input"}
SMALL = {"feedback_buttons", "icon_button"}
IN_ACTIONS = ELEMENTS.keys() - TEXT_INPUTS - SMALL - {"file_input"}
PLACES = {
    "actions": IN_ACTIONS,
    "section": IN_ACTIONS - {"rich_text_input", "datetimepicker"},
    "input": ELEMENTS.keys() - SMALL - {"button", "workflow_button", "overflow"},
    "context_actions": SMALL,
}


def refusal(client: WebClient, blocks: list[Json]) -> list[str]:
    """What Slack says of the blocks of a message; nothing when it takes them."""
    try:
        client.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)
    except SlackApiError as error:
        return [f"{error.response['error']}: {said}" for said in error.response["errors"]]
    return []


def view_refusal(client: WebClient, view: Json) -> list[str]:
    """The same of a view that is published or, if it is a modal, opened."""
    try:
        if view["type"] == "home":
            client.views_publish(user_id="U0ADMIN", view=view)
        else:
            client.views_open(trigger_id="none", view=view)
    except SlackApiError as error:
        if error.response["error"] == "invalid_trigger_id":
            return []
        messages = error.response["response_metadata"]["messages"]
        return [message.replace("[ERROR]", f"{error.response['error']}:") for message in messages]
    return []


def test_what_is_wrong_is_said_twice(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="x", blocks=[{"type": "divider", "color": "red"}])
    said = "invalid additional property: color [json-pointer:/blocks/0]"
    assert caught.value.response["errors"] == [said]
    assert caught.value.response["response_metadata"] == {"messages": [f"[ERROR] {said}"]}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("kind", BLOCKS)
def test_where_a_block_may_stand(client: WebClient, surface: str, kind: str) -> None:
    if surface == "message":
        said = refusal(client, [block(kind)])
        expected = [f"invalid_blocks: unsupported type: {kind} [json-pointer:/blocks/0/type]"]
    else:
        view = modal("Title", [block(kind)]) if surface == "modal" else {"type": "home", "blocks": [block(kind)]}
        said = view_refusal(client, view)
        expected = [f"invalid_arguments: unsupported type: {kind} [json-pointer:/view/blocks/0/type]"]
    assert said == ([] if kind in SURFACES[surface] else expected)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ELEMENTS)
def test_where_an_element_may_stand(client: WebClient, place: str, kind: str) -> None:
    around: dict[str, tuple[Json, str]] = {
        "actions": (actions(element(kind)), "elements/0"),
        "context_actions": ({"type": "context_actions", "elements": [element(kind)]}, "elements/0"),
        "section": (section("x", accessory=element(kind)), "accessory"),
        "input": (asked(kind), "element"),
    }
    blocks, path = around[place]
    expected = [f"invalid_blocks: unsupported type: {kind} [json-pointer:/blocks/0/{path}/type]"]
    assert refusal(client, [blocks]) == ([] if kind in PLACES[place] else expected)


def names(path: str) -> str:
    """`sentence [path]` below the first block as Slack writes it."""
    sentence, _, place = path.partition(" [")
    return f"{sentence} [json-pointer:/blocks/{place}" if place else sentence


@pytest.mark.parametrize(("broken", "message"), BROKEN_BLOCKS)
def test_a_broken_block_is_refused(client: WebClient, broken: Any, message: str) -> None:
    assert f"invalid_blocks: {names(message)}" in refusal(client, [broken])


@pytest.mark.parametrize(("broken", "message"), BROKEN_ELEMENTS)
def test_a_broken_element_is_refused(client: WebClient, broken: Json, message: str) -> None:
    place = next(place for place in ("actions", "input", "context_actions") if broken["type"] in PLACES[place])
    around, path = {
        "actions": (actions(broken), "0/elements/0"),
        "input": ({**asked("datepicker"), "element": broken}, "0/element"),
        "context_actions": ({"type": "context_actions", "elements": [broken]}, "0/elements/0"),
    }[place]
    sentence, bracket, inner = message.partition(" [")
    below = f"{path}/{inner}".removesuffix("/]") + ("]" if inner == "]" else "")
    expected = f"{sentence} [json-pointer:/blocks/{below}" if bracket else sentence
    assert any(said.startswith(f"invalid_blocks: {expected}") for said in refusal(client, [around])), expected


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([section("x")] * 51, "invalid_blocks: no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [section("x"), section("x", block_id="b"), section("x", block_id="b")],
            'invalid_blocks: `block_id` "b" already exists [json-pointer:/blocks/2/block_id]',
        ),
        (
            [section("x", block_id="b"), block("container", child_blocks=[{"type": "divider", "block_id": "b"}])],
            'invalid_blocks: `block_id` "b" already exists [json-pointer:/blocks/1/child_blocks/0/block_id]',
        ),
        (
            [asked("datepicker", focus_on_load=True), asked("timepicker", focus_on_load=True)],
            "invalid_blocks: only one element may have `focus_on_load` [json-pointer:/blocks]",
        ),
        ([PIE, PIE, PIE], "invalid_blocks: too many data_visualization blocks"),
        (
            [block("markdown", text="x" * 6001)] * 2,
            "invalid_blocks: markdown blocks must be less than 12001 characters in all [json-pointer:/blocks]",
        ),
        ([DATA_TABLE, block("table")], "invalid_attachments: only_one_table_allowed"),
        (
            [block("container", child_blocks=[block("table")]), block("table")],
            "invalid_attachments: only_one_table_allowed",
        ),
    ],
)
def test_limits_over_all_blocks_of_a_message(client: WebClient, blocks: list[Json], said: str) -> None:
    assert refusal(client, blocks) == [said]


def test_all_the_text_of_a_message_is_limited_too(client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="x", blocks=[section("x" * 2640)] * 5)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="x", blocks=[section("x" * 2641)] * 5)
    assert caught.value.response["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize(("view", "said"), BROKEN_VIEWS)
def test_a_broken_view_is_refused(client: WebClient, view: Json, said: str) -> None:
    assert f"invalid_arguments: {said}" in view_refusal(client, view)


def test_a_view_may_not_weigh_too_much(client: WebClient) -> None:
    heavy = modal("x", [section("x" * 3000) for _ in range(90)])
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id="none", view=heavy)
    assert caught.value.response["error"] == "view_too_large"
