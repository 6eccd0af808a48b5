"""Quiet hours and digest hours of a channel, in its own time zone.

A time of day skipped by a clock change means the moment an hour later; one that comes twice means the first.
"""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.errors import N_, BadInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d))?")


def read_zone(text: str) -> str:
    """Parse an IANA name and return it as the zone database writes it. Raises BadInput."""
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            N_("“{typed}” is not a time zone I know. Write it as `Asia/Seoul` or `America/New_York`."),
            field="zone",
            typed=text,
        ) from error


def read_clock(text: str, field: str) -> str:
    """Normalize a time of day, ``9`` or ``09:00``, to ``09:00``. Raises BadInput."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise BadInput(N_("“{typed}” is not a time of day. Write `09:00` or `17:30`."), field=field, typed=text)
    return f"{int(match['hour']):02}:{match['minute'] or '00'}"


def read_quiet(text: str) -> str:
    """Normalize quiet hours, ``22-7`` or ``22:00-07:00``, to ``22:00-07:00``. Raises BadInput."""
    begin, _, end = text.partition("-")
    begin, end = read_clock(begin, "quiet"), read_clock(end, "quiet")
    if begin == end:
        raise BadInput(
            N_("Quiet hours cannot start and end at the same time ({clock}). Use `quiet:22:00-07:00` or `quiet:off`."),
            field="quiet",
            clock=begin,
        )
    return f"{begin}-{end}"


def after_quiet_hours(moment: datetime, quiet: str | None, zone: str) -> datetime:
    """Return ``moment``, or the end of the quiet hours that it falls into, in UTC."""
    if not quiet:
        return moment
    begin, end = (_time(each) for each in quiet.split("-"))
    local = moment.astimezone(ZoneInfo(zone))
    now = local.time()
    inside = begin <= now < end if begin < end else now >= begin or now < end
    if not inside:
        return moment
    day = local.date() + timedelta(days=1 if now >= end else 0)
    return max(moment, _moment(datetime.combine(day, end), zone))


def next_digest(after: datetime, at: str, weekday: int | None, zone: str) -> datetime:
    """Return the first moment after ``after``, in UTC, when it is ``at`` in ``zone``, on ``weekday`` (0: Monday) or any."""
    day = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    while True:
        moment = _moment(datetime.combine(day, _time(at)), zone)
        if moment > after and weekday in {None, day.weekday()}:
            return moment
        day += timedelta(days=1)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _moment(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
