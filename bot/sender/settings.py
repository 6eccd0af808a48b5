"""Settings of the sender: rates and waiting times."""

from dataclasses import dataclass
from datetime import timedelta

from db.outbox.claim import Pace


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Seconds, unless the name says otherwise.

    ``workspace_per_minute``: attempts to post, None for no limit. ``workers``: how many requests run at once.
    ``gather_seconds``: a notice of failures goes to admins when so long nothing more has failed.
    ``repeat_when_unreadable``: post again, marked as a possible repeat, where nobody can find out whether a
    message was posted; otherwise it fails and an admin is told. Raises ValueError for times that cannot work.

    The times hang together, counted from a claim (shipped values in brackets). A row may wait for a worker, but
    a request starts only while it can still end within the lease, until ``lease - timeout`` (4), so what a
    killed process sent has reached Slack by ``lease`` (12). Slack shows it within ``settle`` (15). The next
    round comes within ``poll`` (15.5), reads the history and, if the message is not there, posts it again. That
    leaves over four seconds for both requests until the 20 within which an abandoned row is resolved.
    """

    channel_seconds: float = 1.0
    workspace_per_minute: int | None = 240
    lease_seconds: float = 12.0
    settle_seconds: float = 3.0
    timeout_seconds: float = 8.0
    workers: int = 8
    repeat_when_unreadable: bool = True
    poll_seconds: float = 0.5
    gather_seconds: float = 15.0

    def __post_init__(self) -> None:
        """Refuse times that cannot work together."""
        if self.timeout_seconds >= self.lease_seconds:
            msg = "a lease must be longer than a request may last"
            raise ValueError(msg)
        if self.workers < 1 or self.poll_seconds <= 0:
            msg = "a sender needs at least one worker and a pause between its rounds"
            raise ValueError(msg)

    @property
    def lease(self) -> timedelta:
        """Return how long a claim holds."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def settle(self) -> timedelta:
        """Return how long after a request its message may still be missing from the history."""
        return timedelta(seconds=self.settle_seconds)

    @property
    def gather(self) -> timedelta:
        """Return how long a notice of a failure waits for more failures."""
        return timedelta(seconds=self.gather_seconds)

    @property
    def timeout(self) -> timedelta:
        """Return the timeout of one request."""
        return timedelta(seconds=self.timeout_seconds)

    @property
    def pace(self) -> Pace:
        """Return the rate limits."""
        return Pace(timedelta(seconds=self.channel_seconds), self.workspace_per_minute)
