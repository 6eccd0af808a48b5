"""Security Council membership by date, and the check of a hold's holder against it (rule 2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from db.domain.dates import PartialDate

MEMBERS = 15  # of the Security Council: five permanent, ten elected
_DAY = timedelta(days=1)


class SeatStatus(StrEnum):
    """Outcome of checking a state and a date against the membership rows."""

    SEATED = "seated"
    NOT_SEATED = "not-seated"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Membership:
    """A state's time on the Council; ``until`` is None while no end is known. Both days count."""

    code: str
    since: date
    until: date | None

    def overlaps(self, first: date, last: date) -> bool:
        return self.since <= last and (self.until is None or self.until >= first)

    def shares_a_day(self, other: "Membership") -> bool:
        """Return True if both are of one state and at least one day is in both."""
        return self.code == other.code and self.overlaps(other.since, other.until or date.max)


@dataclass(frozen=True, slots=True)
class Council:
    rows: tuple[Membership, ...]

    def seat(self, code: str, when: PartialDate) -> SeatStatus:
        """Check that ``code`` sat on the Council on at least one day that ``when`` may mean.

        Unchecked where the day is unknown, or where not all members are on record for one of the days.
        """
        if when.first is None or when.last is None:
            return SeatStatus.UNCHECKED
        if any(row.code == code and row.overlaps(when.first, when.last) for row in self.rows):
            return SeatStatus.SEATED
        complete = self.on_record(when.first, when.last) >= MEMBERS
        return SeatStatus.NOT_SEATED if complete else SeatStatus.UNCHECKED

    def on_record(self, first: date, last: date) -> int:
        """Return how many members are on record, at the fewest, on a day from ``first`` to ``last``."""
        changes = {first, *(row.since for row in self.rows), *(row.until + _DAY for row in self.rows if row.until)}
        return min(len(self.members(day, day)) for day in changes if first <= day <= last)

    def members(self, first: date, last: date) -> tuple[str, ...]:
        """Return the codes of all who sat on at least one day from ``first`` to ``last``, in alphabetical order."""
        return tuple(sorted({row.code for row in self.rows if row.overlaps(first, last)}))

    def leaves(self, code: str, day: date) -> date | None:
        """Return the last day of the membership that ``code`` had on ``day`` or takes up later; None while none is known."""
        ends = [row.until for row in self.rows if row.code == code and row.until and row.until >= day]
        return min(ends, default=None)
