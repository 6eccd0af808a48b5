"""What the app hears of every element: `state.values` of a form, the action of a message, a modal or App Home."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import InProcess, Message, SimulatedUser, SlackEmulator, UserActionError, dispatcher
from tests.slack_emulator.block_samples import actions, asked, element
from tests.slack_emulator.block_values import ACTIONABLE, GIVEN, INITIAL, PRESSED, A
from tests.slack_emulator.sample_app import Json, modal, option, plain, section


class Heard:
    """An app that acknowledges everything, and what it was told."""

    def __init__(self, client: WebClient) -> None:
        self.bodies: list[Json] = []
        self.app = App(client=client, signing_secret="loopback", process_before_response=True)
        anything = re.compile(".*")
        for listen in (self.app.action, self.app.view_submission, self.app.view_closed, self.app.shortcut):
            listen(anything)(self._hear)
        self.app.options(anything)(self._offer)

    def _hear(self, ack: Any, body: Json) -> None:
        ack()
        self.bodies.append(body)

    def _offer(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        ack(options=[option("Alpha", "a"), option("Beta", "b")])

    @property
    def action(self) -> Json:
        """The last action, without the ids and times that vary."""
        varying = ("action_id", "block_id", "action_ts")
        return {key: value for key, value in self.bodies[-1]["actions"][0].items() if key not in varying}


@pytest.fixture
def heard(slack: SlackEmulator, client: WebClient) -> Iterator[Heard]:
    listening = Heard(client)
    delivery = InProcess(dispatcher(listening.app))
    slack.delivery = delivery
    yield listening
    delivery.close()


def post(slack: SlackEmulator, client: WebClient, *blocks: Json) -> Message:
    sent = client.chat_postMessage(channel="C0GENERAL", text="x", blocks=list(blocks))
    message = slack.store.message("C0GENERAL", sent["ts"])
    assert message
    return message


def opened(slack: SlackEmulator, client: WebClient, blocks: list[Json], channel: str = "", **more: Any) -> None:
    trigger = slack.site.tickets.trigger("U0ADMIN", channel=channel)
    client.views_open(trigger_id=trigger, view=modal("Form", blocks, **more))


def named(given: Json) -> Json:
    return {**given, "action_id": "it"}


@pytest.mark.parametrize(("asking", "given", "held"), GIVEN)
def test_a_form_tells_what_was_filled_in(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    opened(slack, client, [{**asked("datepicker"), "block_id": "b", "element": named(asking)}])
    outcome = admin.submit(values={"it": given})
    assert outcome.closed, outcome.errors
    view = heard.bodies[-1]["view"]
    assert view["state"]["values"] == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "held"), INITIAL)
def test_a_form_tells_what_stood_there_from_the_beginning(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, held: Json
) -> None:
    opened(slack, client, [{**asked("datepicker"), "block_id": "b", "optional": True, "element": named(asking)}])
    admin.submit()
    values = heard.bodies[-1]["view"]["state"]["values"]
    assert values == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "given", "held"), ACTIONABLE)
def test_a_message_tells_what_was_chosen_and_keeps_it(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    message = post(slack, client, {**actions(named(asking)), "block_id": "b"})
    admin.choose(message, "it", given)
    assert heard.action == {"type": asking["type"], **held}
    assert heard.bodies[-1]["state"]["values"] == {"b": {"it": {"type": asking["type"], **held}}}
    assert heard.bodies[-1]["message"]["blocks"][0]["block_id"] == "b"


@pytest.mark.parametrize(("asking", "name", "told"), PRESSED)
def test_a_button_tells_what_it_is(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, name: str, told: Json
) -> None:
    message = post(slack, client, actions(asking))
    admin.press(message, name)
    assert heard.action == {"type": asking["type"], **told}
    assert heard.bodies[-1]["state"]["values"] == {}


def test_an_overflow_tells_its_option_and_address(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    link = {**option("Letter", "l"), "url": "https://un.org/l"}
    message = post(slack, client, section("x", accessory=element("overflow", options=[A, link], action_id="more")))
    admin.choose(message, "more", "Letter")
    assert heard.action == {"type": "overflow", "selected_option": link}


def test_an_action_repeats_what_the_element_began_with(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    picker = element("datepicker", initial_date="2026-02-07", placeholder=plain("Day"), action_id="it")
    admin.choose(post(slack, client, actions(picker)), "it", None)
    told = {"initial_date": "2026-02-07", "placeholder": plain("Day"), "selected_date": None}
    assert heard.action == {"type": "datepicker", **told}


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_an_input_that_dispatches_tells_at_once_and_others_do_not(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, surface: str
) -> None:
    quiet = {**asked("plain_text_input", action_id="quiet"), "block_id": "q"}
    loud = {**asked("plain_text_input", action_id="loud"), "block_id": "l", "dispatch_action": True}
    if surface == "message":
        there: Any = post(slack, client, quiet, loud)
    elif surface == "modal":
        opened(slack, client, [quiet, loud])
        there = admin.modal
    else:
        client.views_publish(user_id="U0ADMIN", view={"type": "home", "blocks": [quiet, loud]})
        there = admin.home
    admin.choose(there, "quiet", "psst")
    assert heard.bodies == []
    admin.choose(there, "loud", "hear me")
    body = heard.bodies[-1]
    assert heard.action == {"type": "plain_text_input", "value": "hear me"}
    values = (body if surface == "message" else body["view"])["state"]["values"]
    assert {key: entry["value"] for block in values.values() for key, entry in block.items()} == {
        "quiet": "psst",
        "loud": "hear me",
    }


def test_an_external_select_asks_from_its_length_on(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    message = post(slack, client, actions(element("external_select", action_id="it", min_query_length=2)))
    assert admin.options(message, "it", "a") == []
    assert heard.bodies == []
    assert [each["value"] for each in admin.options(message, "it", "al")] == ["a", "b"]
    assert heard.bodies[-1]["value"] == "al"


def test_a_menu_takes_no_more_than_it_says(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    message = post(slack, client, actions(element("multi_static_select", action_id="it", max_selected_items=1)))
    with pytest.raises(UserActionError, match="no more than 1"):
        admin.choose(message, "it", ["A", "B"])
    assert heard.bodies == []
