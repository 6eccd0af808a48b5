"""One project through time: what was asked, who held or took a position, the exemption, what arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from matplotlib.axes import Axes

from db.domain.dates import PartialDate, day
from db.domain.durations import end_of_hold, periods
from db.domain.enums import LETTERS, RESPONSES, UpdateKind
from db.domain.project_status import Hold, Round
from db.domain.updates import Consignment, Update
from db.errors import N_
from db.reports.project import ProjectDetail
from handlers.blocks import formatting
from handlers.charts.canvas import BLUE, FAINT, GREEN, INK, ORANGE, PURPLE, RED, Canvas, box
from handlers.charts.source_note import draw_source_note
from handlers.charts.time_axis import Span, certain, possible, prepare, span_of
from handlers.charts.wording import differing, until
from handlers.i18n.translator import Translator

ROW, BAR = 0.62, 0.2
"""Height of a row and of a bar in it, in inches."""
APART = 0.23
"""Inches between the middles of two numbers in one row."""
MOST_LISTED, MOST_GAPS = 16, 6
MAYBE = "////"
DELIVERY = frozenset(
    {UpdateKind.NOTIFIED, UpdateKind.CLEARANCE, UpdateKind.SHIPPED, UpdateKind.DELIVERED, UpdateKind.CLOSED}
)
# The row of all that no other row shows.
REQUEST = (
    frozenset(UpdateKind)
    - DELIVERY
    - LETTERS
    - {UpdateKind.HOLD, UpdateKind.HOLD_LIFTED, UpdateKind.POSITION, UpdateKind.NOTE}
    - {*RESPONSES}
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a row that is filled; where its end is not known, it was before ``latest``."""

    start: PartialDate
    end: PartialDate
    colour: str
    latest: date | None = None


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
    sheet.write(f"{case.project.ref} · {headline}", 17, bold=True, most=2)
    sheet.write(formatting.plain_title(translator, case.project), 12, most=3)
    as_of = draw_source_note(sheet, translator, [standing.statement(today)], today)
    rows = _rows(translator, case)
    listed = [update for update in standing.updates if update.kind is not UpdateKind.NOTE]
    numbers = {update.number: at for at, update in enumerate(listed, start=1)}
    sheet.space(0.3)
    _chart(sheet, translator, case, rows, numbers)
    sheet.space(0.45)
    _list(sheet, translator, standing.updates, numbers)
    _list_gaps(sheet, translator, standing.gaps)
    sheet.space(0.08)
    sheet.write(
        translator.plain(
            "Filled numbers: official. White numbers: reported, not confirmed. Hatched: not known exactly."
        ),
        9.5,
        colour=FAINT,
    )
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
    elsewhere = {update.number for row in rounds for update in row.updates}
    first = [update for update in standing.updates if update.number not in elsewhere]
    rows = [_with(translator.plain("Request"), BLUE, first, REQUEST)]
    rows.append(
        _with(translator.plain("Positions of members"), FAINT, standing.updates, frozenset({UpdateKind.POSITION}))
    )
    rows += [_hold_row(translator, case, hold) for hold in standing.holds if hold.round is None]
    exemption = TimelineRow(translator.plain("Exemption"), GREEN, list(standing.letters))
    if not standing.letters:
        exemption.label = translator.plain("Exemption: no letter on record")
    exemption.stretches = [Stretch(each.start, each.end, GREEN, each.superseded.last) for each in periods(standing)]
    exemption.gaps = standing.gaps
    if exemption.gaps:
        exemption.label = translator.plain("Exemption, with gaps in which nothing was in force")
    elif standing.letters and not (standing.valid_until and standing.valid_until.known):
        exemption.label = translator.plain("Exemption: end not known")
    rows.append(exemption)
    for asked, row in zip(standing.rounds, rounds, strict=True):
        rows += [row, *(_hold_row(translator, case, hold) for hold in standing.holds if hold.round is asked)]
    rows.append(_with(translator.plain("Delivery"), ORANGE, standing.updates, DELIVERY))
    rows.append(_with(translator.plain("Answer from Pyongyang"), PURPLE, standing.updates, frozenset(RESPONSES)))
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
        [Stretch(asked.requested.happened, end, BLUE, latest)],
    )


def _hold_row(translator: Translator, case: ProjectDetail, hold: Hold) -> TimelineRow:
    end = end_of_hold(hold, case.standing)
    still = translator.plain("still open") if end is None else translator.plain("ended")
    if hold.lifted_by:
        still = translator.plain("lifted")
    basis = translator.plain("official") if hold.placed.official else translator.plain("reported, not confirmed")
    text = N_("Hold: {holder} — {still} ({basis})")
    if hold.round:
        extension = hold.round.kind is UpdateKind.EXTENSION_REQUESTED
        text = (
            N_("Hold on the extension: {holder} — {still} ({basis})")
            if extension
            else N_("Hold on the amendment: {holder} — {still} ({basis})")
        )
    label = translator.plain(text, holder=translator.holder(hold.holder), still=still, basis=basis)
    if not hold.placed.happened.known:
        label += " · " + translator.plain("since when is not known")
    ended, latest = (end.happened, end.effective_day) if end else (day(case.today), case.today)
    lifts = [each for each in (*hold.flags, hold.lifted_by) if each and each.kind is UpdateKind.HOLD_LIFTED]
    return TimelineRow(label, RED, [hold.placed, *lifts], [Stretch(hold.placed.happened, ended, RED, latest)])


