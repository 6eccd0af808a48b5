"""Calls to Slack that an answer waits for, within the three seconds that it has."""

from slack_sdk import WebClient

TIMEOUT_SECONDS = 1
"""For one call; an answer waits for three at most."""


def quick_client(client: WebClient) -> WebClient:
    """The same client with little patience, which never asks twice."""
    return WebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=TIMEOUT_SECONDS,
        ssl=client.ssl,
        proxy=client.proxy,
        retry_handlers=[],
        logger=client.logger,
    )
