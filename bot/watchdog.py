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
    lost: threading.Event | None = None,
    *,
    patience: float = DISCONNECT_TIMEOUT,
    every: float = POLL_SECONDS,
) -> bool:
    """Return True once ``stopping`` is set, False once ``is_healthy`` has been false for ``patience`` seconds.

    Also return False once ``lost`` is set: that does not come back.

    Polls, because Python may miss a signal that arrives just as a thread begins to wait.
    """
    last_healthy = time.monotonic()
    while not stopping.wait(every):
        if lost and lost.is_set():
            return False
        if is_healthy():
            last_healthy = time.monotonic()
        elif time.monotonic() - last_healthy >= patience:
            return False
    return True
