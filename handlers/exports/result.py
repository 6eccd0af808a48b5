"""Result of an export."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of projects and their updates or deadlines in a file, and of those its format cannot hold, and why.

    ``description`` is a picture in words, for who cannot see it.
    """

    projects: int
    updates: int = 0
    deadlines: int = 0
    left_out: int = 0
    reason: str = ""
    description: str = ""
