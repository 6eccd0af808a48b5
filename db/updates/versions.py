"""The versions of projects and of their cached statuses: each stood from one change, as it was known, until the next."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import BindParameter, Executable, bindparam, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from db.column_types import UtcTime
from db.database import fetch
from db.models import VERSIONS, Base

OF_FIELDS = ("projects", "project_roles", "project_sectors")
OF_STATUSES = ("standings", "holds", "standing_kinds")
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


def keep_versions(session: Session, tables: Collection[str], project_ids: Collection[int], since: datetime) -> None:
    """Let what ``tables`` say of these projects now stand from ``since`` on, instead of what stood then or later."""
    session.flush()
    for statement in (statement for name in tables for statement in _KEEP[name]):
        fetch(session, statement, ids=list(project_ids), at=since)


def _keeping(name: str) -> Sequence[Executable]:
    """Build the statements that remove later versions, end the earlier one, and enter the present rows."""
    own, then = Base.metadata.tables[name], VERSIONS[name]
    at = bindparam("at", type_=UtcTime())
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    columns = [column.name for column in then.c if column.name in own.c]
    project = "id" if name == "projects" else "project_id"
    rows = select(*(own.c[each] for each in columns), at, literal(FOREVER, UtcTime())).where(own.c[project].in_(ids))
    return (
        delete(then).where(then.c[project].in_(ids), then.c.since >= at),
        update(then).where(then.c[project].in_(ids), then.c.until > at).values(until=at),
        insert(then).from_select([*columns, "since", "until"], rows),
    )


_KEEP = {name: _keeping(name) for name in VERSIONS}
