"""Slack calls made before a response, within its three seconds."""

import copy
from http.client import HTTPException
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient, WebhookResponse

from db.errors import AidError

TIMEOUT_SECONDS = 1  # for one call; Slack allows three for the whole response
POST_SECONDS = 2  # for the one call that shows something


def quick_client(client: WebClient, seconds: int = TIMEOUT_SECONDS) -> WebClient:
    """Return a copy of ``client`` with a short timeout and no retries."""
    quick = copy.copy(client)
    quick.timeout = seconds
    quick.retry_handlers = []
    return quick


def open_form(client: WebClient, trigger_id: str, view: dict[str, object], *, push: bool = False) -> None:
    """Open a view, or push it onto the open one, before responding, so that a failure is reported in the response."""
    quick = quick_client(client, POST_SECONDS)
    try:
        (quick.views_push if push else quick.views_open)(trigger_id=trigger_id, view=view)
    except SlackApiError:
        raise
    except (OSError, HTTPException) as error:
        raise AidError("Slack didn't open the form in time. Nothing was recorded. Try again.") from error


class PromptRespond(Respond):
    """Bolt's ``respond`` with a short timeout, which never posts to a channel twice."""

    def __call__(self, text: str = "", **message: Any) -> WebhookResponse:  # type: ignore[override]  # plain data by name
        client = WebhookClient(str(self.response_url), timeout=POST_SECONDS)
        if message.get("response_type") == "in_channel":
            client.retry_handlers = []
        return client.send_dict({"text": text} | {name: value for name, value in message.items() if value is not None})
