"""One project through time: what was asked, who held or took a position, the exemption, what arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from typing import Any

from matplotlib.axes import Axes

from db.domain.dates import PartialDate, day
from db.domain.durations import end_of_hold, periods
from db.domain.enums import RESPONSES, UpdateKind
from db.domain.project_status import Hold, Round
from db.domain.updates import Update
from db.errors import N_
from db.reports.project import ProjectDetail
from handlers.blocks import formatting
from handlers.charts.canvas import BLUE, FAINT, GREEN, ORANGE, PURPLE, RED, Canvas, wrap
from handlers.charts.source_note import draw_source_note
from handlers.charts.time_axis import Span, draw_gaps, fill, prepare, span_of
from handlers.charts.wording import differing
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import dotted

ROW, BAR, LABEL = 0.55, 0.2, 0.19
"""Height of a row without its heading, of a bar in it, and of a line of the heading, in inches."""
APART, LABEL_WIDTH = 0.2, 66  # inches between the middles of two numbers in one row; columns of a line of the heading
MOST_LISTED, MOST_GAPS = 16, 6
DELIVERY = frozenset(
    {UpdateKind.NOTIFIED, UpdateKind.CLEARANCE, UpdateKind.SHIPPED, UpdateKind.DELIVERED, UpdateKind.CLOSED}
)


# Part of a row that is filled: its start, its end, and before what day that was where it is not known.
Stretch = tuple[PartialDate, PartialDate, date | None]


@dataclass(slots=True)
class TimelineRow:
    """A row of the timeline: its heading, its colour, the updates in it."""

    label: str
    colour: str
    updates: list[Update] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    gaps: list[tuple[PartialDate, PartialDate]] = field(default_factory=list)


def draw_timeline(sheet: Canvas, translator: Translator, case: ProjectDetail) -> str:
    """Fill the sheet; returns the picture in words."""
    standing, today = case.standing, case.today
    headline = translator.headline(standing.headline(today))
    clause = unescape(formatting.qualifier(translator, standing, standing.headline(today)))  # no mrkdwn here
    sheet.write(dotted(case.project.ref, headline, clause), 17, bold=True)
    sheet.write(formatting.plain_title(translator, case.project), 12, most=3)
    as_of = draw_source_note(sheet, translator, [standing.statement(today)], today)
    rows = _rows(translator, case)
    listed = [update for update in standing.updates if update.kind is not UpdateKind.NOTE]
    numbers = {update.number: at for at, update in enumerate(listed, start=1)}
    sheet.space(0.3)
    _chart(sheet, translator, case, rows, numbers)
    sheet.space(0.45)
    _list(sheet, translator, standing.updates, numbers)
    for end, following in standing.gaps[-MOST_GAPS:]:  # in words, too: a short one is narrow, and numbers may cover it
        dates = {"end": translator.date(end), "following": translator.date(following)}
        sheet.write(translator.plain("No exemption in force from {end} to {following}", **dates), 10.5, most=2)
    sheet.space(0.08)
    key = translator.plain("Filled marks: official. White marks: reported, not confirmed. Hatched: not known exactly.")
    if not all(update.happened.known for update in listed):
        key += " " + translator.plain("Diamonds: the day is not known; they stand where it was reported or recorded.")
    sheet.write(key, 9.5, colour=FAINT)
    return translator.plain(
        "Timeline of {ref}: {headline}; {count} updates, the last as of {as_of}",
        ref=case.project.ref,
        headline=headline,
        count=len(numbers),
        as_of=as_of,
    )


def _rows(translator: Translator, case: ProjectDetail) -> list[TimelineRow]:
    standing = case.standing
    rounds = [_round_row(translator, case, each) for each in standing.rounds]
    rows = [_with(translator.plain("Positions of members"), FAINT, standing.updates, frozenset({UpdateKind.POSITION}))]
    rows += [_hold_row(translator, case, hold) for hold in standing.holds if hold.round is None]
    exemption = TimelineRow(translator.plain("Exemption"), GREEN, list(standing.letters))
    if not standing.letters:
        exemption.label = translator.plain("Exemption: no letter on record")
    exemption.stretches = [(each.start, each.end, each.superseded.last) for each in periods(standing)]
    exemption.gaps = standing.gaps
    if exemption.gaps:
        exemption.label = translator.plain("Exemption, with gaps in which nothing was in force")
    elif standing.letters and not (standing.valid_until and standing.valid_until.known):
        exemption.label = translator.plain("Exemption: end not known")
    rows.append(exemption)
    for asked, row in zip(standing.rounds, rounds, strict=True):
        rows += [row, *(_hold_row(translator, case, hold) for hold in standing.holds if hold.round is asked)]
    rows.append(_with(translator.plain("Delivery"), ORANGE, standing.updates, DELIVERY))
    rows.append(_with(translator.plain("DPRK response"), PURPLE, standing.updates, frozenset(RESPONSES)))
    elsewhere = {update.number for row in rows for update in row.updates}
    others = [each for each in standing.updates if each.kind is not UpdateKind.NOTE and each.number not in elsewhere]
    rows.insert(0, TimelineRow(translator.plain("Request"), BLUE, others))
    return [row for row in rows if row.updates or row is exemption]


def _with(label: str, colour: str, updates: Iterable[Update], kinds: frozenset[UpdateKind]) -> TimelineRow:
    return TimelineRow(label, colour, [update for update in updates if update.kind in kinds])


def _round_row(translator: Translator, case: ProjectDetail, asked: Round) -> TimelineRow:
    """Return the row of an extension or amendment asked for; the letter that granted it is in that of the exemption."""
    ended = asked.ended
    if ended is None:
        state = translator.plain("pending") if case.standing.ended is None else translator.plain("ended")
    else:
        state = translator.plain("granted") if ended.is_letter else translator.kind(ended.kind)
    text = N_("Extension: {state}") if asked.kind is UpdateKind.EXTENSION_REQUESTED else N_("Amendment: {state}")
    steps = (asked.requested, asked.circulated, asked.reported, None if ended and ended.is_letter else ended)
    end, latest = (ended.happened, ended.effective_day) if ended else (day(case.today), case.today)
    return TimelineRow(
        translator.plain(text, state=state),
        BLUE,
        [each for each in steps if each],
        [(asked.requested.happened, end, latest)],
    )


def _hold_row(translator: Translator, case: ProjectDetail, hold: Hold) -> TimelineRow:
    end = end_of_hold(hold, case.standing)
    text = N_("Hold: {holder} ({basis}) — {state}")
    if hold.round:
        extension = hold.round.kind is UpdateKind.EXTENSION_REQUESTED
        text = (
            N_("Hold on the extension: {holder} ({basis}) — {state}")
            if extension
            else N_("Hold on the amendment: {holder} ({basis}) — {state}")
        )
    label = translator.plain(
        text,
        holder=translator.holder(hold.holder),
        basis=formatting.confidence(translator, hold.placed),
        state=translator.plain(_hold_state(hold, end)),
    )
    if not hold.placed.happened.known:
        label += " · " + translator.plain("since when is not known")
    ended, latest = (end.happened, end.effective_day) if end else (day(case.today), case.today)
    lifts = [each for each in (*hold.flags, hold.lifted_by) if each and each.kind is UpdateKind.HOLD_LIFTED]
    return TimelineRow(label, RED, [hold.placed, *lifts], [(hold.placed.happened, ended, latest)])


def _hold_state(hold: Hold, end: Update | None) -> str:
    """Return what became of a hold: how surely it was lifted is said of the lift, not of the hold."""
    if hold.lifted_by:
        return N_("lifted, official") if hold.lifted_by.official else N_("lift reported, not confirmed")
    if end:
        return N_("no lift recorded, but decided since")
    if any(flag.kind is UpdateKind.HOLD_LIFTED for flag in hold.flags):
        return N_("open; lift reported, not confirmed")
    return N_("open; approval reported, letter not seen") if hold.flags else N_("still open")


def _chart(
    sheet: Canvas, translator: Translator, case: ProjectDetail, rows: list[TimelineRow], numbers: dict[int, int]
) -> None:
    span = span_of(_days(rows), case.today)
    headings = [wrap(sheet.drawable(row.label), LABEL_WIDTH, 2) for row in rows]
    height = sum(ROW + LABEL * len(lines) for lines in headings)
    axes = sheet.chart(height)
    axes.set_ylim(height, 0)
    prepare(sheet, axes, span, case.today, translator.plain("today"))
    top = 0.0
    for row, lines in zip(rows, headings, strict=True):
        for line in lines:
            sheet.label(axes, line, (0, top + LABEL / 2), size=10.5, bold=True)
            top += LABEL
        for start, end, latest in row.stretches:
            fill(axes, (start, end), top + 0.06, BAR, span, row.colour, latest)
        draw_gaps(axes, row.gaps, top + 0.06, BAR)
        _marks(sheet, axes, row, top + 0.06 + BAR / 2, span, numbers)
        top += ROW


def _days(rows: list[TimelineRow]) -> list[date]:
    known = [each for row in rows for update in row.updates for each in (update.happened, day(update.effective_day))]
    known += [each for row in rows for start, end, _ in row.stretches for each in (start, end)]
    return [on for each in known for on in (each.first, each.last) if on]


def _marks(sheet: Canvas, axes: Axes, row: TimelineRow, middle: float, span: Span, numbers: dict[int, int]) -> None:
    """Draw a mark on each update's own day, with a line if it is not exact, and its number below, beside others."""
    updates = sorted(row.updates, key=_middle)
    places = spread([_middle(update) for update in updates], APART / 5.4 * span.days(), span.last.toordinal())
    for update, place in zip(updates, places, strict=True):
        first, last, own = update.happened.first, update.happened.last, _middle(update)
        if first and last and first != last:
            axes.plot([first.toordinal(), last.toordinal()], [middle, middle], color=row.colour, linewidth=2, zorder=7)
        axes.plot([own, own, place], [middle, middle + 0.13, middle + 0.18], color=row.colour, linewidth=0.8, zorder=7)
        axes.plot(
            [own],
            [middle],
            marker="o" if first else "D",
            markersize=8,
            markerfacecolor=row.colour if update.official else "white",
            markeredgecolor="white" if update.official else row.colour,
            zorder=8,
        )
        where: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 8}
        sheet.annotate(axes, str(numbers[update.number]), (place, middle + 0.25), 9, bold=True, pad=0.05, **where)


