"""Notification settings of a channel (threads, digest, quiet hours, reminders) and the parsing of their options."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace

from db.domain.enums import UpdateKind
from db.domain.text import Literals
from db.errors import BadInput
from db.models import Subscription
from db.subscriptions.recipients import FLAT, THREADING
from db.subscriptions.schedule import WEEKDAYS, read_clock, read_quiet, read_zone

OFF = "off"
DAILY, WORKDAYS, WEEKLY = "daily", "mo-fr", "weekly"
MORNING = "09:00"
OPTIONS = ("threading", "digest", "digest-kinds", "empty", "zone", "quiet", "reminders", "table")


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """The settings of a subscription beside its filter and language; ``Subscription`` documents them."""

    threading: str = FLAT
    digest: str | None = None
    digest_at: str | None = None
    digest_day: int | None = None
    digest_kinds: list[str] | None = None
    digest_empty: bool = False
    zone: str | None = None
    quiet: str | None = None
    reminders: bool = True
    data_table: bool = False


def settings_of(row: Subscription) -> NotificationSettings:
    return NotificationSettings(**{each.name: getattr(row, each.name) for each in fields(NotificationSettings)})


def digest_days(row: Subscription) -> Collection[int]:
    if row.digest == WEEKLY:
        return {row.digest_day or 0}
    return range(5 if row.digest == WORKDAYS else 7)


def with_options(settings: NotificationSettings, options: Mapping[str, str], *, zone: str) -> NotificationSettings:
    """Return the settings with typed options applied; times without a zone are in ``zone``. Raises BadInput."""
    for name, value in options.items():
        settings = _READERS[name](settings, value.strip().lower() if name != "zone" else value)
    if settings.zone is None and (settings.digest or settings.quiet):
        settings = replace(settings, zone=zone)
    return settings


def _digest(settings: NotificationSettings, value: str) -> NotificationSettings:
    day, _, clock = value.partition("@")
    if value == OFF:
        return replace(settings, digest=None, digest_at=None, digest_day=None, digest_kinds=None)
    at = read_clock(clock, "digest") if clock else settings.digest_at or MORNING
    if day in {DAILY, "weekdays"}:
        return replace(settings, digest=DAILY if day == DAILY else WORKDAYS, digest_at=at, digest_day=None)
    if day == WEEKLY:
        return replace(settings, digest=WEEKLY, digest_at=at, digest_day=settings.digest_day or 0)
    if day in WEEKDAYS:
        return replace(settings, digest=WEEKLY, digest_at=at, digest_day=WEEKDAYS.index(day))
    raise _not_one_of("digest", value, (OFF, DAILY, "daily@18:00", "weekdays@09:00", "mon@09:00"))


def _digest_kinds(settings: NotificationSettings, value: str) -> NotificationSettings:
    if value == "all":
        return replace(settings, digest_kinds=None)
    kinds = list(dict.fromkeys(each for each in value.split(",") if each))
    if not kinds or not set(kinds) <= set(UpdateKind):
        raise _not_one_of("digest-kinds", value, ("all", *UpdateKind))
    return replace(settings, digest_kinds=kinds)


def _one_of(option: str, value: str, allowed: tuple[str, ...] = ("on", OFF)) -> str:
    if value not in allowed:
        raise _not_one_of(option, value, allowed)
    return value


_READERS: dict[str, Callable[[NotificationSettings, str], NotificationSettings]] = {
    "threading": lambda settings, value: replace(settings, threading=_one_of("threading", value, THREADING)),
    "digest": _digest,
    "digest-kinds": _digest_kinds,
    "empty": lambda settings, value: replace(settings, digest_empty=_one_of("empty", value) == "on"),
    "zone": lambda settings, value: replace(settings, zone=read_zone(value)),
    "quiet": lambda settings, value: replace(settings, quiet=None if value == OFF else read_quiet(value)),
    "reminders": lambda settings, value: replace(settings, reminders=_one_of("reminders", value) == "on"),
    "table": lambda settings, value: replace(settings, data_table=_one_of("table", value) == "on"),
}


def _not_one_of(option: str, text: str, allowed: tuple[str, ...]) -> BadInput:
    return BadInput(
        "“{typed}” is not valid for `{option}:`. Use one of: {allowed}.",
        field=option,
        option=option,
        typed=text,
        allowed=Literals(f"{option}:{each}" for each in allowed),
    )
