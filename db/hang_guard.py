"""Guard against a PostgreSQL that hangs: it cuts connections on whose statement nothing came back for long."""

import os
import socket
import threading
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

HANG_SECONDS = 20.0  # the server itself ends a statement far sooner


class HangGuard:
    """Thread that watches the connections in use. Each is asked for a sign of life first, as ``pool_pre_ping`` does."""

    def __init__(self, engine: Engine) -> None:
        self._since: dict[Any, float] = {}
        self._ping = engine.dialect.do_ping
        self._stopping = threading.Event()
        event.listen(engine, "checkout", self._use)
        event.listen(engine, "checkin", lambda connection, _: self._since.pop(connection, None))
        event.listen(engine, "before_cursor_execute", lambda _, cursor, *__: self._note(cursor.connection))
        threading.Thread(target=self._run, name="hang-guard", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _note(self, connection: Any) -> None:
        self._since[connection] = time.monotonic()

    def _use(self, connection: Any, *_: object) -> None:
        self._note(connection)
        try:
            self._ping(connection)
        except Exception as error:
            raise InvalidatePoolError from error

    def _run(self) -> None:
        while not self._stopping.wait(1.0):
            for connection, since in list(self._since.items()):
                if time.monotonic() - since > HANG_SECONDS and self._since.pop(connection, 0.0):
                    with socket.socket(fileno=os.dup(connection.fileno())) as line:
                        line.shutdown(socket.SHUT_RDWR)
