"""Fetching a file that somebody gave to the bot: its size asked for first, never more read than is allowed."""

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient

from db.errors import N_, AidError
from db.imports.open_file import check_name, check_size
from db.imports.table import BadFile
from handlers.slack.payloads import slack_id

MOST_BYTES = 2 * 1024 * 1024
"""Of a file that comes through Slack; the command line takes larger ones."""
CHUNK = 64 * 1024
TIMEOUT_SECONDS = 20
SLACK_FILES = "files.slack.com"
NOT_HANDED_OUT = N_("Slack did not hand me the file (`{reason}`). Give it once more; nothing was recorded.")


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file in Slack: its id, its name and its size in bytes as Slack says them."""

    id: str
    name: str
    size: int

    def check(self) -> None:
        """Raise BadFile for what is no table, empty or too large."""
        check_name(self.name)
        check_size(self.size, most=MOST_BYTES)


def slack_file_from(shown: dict[str, Any]) -> SlackFile:
    """From a file as Slack shows it in a form's state or in ``files.info``."""
    return SlackFile(str(shown.get("id", "")), str(shown.get("name") or ""), int(shown.get("size") or 0))


def download(client: WebClient, file_id: str, folder: Path) -> tuple[Path, str]:
    """Return the file in ``folder`` under its own ending, and the SHA-256 of its content.

    Raises BadInput for what is no file's id, BadFile for what is no table or too large, AidError where it is not handed
    out, SlackApiError.
    """
    shown = client.files_info(file=slack_id(file_id))["file"]
    given = slack_file_from(shown)
    given.check()
    path = folder / f"given{Path(given.name).suffix.lower()}"
    address = str(shown.get("url_private_download") or shown.get("url_private") or "")
    content = _read(client, address)
    path.write_bytes(content)
    return path, sha256(content).hexdigest()


def _read(client: WebClient, address: str) -> bytes:
    """At most as much as is allowed, whatever was said of the size."""
    if not _is_slacks(address, client.base_url):
        raise AidError(NOT_HANDED_OUT, reason="not at Slack")
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {client.token}"})  # noqa: S310  checked above
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=client.ssl))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            content = bytes(answer.read(MOST_BYTES + 1))
            announced = answer.headers.get("Content-Length")
    except urllib.error.HTTPError as error:
        with error:
            raise AidError(NOT_HANDED_OUT, reason=error.code) from error
    except (OSError, http.client.HTTPException) as error:
        raise AidError(NOT_HANDED_OUT, reason=type(error).__name__) from error
    check_size(len(content), most=MOST_BYTES)
    if announced and announced.isdecimal() and int(announced) != len(content):
        raise BadFile(N_("The file did not come whole. Give it once more; nothing was recorded."))
    return content


def _is_slacks(address: str, base_url: str) -> bool:
    """Return True if the token may be sent there: Slack's file hosts, or the server that the bot calls."""
    there, base = urlsplit(address), urlsplit(base_url)
    if there.scheme == "https" and there.hostname == SLACK_FILES:
        return True
    return there.scheme == base.scheme and there.netloc == base.netloc


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect leads to a page for signing in; the token is sent nowhere else."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None
