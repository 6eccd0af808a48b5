"""Source note of a picture: its as-of day, its sources, the day on which it was drawn."""

from collections.abc import Sequence
from datetime import date

from db.domain.project_status import Statement
from handlers.charts.canvas import FAINT, Canvas
from handlers.charts.wording import source_names, stated_by
from handlers.i18n.translator import Translator

MOST_NAMED, EXAMPLES = 3, 2


def draw_source_note(sheet: Canvas, translator: Translator, statements: Sequence[Statement], today: date) -> str:
    """Write the newest day that the statements shown speak for, and its sources; return the day as it was written."""
    as_of = max((each.as_of for each in statements if each.as_of), default=None)
    shown = translator.date(as_of) if as_of else translator.plain("date not known")
    sheet.write(
        translator.plain("As of {as_of} · drawn on {today}", as_of=shown, today=translator.date(today)),
        10,
        colour=FAINT,
    )
    newest_first = sorted(statements, key=lambda each: each.as_of or date.min, reverse=True)
    named = source_names(translator, (source for each in newest_first for source in each.sources))
    if len(named) > MOST_NAMED:
        note = translator.plain("Sources: {count}, e.g. {names}", count=len(named), names=", ".join(named[:EXAMPLES]))
    else:
        named = named or list(dict.fromkeys(kind for each in newest_first for kind in stated_by(translator, each)))
        names = ", ".join(named[:MOST_NAMED])
        note = translator.plain("Source:") + f" {names}" if named else translator.plain("no source given")
    sheet.write(note, 10, colour=FAINT, most=2)
    return shown
