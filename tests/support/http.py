"""HTTP requests as Slack, a browser or anybody else sends them."""

import hashlib
import hmac
import http.client
import time
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode, urlsplit

NO_RESPONSES = "http://127.0.0.1:9/none"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def said(self) -> tuple[int, str]:
        return self.status, self.text


def call(url: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """Send one request; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def sign(body: bytes, *, secret: str = "emulator", ago: int = 0, kind: str = FORM) -> dict[str, str]:
    """Return the headers of a body that Slack signed so many seconds ago."""
    stamp = str(int(time.time()) - ago)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def command_body(command: str, text: str = "", trigger_id: str = "1.2.3") -> bytes:
    """Return the body of a command that an admin typed."""
    form = {
        "command": command,
        "text": text,
        "team_id": "T0LOOP",
        "user_id": "U0ADMIN",
        "channel_id": "C0GENERAL",
        "trigger_id": trigger_id,
        "response_url": NO_RESPONSES,
    }
    return urlencode(form).encode()


def signed_command(command: str, text: str = "", **how: object) -> tuple[bytes, dict[str, str]]:
    body = command_body(command, text)
    return body, sign(body, **how)
