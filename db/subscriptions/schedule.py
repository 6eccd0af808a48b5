"""Quiet and digest hours in a channel's zone; an hour skipped by a clock change is an hour later, of two the first."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from db.domain.text import Literals, letters, normalize
from db.errors import N_, BadInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOON = 12
_CLOCK = re.compile(
    r"(?P<before>am|pm|오전|오후)?\s*(?P<hour>\d{1,2})(?::(?P<minute>\d\d)|시(?:\s*(?P<after_hour>\d{1,2})분)?)?"
    r"\s*(?P<after>am|pm)?",
    re.ASCII,
)
_HALVES = {"am": 0, "오전": 0, "pm": NOON, "오후": NOON}
# Spaces inside a time of day, which would part it from its option.
_INSIDE_CLOCK = re.compile(r"(?<=오[전후])\s+(?=\d)|(?<=\d)\s+(?=[ap]m\b)|(?<=\d시)\s+(?=\d+분)", re.IGNORECASE)

_ZONE = re.compile(r"(?<=zone:)[^\s:]+(?: [^\s:]+){1,3}(?![^\s])", re.IGNORECASE)


def join_times(text: str) -> str:
    """Return ``text`` with times of day such as ``9 am`` and ``오전 9시``, and a zone of several words, as one word each."""
    return _ZONE.sub(_joined_zone, _INSIDE_CLOCK.sub("", text))


def _joined_zone(match: re.Match[str]) -> str:
    words = match[0].split()
    size = next((size for size in range(len(words), 1, -1) if letters("".join(words[:size])) in _zones()), 1)
    return " ".join(["_".join(words[:size]), *words[size:]])


def read_zone(text: str) -> str:
    """Return the IANA name of the zone, or of the city in English or Korean, that ``text`` names. Raises BadInput."""
    zones = _zones()
    found = zones.get(text.strip()) or zones.get(letters(text)) or []
    if len(found) == 1:
        return found[0]
    near = found or [zone for name in get_close_matches(letters(text), zones, cutoff=0.75) for zone in zones[name]]
    if near:
        message = N_("“{typed}” is not a time zone I know. Did you mean {near}?")
        raise BadInput(message, field="zone", typed=text, near=Literals(f"zone:{zone}" for zone in dict.fromkeys(near)))
    raise BadInput(
        "“{typed}” is not a time zone I know. Write it as `Asia/Seoul` or `America/New_York`.",
        field="zone",
        typed=text,
    )


@cache
def _zones() -> dict[str, list[str]]:
    """Return the zones by their name, by its letters, and by those of their city where no whole name has the same."""
    korean = Locale.parse("ko").time_zones
    zones, names, cities = (
        sorted(available_timezones()),
        defaultdict[str, list[str]](list),
        defaultdict[str, list[str]](list),
    )
    for zone in zones:
        names[letters(zone)].append(zone)  # several: `Etc/GMT+9`, `Etc/GMT-9`
        for city in {letters(zone.rpartition("/")[2]), letters(korean.get(zone, {}).get("city", ""))} - {""}:
            cities[city].append(zone)
    return {**cities, **names, **{zone: [zone] for zone in zones}}


def read_clock(text: str, field: str) -> str:
    """Normalize a time of day, ``9``, ``09:00``, ``9am`` or ``오전 9시``, to ``09:00``. Raises BadInput."""
    match = _CLOCK.fullmatch(normalize(text).strip())
    half = match and (match["before"] or match["after"])
    if match and not (match["before"] and match["after"]):
        hour, minute = int(match["hour"]), int(match["minute"] or match["after_hour"] or 0)
        if half and hour <= NOON:
            hour = hour % NOON + _HALVES[half]
            half = None
        if not half and hour < 24 and minute < 60:  # noqa: PLR2004
            return f"{hour:02}:{minute:02}"
    raise BadInput("“{typed}” is not a time of day. Write `09:00` or `17:30`.", field=field, typed=text)


def read_quiet(text: str) -> str:
    """Normalize quiet hours, ``22-7`` or ``10pm-7am``, to ``22:00-07:00``. Raises BadInput."""
    begin, _, end = text.replace("~", "-").partition("-")
    begin, end = read_clock(begin, "quiet"), read_clock(end, "quiet")
    if begin == end:
        raise BadInput(
            "Quiet hours cannot start and end at the same time ({clock}). Use `quiet:22:00-07:00` or `quiet:off`.",
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


def next_digest(after: datetime, at: str, weekdays: Collection[int], zone: str) -> datetime:
    """Return the first moment after ``after``, in UTC, when it is ``at`` in ``zone`` on one of ``weekdays`` (0: Monday)."""
    day = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    while True:
        moment = _moment(datetime.combine(day, _time(at)), zone)
        if moment > after and day.weekday() in weekdays:
            return moment
        day += timedelta(days=1)


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _moment(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
