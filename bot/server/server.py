"""HTTP servers: health on a loopback port, and Slack's requests over signed HTTP unless Socket Mode carries them."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any, Self, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.trigger import trigger

from bot.app import Bot
from bot.config import Settings
from bot.installation.workspaces import INSTALL, REDIRECT
from bot.monitoring.database_watch import DatabaseWatch
from bot.server.health import Health
from bot.server.request_guard import ReplayGuard, require_signature, say_plainly
from bot.server.socket_mode import SocketMode

LOG = logging.getLogger(__name__)
EVENTS = "/slack/events"
MAX_REQUEST_BYTES = 1_000_000
THREADS, HEALTH_THREADS = 32, 2
STOP_SECONDS = 3.0
LOOP_SECONDS, SWEEP_SECONDS = 1.0, 0.2
CONNECTIONS, CROWD = 800, 700  # most connections, and from how many on the longest idle make room; files have 1,024
IDLE_SECONDS = 20.0  # for the next whole request, however its bytes drip in
HEARD_WITHIN = 15.0  # a live WebSocket answers a ping within this time; the client sends one every ten seconds


class Server:
    """Connection between Slack and a bot; a context manager. ``port`` and ``health_port`` are those in use."""

    def __init__(self, settings: Settings, bot: Bot) -> None:
        self._socket = SocketMode(bot.app, settings.app_token) if settings.socket_mode else None
        self.watch = DatabaseWatch(bot.app_context.database, bot.clock)
        verifier = SignatureVerifier(settings.signing_secret or "not used in Socket Mode", bot.clock)
        guarded = require_signature(bot.app.dispatch, verifier, ReplayGuard(), bot.metrics.refused_unsigned)
        events = None if self._socket else guarded
        pages = cast("WSGIApplication", SlackRequestHandler(bot.app)) if settings.several_workspaces else None
        self._health = Health(bot, self.connected, self.watch)
        self.problems = self._health.problems
        self._listeners = [_Listener(_health_routes(self._health), "127.0.0.1", settings.health_port, HEALTH_THREADS)]
        if events or pages:
            self._listeners.append(_Listener(_slack_routes(events, pages), settings.host, settings.port, THREADS))
        self.health_port, self.port = self._listeners[0].port, self._listeners[-1].port

    def alive(self) -> bool:
        """Return True while Slack is heard from and the sender works."""
        return self.connected() and self._health.sends()

    def connected(self) -> bool:
        """Return True if Slack can reach the bot: a WebSocket with recent traffic, or HTTP."""
        if self._socket is None:
            return True
        session = cast("Any", self._socket.client).current_session
        return bool(
            session and session.is_active() and abs(time.time() - (session.last_ping_pong_time or 0)) < HEARD_WITHIN
        )

    def __enter__(self) -> Self:
        self.watch.start()
        for listener in self._listeners:
            listener.start()
        if self._socket:
            self._socket.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        way = "Socket Mode" if self._socket else f"HTTP {EVENTS} on port {self.port}"
        LOG.info("serving %s, health on port %s", way, self.health_port)
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]
        for listener in reversed(self._listeners):
            listener.stop()
        self.watch.stop()


class _Listener:
    """Port with a thread that polls its connections, and threads that answer."""

    def __init__(self, answer: WSGIApplication, host: str, port: int, threads: int) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = cast(
            "Any",
            create_server(
                answer,
                map=self._sockets,
                host=host,
                port=port,
                threads=threads,
                max_request_body_size=MAX_REQUEST_BYTES,
                connection_limit=CONNECTIONS,
                channel_timeout=int(IDLE_SECONDS),
                ident=None,
            ),
        )
        self._idle: dict[HTTPChannel, float] = {}
        self._swept = 0.0
        self._stopping, self._closing = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._serve, name=f"http-{port}", daemon=True)
        self.start = self._thread.start
        several = getattr(self._server, "effective_listen", None)  # set for a host name with several addresses
        self.port = int(several[0][1] if several else self._server.effective_port)

    def stop(self) -> None:
        self._server.task_dispatcher.shutdown(timeout=STOP_SECONDS)  # first, so that answers under way still go out
        self._stopping.set()
        with self._closing:
            for each in list(self._sockets.values()):
                if isinstance(each, trigger):  # wakes the thread that polls
                    each.pull_trigger()
        self._thread.join(timeout=STOP_SECONDS)

    def _serve(self) -> None:
        """Serve until stopped; the sockets are closed by the thread that polls them."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self._sockets, count=1)
            self._sweep(time.monotonic())
        wasyncore.loop(timeout=0, use_poll=True, map=self._sockets, count=2)
        with self._closing:
            wasyncore.close_all(self._sockets)  # leaves nothing in the map

    def _sweep(self, now: float) -> None:
        """Close connections that were idle, or sent one request, for too long: in a crowd the longest first."""
        if now < self._swept + SWEEP_SECONDS:
            return
        self._swept = now
        channels = [each for each in list(self._sockets.values()) if isinstance(each, HTTPChannel)]
        idle = [each for each in channels if not each.requests and not each.total_outbufs_len]
        self._idle = {each: self._idle.get(each, now) for each in idle}
        longest_first = sorted(self._idle.items(), key=lambda pair: pair[1])
        for number, (channel, since) in enumerate(longest_first):
            if since < now - IDLE_SECONDS or number < len(channels) - CROWD:
                channel.will_close = True


def _slack_routes(events: WSGIApplication | None, pages: WSGIApplication | None) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == EVENTS and method == "POST" and events:
            return events(environ, start_response)
        if path in {INSTALL, REDIRECT} and method == "GET" and pages:
            return pages(environ, start_response)
        return say_plainly(start_response, "404 Not Found", b"not found\n")

    return answer


def _health_routes(health: Health) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"] if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else ""
        if path == "/healthz":
            return say_plainly(start_response, "200 OK", b"ok\n")
        if path == "/readyz":
            problems = health.problems()
            return say_plainly(
                start_response,
                "503 Service Unavailable" if problems else "200 OK",
                ("\n".join(problems) or health.ready()).encode() + b"\n",
            )
        if path == "/metrics":
            return say_plainly(start_response, "200 OK", health.metrics())
        return say_plainly(start_response, "404 Not Found", b"not found\n")

    return answer
