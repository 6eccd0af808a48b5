"""Background tasks: calls to Slack on which the answer to a request does not depend."""

import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

LOG = logging.getLogger(__name__)


class BackgroundTasks:
    """Thread pool for work after the answer; failures are logged with the id of the request."""

    def __init__(self, threads: int = 8) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="later")

    def submit(self, work: Callable[[], object]) -> None:
        """Schedule ``work`` and return at once."""
        self._pool.submit(contextvars.copy_context().run, self._do, work)

    def close(self) -> None:
        """Finish the submitted work and accept no more."""
        self._pool.shutdown(wait=True)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            LOG.exception("work after an answer failed")
