"""Time from left to right: days as numbers, ticks at months and years, today's line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matplotlib.axes import Axes

from db.domain.dates import PartialDate
from handlers.charts.canvas import FAINT, INK, RULE, Canvas

MOST_TICKS = 6
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
"""Months between ticks."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a picture shows."""

    first: date
    last: date

    def days(self) -> int:
        return (self.last - self.first).days


def span_of(days: Iterable[date], today: date) -> Span:
    """Return all of ``days`` and today with some room on both sides, at least a third of a year."""
    shown = [today, *days]
    first, last = min(shown), max(shown)
    room = max((last - first).days // 14, 10)
    first, last = _back(first, room), _on(last, room)
    lacking = 120 - (last - first).days
    return Span(_back(first, max(0, lacking)), last)


def prepare(sheet: Canvas, axes: Axes, span: Span, today: date, words_today: str) -> None:
    """Set limits, ticks and today's line."""
    axes.set_xlim(span.first.toordinal(), span.last.toordinal())
    axes.set_yticks([])
    ticks = _ticks(span)
    labels = [day.strftime("%Y" if _years(ticks) else "%Y-%m") for day in ticks]
    axes.set_xticks([day.toordinal() for day in ticks], labels, **sheet.style(10, colour=FAINT))
    axes.tick_params(length=3, color=FAINT)
    for day in ticks:
        axes.axvline(day.toordinal(), color=RULE, linewidth=0.7, zorder=0)
    at = today.toordinal()
    axes.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=5)
    late = at > span.first.toordinal() + span.days() * 0.6
    axes.annotate(
        f" {words_today} ",
        (at, 1),
        xycoords=("data", "axes fraction"),
        ha="right" if late else "left",
        va="bottom",
        annotation_clip=False,
        **sheet.style(10),
    )


def certain(start: PartialDate, end: PartialDate) -> tuple[int, int] | None:
    """Return the days within every reading of a span from ``start`` to ``end``, as ordinals; None if there are none."""
    if start.last is None or end.first is None or end.first < start.last:
        return None
    return start.last.toordinal(), end.first.toordinal()


def possible(start: PartialDate, end: PartialDate, span: Span, latest: date | None = None) -> tuple[int, int]:
    """Return the days that may lie in it; where an end is not known, to ``latest``, else to the picture's edge."""
    first = start.first or span.first
    last = end.last or latest or span.last
    return first.toordinal(), max(first, last).toordinal()


def _ticks(span: Span) -> Sequence[date]:
    for months in STEPS:
        found = [day for day in _months(span, months) if span.first <= day <= span.last]
        if len(found) <= MOST_TICKS:
            return found
    return []


def _months(span: Span, months: int) -> Iterable[date]:
    for count in range(span.first.year * 12, span.last.year * 12 + 12):
        if count % months == 0:
            yield date(count // 12, count % 12 + 1, 1)


def _years(ticks: Sequence[date]) -> bool:
    return all(day.month == 1 for day in ticks)


def _back(day: date, days: int) -> date:
    return day - timedelta(days=min(days, (day - date.min).days))


def _on(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
