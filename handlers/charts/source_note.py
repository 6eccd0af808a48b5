"""Source note of a picture: its as-of day, its sources, the day on which it was drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from db.domain.updates import Source, Update
from handlers.charts.canvas import FAINT, Canvas
from handlers.i18n.translator import Translator

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Basis:
    """The latest day for which a source vouches, and the sources of that day."""

    as_of: date | None
    sources: tuple[Source, ...]


def source_note_of(updates: Iterable[Update]) -> Basis:
    known = list(updates)
    latest = max((update.as_of for update in known), default=None)
    return Basis(latest, tuple(source for update in known if update.as_of == latest for source in update.sources))


def draw_source_note(sheet: Canvas, translator: Translator, basis: Basis, today: date) -> str:
    """Write it below what is there; returns the first of the days as it was written."""
    shown = translator.date(basis.as_of) if basis.as_of else translator.plain("date not known")
    sheet.write(
        translator.plain("As of {as_of} · drawn on {today}", as_of=shown, today=translator.date(today)),
        10,
        colour=FAINT,
    )
    named = list(dict.fromkeys(_name(translator, each) for each in basis.sources))
    more = " …" if len(named) > MOST_NAMED else ""
    note = (
        translator.plain("Source:") + f" {', '.join(named[:MOST_NAMED])}{more}"
        if named
        else translator.plain("no source given")
    )
    sheet.write(note, 10, colour=FAINT, most=2)
    return shown


def _name(translator: Translator, source: Source) -> str:
    name = source.publisher or source.url or "—"
    return f"{name} ({translator.date(source.published)})" if source.published else name
