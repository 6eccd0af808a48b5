"""Column types: aware UTC times and dates with precision. Each method has the signature that SQLAlchemy calls."""

from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from db.domain.dates import PartialDate, parse_date


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without a zone was given to the record"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class FieldDateText(TypeDecorator[PartialDate]):
    """A date with precision, stored as people write it: 2026-02-05, 2026-02, 2025-H1, 2025, unknown."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: PartialDate | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.text

    def process_result_value(self, value: str | None, dialect: Dialect) -> PartialDate | None:  # noqa: ARG002
        return None if value is None else _parse_cached(value)


def plain_value(value: object) -> object:
    """Return a column's value as JSON has it: times in UTC, dates as text with the precision that they have."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value)


_parse_cached = lru_cache(maxsize=4096)(parse_date)  # few dates, and an answer reads the same ones again and again
