"""Plain text that pictures and files share: who says so, positions, clearances, values in which sources differ."""

import unicodedata
from collections.abc import Iterable, Iterator

from db.domain.dates import UNKNOWN
from db.domain.enums import UNDISCLOSED
from db.domain.project_status import Statement
from db.domain.updates import Source, Update
from db.imports.columns import COLUMNS
from db.imports.update_row import VALUES, cells_of
from handlers.blocks import formatting
from handlers.i18n.translator import Translator


def columns(text: str) -> int:
    """Return how wide a text is, a Korean letter counting as two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def source_names(translator: Translator, sources: Iterable[Source]) -> list[str]:
    return list(dict.fromkeys(_name(translator, each) for each in sources))


def stated_by(translator: Translator, statement: Statement) -> list[str]:
    """Return the sources of a status; its kind of source where none is named."""
    if statement.update is None:
        return []
    kind = translator.source_kind(statement.update.confidence)
    return source_names(translator, statement.sources) or [kind]


def position(translator: Translator, update: Update) -> str:
    holder = translator.holder(update.holder or UNDISCLOSED)
    return f"{holder}: {translator.stance(update.stance)} ({_said_by(translator, update)})"


def clearance(translator: Translator, update: Update) -> str:
    parts = [f"{update.authority or '—'}: {translator.outcome(update.outcome)}"]
    if update.letter.valid_until:
        parts.append(formatting.until(translator, update))
    return f"{' · '.join(parts)} ({_said_by(translator, update)})"


def differing(translator: Translator, update: Update) -> Iterator[str]:
    """Yield each value of an update in which its sources differ, as every source has it."""
    versions = [(cells_of(version, []), _said_by(translator, version)) for version in update.differing]
    words = {"holder": translator.holder, "length": translator.period, "period": translator.period}
    for column in (each for each in COLUMNS if each.name in VALUES):
        said = [(cells[column.name], by) for cells, by in versions if column.name in cells]
        if column.name == "happened":  # a report that gives no day has no other one
            said = [(text, by) for text, by in said if text != UNKNOWN.text]
        if len({text for text, _ in said}) > 1:
            word = words.get(column.name, str)
            shown = " / ".join(f"{word(text)} ({by})" for text, by in said)
            yield f"{column.heading(translator.language)}: {shown}"


def _said_by(translator: Translator, update: Update) -> str:
    return ", ".join(source_names(translator, update.sources)) or translator.source_kind(update.confidence)


def _name(translator: Translator, source: Source) -> str:
    name = translator.source_name(source.publisher or "") or source.url or "—"
    parts = [translator.date(source.published)] if source.published else []
    if source.attributed_to:
        parts.append(translator.plain("citing {whom}", whom=translator.source_name(source.attributed_to)))
    return f"{name} ({', '.join(parts)})" if parts else name
