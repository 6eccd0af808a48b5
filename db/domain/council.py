"""Security Council membership by date, and the check of a hold's holder against it (R2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from db.domain.dates import PartialDate


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


@dataclass(frozen=True, slots=True)
class Council:
    """All membership rows."""

    rows: tuple[Membership, ...]

    def seat(self, code: str, when: PartialDate) -> SeatStatus:
        """Check that ``code`` sat on the Council on at least one day that ``when`` may mean; unchecked if undecidable."""
        if (
            when.first is None
            or when.last is None
            or not self._sat(when.first.replace(month=1, day=1), when.last.replace(month=12, day=31))
        ):
            return SeatStatus.UNCHECKED
        return SeatStatus.SEATED if self._sat(when.first, when.last, code) else SeatStatus.NOT_SEATED

    def _sat(self, first: date, last: date, code: str = "") -> bool:
        """Return True if ``code``, or anybody, sat on at least one day from ``first`` to ``last``."""
        return any(code in {"", row.code} and row.overlaps(first, last) for row in self.rows)

    def members(self, first: date, last: date) -> tuple[str, ...]:
        """Return the codes of all who sat on at least one day from ``first`` to ``last``, in alphabetical order."""
        return tuple(sorted({row.code for row in self.rows if row.overlaps(first, last)}))

    def leaves(self, code: str, day: date) -> date | None:
        """Return the last day of the membership that ``code`` had on ``day`` or takes up later; None while none is known."""
        ends = [row.until for row in self.rows if row.code == code and row.until and row.until >= day]
        return min(ends, default=None)


def council(rows: Iterable[Membership]) -> Council:
    """Return a Council of these rows."""
    return Council(tuple(rows))
