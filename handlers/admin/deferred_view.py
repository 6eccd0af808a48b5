"""Responses to forms that may take longer than Slack waits: a waiting page first, the result when it is ready."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass

from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.blocks.blockkit import Block
from handlers.context import AppContext, actor_of
from handlers.slack.errors import decode_error
from handlers.slack.payloads import Body

# Slack waits three seconds for the response to a form
SOON_SECONDS = 1.5

# a later view must not overtake the waiting page
SETTLE_SECONDS = 1.0

CLOSED = {"not_found", "view_not_found"}


@dataclass(frozen=True, slots=True)
class DeferredView:
    """A waiting page, the work that returns the final view, and that view as text in case the form was closed."""

    waiting: Block
    work: Callable[[], Block]
    closed_text: Callable[[Block], str]


def respond_with_view(app_context: AppContext, ack: Ack, client: WebClient, body: Body, deferred: DeferredView) -> None:
    """Run the work in the background and show its view; ``deferred.work`` renders its own errors."""
    future: Future[Block] = Future()
    app_context.run_after_response(lambda: _run(deferred.work, future), "import", actor_of(body))
    try:
        view = future.result(SOON_SECONDS)
    except NotYet:
        ack(response_action="update", view=deferred.waiting)
        future.add_done_callback(
            lambda done: app_context.run_after_response(lambda: _show_late(client, body, deferred, done.result()))
        )
        return
    ack(response_action="update", view=view)


def _run(work: Callable[[], Block], future: Future[Block]) -> None:
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)
        raise


def _show_late(client: WebClient, body: Body, deferred: DeferredView, view: Block) -> None:
    time.sleep(SETTLE_SECONDS)
    try:
        client.views_update(view_id=body["view"]["id"], view=view)
    except SlackApiError as error:
        if decode_error(error).code not in CLOSED:
            raise
        client.chat_postMessage(channel=actor_of(body).user_id, text=deferred.closed_text(view))
