"""Which blocks and elements stand where, and what Slack says of broken ones, told to an unchanged WebClient."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.slack_emulator.block_samples import BARS, BLOCKS, DATA_TABLE, ELEMENTS, actions, asked, block, element
from tests.slack_emulator.invalid_blocks import BROKEN_BLOCKS, BROKEN_ELEMENTS, BROKEN_VIEWS
from tests.slack_emulator.sample_app import Json, error, modal, plain, section

GENERAL = "C0GENERAL"
SURFACES = {
    "message": BLOCKS.keys() - {"input"},
    "modal": BLOCKS.keys() - {"data_table", "data_visualization"},
    "home": BLOCKS.keys() - {"data_table", "data_visualization", "input"},
}
OUTSIDE = {"button", "overflow", "static_select", "checkboxes"}
PLACES = {"actions": OUTSIDE, "section": OUTSIDE, "input": ELEMENTS.keys() - {"button", "overflow"}}


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


@pytest.mark.parametrize("kind", ["card", "image", "markdown", "rich_text", "table", "video"])
def test_a_block_that_the_bot_does_not_use_is_refused_by_name(client: WebClient, kind: str) -> None:
    expected = [f"invalid_blocks: unsupported type: {kind} [json-pointer:/blocks/0/type]"]
    assert refusal(client, [{"type": kind}]) == expected


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
        "section": (section("x", accessory=element(kind)), "accessory"),
        "input": (asked(kind), "element"),
    }
    blocks, path = around[place]
    expected = [f"invalid_arguments: unsupported type: {kind} [json-pointer:/view/blocks/0/{path}/type]"]
    assert view_refusal(client, modal("Title", [blocks])) == ([] if kind in PLACES[place] else expected)


def test_a_section_may_have_fields_alone(client: WebClient) -> None:
    assert refusal(client, [{"type": "section", "fields": [plain("a"), plain("b")]}]) == []


def test_a_message_has_no_select_menus(client: WebClient) -> None:
    expected = ["invalid_blocks: unsupported type: static_select [json-pointer:/blocks/0/elements/0/type]"]
    assert refusal(client, [actions(element("static_select"))]) == expected


def pointed(message: str, path: str) -> str:
    """`sentence [path]` below a place as Slack writes it."""
    sentence, _, inner = message.partition(" [")
    return f"{sentence} [json-pointer:{path}/{inner}".replace("/]", "]")


@pytest.mark.parametrize(("broken", "message"), BROKEN_BLOCKS)
def test_a_broken_block_is_refused(client: WebClient, broken: Any, message: str) -> None:
    assert f"invalid_blocks: {pointed(message, '/blocks')}" in refusal(client, [broken])


@pytest.mark.parametrize(("broken", "message"), BROKEN_ELEMENTS)
def test_a_broken_element_is_refused(client: WebClient, broken: Json, message: str) -> None:
    if broken["type"] in OUTSIDE:
        around, path = actions(broken), "/view/blocks/0/elements/0"
    else:
        around, path = {**asked("datepicker"), "element": broken}, "/view/blocks/0/element"
    assert f"invalid_arguments: {pointed(message, path)}" in view_refusal(client, modal("Title", [around]))


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([section("x")] * 51, "invalid_blocks: no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [section("x"), section("x", block_id="b"), section("x", block_id="b")],
            'invalid_blocks: `block_id` "b" already exists [json-pointer:/blocks/2/block_id]',
        ),
        ([BARS, BARS, BARS], "invalid_blocks: too many data_visualization blocks"),
        ([DATA_TABLE, DATA_TABLE], "invalid_attachments: only_one_table_allowed"),
    ],
)
def test_limits_over_all_blocks_of_a_message(client: WebClient, blocks: list[Json], said: str) -> None:
    assert refusal(client, blocks) == [said]


def test_all_the_text_of_a_message_is_limited_too(client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="x", blocks=[section("x" * 2640)] * 5)
    too_much = [section("x" * 2641)] * 5
    assert error(client.chat_postMessage, channel=GENERAL, text="x", blocks=too_much) == "msg_blocks_too_long"


@pytest.mark.parametrize(("view", "said"), BROKEN_VIEWS)
def test_a_broken_view_is_refused(client: WebClient, view: Json, said: str) -> None:
    assert f"invalid_arguments: {said}" in view_refusal(client, view)


def test_a_view_may_not_weigh_too_much(client: WebClient) -> None:
    heavy = modal("x", [section("x" * 3000) for _ in range(90)])
    assert error(client.views_open, trigger_id="none", view=heavy) == "view_too_large"
