"""Calls to Slack that an answer waits for, within the three seconds that it has."""

import copy
from typing import Any

from slack_sdk import WebClient

TIMEOUT_SECONDS = 1
"""For one call; an answer waits for three at most."""


def quick_client(client: WebClient) -> WebClient:
    """Return a copy of the client with a short timeout and no retries."""
    quick = copy.copy(client)
    quick.timeout = TIMEOUT_SECONDS
    quick.retry_handlers = []
    return quick


def open_form(client: WebClient, trigger_id: str, view: dict[str, Any], *, push: bool = False) -> None:
    """Open a view, or push it over the open one. Done before the answer, so that a failure is answered too."""
    (client.views_push if push else client.views_open)(trigger_id=trigger_id, view=view)
