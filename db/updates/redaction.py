"""Withheld names in what people wrote: blacked out wherever an update about such a project is read to be shown."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.enums import Visibility
from db.domain.updates import Source, Update
from db.models import Organisation, Project, UpdateProject

REDACTED = "█████"
SHORT = 4
"""Up to so many Latin letters a name counts only as a whole word in its own case: WHO is not who."""


def redact(session: Session, updates: Mapping[int, Update]) -> dict[int, Update]:
    """Return ``updates`` by number without the titles and applicants of their projects whose names are withheld."""
    hidden = _names(session, updates)
    return {number: _veil(update, hidden[number]) if number in hidden else update for number, update in updates.items()}


def _names(session: Session, updates: Mapping[int, Update]) -> dict[int, re.Pattern[str]]:
    query = (
        select(UpdateProject.update_id, Project.title_en, Project.title_ko, Organisation.name_en, Organisation.name_ko)
        .join(Project, Project.id == UpdateProject.project_id)
        .outerjoin(Organisation, Organisation.id == Project.applicant_id)
        .where(UpdateProject.update_id.in_(updates), Project.visibility == Visibility.WITHHELD.value)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for number, *names in fetch(session, query):
        found[number] |= {name.strip() for name in names if name and name.strip()}
    return {number: _pattern(names) for number, names in found.items() if names}


def _pattern(names: set[str]) -> re.Pattern[str]:
    return re.compile("|".join(_one(name) for name in sorted(names, key=len, reverse=True)))


def _one(name: str) -> str:
    """Return the whole name, whatever stands between its words: an address has dashes there, or nothing."""
    text = r"[\W_]*".join(re.escape(word) for word in re.findall(r"[^\W_]+", name)) or re.escape(name)
    return rf"\b{text}\b" if len(name) <= SHORT and name.isascii() else f"(?i:{text})"


def _veil(update: Update, names: re.Pattern[str]) -> Update:
    return replace(
        update,
        note=names.sub(REDACTED, update.note),
        authority=names.sub(REDACTED, update.authority) if update.authority else update.authority,
        sources=tuple(_source(each, names) for each in update.sources),
    )


def _source(source: Source, names: re.Pattern[str]) -> Source:
    """Redact a source: it keeps its day; an address that contains the name is left out, as it would lead nowhere."""
    return replace(
        source,
        url=None if names.search(source.url or "") else source.url,
        publisher=names.sub(REDACTED, source.publisher) if source.publisher else source.publisher,
        title=names.sub(REDACTED, source.title) if source.title else source.title,
    )
