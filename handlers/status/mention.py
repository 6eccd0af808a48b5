"""Mentions of the bot and direct messages to it, answered like `/aid-status`: a mention in its thread, for everybody."""

import re

from slack_bolt import App
from slack_sdk import WebClient

from handlers.blocks.blockkit import fallback_text
from handlers.blocks.formatting import with_repeat_mark
from handlers.context import AppContext, actor_of
from handlers.slack.client import POST_SECONDS, quick_client
from handlers.slack.payloads import Body, SlackEvent
from handlers.status.command import status_answer
from handlers.updates import form, suggestions
from handlers.updates.blocks import read_back

MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, app_context: AppContext) -> None:
    """Register the listeners. A message delivered twice is answered once."""

    @app.event("app_mention")
    def mentioned(body: Body, event: SlackEvent, client: WebClient) -> None:
        answer(body, event, client, event.get("thread_ts") or event["ts"])

    @app.event("message")
    def written(body: Body, event: SlackEvent, client: WebClient) -> None:
        if event.get("channel_type") == "im" and not (event.get("subtype") or event.get("bot_id")):
            answer(body, event, client, event.get("thread_ts"))

    def answer(body: Body, event: SlackEvent, client: WebClient, thread: str | None) -> None:
        team_id, channel, ts = actor_of(body).team_id, event["channel"], event["ts"]
        with app_context.once(f"mention:{channel}:{ts}", team_id) as new:
            if not new:
                return
            with app_context.reading(body) as request:
                text = MENTION.sub("", event.get("text", ""), count=1)
                told = form.told(request, text)
                if told is None:
                    blocks = status_answer(request, text)
                elif request.may_record():
                    blocks = read_back(request.translator, told)
                else:
                    blocks = suggestions.offer(request.translator, text)
                if body.get("redelivered"):
                    blocks = with_repeat_mark(request.translator, blocks)
            quick_client(client, POST_SECONDS).chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=fallback_text(blocks),
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
