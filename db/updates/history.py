"""Reading updates back: rows of the database to plain Updates, a fixed number of queries for any number of projects."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from db.database import MOST_BOUND, fetch
from db.domain.enums import ClearanceOutcome, SourceKind, Stance, UpdateKind, Visibility
from db.domain.updates import Consignment, Letter, Source, Update
from db.models import ChangeSet, Project, SourceRow, UpdateProject, UpdateRow
from db.updates.redaction import redact


def load_histories(session: Session, project_ids: Collection[int], *, names: bool = False) -> dict[int, list[Update]]:
    """Return all updates ever recorded for each project, corrections and retractions included, as they were recorded.

    Withheld names are blacked out unless ``names`` asks for the very text, to write it again.
    """
    outcome: dict[int, list[Update]] = {project_id: [] for project_id in project_ids}
    keys = list(project_ids)
    parts = [keys[first : first + MOST_BOUND] for first in range(0, len(keys), MOST_BOUND)]
    pairs = [pair for part in parts for pair in fetch(session, _PAIRS, ids=part)]
    updates = load_updates(session, {number for _, number in pairs}, names=names)
    for project_id, number in pairs:
        outcome[project_id].append(updates[number])
    return outcome


def load_updates(session: Session, numbers: Collection[int], *, names: bool = False) -> dict[int, Update]:
    """Return the updates with these numbers; numbers that do not exist are left out. ``names`` as in ``load_histories``."""
    found: dict[int, Update] = {}
    hidden: set[int] = set()
    wanted = sorted(numbers)
    for first in range(0, len(wanted), MOST_BOUND):
        rows = fetch(session, _UPDATES, ids=wanted[first : first + MOST_BOUND]).all()
        for number, group in groupby(rows, key=lambda row: row.id):
            own = list(group)
            found[number] = _update(own[0], tuple(_as_source(row) for row in own if row.position is not None))
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


def installation_key(session: Session) -> str:
    """Return a key that no other installation has and that a backup or a JSON export keeps: that of its first act."""
    first = session.execute(select(ChangeSet.key, ChangeSet.recorded_at).order_by(ChangeSet.id).limit(1)).first()
    return hashlib.sha256(f"{first.key} {first.recorded_at.isoformat()}".encode()).hexdigest()[:12] if first else ""


def as_update(row: UpdateRow) -> Update:
    """Return the plain Update of a row; its ``sources`` must be loaded."""
    return _update(row, tuple(_as_source(each) for each in row.sources))


def _update(row: UpdateRow | Row[*tuple[object, ...]], sources: tuple[Source, ...]) -> Update:
    return Update(
        number=row.id,
        kind=UpdateKind(row.kind),
        act=row.act_id,
        happened=row.happened,
        reported=row.reported,
        confidence=SourceKind(row.confidence),
        note=row.note,
        note_ko=row.note_ko,
        holder=row.holder,
        lift_all=row.lift_all,
        stance=Stance(row.stance) if row.stance else None,
        length=row.length,
        letter=Letter(
            letter_date=row.letter_date,
            valid_until=row.valid_until,
            period=row.period,
            paragraph=row.paragraph,
            item_count=row.item_count,
            value=row.value,
            currency=row.currency,
            shipment_limit=row.shipment_limit,
        ),
        consignment=Consignment(
            number=row.consignment,
            of=row.consignments,
            contents=row.contents,
            origin=row.origin,
            destination=row.destination,
            whole=row.whole is not False and row.kind == UpdateKind.DELIVERED.value,
        ),
        deadline=row.deadline,
        deadline_hour=row.deadline_hour,
        authority=row.authority,
        outcome=ClearanceOutcome(row.outcome) if row.outcome else None,
        extends=row.extends,
        corrects=row.corrects,
        retracts=row.retracts,
        confirms=row.confirms,
        differs=row.differs,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        sources=sources,
    )


def as_row(update: Update, *, act_id: int, team_id: str) -> UpdateRow:
    """Return a new row for ``update``; its number is given by the database."""
    letter, consignment = update.letter, update.consignment
    return UpdateRow(
        act_id=act_id,
        team_id=team_id,
        kind=update.kind.value,
        actor=update.actor.value,
        happened=update.happened,
        reported=update.reported,
        effective_day=update.effective_day,
        confidence=update.confidence.value,
        note=update.note,
        note_ko=update.note_ko,
        holder=update.holder,
        lift_all=update.lift_all,
        stance=update.stance.value if update.stance else None,
        length=update.length,
        letter_date=letter.letter_date,
        valid_until=letter.valid_until,
        period=letter.period,
        paragraph=letter.paragraph,
        item_count=letter.item_count,
        value=letter.value,
        currency=letter.currency,
        shipment_limit=letter.shipment_limit,
        consignment=consignment.number,
        consignments=consignment.of,
        contents=consignment.contents,
        origin=consignment.origin,
        destination=consignment.destination,
        whole=consignment.whole,
        deadline=update.deadline,
        deadline_hour=update.deadline_hour,
        authority=update.authority,
        outcome=update.outcome.value if update.outcome else None,
        extends=update.extends,
        corrects=update.corrects,
        retracts=update.retracts,
        confirms=update.confirms,
        differs=update.differs,
        recorded_by=update.recorded_by,
        recorded_at=update.recorded_at,
        sources=[
            SourceRow(
                position=position,
                url=source.url,
                publisher=source.publisher,
                title=source.title,
                published=source.published,
                attributed_to=source.attributed_to,
            )
            for position, source in enumerate(update.sources)
        ],
    )


def touch_row(update: int, project: int, before: str, after: str) -> dict[str, object]:
    return {"update_id": update, "project_id": project, "headline_before": before, "headline_after": after}


def _as_source(row: SourceRow | Row[*tuple[object, ...]]) -> Source:
    return Source(row.url, row.publisher, row.published, row.title, row.attributed_to)


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
        select(*updates.c, *(sources.c[name] for name in _OF_SOURCE), withheld.label("withheld"))
        .select_from(updates.outerjoin(sources, sources.c.update_id == updates.c.id))
        .where(updates.c.id.in_(bindparam("ids", expanding=True)))
        .order_by(updates.c.id, sources.c.position)
    )


_OF_SOURCE = ("position", "url", "publisher", "title", "published", "attributed_to")
_UPDATES = _build_query()
_TOUCHES = UpdateProject.__table__.c
_PAIRS = (
    select(_TOUCHES.project_id, _TOUCHES.update_id)
    .where(_TOUCHES.project_id.in_(bindparam("ids", expanding=True)))
    .order_by(_TOUCHES.update_id)
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
class ConcurrentUpdate:
    """An update that somebody else recorded, with the refs of those projects that are being written about."""

    update: Update
    refs: tuple[str, ...]


def last_number(session: Session) -> int:
    """Return the highest update number there is, 0 in an empty record: how far somebody who looks now has seen."""
    return session.scalar(select(func.max(UpdateRow.id))) or 0


def updates_since(session: Session, refs: Collection[str], seen: int, *, besides: str) -> tuple[ConcurrentUpdate, ...]:
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
        ConcurrentUpdate(updates[update_number], tuple(ref for number, ref in pairs if number == update_number))
        for update_number in sorted(updates)
    )
