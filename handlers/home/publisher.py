"""Publishing App Homes: a person's tab once at a time, so that what was asked for last is what stays."""

import logging
from collections.abc import Callable
from threading import Lock

from slack_sdk import WebClient

from handlers.context import Actor

LOG = logging.getLogger(__name__)

Publish = Callable[[WebClient, Actor, int], None]
"""Reads what stands on a page of a person's tab now, and publishes it."""


class HomePublisher:
    """Used from several threads, none of which waits for another."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._lock = Lock()
        self._wanted: dict[Actor, tuple[WebClient, int] | None] = {}

    def publish(self, client: WebClient, person: Actor, page: int = 1) -> None:
        """Publish the person's tab; where that is under way, whoever does it does it once more. Errors are logged."""
        with self._lock:
            under_way = person in self._wanted
            self._wanted[person] = client, page
        while not under_way and (wanted := self._next(person)):
            try:
                self._publish(wanted[0], person, wanted[1])
            except Exception:
                LOG.exception("an App Home was not published")

    def _next(self, person: Actor) -> tuple[WebClient, int] | None:
        with self._lock:
            wanted = self._wanted.pop(person)
            if wanted:
                self._wanted[person] = None
            return wanted
