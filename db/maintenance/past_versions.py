"""Derivation of the versions of a record (db.updates.versions) from its updates and its audit."""

from collections import defaultdict

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from db.admin.projects import keep_earlier_fields
from db.column_types import UtcTime
from db.database import write_rows
from db.models import COUNTED, VERSIONS, Base, CounterVersion, Project
from db.updates.counters import counter_versions, rebuild_tallies
from db.updates.status_cache import derived_versions
from db.updates.versions import BY_DAY, FOREVER, OF_FIELDS


def rebuild_versions(session: Session) -> None:
    """Derive all versions anew: those of the fields, of the statuses, and the counters, which follow from both."""
    session.execute(delete(CounterVersion))
    for table in (*VERSIONS.values(), COUNTED):
        session.execute(delete(table))
    projects = Project.__table__
    for name in OF_FIELDS:
        own, then = Base.metadata.tables[name], VERSIONS[name]
        names = [column.name for column in then.c if column.name in own.c]
        first = select(*(own.c[each] for each in names), projects.c.created_at, literal(FOREVER, UtcTime()))
        source = own if own is projects else own.join(projects)
        session.execute(insert(then).from_select([*names, "since", "until"], first.select_from(source)))
    keep_earlier_fields(session)
    rows: dict[str, list[dict[str, object]]] = defaultdict(list)
    for (name, columns), since, until in derived_versions(session):
        rows[name].append({**dict(columns), "since": since, "until": until})
    for name, table in BY_DAY.items():
        write_rows(session, table, rows[name])
    rebuild_tallies(session)
    write_rows(session, CounterVersion, counter_versions(session))
