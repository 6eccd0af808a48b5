"""Integrity check of the database (``python -m bot check``), one sentence per finding. Read-only."""

from collections import defaultdict

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from db.domain.project_status import status_of
from db.integrity.outbox import outbox_findings
from db.integrity.record import record_findings, unreadable_projects, unreadable_updates
from db.integrity.references import reference_findings
from db.models import Delivery, Organisation, Project, UpdateRow, fold_names
from db.projects.queries import load_projects, search_text
from db.search.index import index_findings
from db.updates.counters import tally_findings
from db.updates.history import load_histories
from db.updates.status_cache import CACHE, cache_rows, derived_versions
from db.updates.versions import kept_by_day

SOUND = "ok"


def find_problems(session: Session) -> list[str]:
    """Return a sentence for every problem; what cannot be read is reported alone. The session must have read nothing yet."""
    read_one_moment(session)
    damaged = _damage(session) or [*unreadable_updates(session), *unreadable_projects(session)]
    if damaged:
        return damaged
    return [
        *reference_findings(session),
        *record_findings(session),
        # What is counted from what is wrong is wrong too.
        *(_standings(session) or [*tally_findings(session), *_versions(session)]),
        *(_folded_names(session) or _search_texts(session) or index_findings(session)),
        *outbox_findings(session),
    ]


def count_checked(session: Session) -> tuple[int, int, int]:
    projects, updates, messages = (
        session.scalar(select(func.count()).select_from(table)) or 0 for table in (Project, UpdateRow, Delivery)
    )
    return projects, updates, messages


def read_one_moment(session: Session) -> None:
    """Let all queries of a session that has read nothing yet see one snapshot."""
    # SQLite's transactions see one snapshot anyway.
    bind = session.get_bind()
    begun = session.in_transaction() or (isinstance(bind, Connection) and bind.in_transaction())
    if bind.dialect.name == "postgresql" and not begun:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _damage(session: Session) -> list[str]:
    if session.get_bind().dialect.name != "sqlite":
        return []
    try:
        messages = session.scalars(text("PRAGMA integrity_check")).all()
    except DatabaseError as error:
        return [f"The file is damaged: {error.orig}"]
    return [f"The file is damaged: {each}" for each in messages if each != SOUND]


def _standings(session: Session) -> list[str]:
    """Compare each stored status with one rebuilt from its updates."""
    refs = dict(session.execute(select(Project.id, Project.ref)).all())
    stored: dict[tuple[str, int], set[frozenset[object]]] = defaultdict(set)
    for table in CACHE:
        for row in session.execute(select(table.__table__)).mappings():
            stored[table.__tablename__, row["project_id"]].add(frozenset(row.items()))
    problems = []
    for project_id, updates in load_histories(session, refs).items():
        rebuilt = cache_rows(project_id, status_of(updates))
        if any(stored[name, project_id] != {frozenset(row.items()) for row in rows} for name, rows in rebuilt.items()):
            problems.append(f"{refs[project_id]}: the stored standing differs from its updates")
    return problems


def _versions(session: Session) -> list[str]:
    """Compare the versions of statuses that were kept with those that the updates give."""
    differing = {dict(columns)["project_id"] for (_, columns), *_ in kept_by_day(session) ^ derived_versions(session)}
    refs = session.scalars(select(Project.ref).where(Project.id.in_(differing)).order_by(Project.id))
    return [f"{ref}: what is kept of its earlier statuses differs from its updates" for ref in refs]


def _folded_names(session: Session) -> list[str]:
    """Compare the names that filters look in with those that each organisation has."""
    return [
        f"organisation {row.key}: the names that it is found by differ from its names"
        for row in session.scalars(select(Organisation).order_by(Organisation.key))
        if row.names_folded.split() != fold_names(row.name_en, row.name_ko, *row.aliases).split()
    ]


def _search_texts(session: Session) -> list[str]:
    rows = session.execute(select(Project.id, Project.ref, Project.search_text)).all()
    views = load_projects(session, [row.id for row in rows])
    return [
        f"{ref}: the text that it is searched by differs from its names"
        for project_id, ref, indexed in rows
        if search_text(views[project_id]) != indexed
    ]
