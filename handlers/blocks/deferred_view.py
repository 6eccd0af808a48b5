"""Responses to forms that take what Slack says or long work: a waiting page first, the result when it is ready."""

import time
from collections.abc import Callable

from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from db.outbox.notices import queue_interrupted, take_back
from handlers.blocks.blockkit import Block
from handlers.context import AppContext, actor_of
from handlers.slack.errors import decode_error
from handlers.slack.payloads import Body

# a later view must not overtake the waiting page
SETTLE_SECONDS = 0.5

CLOSED = {"not_found", "view_not_found"}


def respond_with_view(
    app_context: AppContext,
    ack: Ack,
    client: WebClient,
    body: Body,
    waiting: Block,
    render: Callable[[], Block],
    as_text: Callable[[Block], str],
    lane: str = "answer",
) -> None:
    """Show a page, and after the response the view rendered, errors too, or its text if the form was closed.

    Until it is shown, a notice in the outbox waits to say that it was not. Raises AidError if too much waits.
    """

    def work() -> None:
        _show(client, body, render, as_text)
        with app_context.database.writing() as session:
            take_back(session, notice)

    with app_context.writing(body, repeatable=True) as request:
        title = str(waiting["title"]["text"])
        notice = queue_interrupted(request.session, request.editor, request.translator.language, title)
        app_context.run_after_response(work, lane, request.actor)
    ack(response_action="update", view=waiting)


def _show(client: WebClient, body: Body, render: Callable[[], Block], as_text: Callable[[Block], str]) -> None:
    began = time.monotonic()
    view = render()
    time.sleep(max(0.0, began + SETTLE_SECONDS - time.monotonic()))
    try:
        client.views_update(view_id=body["view"]["id"], view=view)
    except SlackApiError as error:
        if decode_error(error).code not in CLOSED:
            raise
        client.chat_postMessage(channel=actor_of(body).user_id, text=as_text(view))
