"""Work that is done after an answer was given: calls to Slack that the answer does not depend on."""

import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LOG = logging.getLogger(__name__)


class BackgroundTasks:
    """A few threads; what goes wrong in them is logged, with the id of the request that it came from."""

    def __init__(self, threads: int = 8) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="later")

    def submit(self, work: Callable[[], Any]) -> None:
        """Do ``work`` soon; returns at once."""
        self._pool.submit(contextvars.copy_context().run, self._do, work)

    def close(self) -> None:
        """Finish what was handed over, and take nothing more."""
        self._pool.shutdown(wait=True)

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Exception:
            LOG.exception("work after an answer failed")
