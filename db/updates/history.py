"""Reading updates back: rows of the database to plain Updates, a fixed number of queries for any number of projects."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from db.database import MOST_BOUND, fetch
from db.domain.enums import ClearanceOutcome, SourceKind, Stance, UpdateKind, Visibility
from db.domain.updates import Consignment, Letter, Source, Update
from db.models import ChangeSet, Project, SourceRow, UpdateProject, UpdateRow
from db.paging import in_parts
from db.updates.redaction import redact


def load_histories(session: Session, project_ids: Collection[int], *, names: bool = False) -> dict[int, list[Update]]:
    """Return all updates recorded of each project, as recorded; withheld names are black unless ``names`` are asked for."""
    outcome: dict[int, list[Update]] = {project_id: [] for project_id in project_ids}
    pairs = [pair for part in in_parts(project_ids, MOST_BOUND) for pair in fetch(session, _PAIRS, ids=part)]
    updates = load_updates(session, {number for _, number in pairs}, names=names)
    for project_id, number in pairs:
        outcome[project_id].append(updates[number])
    return outcome


def record_begins(session: Session) -> datetime | None:
    """Return when the first act was recorded (aware, UTC), None in an empty record."""
    begins: datetime | None = fetch(session, _BEGINS).scalar()
    return begins


def recorded_later(session: Session, histories: Mapping[int, Collection[Update]]) -> dict[int, list[Update]]:
    """Return of each project's updates those that were recorded after the record's first act."""
    begins = record_begins(session)
    return {
        key: [each for each in updates if begins and each.recorded_at > begins] for key, updates in histories.items()
    }


def load_updates(session: Session, numbers: Collection[int], *, names: bool = False) -> dict[int, Update]:
    """Return the updates with these numbers; numbers that do not exist are left out. ``names`` as in ``load_histories``."""
    found: dict[int, Update] = {}
    hidden: set[int] = set()
    for part in in_parts(sorted(numbers), MOST_BOUND):
        rows = fetch(session, _UPDATES, ids=part).all()
        for number, group in groupby(rows, key=lambda row: row.id):
            own = list(group)
            values = dict(zip(_COLUMNS, own[0], strict=False))  # read faster than a row
            found[number] = _update(values, tuple(Source(*_source_of(row)) for row in own if row.position is not None))
            if own[0].withheld:
                hidden.add(number)
    if not names and hidden:
        found |= redact(session, {number: found[number] for number in hidden})
    return found


def project_ids_of(session: Session, numbers: Collection[int]) -> dict[int, list[int]]:
    outcome: dict[int, list[int]] = defaultdict(list)
    for number, project_id in fetch(session, _CONCERNED, ids=list(numbers)):
        outcome[number].append(project_id)
    return outcome


def refs_of(session: Session, numbers: Collection[int], among: Select[int] | None = None) -> dict[int, list[str]]:
    """Return the refs of the projects that each update concerns, in the order of entry; only those ``among`` some."""
    outcome: dict[int, list[str]] = defaultdict(list)
    query = _REFS if among is None else _REFS.where(Project.__table__.c.id.in_(among))
    for number, ref in fetch(session, query, ids=list(numbers)):
        outcome[number].append(ref)
    return outcome


def installation_key(session: Session) -> str:
    """Return a key that no other installation has and that a backup or a JSON export keeps: that of its first act."""
    first = session.execute(select(ChangeSet.key, ChangeSet.recorded_at).order_by(ChangeSet.id).limit(1)).first()
    return hashlib.sha256(f"{first.key} {first.recorded_at.isoformat()}".encode()).hexdigest()[:12] if first else ""


def as_update(row: UpdateRow) -> Update:
    """Return the plain Update of a row; its ``sources`` must be loaded."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    return _update(values, tuple(Source(*_source_of(each)) for each in row.sources))


_ALIKE = (
    *("happened", "reported", "note", "note_ko", "holder", "lift_all", "length", "deadline", "deadline_hour"),
    *("authority", "extends", "corrects", "retracts", "confirms", "differs", "recorded_by", "recorded_at"),
)  # named alike in an Update and in its row
_LETTER = tuple(each.name for each in fields(Letter))  # so is each of these
_CONSIGNMENT = {"number": "consignment", "of": "consignments"} | {
    name: name for name in ("contents", "origin", "destination")
}
_SOURCE = tuple(each.name for each in fields(Source))
_alike_of, _letter_of, _source_of = itemgetter(*_ALIKE), itemgetter(*_LETTER), attrgetter(*_SOURCE)
_consignment_of = itemgetter(*_CONSIGNMENT.values())