def _middle(update: Update) -> float:
    """Return the day of a mark, as a number: the middle of those that may be meant, else the day reported or recorded."""
    first, last = update.happened.first, update.happened.last
    if first and last:
        return (first.toordinal() + last.toordinal()) / 2
    return update.effective_day.toordinal()


def spread(wanted: Sequence[float], apart: float, last: float) -> list[float]:
    """Return places near those ``wanted``, in ascending order and ``apart``, none behind ``last``."""
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + apart) if placed else place)
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], last - apart / 2 if at == len(placed) - 1 else placed[at + 1] - apart)
    return placed


def _list(sheet: Canvas, translator: Translator, updates: list[Update], numbers: dict[int, int]) -> None:
    listed = [update for update in updates if update.number in numbers]
    left_out = len(listed) - MOST_LISTED
    if left_out > 0:
        sheet.write(translator.plain("The first {count} are not listed here.", count=left_out), 10, colour=FAINT)
    for update in listed[-MOST_LISTED:]:
        sheet.write(f"{numbers[update.number]}: {_describe(translator, update)}", 10.5, most=2)
        for values in differing(translator, update):
            sheet.write(translator.plain("Sources differ. {values}", values=values), 10.5, most=2, indent=0.2)


def _describe(translator: Translator, update: Update) -> str:
    known = update.happened.known
    parts = [translator.date(update.happened) if known else formatting.when(translator, update)]
    parts.append(translator.kind(update.kind))
    if update.lift_all:
        parts.append(translator.plain("all holds"))
    elif update.holder:
        parts.append(translator.holder(update.holder))
    if update.kind is UpdateKind.POSITION:
        parts.append(translator.stance(update.stance))
    if update.kind is UpdateKind.CLEARANCE:
        parts += [update.authority or "—", translator.outcome(update.outcome)]
    return dotted(
        *parts, unescape(formatting.consignment(translator, update.consignment)), formatting.until(translator, update)
    )
