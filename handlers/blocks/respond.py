"""Responses to commands, buttons and forms, and the listeners of buttons that do nothing else."""

from collections.abc import Callable, Mapping

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from db.errors import AidError
from handlers.blocks.blockkit import LIMITS, Block, fallback_text
from handlers.context import AppContext, Request
from handlers.i18n.translator import Translator
from handlers.slack.client import open_form
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import Action, Body, thread_of

Listener = Callable[..., None]


def answer_command(ack: Ack, blocks: list[Block]) -> None:
    ack(text=fallback_text(blocks), blocks=blocks)


def replace_message(app_context: AppContext, respond: Respond, blocks: list[Block]) -> None:
    """Replace the message whose button was pressed, after the response."""
    app_context.run_after_response(lambda: respond(text=fallback_text(blocks), blocks=blocks, replace_original=True))


def opening(app_context: AppContext, render: Callable[[Request, str], Block]) -> Listener:
    """Return the listener of a button that opens the form rendered from its value, on top of one that it stands in."""

    def listener(ack: Ack, body: Body, action: Action, client: WebClient) -> None:
        with app_context.reading(body) as request:
            view = render(request, action.get("value", ""))
        open_form(client, body["trigger_id"], view, push=body.get("view", {}).get("type") == "modal")
        ack()

    return listener


def replacing(app_context: AppContext, render: Callable[[Request, str], list[Block]]) -> Listener:
    """Return the listener of a button whose message becomes the answer rendered from its value."""

    def listener(ack: Ack, body: Body, action: Action, respond: Respond) -> None:
        ack()
        with app_context.reading(body) as request:
            blocks = render(request, action["value"])
        replace_message(app_context, respond, blocks)

    return listener


def changing(app_context: AppContext, change: Callable[[Request, str], list[Block]]) -> Listener:
    """Return the listener of a button that changes something by its value and answers below its message."""

    def listener(ack: Ack, body: Body, action: Action, respond: Respond) -> None:
        with app_context.writing(body) as request:
            blocks = change(request, action["value"])
        app_context.notify_sender()
        ack()
        post_answer(app_context, respond, blocks, thread=thread_of(body))

    return listener


def post_answer(app_context: AppContext, respond: Respond, blocks: list[Block], *, thread: str | None = None) -> None:
    """Post an answer below the message whose button was pressed, after the response; in its ``thread`` if it has one."""
    app_context.run_after_response(lambda: send_answer(respond, blocks, thread=thread))


def send_answer(respond: Respond, blocks: list[Block], *, thread: str | None = None) -> None:
    text = fallback_text(blocks)
    respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False, thread_ts=thread)


def reject_fields(ack: Ack, translator: Translator, errors: Mapping[str, AidError]) -> None:
    """Show errors beside the fields of a form, by block id."""
    texts = {field: clip(translator.plain_error(error), LIMITS["error"]) for field, error in errors.items()}
    ack(response_action="errors", errors=texts)
