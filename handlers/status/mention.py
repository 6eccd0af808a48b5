"""A mention does what `/aid-status` does, where commands do not work: in a thread, for everybody who reads it."""

import re
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from db.recording.drafts import first_time
from handlers.blocks.blockkit import fallback
from handlers.context import Services, person_of
from handlers.status.command import answered

MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, services: Services) -> None:
    """Answer in the thread of the mention; one that is delivered twice is answered once."""

    @app.event("app_mention")
    def mentioned(body: dict[str, Any], event: dict[str, Any], client: WebClient) -> None:
        person, channel, ts = person_of(body), event["channel"], event["ts"]
        with services.database.writing() as session:
            if not first_time(session, f"mention:{channel}:{ts}", person.team_id, now=services.clock()):
                return
        with services.database.reading() as session:
            blocks = answered(session, services, body, MENTION.sub("", event.get("text", ""), count=1))
        services.later(
            lambda: client.chat_postMessage(
                channel=channel,
                thread_ts=event.get("thread_ts") or ts,
                text=fallback(blocks),
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
