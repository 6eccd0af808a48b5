"""Slack calls made before a response, within its three seconds."""

import copy

from slack_sdk import WebClient

TIMEOUT_SECONDS = 1  # for one call; Slack allows three for the whole response


def quick_client(client: WebClient) -> WebClient:
    """Return a copy of ``client`` with a short timeout and no retries."""
    quick = copy.copy(client)
    quick.timeout = TIMEOUT_SECONDS
    quick.retry_handlers = []
    return quick


def open_form(client: WebClient, trigger_id: str, view: dict[str, object], *, push: bool = False) -> None:
    """Open a view, or push it onto the open one, before responding, so that a failure is reported in the response."""
    (client.views_push if push else client.views_open)(trigger_id=trigger_id, view=view)
