"""Reading updates back: rows of the database to plain Updates, a fixed number of queries for any number of projects."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.entries import Letter, Source, Update
from db.models import SourceRow, UpdateProject, UpdateRow
from db.veil import veiled
from db.vocabulary import SourceKind, UpdateKind


def histories(session: Session, project_ids: Collection[int], *, names: bool = False) -> dict[int, list[Update]]:
    """All updates ever recorded for each project, corrections and retractions included, as they were recorded.

    Withheld names are blacked out unless ``names`` asks for the very text, to write it again.
    """
    outcome: dict[int, list[Update]] = {project_id: [] for project_id in project_ids}
    pairs = session.execute(
        select(UpdateProject.project_id, UpdateProject.update_id)
        .where(UpdateProject.project_id.in_(project_ids))
        .order_by(UpdateProject.update_id)
    ).all()
    updates = updates_by_number(session, {number for _, number in pairs}, names=names)
    for project_id, number in pairs:
        outcome[project_id].append(updates[number])
    return outcome


def updates_by_number(session: Session, numbers: Collection[int], *, names: bool = False) -> dict[int, Update]:
    """The updates with these numbers; numbers that do not exist are left out. ``names`` as in ``histories``."""
    query = select(UpdateRow).where(UpdateRow.id.in_(numbers)).options(selectinload(UpdateRow.sources))
    found = {row.id: as_update(row) for row in session.scalars(query)}
    return found if names else veiled(session, found)


def projects_of(session: Session, numbers: Collection[int]) -> dict[int, list[int]]:
    """The ids of the projects that each update concerns."""
    outcome: dict[int, list[int]] = defaultdict(list)
    query = select(UpdateProject.update_id, UpdateProject.project_id).where(UpdateProject.update_id.in_(numbers))
    for number, project_id in session.execute(query.order_by(UpdateProject.project_id)):
        outcome[number].append(project_id)
    return outcome


def as_update(row: UpdateRow) -> Update:
    """The plain Update of a row; its ``sources`` must be loaded."""
    return Update(
        number=row.id,
        kind=UpdateKind(row.kind),
        act=row.act_id,
        happened=row.happened,
        reported=row.reported,
        confidence=SourceKind(row.confidence),
        note=row.note,
        holder=row.holder,
        lift_all=row.lift_all,
        letter=Letter(
            letter_date=row.letter_date,
            valid_until=row.valid_until,
            paragraph=row.paragraph,
            item_count=row.item_count,
            value=row.value,
            currency=row.currency,
            shipment_limit=row.shipment_limit,
        ),
        deadline=row.deadline,
        authority=row.authority,
        extends=row.extends,
        corrects=row.corrects,
        retracts=row.retracts,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        sources=tuple(_as_source(each) for each in row.sources),
    )


def as_row(update: Update, *, act_id: int, team_id: str) -> UpdateRow:
    """A new row for ``update``; its number is given by the database."""
    letter = update.letter
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
        holder=update.holder,
        lift_all=update.lift_all,
        letter_date=letter.letter_date,
        valid_until=letter.valid_until,
        paragraph=letter.paragraph,
        item_count=letter.item_count,
        value=letter.value,
        currency=letter.currency,
        shipment_limit=letter.shipment_limit,
        deadline=update.deadline,
        authority=update.authority,
        extends=update.extends,
        corrects=update.corrects,
        retracts=update.retracts,
        recorded_by=update.recorded_by,
        recorded_at=update.recorded_at,
        sources=[
            SourceRow(
                position=position,
                url=source.url,
                publisher=source.publisher,
                title=source.title,
                published=source.published,
            )
            for position, source in enumerate(update.sources)
        ],
    )


def _as_source(row: SourceRow) -> Source:
    return Source(url=row.url, publisher=row.publisher, published=row.published, title=row.title)
