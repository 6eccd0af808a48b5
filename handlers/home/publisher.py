"""App Home publishing: one publish at a time for each person, so that the latest request wins."""

import logging
from collections.abc import Callable
from threading import Lock

from slack_sdk import WebClient

from handlers.context import Actor

LOG = logging.getLogger(__name__)

Publish = Callable[[WebClient, Actor, int], None]  # reads and publishes the given page of an actor's App Home


class HomePublisher:
    """Publisher that several threads share; none of them waits for another."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._lock = Lock()
        self._pending: dict[Actor, tuple[WebClient, int] | None] = {}

    def publish(self, client: WebClient, actor: Actor, page: int = 1) -> None:
        """Publish the actor's tab, or have the thread that is publishing it do so again. Errors are logged."""
        with self._lock:
            in_progress = actor in self._pending
            self._pending[actor] = client, page
        while not in_progress and (pending := self._next(actor)):
            try:
                self._publish(pending[0], actor, pending[1])
            except Exception:
                LOG.exception("an App Home was not published")

    def _next(self, actor: Actor) -> tuple[WebClient, int] | None:
        with self._lock:
            pending = self._pending.pop(actor)
            if pending:
                self._pending[actor] = None
            return pending
