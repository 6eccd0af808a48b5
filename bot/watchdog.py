"""Waiting for the end: told to stop, or deaf for so long that a supervisor had better start the bot anew."""

import threading
import time
from collections.abc import Callable

DISCONNECT_TIMEOUT = 120.0
"""Longer than Slack takes to refresh a connection, and than the client takes to open another."""

LOOK_SECONDS = 2.0


def wait_for_shutdown(
    stopping: threading.Event,
    heard: Callable[[], bool],
    *,
    patience: float = DISCONNECT_TIMEOUT,
    every: float = LOOK_SECONDS,
) -> bool:
    """Return True once ``stopping`` is set, False once ``heard`` has said no for ``patience`` seconds on end.

    Looks up now and then whatever it hears: Python may not see a signal that comes just as a thread begins to wait.
    """
    last = time.monotonic()
    while not stopping.wait(every):
        if heard():
            last = time.monotonic()
        elif time.monotonic() - last >= patience:
            return False
    return True
