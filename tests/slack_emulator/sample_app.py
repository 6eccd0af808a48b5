"""A small Bolt app of the tests' own, unchanged whichever way payloads reach it."""

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


def field(label: str, element: Json, block_id: str, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def modal(title: str, blocks: list[Json], callback_id: str = "form", **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": blocks,
        **more,
    }


PROJECTS = [
    ("GG-1 – Gyeonggi Province project 1", "GG-1"),
    ("GG-2 – Gyeonggi Province project 2", "GG-2"),
    ("IO-2 – UNICEF", "IO-2"),
]
KINDS = ["hold", "hold-lifted", "approved", "note"]


def form(extra: bool = False) -> Json:
    """A modal with one of each common input; `extra` adds the one that follows the kind."""
    blocks = [
        field(
            "Projects",
            {
                "type": "multi_external_select",
                "action_id": "projects",
                "min_query_length": 1,
                "placeholder": plain("Type a ref or a word"),
            },
            "p",
        ),
        field(
            "Kind",
            {
                "type": "static_select",
                "action_id": "kind",
                "placeholder": plain("What happened"),
                "options": [option(kind) for kind in KINDS],
            },
            "k",
            dispatch_action=True,
        ),
        field(
            "Happened on",
            {"type": "datepicker", "action_id": "on"},
            "d",
            optional=True,
            hint=plain("The Committee's own calendar, New York"),
        ),
        field(
            "Note",
            {"type": "plain_text_input", "action_id": "note", "multiline": True, "max_length": 200},
            "n",
            optional=True,
        ),
        field(
            "Tell",
            {
                "type": "checkboxes",
                "action_id": "tell",
                "options": [option("Subscribed channels", "channels"), option("Me", "me")],
            },
            "t",
            optional=True,
        ),
    ]
    if extra:
        blocks.insert(2, field("Holder", {"type": "plain_text_input", "action_id": "holder", "max_length": 20}, "h"))
    return modal("Record an update", blocks, private_metadata="from-test")


def card(text: str) -> list[Json]:
    return [
        {"type": "header", "text": plain("GG-1 (Gyeonggi Province)")},
        section(
            f"*Under review*, lift _reported_ {text}",
        ),
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "as of 2026-02-07 · source <https://example.org/a|Dong-A Ilbo>"}],
        },
        {"type": "divider"},
        {
            "type": "actions",
            "block_id": "act",
            "elements": [
                button("Share in channel", "share", value="GG-1", style="primary"),
                button(
                    "Remove",
                    "remove",
                    style="danger",
                    confirm={
                        "title": plain("Remove it?"),
                        "text": plain("It goes for good."),
                        "confirm": plain("Remove"),
                        "deny": plain("Keep"),
                    },
                ),
            ],
        },
    ]


def build(client: WebClient) -> App:  # noqa: C901, PLR0915 - one listener after the other
    """The app; what it heard lies in `app.heard`, a list of dicts."""
    app = App(client=client, signing_secret="emulator", process_before_response=True, request_verification_enabled=True)
    heard: list[Json] = []
    app.heard = heard  # type: ignore[attr-defined]

    @app.command("/status")
    def status(ack: Any, command: Json) -> None:
        heard.append(dict(command))
        text = command["text"]
        answers: dict[str, Any] = {
            "": {"text": "The portfolio", "blocks": card("")},
            "plain": "just text",
            "public": {"text": "for all", "response_type": "in_channel"},
            "bad": {"text": "x", "blocks": [{"type": "nonsense"}]},
        }
        if text == "none":
            ack()
        else:
            ack(answers.get(text, {"text": text, "blocks": card(text)}))

    @app.command("/update")
    def update(ack: Any, command: Json, client: WebClient) -> None:
        ack()
        heard.append(dict(command))
        client.views_open(trigger_id=command["trigger_id"], view=form())

    @app.action("share")
    def share(ack: Any, respond: Any, body: Json, client: WebClient) -> None:
        ack()
        heard.append(body)
        client.chat_postMessage(channel=body["channel"]["id"], text="shared", blocks=card("(shared)"))
        respond(text="Shared.", replace_original=True)

    @app.action("kind")
    @app.action("press-in-view")
    def other(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        heard.append(body)
        if "view" in body and body["actions"][0]["action_id"] == "kind":
            chosen = body["actions"][0]["selected_option"]["value"]
            client.views_update(
                view_id=body["view"]["id"], hash=body["view"]["hash"], view=form(extra=chosen == "hold")
            )

    @app.options("projects")
    def projects(ack: Any, body: Json) -> None:
        heard.append(body)
        query = body["value"].lower()
        ack(options=[option(text, value) for text, value in PROJECTS if query in text.lower()])

    @app.view("form")
    def submitted(ack: Any, body: Json, view: Json) -> None:
        heard.append(body)
        note = view["state"]["values"]["n"]["note"]["value"]
        again: Json = {"errors": {"errors": {"n": "Not like this."}}, "clear": {}}
        again["update"] = {"view": modal("Updated", [section("changed")])}
        again["push"] = {"view": modal("On top", [section("pushed")], callback_id="top")}
        again["wrong"] = {"errors": {"nowhere": "?"}}
        if note in again:
            action = "errors" if note == "wrong" else note
            ack(response_action=action, **again[note])
        else:
            ack()

    @app.view("top")
    def top(ack: Any) -> None:
        ack(response_action="clear")

    @app.shortcut("record")
    def record(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        heard.append(body)
        client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.event("app_mention")
    def mentioned(event: Json, say: Any, body: Json) -> None:
        heard.append(body)
        say(f"heard: {event['text']}", thread_ts=event.get("thread_ts") or event["ts"])

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        view = {
            "type": "home",
            "blocks": [section("*My projects*"), {"type": "actions", "elements": [button("Refresh", "press-in-view")]}],
        }
        client.views_publish(user_id=event["user"], view=view)

    return app
