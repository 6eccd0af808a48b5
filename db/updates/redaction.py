"""Withheld names in what people wrote: blacked out wherever an update about such a project is read to be shown."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Select, null, select, union_all
from sqlalchemy.orm import Session

from db.database import Columns, fetch
from db.domain.enums import Visibility
from db.domain.updates import Source, Update
from db.models import Organisation, Project, ProjectRole, UpdateProject

REDACTED = "█████"
SHORT = 4
"""Up to so many Latin letters a name counts only as a whole word in its own case: WHO is not who."""


def redact(session: Session, updates: Mapping[int, Update]) -> dict[int, Update]:
    """Return ``updates`` by number without the titles and organisations of their projects whose names are withheld."""
    hidden = _names(session, updates)
    return {number: _veil(update, hidden[number]) if number in hidden else update for number, update in updates.items()}


def _names(session: Session, updates: Mapping[int, Update]) -> dict[int, re.Pattern[str]]:
    """Return what to look for, by update: titles, and all names of all organisations."""
    names = (Organisation.name_en, Organisation.name_ko, Organisation.aliases)
    first = (
        _of_withheld(select(UpdateProject.update_id, Project.title_en, Project.title_ko, *names))
        .outerjoin(Organisation, Organisation.id == Project.organisation_id)
        .where(UpdateProject.update_id.in_(updates))
    )
    others = (
        _of_withheld(select(UpdateProject.update_id, null(), null(), *names))
        .join(ProjectRole, ProjectRole.project_id == Project.id)
        .join(Organisation, Organisation.id == ProjectRole.organisation_id)
        .where(UpdateProject.update_id.in_(updates))
    )
    found: dict[int, set[str]] = defaultdict(set)
    for number, *texts, aliases in fetch(session, union_all(first, others)):
        found[number] |= {name.strip() for name in (*texts, *(aliases or ())) if name and name.strip()}
    return {
        number: re.compile("|".join(_name_pattern(name) for name in sorted(names, key=len, reverse=True)))
        for number, names in found.items()
        if names
    }


def _of_withheld(query: Select[*Columns]) -> Select[*Columns]:
    return query.join(Project, Project.id == UpdateProject.project_id).where(
        Project.visibility == Visibility.WITHHELD.value
    )


def _name_pattern(name: str) -> str:
    """Return the whole name, whatever stands between its words: an address has dashes there, or nothing."""
    text = r"[\W_]*".join(re.escape(word) for word in re.findall(r"[^\W_]+", name)) or re.escape(name)
    return rf"\b{text}\b" if len(name) <= SHORT and name.isascii() else f"(?i:{text})"


def _veil(update: Update, names: re.Pattern[str]) -> Update:
    consignment = update.consignment
    return replace(
        update,
        note=names.sub(REDACTED, update.note),
        note_ko=names.sub(REDACTED, update.note_ko),
        authority=_redacted(update.authority, names),
        consignment=replace(
            consignment,
            contents=_redacted(consignment.contents, names),
            origin=_redacted(consignment.origin, names),
            destination=_redacted(consignment.destination, names),
        ),
        sources=tuple(_source(each, names) for each in update.sources),
    )


def _source(source: Source, names: re.Pattern[str]) -> Source:
    """Redact a source: it keeps its day; an address that contains the name is left out, as it would lead nowhere."""
    return replace(
        source,
        url=None if names.search(source.url or "") else source.url,
        publisher=_redacted(source.publisher, names),
        title=_redacted(source.title, names),
        attributed_to=_redacted(source.attributed_to, names),
    )


def _redacted(text: str | None, names: re.Pattern[str]) -> str | None:
    return names.sub(REDACTED, text) if text else text
