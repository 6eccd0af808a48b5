"""AlertSample of a subscription: past change sets, matched against its filter as they were when recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.alerts.alerts import Event, event_subject
from db.domain.dates import new_york_date
from db.domain.project_status import ProjectStatus, status_of
from db.domain.updates import Update
from db.models import ChangeSet, UpdateProject, UpdateRow
from db.projects.queries import ProjectView, filter_subject, load_projects
from db.search.filter import Filter, matches
from db.updates.history import load_histories

PREVIEW_DAYS = 30
MOST_ACTS = 200  # the newest change sets, so that the answer is quick
QUIET_ORIGINS = frozenset({"seed", "import"})  # change sets of these origins send no alerts


@dataclass(frozen=True, slots=True)
class AlertSample:
    """Messages that a filter would have sent, and the New York day of the last; ``at_least``: older ones are not counted."""

    count: int
    last: date | None = None
    at_least: bool = False


def preview(session: Session, project_filter: Filter, *, now: datetime) -> AlertSample:
    """Count the new messages that a filter would have sent in the last 30 days; corrections edit those that were sent."""
    acts = _acts(session, now - timedelta(days=PREVIEW_DAYS))
    newest = acts[:MOST_ACTS]
    touched = _select_projects(session, newest, project_filter.of_projects, new_york_date(now))
    matching = [act for act in newest if touched[act.id]]
    if project_filter.of_projects != project_filter:
        histories = load_histories(session, {key for act in matching for key in touched[act.id]})
        events = [_event(act, {key: histories[key] for key in touched[act.id]}, touched[act.id]) for act in matching]
        matching = [
            event.act
            for event in events
            if any(matches(project_filter, event_subject(event, key)) for key in event.projects)
        ]
    last = new_york_date(matching[0].recorded_at) if matching else None
    return AlertSample(len(matching), last, at_least=len(acts) > MOST_ACTS)


def _acts(session: Session, since: datetime) -> list[ChangeSet]:
    """Return the change sets since then that sent new messages, newest first, one more than are counted."""
    changes = UpdateRow.corrects.is_not(None) | UpdateRow.retracts.is_not(None)
    revising = exists().where(UpdateRow.act_id == ChangeSet.id, changes)
    query = (
        select(ChangeSet)
        .where(ChangeSet.recorded_at > since, ChangeSet.origin.not_in(QUIET_ORIGINS), ~revising)
        .order_by(ChangeSet.id.desc())
        .limit(MOST_ACTS + 1)
    )
    return list(session.scalars(query))


def _select_projects(
    session: Session, acts: list[ChangeSet], project_filter: Filter, today: date
) -> dict[int, dict[int, ProjectView]]:
    """Return for each change set those of its projects, by id, that match ``project_filter``, a filter of projects alone."""
    pairs = session.execute(
        select(UpdateRow.act_id, UpdateProject.project_id)
        .join(UpdateRow, UpdateRow.id == UpdateProject.update_id)
        .where(UpdateRow.act_id.in_([act.id for act in acts]))
        .order_by(UpdateProject.project_id)
    ).all()
    views = load_projects(session, {project_id_ for _, project_id_ in pairs})
    selected = {
        project_id_: view
        for project_id_, view in views.items()
        if matches(project_filter, filter_subject(view, ProjectStatus(), today))
    }
    touched: dict[int, dict[int, ProjectView]] = {act.id: {} for act in acts}
    for act_id, project_id in pairs:
        if project_id in selected:
            touched[act_id][project_id] = selected[project_id]
    return touched


def _event(act: ChangeSet, histories: dict[int, list[Update]], views: Mapping[int, ProjectView]) -> Event:
    """Return a change set as it was announced, limited to the projects in ``views``."""
    own = {each.number: each for updates in histories.values() for each in updates if each.act == act.id}
    first, last = min(own), max(own)
    concerned = {
        number: {key for key, updates in histories.items() if any(each.number == number for each in updates)}
        for number in own
    }
    return Event(
        act,
        tuple(own[number] for number in sorted(own)),
        concerned,
        views,
        {key: status_of(each for each in updates if each.number < first) for key, updates in histories.items()},
        {key: status_of(each for each in updates if each.number <= last) for key, updates in histories.items()},
        act.recorded_at,
    )
