"""Result of an export."""

from dataclasses import dataclass

from db.errors import AidError


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of projects and their updates or deadlines in a file. ``remarks`` say what its format cannot hold.

    ``description`` is a picture in words, for who cannot see it.
    """

    projects: int
    updates: int = 0
    deadlines: int = 0
    remarks: tuple[AidError, ...] = ()
    description: str = ""
