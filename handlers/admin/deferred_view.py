"""A form whose answer may take longer than Slack waits: shown at once where it is there, else when it comes."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.blocks.blockkit import Block
from handlers.context import AppContext, actor_of
from handlers.slack.errors import decode_error

SOON_SECONDS = 1.5
"""Slack waits three seconds for the answer to a form."""

SETTLE_SECONDS = 1.0
"""A view that comes later must not overtake the one that said to wait."""

CLOSED = {"not_found", "view_not_found"}


@dataclass(frozen=True, slots=True)
class DeferredView:
    """A view that takes long to build: what is shown meanwhile, how it is built, what is sent if the form was closed."""

    waiting: Block
    work: Callable[[], Block]
    told: Callable[[Block], str]


def respond_with_view(
    app_context: AppContext, ack: Ack, client: WebClient, body: dict[str, Any], slow: DeferredView
) -> None:
    """Do the work and show its view in the form; ``slow.work`` words its own errors and raises none."""
    coming: Future[Block] = Future()
    app_context.run_after_response(lambda: _do(slow.work, coming))
    try:
        view = coming.result(SOON_SECONDS)
    except NotYet:
        ack(response_action="update", view=slow.waiting)
        coming.add_done_callback(
            lambda done: app_context.run_after_response(lambda: _show_late(client, body, slow, done.result()))
        )
        return
    ack(response_action="update", view=view)


def _do(work: Callable[[], Block], coming: Future[Block]) -> None:
    try:
        coming.set_result(work())
    except Exception as error:
        coming.set_exception(error)
        raise


def _show_late(client: WebClient, body: dict[str, Any], slow: DeferredView, view: Block) -> None:
    time.sleep(SETTLE_SECONDS)
    try:
        client.views_update(view_id=body["view"]["id"], view=view)
    except SlackApiError as error:
        if decode_error(error).code not in CLOSED:
            raise
        client.chat_postMessage(channel=actor_of(body).user_id, text=slow.told(view))
