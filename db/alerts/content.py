"""Content of a message about a change set, as of the moment when it is sent or edited."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.alerts.second_look import awaiting_look
from db.domain.enums import Headline
from db.domain.project_status import ProjectStatus, status_of
from db.domain.updates import Update, superseded_by
from db.models import Delivery
from db.outbox.deliveries import AlertPayload, payload_of
from db.projects.queries import load_projects
from db.updates.history import load_histories, project_ids_of, updates_of_act


@dataclass(frozen=True, slots=True)
class AlertProject:
    """A project of the message, its headlines and present status, and the update that superseded the change set for it."""

    ref: str
    before: Headline
    after: Headline
    standing: ProjectStatus
    today: date
    removed_by: Update | None

    @property
    def now(self) -> Headline:
        return self.standing.headline(self.today)


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """The updates of a change set (the main one last) and its projects as the channel sees them.

    ``concerned`` maps an update's number to the refs of the channel's projects that it is about. ``unseen`` are the
    numbers that no second admin has seen.
    """

    updates: tuple[Update, ...]
    projects: tuple[AlertProject, ...]
    concerned: Mapping[int, tuple[str, ...]]
    unseen: frozenset[int] = frozenset()

    @property
    def main(self) -> Update:
        return self.updates[-1]

    @property
    def changes(self) -> tuple[Update, ...]:
        """Return the corrections and retractions of the change set, each once."""
        by_number = {each.removed_by.number: each.removed_by for each in self.projects if each.removed_by}
        return tuple(by_number.values())

    @property
    def all_removed(self) -> bool:
        return all(each.removed_by for each in self.projects)


def alert_facts(session: Session, delivery: Delivery, today: date, listed: frozenset[str]) -> AlertFacts:
    """Return the content of a message about a change set on ``today`` (New York); ``listed`` are of AID_ADMINS."""
    assert delivery.act_id is not None
    payload = payload_of(delivery, AlertPayload)
    ids = payload["projects"]
    written = updates_of_act(session, delivery.act_id)
    touches = project_ids_of(session, [each.number for each in written])
    updates = tuple(each for each in written if set(touches[each.number]) & set(ids))
    views, histories = load_projects(session, ids), load_histories(session, ids)
    headlines = payload["headlines"]
    removed = {key: superseded_by(histories[key]).get(updates[-1].number) for key in ids}
    projects = tuple(
        AlertProject(views[key].ref, before, after, status_of(histories[key]), today, removed[key])
        for key in ids
        for before, after in [map(Headline, headlines[str(key)])]
    )
    concerned = {each.number: tuple(views[key].ref for key in ids if key in touches[each.number]) for each in updates}
    facts = AlertFacts(updates, projects, concerned)
    shown = (*(() if facts.all_removed else updates), *facts.changes)
    return replace(facts, unseen=awaiting_look(session, [each.number for each in shown], listed=listed))


def changed_message(session: Session, delivery: Delivery) -> Delivery | None:
    return session.scalar(select(Delivery).where(Delivery.id == delivery.changes_id))
