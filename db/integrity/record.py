"""Integrity check of the record: its guards in the database, and traces of manual changes."""

from collections.abc import Iterator

from sqlalchemy import select, text, union
from sqlalchemy.orm import Session, selectinload

from db.domain.enums import Headline, OrganisationRole
from db.epoch import JUMP
from db.integrity.references import listed
from db.models import Base, ChangeSet, Project, ProjectRole, UpdateRow
from db.updates.history import as_update

# Tables whose rows are never changed; triggers of the first migration refuse it.
APPEND_ONLY = ("acts", "updates", "update_projects", "update_sources", "audit", "chain")

_ROLES = {role.value for role in OrganisationRole}
SQLITE_GUARDS = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
POSTGRES_GUARDS = text(
    "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND p.prosrc LIKE '%RAISE EXCEPTION%'"
    " AND t.tgrelid IN (SELECT c.oid FROM pg_class c WHERE pg_table_is_visible(c.oid))"
)


def unreadable_updates(session: Session) -> Iterator[str]:
    """Yield a sentence for every update that cannot be loaded, such as one of an unknown kind."""
    sources = selectinload(UpdateRow.sources)
    try:
        for row in session.scalars(select(UpdateRow).options(sources)):
            as_update(row)
    except (ValueError, LookupError):
        session.expunge_all()
    else:
        return
    for number in session.scalars(select(UpdateRow.id).order_by(UpdateRow.id)).all():
        try:
            as_update(session.get_one(UpdateRow, number, options=[sources]))
        except (ValueError, LookupError) as error:
            yield f"update #{number} cannot be read: {error}"


def unreadable_projects(session: Session) -> list[str]:
    """Return a sentence for every project that cannot be loaded: an organisation's role is not one that there is."""
    first = select(Project.ref, Project.organisation_role.label("role"))
    others = select(Project.ref, ProjectRole.role).join(ProjectRole, ProjectRole.project_id == Project.id)
    rows = session.execute(union(first, others)).all()
    return [f"{ref}: “{role}” is no role of an organisation" for ref, role in sorted(rows) if role not in _ROLES]


def record_findings(session: Session) -> list[str]:
    """Return a sentence for every missing guard and every update that was changed or deleted manually."""
    return [*_unguarded(session), *_gaps(session), *_changed(session)]


def _unguarded(session: Session) -> Iterator[str]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    there = set(session.scalars(SQLITE_GUARDS if sqlite else POSTGRES_GUARDS))
    for table in APPEND_ONLY:
        for action in ("update", "delete", *(() if sqlite else ("truncate",))):
            if f"{table}_no_{action}" not in there:
                yield f"{table}: nothing refuses to {action} its rows (trigger {table}_no_{action} is missing or off)"


def _gaps(session: Session) -> Iterator[str]:
    # PostgreSQL's sequences leave gaps after a rollback.
    if session.get_bind().dialect.name != "sqlite":
        return
    for name in ("acts", "updates", "audit"):
        key = Base.metadata.tables[name].c.id
        there = sorted(session.scalars(select(key)))
        jumped = {number for number, before in zip(there, [0, *there], strict=False) if number - before == JUMP}
        missing = sorted(
            {*range(1, max(there, default=0) + 1)}.difference(there, *(range(n - JUMP, n) for n in jumped))
        )
        if missing:
            yield f"{name}: rows were taken out, {listed(missing)}"


def _changed(session: Session) -> Iterator[str]:
    """Find updates that contradict themselves or their change set, both of which one recording wrote."""
    acts = {act.id: act for act in session.scalars(select(ChangeSet))}
    for row in session.scalars(select(UpdateRow).options(selectinload(UpdateRow.sources)).order_by(UpdateRow.id)):
        wrong = [*_contradictions(row, acts.get(row.act_id))]
        if wrong:
            yield f"update #{row.id} was changed after it was recorded: {', '.join(wrong)}"
    yield from _headlines(session)


def _contradictions(row: UpdateRow, act: ChangeSet | None) -> Iterator[str]:
    update = as_update(row)
    if row.actor != update.actor.value:
        yield f"{row.kind} is not done by {row.actor}"
    # A correction may take the day on which the first one was recorded, which it does not keep.
    if row.effective_day != update.effective_day and not row.corrects:
        yield f"its place is {row.effective_day}, by its date it would be {update.effective_day}"
    if act is None:
        return
    if (row.recorded_by, row.team_id) != (act.user_id, act.team_id):
        yield f"recorded by {row.recorded_by}, its act by {act.user_id}"
    if row.recorded_at != act.recorded_at:
        yield f"recorded {row.recorded_at:%Y-%m-%d %H:%M:%S}, its act {act.recorded_at:%Y-%m-%d %H:%M:%S}"


def _headlines(session: Session) -> Iterator[str]:
    touches = Base.metadata.tables["update_projects"].c
    headlines = {each.value for each in Headline}
    query = select(touches.update_id, touches.headline_before, touches.headline_after).distinct()
    for number, before, after in session.execute(query.order_by(touches.update_id)):
        if not {before, after} <= headlines:
            yield f"update #{number}: {before} → {after} are not both headlines"
