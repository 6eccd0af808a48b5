"""Slack's clock: the difference to the local one is measured at each answer of the Web API, and allowed for."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from slack_sdk.signature import Clock

LOG = logging.getLogger(__name__)

# A smaller difference is left alone: Slack's header has whole seconds, and an answer is under way for some.
CLOCK_MARGIN = timedelta(seconds=5)


def uptime() -> float:
    """Return monotonic seconds, which on Linux go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def slack_date(headers: Mapping[str, object]) -> datetime | None:
    """Return the time (UTC) at which Slack sent an answer, None if the headers do not tell."""
    stamp = next((value for name, value in headers.items() if name.lower() == "date"), None)
    try:
        return parsedate_to_datetime(str(stamp)) if stamp else None
    except ValueError:
        return None


class SlackClock(Clock):
    """Clock in UTC that agrees with Slack's, and with ``elapsed`` (monotonic seconds) follows no jump of the local one."""

    def __init__(self, clock: Callable[[], datetime], elapsed: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._start = clock(), elapsed() if elapsed else 0.0
        self._difference = timedelta()

    def __call__(self) -> datetime:
        return self._local() + self._difference

    def now(self) -> float:
        """Return this machine's seconds since 1970, corrected likewise, as the check of signatures wants them."""
        return time.time() + (self() - self._clock()).total_seconds()

    def measure(self, headers: Mapping[str, object], began: datetime) -> None:
        """Learn the difference from the headers of the answer to a call that ``began`` then, by this clock.

        An answer sent while the call lasted tells of none, however long that was.
        """
        sent, now = slack_date(headers), self()
        if sent and not min(began, now) - CLOCK_MARGIN <= sent <= max(began, now) + CLOCK_MARGIN:
            self._difference = sent - self._local()
            seconds = self._difference.total_seconds()
            LOG.warning("this machine's clock is not Slack's: %+.0f s are added to it", seconds)

    def _local(self) -> datetime:
        began, started = self._start
        return began + timedelta(seconds=self._elapsed() - started) if self._elapsed else self._clock()
