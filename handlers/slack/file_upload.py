"""A file for one person: it goes into their direct message with the bot, since nothing else in Slack keeps it to them."""

from dataclasses import dataclass
from pathlib import Path

from slack_sdk import WebClient


@dataclass(frozen=True, slots=True)
class FileMessage:
    """A file with its name, its title, and what is said beside it; ``alt`` says what a picture shows."""

    path: Path
    title: str
    said: str
    alt: str = ""


def upload_to_user(client: WebClient, user_id: str, parcel: FileMessage) -> None:
    """Open the direct message and put the file there. Raises SlackApiError."""
    channel = client.conversations_open(users=user_id)["channel"]["id"]
    client.files_upload_v2(
        channel=channel,
        file=str(parcel.path),
        filename=parcel.path.name,
        title=parcel.title,
        initial_comment=parcel.said,
        alt_txt=parcel.alt or None,
    )
