"""Settings of the sender: rate limits, leases and timeouts."""

from dataclasses import dataclass
from datetime import timedelta

from db.outbox.claim import Pace


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Settings of the sender; times in seconds. Raises ValueError for values that cannot work.

    ``workspace_per_minute``: attempts to post, None for no limit. ``workers``: concurrent requests.
    ``gather_seconds``: pause without further failures after which a notice of failures goes to admins.
    ``board_seconds``: pause between two edits of a board.
    ``repeat_when_unreadable``: if it cannot be determined that a message was posted, post it again, marked as a
    possible repeat; otherwise the row fails and the admins are notified.

    The times depend on each other (defaults in brackets, counted from a claim). A row may wait for a worker, but a
    request starts only if it can end within the lease, until ``lease - timeout`` (4), so a request of a killed process
    has reached Slack by ``lease`` (12) and its message is in the history after ``settle`` (15). The next round begins
    within ``poll`` (16), reads the history and, if the message is missing, posts it again. This leaves four
    seconds for both requests, as an abandoned row has to be reconciled within 20.
    """

    channel_seconds: float = 1.0
    workspace_per_minute: int | None = 240
    lease_seconds: float = 12.0
    settle_seconds: float = 3.0
    timeout_seconds: float = 8.0
    workers: int = 8
    repeat_when_unreadable: bool = True
    poll_seconds: float = 1.0
    gather_seconds: float = 15.0
    board_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.timeout_seconds >= self.lease_seconds:
            raise ValueError("a lease must be longer than a request may last")
        if self.workers < 1 or self.poll_seconds <= 0:
            raise ValueError("a sender needs at least one worker and a pause between its rounds")

    @property
    def pace(self) -> Pace:
        return Pace(timedelta(seconds=self.channel_seconds), self.workspace_per_minute)
