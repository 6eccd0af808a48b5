"""Calls to Slack that an answer waits for, within the three seconds that it has."""

import copy

from slack_sdk import WebClient

TIMEOUT_SECONDS = 1
"""For one call; an answer waits for three at most."""


def quick_client(client: WebClient) -> WebClient:
    """The same client with little patience, which never asks twice."""
    quick = copy.copy(client)
    quick.timeout = TIMEOUT_SECONDS
    quick.retry_handlers = []
    return quick
