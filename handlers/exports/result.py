"""What an export has written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """How many projects, and updates or deadlines of them, are in the file; how many its form cannot hold, and why.

    ``said`` is a picture in words, for who cannot see it.
    """

    projects: int
    updates: int = 0
    deadlines: int = 0
    left_out: int = 0
    why: str = ""
    said: str = ""
