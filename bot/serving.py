"""Serving: Socket Mode or signed HTTP for Slack, and health over HTTP in both."""

import logging
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self, cast

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server

from bot.health import Health
from bot.settings import Settings
from bot.wiring import Bot

LOG = logging.getLogger(__name__)
EVENTS = "/slack/events"
LARGEST_REQUEST = 1_000_000
THREADS = 16

StartResponse = Callable[[str, list[tuple[str, str]]], object]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Serving:
    """The way between Slack and a bot; use as a context. ``port`` is the HTTP port in use (settings may say 0)."""

    def __init__(self, settings: Settings, bot: Bot) -> None:
        self._socket = SocketModeHandler(bot.app, settings.app_token) if settings.socket_mode else None
        events = None if self._socket else cast(Wsgi, SlackRequestHandler(bot.app, path=EVENTS))
        self._server = cast(Any, create_server(_routes(Health(bot, self.connected), events), host=settings.host,
                                              port=settings.port, threads=THREADS,
                                              max_request_body_size=LARGEST_REQUEST, ident=None))
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        several = getattr(self._server, "effective_listen", None)  # a host name with several addresses
        self.port = int(several[0][1] if several else self._server.effective_port)

    def connected(self) -> bool:
        """Whether Slack reaches the bot: a live WebSocket, or simply being served over HTTP."""
        return self._socket is None or bool(self._socket.client.is_connected())

    def __enter__(self) -> Self:
        self._thread.start()
        if self._socket:
            self._socket.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        LOG.info("serving %s, health on port %s", "Socket Mode" if self._socket else f"HTTP {EVENTS}", self.port)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]
        self._server.close()
        self._thread.join(timeout=5)


def _routes(health: Health, events: Wsgi | None) -> Wsgi:
    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == EVENTS and method == "POST" and events:
            return events(environ, start_response)
        if method == "GET" and path == "/healthz":
            return _say(start_response, "200 OK", b"ok\n")
        if method == "GET" and path == "/readyz":
            problems = health.problems()
            return _say(start_response, "503 Service Unavailable" if problems else "200 OK",
                        ("\n".join(problems) or "ready").encode() + b"\n")
        if method == "GET" and path == "/metrics":
            return _say(start_response, "200 OK", health.metrics())
        return _say(start_response, "404 Not Found", b"not found\n")
    return answer


def _say(start_response: StartResponse, status: str, body: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
