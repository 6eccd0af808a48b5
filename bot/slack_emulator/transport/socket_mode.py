"""Socket Mode: envelopes to the bot over the WebSockets that it has opened."""

import asyncio
import itertools
import json
from concurrent.futures import Future

from aiohttp import WSMsgType, web

from bot.slack_emulator.models import Json
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.transport.delivery import FAILED, TIMEOUT, Ack, Envelope


class EmulatedSocketMode:
    """Delivers over any open connection in turn. The app must have connected; `connected` counts."""

    def __init__(self, world: Store) -> None:
        self._world = world
        self._sockets: list[web.WebSocketResponse] = []
        self._pending: dict[str, Future[Json]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = itertools.count()

    @property
    def connected(self) -> int:
        return len(self._sockets)

    def wait_until_connected(self, count: int = 1, seconds: float = 10.0) -> None:
        if not self._world.wait_for(lambda: len(self._sockets) >= count, seconds):
            raise TimeoutError(f"only {self.connected} connections after {seconds} s")

    def send(self, envelope: Envelope, seconds: float) -> Ack:
        pending: Future[Json] = Future()
        with self._world.lock:
            sockets, loop = list(self._sockets), self._loop
            self._pending[envelope.id] = pending
        if not sockets or loop is None:
            return Ack(problem=FAILED)
        try:
            socket = sockets[next(self._turn) % len(sockets)]
            asyncio.run_coroutine_threadsafe(socket.send_str(_message(envelope)), loop).result(seconds)
            payload = pending.result(seconds)
        except TimeoutError:
            return Ack(problem=TIMEOUT)
        except ConnectionError:
            return Ack(problem=FAILED)
        finally:
            with self._world.lock:
                self._pending.pop(envelope.id, None)
        return Ack(200, payload or None)

    def hang_up(self) -> None:
        if self._loop is not None and self.connected:
            asyncio.run_coroutine_threadsafe(self.close(), self._loop).result(5)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with self._world.lock:
            self._loop = asyncio.get_running_loop()
            self._sockets.append(socket)
            count = len(self._sockets)
        info = {"app_id": request.query.get("app_id", "")}
        await socket.send_json({"type": "hello", "num_connections": count, "connection_info": info, "debug_info": {}})
        self._world.changed()
        try:
            async for message in socket:
                answer = json.loads(message.data) if message.type is WSMsgType.TEXT else {}
                with self._world.lock:
                    pending = self._pending.pop(answer.get("envelope_id", ""), None)
                if pending is not None:
                    pending.set_result(answer.get("payload") or {})
        except ConnectionResetError:
            pass  # the app is gone before the answer to its ping
        finally:
            with self._world.lock:
                self._sockets.remove(socket)
            self._world.changed()
        return socket

    async def close(self) -> None:
        for socket in list(self._sockets):
            await socket.close()


def _message(envelope: Envelope) -> str:
    message: Json = {
        "envelope_id": envelope.id,
        "type": envelope.kind,
        "accepts_response_payload": envelope.kind != "events_api",
        "payload": envelope.payload,
    }
    if envelope.kind == "events_api" or envelope.retry:
        message |= {"retry_attempt": envelope.retry, "retry_reason": envelope.reason}
    return json.dumps(message)
