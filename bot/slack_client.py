"""Client of the Slack Web API: it reports failed calls, sets the clock, and keeps connections open where that is safe.

A connection that Slack closed meanwhile shows that only when it is used, so a call on one may have to be sent again. For
``chat.postMessage`` that could post twice: it takes a new connection each time, as all calls of slack_sdk's own client do.
"""

import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack_clock import SlackClock

REPEATABLE = ("auth.test", "conversations.", "files.info", "users.info", "views.")
IDLE_SECONDS = 50.0  # a minute is what servers and routers commonly keep a connection without traffic
MOST_IDLE = 8
ERROR_STATUS = 300

Failed = Callable[[str, Exception], None]  # called with the method and the error of a failed call to Slack


class Connections:
    """Idle connections to the server at ``base_url``; any thread may take and return one."""

    def __init__(self, base_url: str) -> None:
        server = urlsplit(base_url)
        self._server = server.hostname or "", server.port
        self.ssl = ssl.create_default_context() if server.scheme == "https" else None
        self._idle: deque[tuple[float, HTTPConnection]] = deque(maxlen=MOST_IDLE)

    def send(self, request: Request, timeout: float) -> tuple[HTTPResponse, bytes]:
        """Send a request and return the answer, on an idle connection if there is one. Raises OSError, HTTPException."""
        if connection := self._take():
            with suppress(ConnectionError):  # of which http.client's error of a closed connection is one
                return self._send_on(connection, request, timeout)
        return self._send_on(self._new(timeout), request, timeout)

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    def _take(self) -> HTTPConnection | None:
        with suppress(IndexError):
            while True:
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        return None

    def _new(self, timeout: float) -> HTTPConnection:
        if self.ssl is None:
            return HTTPConnection(*self._server, timeout=timeout)
        return HTTPSConnection(*self._server, timeout=timeout, context=self.ssl)

    def _send_on(self, connection: HTTPConnection, request: Request, timeout: float) -> tuple[HTTPResponse, bytes]:
        try:
            if connection.sock:
                connection.sock.settimeout(timeout)
            connection.request("POST", request.selector, request.data, dict(request.header_items()))
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
        if response.will_close or len(self._idle) >= MOST_IDLE:
            connection.close()
        else:
            self._idle.append((time.monotonic(), connection))
        return response, body


@dataclass(frozen=True, slots=True)
class Instruments:
    """All that goes along with calls to Slack; ``failed`` is told of failed ones, ``clock`` learns from the answers."""

    failed: Failed
    clock: SlackClock
    connections: Connections

    def on(self, client: WebClient) -> "InstrumentedClient":
        copy = InstrumentedClient.__new__(InstrumentedClient)  # runs for every request, so without the work of __init__
        copy.__dict__.update(client.__dict__)
        copy.instruments = self
        return copy


class InstrumentedClient(WebClient):
    """Web API client that takes kept connections for calls that may be repeated."""

    instruments: Instruments

    def api_call(self, api_method: str, **how: Any) -> SlackResponse:
        began = self.instruments.clock()
        try:
            response = super().api_call(api_method, **how)
        except Exception as error:
            self.instruments.failed(api_method, error)
            raise
        self.instruments.clock.measure(response.headers, began)
        return response

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        if self.proxy or not url.removeprefix(self.base_url).startswith(REPEATABLE):
            return super()._perform_urllib_http_request_internal(url, req)
        response, body = self.instruments.connections.send(req, self.timeout)
        if response.status >= ERROR_STATUS:  # as urllib does, which slack_sdk expects
            raise HTTPError(url, response.status, response.reason, response.headers, BytesIO(body))
        return {"status": response.status, "headers": response.headers, "body": body.decode()}
