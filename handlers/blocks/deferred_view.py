"""Responses to forms that take what Slack says or long work: a waiting page first, the result when it is ready."""

import time
from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class DeferredView:
    """A waiting page, the work that returns the final view, and that view as text in case the form was closed.

    ``work`` renders its own errors, and runs in a ``lane`` of ``AppContext.run_after_response``.
    """

    waiting: Block
    work: Callable[[], Block]
    closed_text: Callable[[Block], str]
    lane: str = "answer"


def respond_with_view(app_context: AppContext, ack: Ack, client: WebClient, body: Body, deferred: DeferredView) -> None:
    """Show the waiting page, and after the response the view of the work. Raises AidError if too much waits.

    Until it is shown, a notice in the outbox waits to say that it was not.
    """

    def work() -> None:
        _show(client, body, deferred)
        with app_context.database.writing() as session:
            take_back(session, notice)

    with app_context.writing(body, repeatable=True) as request:
        title = str(deferred.waiting["title"]["text"])
        notice = queue_interrupted(request.session, request.editor, request.translator.language, title)
        app_context.run_after_response(work, deferred.lane, request.actor)
    ack(response_action="update", view=deferred.waiting)


def _show(client: WebClient, body: Body, deferred: DeferredView) -> None:
    began = time.monotonic()
    view = deferred.work()
    time.sleep(max(0.0, began + SETTLE_SECONDS - time.monotonic()))
    try:
        client.views_update(view_id=body["view"]["id"], view=view)
    except SlackApiError as error:
        if decode_error(error).code not in CLOSED:
            raise
        client.chat_postMessage(channel=actor_of(body).user_id, text=deferred.closed_text(view))