def _chart(
    sheet: Canvas, translator: Translator, case: ProjectDetail, rows: list[TimelineRow], numbers: dict[int, int]
) -> None:
    span = span_of(_days(rows), case.today)
    axes = sheet.chart(ROW * len(rows))
    axes.set_ylim(ROW * len(rows), 0)
    prepare(sheet, axes, span, case.today, translator.plain("today"))
    for at, row in enumerate(rows):
        top = at * ROW
        axes.annotate(
            sheet.replace_missing_glyphs(row.label),
            (0, top + 0.1),
            xycoords=("axes fraction", "data"),
            va="center",
            **sheet.style(10.5, bold=True),
        )
        for stretch in row.stretches:
            _fill(axes, stretch, top + 0.27, span)
        for start, end in row.gaps:
            _gap(axes, start, end, top + 0.27)
        _dots(sheet, axes, row, top + 0.27 + BAR / 2, span, numbers)


def _days(rows: list[TimelineRow]) -> list[date]:
    known = [update.happened for row in rows for update in row.updates]
    known += [each for row in rows for stretch in row.stretches for each in (stretch.start, stretch.end)]
    return [on for each in known for on in (each.first, each.last) if on]


def _fill(axes: Axes, stretch: Stretch, top: float, span: Span) -> None:
    """Fill a bar: hatched as far as it may reach, solid where it certainly does."""
    first, last = possible(stretch.start, stretch.end, span, stretch.latest)
    sure = certain(stretch.start, stretch.end)
    axes.add_patch(box(first, top, last - first, BAR, stretch.colour, MAYBE))
    if sure:
        axes.add_patch(box(sure[0], top, sure[1] - sure[0], BAR, stretch.colour))


def _gap(axes: Axes, end: PartialDate, following: PartialDate, top: float) -> None:
    if end.last and following.first:
        first, last = end.last.toordinal(), following.first.toordinal()
        axes.add_patch(box(first, top + BAR / 4, last - first, BAR / 2, RED, "xxxx"))


def _dots(sheet: Canvas, axes: Axes, row: TimelineRow, middle: float, span: Span, numbers: dict[int, int]) -> None:
    """Draw a number for each update, white if its source is not official, with a line if its date is not exact."""
    apart = APART / 5.4 * span.days()
    free = float("-inf")
    for update in row.updates:
        first, last = update.happened.first, update.happened.last
        if first is None or last is None or update.number not in numbers:
            continue
        if first != last:
            axes.plot([first.toordinal(), last.toordinal()], [middle, middle], color=row.colour, linewidth=2, zorder=6)
        at = max((first.toordinal() + last.toordinal()) / 2, free)
        free = at + apart
        axes.annotate(
            str(numbers[update.number]),
            (at, middle),
            ha="center",
            va="center",
            zorder=7,
            bbox={
                "boxstyle": "circle,pad=0.22",
                "facecolor": row.colour if update.official else "white",
                "edgecolor": row.colour,
                "linewidth": 1.5,
            },
            **sheet.style(9, bold=True, colour="white" if update.official else INK),
        )


def _list(sheet: Canvas, translator: Translator, updates: list[Update], numbers: dict[int, int]) -> None:
    """Draw the legend of numbers, the latest if there are many."""
    listed = [update for update in updates if update.number in numbers]
    left_out = len(listed) - MOST_LISTED
    if left_out > 0:
        sheet.write(translator.plain("The first {count} are not listed here.", count=left_out), 10, colour=FAINT)
    for update in listed[-MOST_LISTED:]:
        sheet.write(f"{numbers[update.number]}: {_describe(translator, update)}", 10.5, most=2)
        for values in differing(translator, update):
            sheet.write(translator.plain("Sources differ. {values}", values=values), 10.5, most=2, indent=0.2)


def _list_gaps(sheet: Canvas, translator: Translator, gaps: Sequence[tuple[PartialDate, PartialDate]]) -> None:
    """List the gaps in words, the latest if there are many: a short one is narrow, and numbers may cover it."""
    for end, following in gaps[-MOST_GAPS:]:
        dates = {"end": translator.date(end), "following": translator.date(following)}
        sheet.write(translator.plain("Nothing in force from {end} to {following}", **dates), 10.5, most=2)


def _describe(translator: Translator, update: Update) -> str:
    parts = [translator.date(update.happened), translator.kind(update.kind)]
    if update.lift_all:
        parts.append(translator.plain("all holds"))
    elif update.holder:
        parts.append(translator.holder(update.holder))
    if update.kind is UpdateKind.POSITION:
        parts.append(translator.stance(update.stance))
    if update.kind is UpdateKind.CLEARANCE:
        parts += [update.authority or "—", translator.outcome(update.outcome)]
    parts += [_consignment(translator, update.consignment), until(translator, update)]
    return " · ".join(part for part in parts if part)


def _consignment(translator: Translator, value: Consignment) -> str:
    if value.number and value.of:
        return translator.plain("consignment {number} of {total}", number=value.number, total=value.of)
    return translator.plain("consignment {number}", number=value.number) if value.number else ""
