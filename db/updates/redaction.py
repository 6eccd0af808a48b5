"""Withheld names in what people wrote: blacked out in every text of an update wherever it is read to be shown."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.enums import Visibility
from db.domain.text import readings
from db.domain.updates import Source, Update
from db.models import Organisation, Project, ProjectRole, UpdateProject

REDACTED = "█████"
SHORT = 4  # up to so many Latin letters a name counts only as a whole word in its own case: WHO is not who
CODES = frozenset(
    {"recorded_by", "holder", "length", "period", "value", "currency", "deadline_hour", "extends"},
)
"""Fields whose text is a code, an amount or an id that the bot itself checks; no name fits into them."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Patterns of the names to look for: short ones in their own case, long ones in any."""

    short: re.Pattern[str]
    long: re.Pattern[str]

    def found_in(self, text: str) -> bool:
        return any(self.short.search(each) or self.long.search(each.casefold()) for each in readings(text))

    def redacted(self, text: str) -> str:
        """Return ``text`` without the names: as it was typed where that is possible, else as it reads, else nothing."""
        for reading in (text, *readings(text)) if self.found_in(text) else ():
            redacted = self.short.sub(REDACTED, self.long.sub(REDACTED, reading))
            if redacted != reading and not self.found_in(redacted):  # a reading in the wrong encoding shows its letters
                return redacted
        return REDACTED if self.found_in(text) else text


def redact(session: Session, updates: Mapping[int, Update]) -> dict[int, Update]:
    """Return ``updates`` by number without the titles and organisations of their projects whose names are withheld."""
    hidden = _names(session, updates)
    return {
        number: _redact(update, hidden[number]) if number in hidden else update for number, update in updates.items()
    }


def redact_text(session: Session, text: str, refs: Collection[str]) -> str:
    """Return ``text`` without the titles of all projects whose names are withheld, and the organisations of ``refs``."""
    names = set[str]()
    for ref, *titles, name_en, name_ko, aliases in session.execute(_with_names(select(Project.ref))):
        organisation = (name_en, name_ko, *(aliases or ())) if ref in refs else ()
        names |= {name.strip() for name in (*titles, *organisation) if name and name.strip()}
    return _names_of(names).redacted(text)


def _names(session: Session, updates: Mapping[int, Update]) -> dict[int, _Names]:
    """Return what to look for, by update: titles, and all names of all organisations."""
    concerned = select(UpdateProject.update_id).join(Project, Project.id == UpdateProject.project_id)
    query = _with_names(concerned.where(UpdateProject.update_id.in_(updates)))
    found: dict[int, set[str]] = defaultdict(set)
    for number, *texts, aliases in fetch(session, query):
        found[number] |= {name.strip() for name in (*texts, *(aliases or ())) if name and name.strip()}
    return {number: _names_of(names) for number, names in found.items() if names}


def _names_of(names: set[str]) -> _Names:
    plain = sorted({reading for name in names for reading in readings(name)}, key=len, reverse=True)
    short = [rf"\b{_pattern(name)}\b" for name in plain if len(name) <= SHORT and name.isascii()]
    long = [
        _pattern(form) for name in plain if len(name) > SHORT or not name.isascii() for form in (name, name.casefold())
    ]
    nothing = "(?!)"
    return _Names(re.compile("|".join(short) or nothing), re.compile("|".join(long) or nothing, re.IGNORECASE))


def _with_names(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Add the names of withheld projects to a query of projects: titles, and all names of all organisations."""
    own = (Project.organisation_id, ProjectRole.organisation_id)
    names = (Project.title_en, Project.title_ko, Organisation.name_en, Organisation.name_ko, Organisation.aliases)
    return (
        query.add_columns(*names)
        .outerjoin(ProjectRole, ProjectRole.project_id == Project.id)
        .outerjoin(Organisation, Organisation.id.in_(own))
        .where(Project.visibility == Visibility.WITHHELD.value)
    )


def _pattern(name: str) -> str:
    """Return the whole name, whatever stands between its words: an address has dashes there, or nothing."""
    return r"[\W_]*".join(re.escape(word) for word in re.findall(r"[^\W_]+", name)) or re.escape(name)


def _redact(value: Any, names: _Names) -> Any:
    """Redact a text, and each text within; an address that holds a name is left out, as it would lead nowhere."""
    if type(value) is str:  # codes are classes of their own
        return names.redacted(value)
    if isinstance(value, tuple):
        return tuple(_redact(each, names) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    texts = {each.name: getattr(value, each.name) for each in fields(value) if each.init and each.name not in CODES}
    if isinstance(value, Source) and value.url and names.found_in(value.url):
        texts["url"] = None
    return replace(value, **{name: _redact(each, names) for name, each in texts.items()})
