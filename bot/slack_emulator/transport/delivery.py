"""Transports of payloads to the bot: straight into its dispatcher, or as signed HTTP requests."""

import http.client
import json
import secrets
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.slack_emulator.models import Json
from bot.slack_emulator.state.installation import SIGNING_SECRET

Dispatch = Callable[[bytes, dict[str, str]], tuple[int, dict[str, str], str]]
"""Takes a request's body and headers; gives the status, headers and body of the answer."""

TIMEOUT = "operation_timeout"
FAILED = "dispatch_failed"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_WORKERS = 64
_GOOD = range(200, 300)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload for the bot. `kind` is `slash_commands`, `interactive` or `events_api`.

    What is sent again keeps its `id`; `retry` counts from 1, `reason` says why.
    """

    kind: str
    payload: Json
    retry: int = 0
    reason: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Ack:
    """Answer to a payload. `payload` is the body (plain text as `{"text": …}`), None for an empty one.

    `problem` is empty or the error that Slack shows: `operation_timeout` or `dispatch_failed`.
    """

    status: int | None = None
    payload: Json | None = None
    problem: str = ""

    @property
    def acked(self) -> bool:
        return not self.problem


class Transport(Protocol):
    def send(self, envelope: Envelope, seconds: float) -> Ack:
        """Deliver and wait for the ack, at most so many seconds."""


def signed(envelope: Envelope, secret: str) -> tuple[bytes, dict[str, str]]:
    if envelope.kind == "events_api":
        body, kind = json.dumps(envelope.payload).encode(), "application/json"
    else:
        interactive = envelope.kind == "interactive"
        form = {"payload": json.dumps(envelope.payload)} if interactive else envelope.payload
        body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}
    if envelope.retry:
        headers |= {"X-Slack-Retry-Num": str(envelope.retry), "X-Slack-Retry-Reason": envelope.reason}
    return body, headers


class SignedRequests:
    """A way to the bot by signed requests; no answer in time or none at all is a problem in the ack."""

    def __init__(self, signing_secret: str) -> None:
        self._secret = signing_secret

    def send(self, envelope: Envelope, seconds: float) -> Ack:
        try:
            status, content_type, body = self._request(*signed(envelope, self._secret), seconds)
        except (OSError, http.client.HTTPException) as error:
            return Ack(problem=TIMEOUT if isinstance(error, TimeoutError) else FAILED)
        if status not in _GOOD:
            return Ack(status, problem=FAILED)
        if not body.strip():
            return Ack(status)
        return Ack(status, json.loads(body) if content_type.startswith("application/json") else {"text": body})

    def _request(self, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, str, str]:
        raise NotImplementedError


class InProcess(SignedRequests):
    """Signed requests handed to a function in the same process, each in a thread of its own."""

    def __init__(self, dispatch: Dispatch, signing_secret: str = SIGNING_SECRET) -> None:
        super().__init__(signing_secret)
        self._dispatch = dispatch
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="emulator-deliver")

    def _request(self, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, str, str]:
        status, answered, text = self._pool.submit(self._dispatch, body, headers).result(timeout=seconds)
        return status, answered.get("content-type", ""), text

    def close(self) -> None:
        self._pool.shutdown(wait=False)


class SignedHttp(SignedRequests):
    """Signed POST requests to the bot's own address on this machine, such as `…/slack/events`."""

    def __init__(self, url: str, signing_secret: str = SIGNING_SECRET) -> None:
        super().__init__(signing_secret)
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise ValueError(f"a Slack emulator delivers to http://127.0.0.1 only, not to {url}")
        self._host, self._port, self._path = parts.hostname, parts.port or 80, parts.path or "/"

    def _request(self, body: bytes, headers: dict[str, str], seconds: float) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("Content-Type", ""), response.read().decode()
        finally:
            connection.close()


def answers_challenge(delivery: Transport, seconds: float = 3.0) -> bool:
    challenge = secrets.token_hex(16)
    asked = {"token": "emulator-verification", "challenge": challenge, "type": "url_verification"}
    ack = delivery.send(Envelope("events_api", asked), seconds)
    return ack.acked and challenge in (ack.payload or {}).values()


def dispatcher(app: App) -> Dispatch:
    def dispatch(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        response = app.dispatch(BoltRequest(body=body.decode(), headers=dict(headers)))
        return response.status, response.first_headers(), response.body or ""

    return dispatch
