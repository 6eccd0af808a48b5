"""A mention does what `/aid-status` does, where commands do not work: in a thread, for everybody who reads it."""

import re
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from db.recording.drafts import claim_request
from handlers.blocks.blockkit import fallback_text
from handlers.context import AppContext, actor_of
from handlers.status.command import status_answer

MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, app_context: AppContext) -> None:
    """Answer in the thread of the mention; one that is delivered twice is answered once."""

    @app.event("app_mention")
    def mentioned(body: dict[str, Any], event: dict[str, Any], client: WebClient) -> None:
        person, channel, ts = actor_of(body), event["channel"], event["ts"]
        with app_context.database.writing() as session:
            if not claim_request(session, f"mention:{channel}:{ts}", person.team_id, now=app_context.clock()):
                return
        with app_context.database.reading() as session:
            blocks = status_answer(session, app_context, body, MENTION.sub("", event.get("text", ""), count=1))
        app_context.run_after_response(
            lambda: client.chat_postMessage(
                channel=channel,
                thread_ts=event.get("thread_ts") or ts,
                text=fallback_text(blocks),
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
