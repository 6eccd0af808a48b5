"""Dates as Slack's client writes them, in a reader's zone and language."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime

from bot.slack_emulator.formatting.translations import language_of

_HALF_YEAR = timedelta(days=182)
_NEAR = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "ko": {-1: "어제", 0: "오늘", 1: "내일"},
}
_PATTERNS = {
    "en": {
        "short": "MMM d",
        "short+": "MMM d, yyyy",
        "time": "h:mm a",
    },
    "ko": {
        "short": "M월 d일",
        "short+": "yyyy년 M월 d일",
        "time": "aaaa h:mm",
    },
}


def local(seconds: float, zone: str) -> datetime:
    """Return a moment, in seconds since 1970, on the clock of an IANA zone; UTC where there is no such zone.

    Raises ValueError, OverflowError or OSError for a moment outside the calendar.
    """
    try:
        return datetime.fromtimestamp(seconds, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ModuleNotFoundError):
        return datetime.fromtimestamp(seconds, UTC)


def written(pattern: str, moment: datetime, locale: str) -> str:
    """Return a moment by one of the patterns above."""
    language = language_of(locale)
    return str(format_datetime(moment, _PATTERNS[language][pattern], locale=language))


def filled(form: str, moment: datetime, now: datetime | None, locale: str) -> str:
    """Slack's token string with `{date_short_pretty}` and `{time}`, which the bot uses, filled in.

    `now`, in the same zone, is what "today" is measured from; without it no day is today.
    """
    shown = form.replace("{date_short_pretty}", _short_pretty(moment, now, locale))
    shown = shown.replace("{time}", written("time", moment, locale))
    return shown[:1].upper() + shown[1:] if form.startswith("{") else shown


def _short_pretty(moment: datetime, now: datetime | None, locale: str) -> str:
    """Yesterday, today and tomorrow by name; another day without the year within half a year of now."""
    name = _NEAR[language_of(locale)].get((moment.date() - now.date()).days) if now else None
    near = now is not None and abs(moment - now) < _HALF_YEAR
    return name or written("short" if near else "short+", moment, locale)
