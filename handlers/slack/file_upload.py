"""File upload to one person, by direct message: nothing else in Slack keeps a file private to them."""

from dataclasses import dataclass
from pathlib import Path

from slack_sdk import WebClient


@dataclass(frozen=True, slots=True)
class FileMessage:
    """A file with its title, the message beside it, and the alternative text of a picture."""

    path: Path
    title: str
    text: str
    alt: str = ""


def upload_to_user(client: WebClient, user_id: str, message: FileMessage) -> None:
    """Open the direct message and upload the file there. Raises SlackApiError."""
    channel = client.conversations_open(users=user_id)["channel"]["id"]
    client.files_upload_v2(
        channel=channel,
        file=str(message.path),
        filename=message.path.name,
        title=message.title,
        initial_comment=message.text,
        alt_txt=message.alt or None,
    )
