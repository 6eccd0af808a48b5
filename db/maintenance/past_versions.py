"""Derivation of the versions of a record (db.updates.versions) from its updates and its audit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate, pairwise

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from db.admin.projects import keep_earlier_fields
from db.column_types import UtcTime
from db.database import MOST_BOUND, write_rows
from db.domain.project_status import status_of
from db.domain.updates import Update
from db.models import VERSIONS, Base, CounterVersion, Project
from db.paging import in_parts
from db.updates.counters import counter_versions
from db.updates.history import load_histories
from db.updates.status_cache import cache_rows
from db.updates.versions import FOREVER, OF_FIELDS, OF_STATUSES


def rebuild_versions(session: Session) -> None:
    """Derive all versions anew: those of the fields, of the statuses, and of the counters, which follow from both."""
    session.execute(delete(CounterVersion))
    for table in VERSIONS.values():
        session.execute(delete(table))
    projects = Project.__table__
    for name in OF_FIELDS:
        own, then = Base.metadata.tables[name], VERSIONS[name]
        columns = [column.name for column in then.c if column.name in own.c]
        first = select(*(own.c[each] for each in columns), projects.c.created_at, literal(FOREVER, UtcTime()))
        source = own if own is projects else own.join(projects)
        session.execute(insert(then).from_select([*columns, "since", "until"], first.select_from(source)))
    keep_earlier_fields(session)
    created = dict(session.execute(select(Project.id, Project.created_at)).all())
    for part in in_parts(created, MOST_BOUND):
        rows_of: dict[str, list[dict[str, object]]] = defaultdict(list)
        for project_id, history in load_histories(session, part).items():
            for since, until, updates in _stages(created[project_id], history):
                for name, rows in cache_rows(project_id, status_of(updates)).items():
                    rows_of[name] += ({**row, "since": since, "until": until} for row in rows)
        for name in OF_STATUSES:
            write_rows(session, VERSIONS[name], rows_of[name])
    write_rows(session, CounterVersion, counter_versions(session))


def _stages(created: datetime, history: Sequence[Update]) -> Iterator[tuple[datetime, datetime, Sequence[Update]]]:
    """Yield the updates that a project had from each time on, until the next.

    Where a clock went back, what was recorded with an earlier time removed the later versions.
    """
    times = [created, *(update.recorded_at for update in history)]
    since = list(accumulate(reversed(times), min))[::-1]
    for count, (begin, end) in enumerate(pairwise([*since, FOREVER])):
        if begin < end:
            yield begin, end, history[:count]
