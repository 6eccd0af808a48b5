"""Whether what is kept ready agrees with the record it was derived from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.history import histories
from db.models import HoldRow, Project, StandingRow
from db.projection import hold_rows, standing_row
from db.standing import derive


def problems(session: Session) -> list[str]:
    """A sentence for every project whose stored standing differs from one rebuilt from its updates."""
    refs = dict(session.execute(select(Project.id, Project.ref)).all())
    known = histories(session, refs)
    stored = {row.project_id: _values(row) for row in session.scalars(select(StandingRow))}
    holds: dict[int, list[dict[str, object]]] = {key: [] for key in refs}
    for row in session.scalars(select(HoldRow).order_by(HoldRow.placed_id)):
        holds[row.project_id].append(_values(row))
    found = []
    for key, updates in known.items():
        standing = derive(updates)
        rebuilt = sorted((_values(row) for row in hold_rows(key, standing)), key=lambda row: int(str(row["placed_id"])))
        if stored.get(key) != _values(standing_row(key, standing)) or holds[key] != rebuilt:
            found.append(f"{refs[key]}: the stored standing differs from its updates")
    return found


def _values(row: StandingRow | HoldRow) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
