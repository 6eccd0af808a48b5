"""Download of uploaded files: the size is checked first, and never more than the limit is read."""

import http.client
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from slack_sdk import WebClient

from db.errors import N_, AidError
from db.imports.open_file import check_name, check_size
from db.imports.table import BadFile
from handlers.slack.payloads import FileObject, slack_id

MOST_BYTES = 2 * 1024 * 1024  # of a file from Slack; the command line takes larger ones
TIMEOUT_SECONDS = 20
SLACK_FILES = "files.slack.com"
NOT_HANDED_OUT = N_("I couldn't get the file from Slack (`{reason}`). Nothing was recorded. Upload it again.")


def check_file(file: FileObject) -> None:
    """Raise BadFile for a file that is not a table, empty or too large, as far as Slack says."""
    check_name(str(file.get("name") or ""))
    check_size(int(file.get("size") or 0), most=MOST_BYTES)


def download(client: WebClient, file_id: str, folder: Path) -> tuple[Path, str]:
    """Download a table to ``folder``; return its path and the SHA-256 of its content. Raises AidError, SlackApiError."""
    file: FileObject = client.files_info(file=slack_id(file_id))["file"]
    check_file(file)
    path = folder / f"given{Path(file['name']).suffix.lower()}"
    content = _read(client, file.get("url_private_download") or file.get("url_private") or "")
    path.write_bytes(content)
    return path, sha256(content).hexdigest()


def _read(client: WebClient, address: str) -> bytes:
    if not _may_receive_token(address, client.base_url):
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
        raise BadFile("The file arrived incomplete. Nothing was recorded. Upload it again.")
    return content


def _may_receive_token(address: str, base_url: str) -> bool:
    """Return True for Slack's file server and the server that the bot calls."""
    target, base = urlsplit(address), urlsplit(base_url)
    if target.scheme == "https" and target.hostname == SLACK_FILES:
        return True
    return target.scheme == base.scheme and target.netloc == base.netloc


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirect handler that follows none: they lead to a sign-in page, and the token must not go elsewhere."""

    def redirect_request(self, *_args: object, **_named: object) -> None:
        return None
