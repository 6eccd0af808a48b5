"""HTTP server: health in both modes, and Slack's requests over signed HTTP unless Socket Mode carries them."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any, Self, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from waitress import wasyncore
from waitress.server import create_server

from bot.app import Bot
from bot.config import Settings
from bot.installation.workspaces import INSTALL, REDIRECT
from bot.server.health import Health
from bot.server.request_guard import ReplayGuard, require_signature, say_plainly
from bot.server.socket_mode import SocketMode

LOG = logging.getLogger(__name__)
EVENTS = "/slack/events"
MAX_REQUEST_BYTES = 1_000_000
THREADS = 16
LOOP_SECONDS = 0.2
HEARD_WITHIN = 15.0  # a live WebSocket answers a ping within this time; the client sends one every ten seconds


class Server:
    """Connection between Slack and a bot; a context manager. ``port`` is the HTTP port in use (settings may say 0)."""

    def __init__(self, settings: Settings, bot: Bot) -> None:
        self._socket = SocketMode(bot.app, settings.app_token) if settings.socket_mode else None
        slack = cast("WSGIApplication", SlackRequestHandler(bot.app, path=EVENTS))
        events = (
            None
            if self._socket
            else require_signature(slack, SignatureVerifier(settings.signing_secret, bot.clock), ReplayGuard())
        )
        pages = slack if settings.several_workspaces else None
        self._sockets: dict[int, Any] = {}
        self._server = cast(
            "Any",
            create_server(
                _routes(Health(bot, self.connected), events, pages),
                map=self._sockets,
                host=settings.host,
                port=settings.port,
                threads=THREADS,
                max_request_body_size=MAX_REQUEST_BYTES,
                ident=None,
            ),
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        several = getattr(self._server, "effective_listen", None)  # set for a host name with several addresses
        self.port = int(several[0][1] if several else self._server.effective_port)

    def connected(self) -> bool:
        """Return True if Slack can reach the bot: a WebSocket with recent traffic, or HTTP."""
        if self._socket is None:
            return True
        session = cast("Any", self._socket.client).current_session
        return bool(
            session and session.is_active() and abs(time.time() - (session.last_ping_pong_time or 0)) < HEARD_WITHIN
        )

    def __enter__(self) -> Self:
        self._thread.start()
        if self._socket:
            self._socket.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        LOG.info("serving %s, health on port %s", "Socket Mode" if self._socket else f"HTTP {EVENTS}", self.port)
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]
        self._server.task_dispatcher.shutdown()  # first, so that answers under way still go out
        self._stopping.set()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        """Serve until stopped; the sockets are closed by the thread that polls them."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=LOOP_SECONDS, map=self._sockets, count=1)
        wasyncore.loop(timeout=0, map=self._sockets, count=2)
        wasyncore.close_all(self._sockets)


def _routes(health: Health, events: WSGIApplication | None, pages: WSGIApplication | None) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == EVENTS and method == "POST" and events:
            return events(environ, start_response)
        if path in {INSTALL, REDIRECT} and method == "GET" and pages:
            return pages(environ, start_response)
        method = "GET" if method == "HEAD" else method
        if method == "GET" and path == "/healthz":
            return say_plainly(start_response, "200 OK", b"ok\n")
        if method == "GET" and path == "/readyz":
            problems = health.problems()
            return say_plainly(
                start_response,
                "503 Service Unavailable" if problems else "200 OK",
                ("\n".join(problems) or health.ready()).encode() + b"\n",
            )
        if method == "GET" and path == "/metrics":
            return say_plainly(start_response, "200 OK", health.metrics())
        return say_plainly(start_response, "404 Not Found", b"not found\n")

    return answer
