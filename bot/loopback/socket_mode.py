"""Socket Mode: envelopes to the bot over the WebSockets that it has opened."""

import asyncio
import itertools
import json
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.loopback.deliver import FAILED, TIMEOUT, Ack, Envelope
from bot.loopback.model import Json
from bot.loopback.world import World

MOST_CONNECTIONS = 10


@dataclass(slots=True)
class _Pending:
    """An envelope under way and what its ack will be."""

    envelope_id: str
    answer: "Future[Json]" = field(default_factory=Future)


class SocketMode:
    """Delivers over any open connection in turn. The app must have connected; `connected` counts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sockets: list[web.WebSocketResponse] = []
        self._pending: dict[str, _Pending] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = itertools.count()
        self._ids: dict[int, str] = {}
        self.deaf = False

    @property
    def connected(self) -> int:
        """How many connections are open."""
        with self._world.lock:
            return len(self._sockets)

    def wait_until_connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait for the app's connections. Raises TimeoutError."""
        if not self._world.wait_for(lambda: len(self._sockets) >= count, seconds):
            raise TimeoutError(f"only {self.connected} connections after {seconds} s")

    def send(self, envelope: Envelope, seconds: float) -> Ack:
        """Deliver and wait for the ack. A payload sent again keeps its envelope id."""
        with self._world.lock:
            sockets, loop = list(self._sockets), self._loop
        if not sockets or loop is None:
            return Ack(acked=False, status=None, payload=None, seconds=0.0, problem=FAILED)
        pending = self._register(envelope)
        begin = time.perf_counter()
        try:
            if not self.deaf:
                socket = sockets[next(self._turn) % len(sockets)]
                message = self._message(envelope, pending.envelope_id)
                asyncio.run_coroutine_threadsafe(socket.send_str(message), loop).result(seconds)
            payload = pending.answer.result(seconds)
        except TimeoutError:
            return Ack(acked=False, status=None, payload=None, seconds=seconds, problem=TIMEOUT)
        except ConnectionError:
            return Ack(acked=False, status=None, payload=None, seconds=time.perf_counter() - begin, problem=FAILED)
        finally:
            with self._world.lock:
                self._pending.pop(pending.envelope_id, None)
        return Ack(acked=True, status=200, payload=payload or None, seconds=time.perf_counter() - begin)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does from time to time, and close the old connections."""
        with self._world.lock:
            sockets, loop = list(self._sockets), self._loop
        if loop is not None and sockets:
            asyncio.run_coroutine_threadsafe(_say_goodbye(sockets, reason), loop).result(5)

    def drop(self) -> None:
        """Break all connections without a word."""
        with self._world.lock:
            sockets, loop = list(self._sockets), self._loop
        if loop is not None and sockets:
            asyncio.run_coroutine_threadsafe(_abort(sockets), loop).result(5)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """The server's side of one connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with self._world.lock:
            if len(self._sockets) >= MOST_CONNECTIONS:
                raise web.HTTPTooManyRequests
            self._loop = asyncio.get_running_loop()
            self._sockets.append(socket)
            count = len(self._sockets)
        await socket.send_str(_hello(request.query.get("app_id", ""), count))
        self._world.changed()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            with self._world.lock:
                self._sockets.remove(socket)
            self._world.changed()
        return socket

    async def close(self) -> None:
        """Close every connection; called in the server's loop when it stops."""
        with self._world.lock:
            sockets = list(self._sockets)
        for socket in sockets:
            await socket.close()

    def _register(self, envelope: Envelope) -> _Pending:
        with self._world.lock:
            key = id(envelope.payload)
            if not envelope.retry or key not in self._ids:
                self._ids[key] = str(uuid.uuid4())
            pending = _Pending(self._ids[key])
            self._pending[pending.envelope_id] = pending
            return pending

    @staticmethod
    def _message(envelope: Envelope, envelope_id: str) -> str:
        message: Json = {
            "envelope_id": envelope_id,
            "type": envelope.kind,
            "accepts_response_payload": envelope.kind != "events_api",
            "payload": envelope.payload,
        }
        if envelope.kind == "events_api" or envelope.retry:
            message |= {"retry_attempt": envelope.retry, "retry_reason": envelope.reason}
        return json.dumps(message)

    def _acknowledge(self, text: str) -> None:
        answer = json.loads(text)
        with self._world.lock:
            pending = self._pending.pop(answer.get("envelope_id", ""), None)
        if pending is not None:
            pending.answer.set_result(answer.get("payload") or {})


def _hello(app_id: str, count: int) -> str:
    debug = {"host": "loopback", "approximate_connection_time": 18060}
    return json.dumps(
        {"type": "hello", "num_connections": count, "debug_info": debug, "connection_info": {"app_id": app_id}},
    )


async def _say_goodbye(sockets: list[web.WebSocketResponse], reason: str) -> None:
    message = json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "loopback"}})
    for socket in sockets:
        await socket.send_str(message)
        await socket.close()


async def _abort(sockets: list[web.WebSocketResponse]) -> None:
    for socket in sockets:
        transport = socket.get_extra_info("peername") and socket._req and socket._req.transport  # noqa: SLF001
        if transport:
            transport.abort()
