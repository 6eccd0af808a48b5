"""Time from left to right: days as numbers, ticks at months and years, today's line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from matplotlib.axes import Axes

from db.domain.dates import PartialDate
from handlers.charts.canvas import FAINT, INK, RED, RULE, Canvas, box

MAYBE = "////"
MOST_TICKS = 6
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months between ticks


@dataclass(frozen=True, slots=True)
class Span:
    first: date
    last: date

    def days(self) -> int:
        return (self.last - self.first).days


def span_of(days: Iterable[date], today: date) -> Span:
    """Return all of ``days`` and today with some room on both sides, at least a third of a year."""
    shown = [today, *days]
    first, last = min(shown), max(shown)
    room = max((last - first).days // 14, 10)
    first, last = _back(first, room), last + timedelta(days=min(room, (date.max - last).days))
    lacking = 120 - (last - first).days
    return Span(_back(first, max(0, lacking)), last)


def prepare(sheet: Canvas, axes: Axes, span: Span, today: date, words_today: str) -> None:
    axes.set_xlim(span.first.toordinal(), span.last.toordinal())
    axes.set_yticks([])
    ticks = _ticks(span)
    date_format = "%Y" if all(day.month == 1 for day in ticks) else "%Y-%m"
    labels = [day.strftime(date_format) for day in ticks]
    axes.set_xticks([day.toordinal() for day in ticks], labels, **sheet.style(10, colour=FAINT))
    axes.tick_params(length=3, color=FAINT)
    for day in ticks:
        axes.axvline(day.toordinal(), color=RULE, linewidth=0.7, zorder=0)
    at = today.toordinal()
    axes.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=5)
    late = at > span.first.toordinal() + span.days() * 0.6
    where: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "ha": "right" if late else "left", "va": "bottom"}
    sheet.annotate(axes, f" {words_today} ", (at, 1), 10, annotation_clip=False, **where)


def fill(
    axes: Axes,
    ends: tuple[PartialDate, PartialDate],
    top: float,
    tall: float,
    span: Span,
    colour: str,
    latest: date | None,
) -> None:
    """Fill a bar: hatched as far as it may reach (with no end known to ``latest``, else the edge), solid where it does."""
    start, end = ends
    first = start.first or span.first
    last = max(first, end.last or latest or span.last)
    axes.add_patch(box(first.toordinal(), top, (last - first).days, tall, colour, MAYBE))
    if start.last and end.first and start.last <= end.first:
        axes.add_patch(box(start.last.toordinal(), top, (end.first - start.last).days, tall, colour))


def draw_gaps(axes: Axes, gaps: Iterable[tuple[PartialDate, PartialDate]], top: float, tall: float) -> None:
    for end, following in gaps:
        if end.last and following.first:
            wide = (following.first - end.last).days
            axes.add_patch(box(end.last.toordinal(), top + tall / 4, wide, tall / 2, RED, "xxxx"))


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


def _back(day: date, days: int) -> date:
    return day - timedelta(days=min(days, (day - date.min).days))
