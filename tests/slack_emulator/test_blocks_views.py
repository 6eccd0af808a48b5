"""A view's life: hashes, stacks, triggers."""

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import SimulatedUser, SlackEmulator
from tests.slack_emulator.sample_app import Json, modal, section

HOME: Json = {"type": "home", "blocks": [section("first")]}


def trigger(slack: SlackEmulator) -> str:
    return slack.site.tickets.trigger("U0ADMIN")


def opened(slack: SlackEmulator, client: WebClient, title: str = "One", **more: Any) -> Json:
    view: Json = client.views_open(trigger_id=trigger(slack), view=modal(title, [section("x")], **more))["view"]
    return view


def said(call: Callable[[], Any]) -> str:
    """The error of a call and what more Slack says of it, `ok` when it works."""
    try:
        call()
    except SlackApiError as error:
        return " ".join([error.response["error"], *error.response.get("response_metadata", {}).get("messages", ())])
    return "ok"


def test_a_view_is_changed_only_if_unchanged(slack: SlackEmulator, client: WebClient) -> None:
    view = opened(slack, client)
    update = client.views_update(view_id=view["id"], hash=view["hash"], view=modal("Two", []))
    assert update["view"]["id"] == view["id"]
    assert update["view"]["hash"] != view["hash"]
    again = modal("Three", [])
    assert said(lambda: client.views_update(view_id=view["id"], hash=view["hash"], view=again)) == "hash_conflict"
    assert said(lambda: client.views_update(view_id="V404", view=again)) == "not_found"


def test_a_refused_view_leaves_the_open_one_there(
    slack: SlackEmulator, client: WebClient, admin: SimulatedUser
) -> None:
    opened(slack, client)
    home = {"type": "home", "blocks": []}
    assert said(lambda: client.views_open(trigger_id=trigger(slack), view=home)).startswith("invalid_arguments")
    assert admin.modal.title == "One"


def test_three_modals_lie_on_one_another(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    bottom = opened(slack, client)
    for title in ("Two", "Three"):
        view = client.views_push(trigger_id=trigger(slack), view=modal(title, []))["view"]
        assert view["root_view_id"] == bottom["id"]
    assert said(lambda: client.views_push(trigger_id=trigger(slack), view=modal("Four", []))) == "push_limit_reached"
    admin.close()
    assert admin.modal.title == "Two"
    client.views_push(trigger_id=trigger(slack), view=modal("All", [], clear_on_close=True))
    admin.close()
    assert admin.modal is None
    opened(slack, client)
    words = "must match the `type` of the root view whose stack we're pushing onto [json-pointer:/view/type]"
    pushed = said(lambda: client.views_push(trigger_id=trigger(slack), view=HOME))
    assert pushed == f"invalid_arguments [ERROR] {words}"


def test_a_trigger_goes_once_and_ages(slack: SlackEmulator, client: WebClient) -> None:
    used = trigger(slack)
    client.views_open(trigger_id=used, view=modal("One", []))
    assert said(lambda: client.views_open(trigger_id=used, view=modal("One", []))) == "exchanged_trigger_id"
    old = trigger(slack)
    slack.limits.trigger_seconds = -1
    assert said(lambda: client.views_open(trigger_id=old, view=modal("One", []))) == "expired_trigger_id"
    assert said(lambda: client.views_open(trigger_id="no", view=modal("One", []))) == "invalid_trigger_id"


def test_a_broken_view_does_not_use_the_trigger_up(slack: SlackEmulator, client: WebClient) -> None:
    kept = trigger(slack)
    assert said(lambda: client.views_open(trigger_id=kept, view=modal("x" * 25, []))).startswith("invalid_arguments")
    assert said(lambda: client.views_open(trigger_id=kept, view=modal("x", []))) == "ok"


def test_app_home_is_published_with_a_hash(client: WebClient, admin: SimulatedUser) -> None:
    first = client.views_publish(user_id="U0ADMIN", view=HOME)["view"]
    second = {"type": "home", "blocks": [section("second")]}
    client.views_publish(user_id="U0ADMIN", hash=first["hash"], view=second)
    late = said(lambda: client.views_publish(user_id="U0ADMIN", hash=first["hash"], view=HOME))
    assert late == "hash_conflict"
    assert admin.home.blocks[0]["text"]["text"] == "second"
