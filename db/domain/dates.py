"""Calendar dates (New York) with their source's precision: kept as written, compared by the days that they may mean."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import total_ordering
from zoneinfo import ZoneInfo

from db.domain.date_formats import normalize_date, readings_of, weekday_in
from db.errors import N_, BadInput

COMMITTEE_ZONE = ZoneInfo("America/New_York")
YEARS = range(1990, 2100)
_SHAPE = re.compile(
    r"(?P<year>\d{4})(?:(?P<sep>[-./])(?:H(?P<half>[12])|(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?))?",
    re.IGNORECASE,
)

_SERIAL = re.compile(r"[34]\d{4}(\.0+)?")
"""The number of a day since 1900, from 1982 to 2036, as a cell without a date's format shows it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Precision(StrEnum):
    DAY = "day"
    MONTH = "month"
    HALF = "half"
    YEAR = "year"
    UNKNOWN = "unknown"


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as its source gives it: ``text`` is the canonical form, ``first`` and ``last`` the days it may mean."""

    text: str
    precision: Precision
    first: date | None
    last: date | None

    def __str__(self) -> str:
        return self.text

    def __lt__(self, other: "PartialDate") -> bool:
        """Order by the last day meant, then by the first; an unknown date comes after every known one."""
        return self._key() < other._key()

    def _key(self) -> tuple[date, date]:
        return (self.last or date.max, self.first or date.max)

    @property
    def known(self) -> bool:
        return self.precision is not Precision.UNKNOWN

    def certainly_before(self, other: "PartialDate") -> bool:
        """Return True if every reading of this date is earlier than every reading of ``other``."""
        return bool(self.last and other.first and self.last < other.first)

    def may_equal(self, other: "PartialDate") -> bool:
        """Return True unless the two certainly mean different days."""
        return not (self.certainly_before(other) or other.certainly_before(self))

    def days_until(self, today: date) -> int:
        """Return how many days passed at least from the date to ``today``, counted from the interval's end."""
        return max(0, (today - (self.last or today)).days)

    def days_left(self, today: date) -> int:
        """Return how many days are left at least from ``today`` to the date, counted to the interval's beginning."""
        return max(0, ((self.first or today) - today).days)


UNKNOWN = PartialDate("unknown", Precision.UNKNOWN, None, None)


def day(value: date) -> PartialDate:
    return PartialDate(value.isoformat(), Precision.DAY, value, value)


def parse_date(text: str, *, field: str = "on") -> PartialDate:
    """Parse ``2026-02-05``, ``2026-02``, ``2025-H1``, ``2025``, ``unknown`` or a form of `normalize_date`; else BadInput."""
    readings = readings_of(text)
    if len(readings) > 1:
        raise BadInput(
            "“{typed}” may be two dates. Write {first} or {second}.",
            field=field,
            typed=text,
            first=readings[0],
            second=readings[1],
        )
    cleaned = normalize_date(text)
    if cleaned == UNKNOWN.text:
        return UNKNOWN
    match = _SHAPE.fullmatch(cleaned)
    if match is None or int(match["year"]) not in YEARS:
        raise _unreadable(text, field)
    try:
        value = _from_parts(int(match["year"]), match["half"], match["month"], match["day"])
    except ValueError as error:
        raise _unreadable(text, field) from error
    weekday = weekday_in(text)
    if weekday is not None and (value.first is None or value.first != value.last or value.first.weekday() != weekday):
        message = N_("“{typed}” names another day of the week than its date has. Write the date alone: 2026-02-05.")
        raise BadInput(message, field=field, typed=text)
    return value


def parse_day(text: str, *, field: str) -> date:
    """Read an exact day, ``2026-02-05``; raise BadInput for anything less exact."""
    value = parse_date(text, field=field)
    if value.first is None or value.precision is not Precision.DAY:
        raise BadInput(
            "`{option}:` needs an exact date such as 2026-02-05, not “{typed}”.", field=field, option=field, typed=text
        )
    return value.first


def new_york_date(moment: datetime) -> date:
    return moment.astimezone(COMMITTEE_ZONE).date()


def _from_parts(year: int, half: str | None, month: str | None, day_of_month: str | None) -> PartialDate:
    if day_of_month:
        return day(date(year, int(month or 0), int(day_of_month)))
    begin, end = (int(month),) * 2 if month else {"1": (1, 6), "2": (7, 12), None: (1, 12)}[half]
    text = f"{year}-{begin:02}" if month else f"{year}-H{half}" if half else str(year)
    precision = Precision.MONTH if month else Precision.HALF if half else Precision.YEAR
    return PartialDate(text, precision, date(year, begin, 1), date(year, end, calendar.monthrange(year, end)[1]))


def _unreadable(text: str, field: str) -> BadInput:
    if _SERIAL.fullmatch(text.strip()):
        return BadInput(
            "“{typed}” is a spreadsheet serial number, not a date. Format the cell as a date, or write 2026-02-05.",
            field=field,
            typed=text,
        )
    return BadInput(
        "I can't read “{typed}” as a date. Use 2026-02-05, 2026-02, 2025-H1 (half-year), 2025 or unknown.",
        field=field,
        typed=text,
    )
