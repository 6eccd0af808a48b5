"""Many projects: how many stood where, day by day, and for how long each exemption may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.domain.durations import OverTime, periods
from db.domain.enums import Headline
from db.domain.project_status import ProjectStatus, Statement, Validity
from db.errors import N_
from handlers.blocks import formatting
from handlers.charts.canvas import BLUE, FAINT, GREEN, GREY, ORANGE, PURPLE, RED, SKY, YELLOW, Canvas
from handlers.charts.source_note import draw_source_note
from handlers.charts.time_axis import MAYBE, Span, draw_gaps, fill, prepare, span_of
from handlers.i18n.translator import Translator

TALL = 3.0
ROW, BAR = 0.42, 0.16
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Band:
    """Headlines that are drawn as one."""

    headlines: tuple[Headline, ...]
    label: str
    colour: str
    hatch: str = ""


BANDS = (
    Band((Headline.SUBMITTED, Headline.UNDER_REVIEW), N_("Submitted or under review"), SKY),
    Band((Headline.ON_HOLD,), N_("On hold"), RED, "////"),
    Band((Headline.APPROVAL_REPORTED,), N_("Approval reported, letter not seen"), ORANGE, "...."),
    Band((Headline.APPROVED,), N_("Approved by letter"), GREEN),
    Band((Headline.APPROVED_END_UNKNOWN,), N_("Approved by letter, end not known"), YELLOW, "----"),
    Band((Headline.EXPIRED, Headline.EXTENSION_PENDING), N_("Expired"), GREY, "\\\\\\\\"),
    Band((Headline.DELIVERED, Headline.CLOSED), N_("Delivered or closed"), BLUE),
    Band((Headline.WITHDRAWN, Headline.REJECTED, Headline.LAPSED), N_("Ended without approval"), PURPLE, "xxxx"),
)


def draw_over_time(
    sheet: Canvas, translator: Translator, headline_counts: OverTime, statements: Sequence[Statement], filter_text: str
) -> str:
    """Fill the sheet from its top; returns the picture in words."""
    today, number = headline_counts.days[-1], headline_counts.projects
    sheet.write(translator.plural("{number} project over time", "{number} projects over time", number), 17, bold=True)
    if filter_text:
        sheet.write(translator.plain("Filter: {filter}", filter=filter_text), 11, most=2)
    draw_source_note(sheet, translator, statements, today)
    sheet.space(0.3)
    by_day = headline_counts.counts
    bands = [(band, [sum(count[headline] for headline in band.headlines) for count in by_day]) for band in BANDS]
    bands = [(band, heights) for band, heights in bands if any(heights)]
    _areas(sheet, translator, headline_counts.days, bands)
    sheet.space(0.4)
    counts = []
    for band, heights in reversed(bands):
        counts.append(f"{translator.plain(band.label)}: {heights[-1]}")
        sheet.key(counts[-1], band.colour, band.hatch)
    if silent := number - headline_counts.counts[-1].total():
        sheet.write(f"{translator.headline(Headline.NO_RECORD)}: {silent}", 11, indent=0.36)
    sheet.space(0.05)
    sheet.write(
        translator.plain(
            "Counts as known today, by the dates on record. An update without a date counts from the day it "
            "was reported."
        ),
        9.5,
        colour=FAINT,
    )
    return translator.plain(
        "Projects over time; on {today}: {counts}", today=translator.date(today), counts=", ".join(counts)
    )


def _areas(
    sheet: Canvas, translator: Translator, days: Sequence[date], bands: Sequence[tuple[Band, list[int]]]
) -> None:
    axes = sheet.chart(TALL)
    span = Span(days[0], days[-1])
    prepare(sheet, axes, span, days[-1], translator.plain("today"))
    below = [0] * len(days)
    for band, heights in bands:
        above = [low + high for low, high in zip(below, heights, strict=True)]
        face = f"{band.colour}66" if band.hatch else band.colour
        axes.fill_between(
            [day.toordinal() for day in days],
            below,
            above,
            step="post",
            facecolor=face,
            edgecolor=band.colour,
            hatch=band.hatch or None,
            linewidth=0.6,
        )
        below = above
    most = max([1, *below])
    axes.set_ylim(0, most * 1.05)
    marks = sorted({0, most // 2, most})
    axes.set_yticks(marks, [""] * len(marks))
    axes.tick_params(axis="y", length=0)
    for mark in marks[1:]:
        axes.axhline(mark, color="#00000033", linewidth=0.7)
        where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "bottom"}
        sheet.annotate(axes, str(mark), (0.005, mark), 10, pad=0.1, face="#ffffffcc", colour=FAINT, **where)


def draw_validity(sheet: Canvas, translator: Translator, projects: Mapping[str, ProjectStatus], today: date) -> str:
    """Draw how long each project with a letter may use its exemption, those first that end first; return it in words too."""
    dated = sorted(
        ((ref, each) for ref, each in projects.items() if each.letters),
        key=lambda each: _order(each[0], each[1], today),
    )
    sheet.space(0.3)
    sheet.write(translator.plain("Exemptions confirmed by letter"), 15, bold=True)
    if not dated:
        sheet.write(translator.plain("There is no letter on record for any of these."), 11)
        return translator.plain("no letter on record")
    shown = dated[:MOST_ROWS]
    if len(dated) > len(shown):
        sheet.write(
            translator.plain(
                "{shown} of {count}; narrow the filter to see others.", shown=len(shown), count=len(dated)
            ),
            10,
        )
    sheet.space(0.3)
    _bars(sheet, translator, shown, today)
    sheet.space(0.4)
    sheet.key(translator.plain("In force"), GREEN, size=10.5)
    sheet.key(translator.plain("Expired"), GREY, size=10.5)
    sheet.key(translator.plain("Gap: nothing was in force"), RED, "xxxx", size=10.5)
    sheet.key(translator.plain("End date unknown or inexact"), GREEN, MAYBE, size=10.5)
    return translator.plural("{number} exemption by letter", "{number} exemptions by letter", len(dated))


def _order(ref: str, standing: ProjectStatus, today: date) -> tuple[int, int, str]:
    """Sort by end: those to come, soonest first; the unknown, latest letter first; those past, latest first."""
    end = standing.valid_until
    last = end.last if end else None
    if last is None:
        letter = standing.letters[-1].happened.last or date.min
        return (1, -letter.toordinal(), ref)
    ahead = (last - today).days
    return (2 if ahead < 0 else 0, abs(ahead), ref)


def _bars(sheet: Canvas, translator: Translator, shown: Sequence[tuple[str, ProjectStatus]], today: date) -> None:
    rows = [(ref, standing, periods(standing)) for ref, standing in shown]
    days = [
        on
        for _, _, letters in rows
        for period in letters
        for end in (period.start, period.end)
        for on in (end.first, end.last)
        if on
    ]
    span = span_of(days, today)
    axes = sheet.chart(ROW * len(rows))
    axes.set_ylim(ROW * len(rows), 0)
    prepare(sheet, axes, span, today, translator.plain("today"))
    for at, (ref, standing, letters) in enumerate(rows):
        top = at * ROW
        letter = standing.governing_letter
        end = (formatting.until(translator, letter) if letter else "") or translator.plain("end not known")
        label = f"{ref} · {end}"
        sheet.label(axes, label, (0, top + 0.1), size=9.5)
        colour = GREY if standing.validity(today) is Validity.EXPIRED else GREEN
        for period in letters:
            fill(axes, (period.start, period.end), top + 0.2, BAR, span, colour, period.superseded.last)
        draw_gaps(axes, standing.gaps, top + 0.2, BAR)