def _update(row: Mapping[str, Any], sources: tuple[Source, ...]) -> Update:
    whole = row["whole"] is not False and row["kind"] == UpdateKind.DELIVERED.value
    return Update(
        number=row["id"],
        kind=UpdateKind(row["kind"]),
        act=row["act_id"],
        confidence=SourceKind(row["confidence"]),
        stance=Stance(row["stance"]) if row["stance"] else None,
        letter=Letter(*_letter_of(row)),
        consignment=Consignment(**dict(zip(_CONSIGNMENT, _consignment_of(row), strict=True)), whole=whole),
        outcome=ClearanceOutcome(row["outcome"]) if row["outcome"] else None,
        sources=sources,
        **dict(zip(_ALIKE, _alike_of(row), strict=True)),
    )


def as_row(update: Update, *, act_id: int, team_id: str) -> UpdateRow:
    """Return a new row for ``update``; its number is given by the database."""
    return UpdateRow(
        act_id=act_id,
        team_id=team_id,
        kind=update.kind.value,
        actor=update.actor.value,
        effective_day=update.effective_day,
        confidence=update.confidence.value,
        stance=update.stance.value if update.stance else None,
        whole=update.consignment.whole,
        outcome=update.outcome.value if update.outcome else None,
        sources=[SourceRow(position=position, **asdict(source)) for position, source in enumerate(update.sources)],
        **{name: getattr(update, name) for name in _ALIKE},
        **{name: getattr(update.letter, name) for name in _LETTER},
        **{column: getattr(update.consignment, name) for name, column in _CONSIGNMENT.items()},
    )


def touch_row(update: int, project: int, before: str, after: str) -> dict[str, object]:
    return {"update_id": update, "project_id": project, "headline_before": before, "headline_after": after}


def _build_query() -> Select[*tuple[object, ...]]:
    """Build the query of updates with a row a source, and if they concern a project whose name is withheld."""
    updates, sources, touches = UpdateRow.__table__, SourceRow.__table__, UpdateProject.__table__
    projects = Project.__table__
    withheld = (
        exists()
        .where(touches.c.update_id == updates.c.id, projects.c.id == touches.c.project_id)
        .where(projects.c.visibility == Visibility.WITHHELD.value)
    )
    return (
        select(*updates.c, *(sources.c[name] for name in ("position", *_SOURCE)), withheld.label("withheld"))
        .select_from(updates.outerjoin(sources, sources.c.update_id == updates.c.id))
        .where(updates.c.id.in_(bindparam("ids", expanding=True)))
        .order_by(updates.c.id, sources.c.position)
    )


_BEGINS = select(func.min(UpdateRow.__table__.c.recorded_at))  # which has an index
_COLUMNS = tuple(column.key for column in UpdateRow.__table__.c)
_UPDATES = _build_query()
_TOUCHES = UpdateProject.__table__.c
_PAIRS = (
    select(_TOUCHES.project_id, _TOUCHES.update_id)
    .where(_TOUCHES.project_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TOUCHES.update_id)
)
_REFS = (
    select(_TOUCHES.update_id, Project.__table__.c.ref)
    .join_from(UpdateProject.__table__, Project.__table__)
    .where(_TOUCHES.update_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TOUCHES.update_id, Project.__table__.c.id)
)
_CONCERNED = (
    select(_TOUCHES.update_id, _TOUCHES.project_id)
    .where(_TOUCHES.update_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TOUCHES.project_id)
)


def updates_of_act(session: Session, act_id: int) -> tuple[Update, ...]:
    """Return the updates of an act, in the order in which they were written; the last is what the act was about."""
    numbers = session.scalars(select(UpdateRow.id).where(UpdateRow.act_id == act_id).order_by(UpdateRow.id)).all()
    found = load_updates(session, numbers)
    return tuple(found[number] for number in numbers)


@dataclass(frozen=True, slots=True)
class RecentChange:
    """An update and the refs of the projects it concerns, of those that are asked about."""

    update: Update
    refs: tuple[str, ...]


def last_number(session: Session) -> int:
    """Return the highest update number there is, 0 in an empty record: how far somebody who looks now has seen."""
    return session.scalar(select(func.max(UpdateRow.id))) or 0


def updates_since(session: Session, refs: Collection[str], seen: int, *, besides: str) -> tuple[RecentChange, ...]:
    """Return what was recorded about projects after update ``seen`` by anybody but ``besides``, oldest first."""
    pairs = session.execute(
        select(UpdateProject.update_id, Project.ref)
        .join(Project, Project.id == UpdateProject.project_id)
        .join(UpdateRow, UpdateRow.id == UpdateProject.update_id)
        .where(Project.ref.in_(refs), UpdateProject.update_id > seen, UpdateRow.recorded_by != besides)
        .order_by(UpdateProject.update_id, Project.ref)
    ).all()
    updates = load_updates(session, {number for number, _ in pairs})
    return tuple(
        RecentChange(updates[update_number], tuple(ref for number, ref in pairs if number == update_number))
        for update_number in sorted(updates)
    )
