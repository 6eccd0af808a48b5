"""Wait for shutdown: requested, or due because Slack has been unreachable for so long that a restart is better."""

import threading
import time
from collections.abc import Callable

# seconds; longer than Slack takes to refresh a connection and the client takes to open another
DISCONNECT_TIMEOUT = 120.0
POLL_SECONDS = 2.0


def wait_for_shutdown(
    stopping: threading.Event,
    is_healthy: Callable[[], bool],
    *,
    patience: float = DISCONNECT_TIMEOUT,
    every: float = POLL_SECONDS,
) -> bool:
    """Return True once ``stopping`` is set, False once ``is_healthy`` has been false for ``patience`` seconds.

    Polls, because Python may miss a signal that arrives just as a thread begins to wait.
    """
    last_healthy = time.monotonic()
    while not stopping.wait(every):
        if is_healthy():
            last_healthy = time.monotonic()
        elif time.monotonic() - last_healthy >= patience:
            return False
    return True
