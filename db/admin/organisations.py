"""Aliases of organisations: changed by admins and audited, or added where the usual ones ship with the record."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import lock_rows
from db.domain.text import normalize, settle
from db.errors import AidError, BadInput
from db.models import Organisation, Project
from db.projects.fields import TITLE_LENGTH, FieldErrors
from db.projects.organisations import all_names, organisation_named, usual_aliases
from db.search.filter_sql import names_any
from db.updates.status_cache import store_search_texts

ALIASES_EDIT = "organisation-aliases"


def edit_aliases(session: Session, key: str, shown: Iterable[str], typed: Iterable[str], editor: Editor) -> bool:
    """Change aliases by the difference between those ``shown`` and ``typed``; return True for any. Raises FieldErrors."""
    before, wanted = _by_folded_name(shown), _by_folded_name(typed)
    added = [alias for name, alias in wanted.items() if name not in before]
    removed = before.keys() - wanted.keys()
    query = lock_rows(session, select(Organisation).where(Organisation.key == key))
    row = session.scalar(query.execution_options(populate_existing=True)) if added or removed else None
    if row is None:
        if added:
            nobody = BadInput("Choose the organisation that these names belong to, or name a new one.")
            raise FieldErrors({"aliases": nobody})
        return False
    if errors := [error for alias in added if (error := _alias_error(session, row, alias))]:
        raise FieldErrors({"aliases": errors[0]})
    own = _by_folded_name(all_names(row))
    kept = [alias for alias in row.aliases if normalize(alias) not in removed]
    after = [*kept, *(alias for alias in added if normalize(alias) not in own)]
    if after == row.aliases:
        return False
    editor.audit(session, ALIASES_EDIT, row.key, before={"aliases": row.aliases}, after={"aliases": after})
    _store(session, row, after)
    return True


def add_usual_aliases(session: Session) -> None:
    """Give the organisations on record the usual aliases that they lack."""
    for row in session.scalars(select(Organisation).order_by(Organisation.id)).all():
        own = _by_folded_name(all_names(row))
        missing = [alias for alias in usual_aliases(row.name_en, row.name_ko) if normalize(alias) not in own]
        if missing:
            _store(session, row, [*row.aliases, *missing])


def _store(session: Session, row: Organisation, aliases: list[str]) -> None:
    row.aliases = aliases
    session.flush()
    naming = select(Project).where(names_any(select(Organisation.id).where(Organisation.id == row.id)))
    store_search_texts(session, list(session.scalars(naming.order_by(Project.id))))


def _by_folded_name(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in (" ".join(settle(name).split()) for name in names):
        found.setdefault(normalize(name), name)
    return {folded: name for folded, name in found.items() if folded}


def _alias_error(session: Session, row: Organisation, alias: str) -> AidError | None:
    if len(alias) > TITLE_LENGTH:
        return BadInput("Too long: {length} characters (maximum {limit}).", length=len(alias), limit=TITLE_LENGTH)
    other = organisation_named(session, alias)
    if other is None or other is row:
        return None
    return BadInput(
        "“{alias}” is a name of another organisation, {other}. Take it out here or there.",
        alias=alias,
        other=other.name_en or other.name_ko or other.key,
    )
