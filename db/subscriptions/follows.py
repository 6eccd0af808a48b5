"""Projects that a person follows; alerts about them go to their direct messages."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.database import fetch
from db.errors import AidError
from db.models import Follow, Person, Project

MOST_FOLLOWED = 200
_FOLLOWED = (
    select(Follow.__table__.c.project_id)
    .join_from(Follow.__table__, Project.__table__)
    .where(Follow.__table__.c.team_id == bindparam("team"), Follow.__table__.c.user_id == bindparam("user"))
    .order_by(Project.__table__.c.ref)
)


@dataclass(frozen=True, slots=True)
class Follower:
    """A person, the language of their messages, and the requested projects that they follow."""

    team_id: str
    user_id: str
    language: str
    project_ids: list[int] = field(default_factory=list)


def follow(session: Session, team_id: str, user_id: str, project_id: int, language: str, *, now: datetime) -> bool:
    """Follow a project, in ``language`` until they choose one; return False where they do already. Raises AidError."""
    if session.get(Follow, (team_id, user_id, project_id)):
        return False
    if len(followed_projects(session, team_id, user_id)) >= MOST_FOLLOWED:
        raise AidError(
            "You already follow {most} projects, the maximum. For alerts about every project, type "
            "`/aid-alerts on` in our direct message.",
            most=MOST_FOLLOWED,
        )
    session.add(Follow(team_id=team_id, user_id=user_id, project_id=project_id, language=language, since=now))
    return True


def unfollow(session: Session, team_id: str, user_id: str, project_id: int) -> bool:
    """Stop following a project; return False where the person did not follow it."""
    row = session.get(Follow, (team_id, user_id, project_id))
    if row is None:
        return False
    session.delete(row)
    return True


def followed_projects(session: Session, team_id: str, user_id: str) -> list[int]:
    """Return the ids of the projects that a person follows, in the order of their refs."""
    return list(fetch(session, _FOLLOWED, team=team_id, user=user_id).scalars())


def followers(session: Session, project_ids: Collection[int]) -> list[Follower]:
    """Return everybody who follows one of the projects, the longest follower first."""
    query = (
        select(Follow, Person.language)
        .outerjoin(Person, (Person.team_id == Follow.team_id) & (Person.user_id == Follow.user_id))
        .where(Follow.project_id.in_(project_ids))
        .order_by(Follow.since, Follow.user_id, Follow.project_id)
    )
    outcome: dict[tuple[str, str], Follower] = {}
    for row, language in session.execute(query):
        new = Follower(row.team_id, row.user_id, language or row.language)
        outcome.setdefault((row.team_id, row.user_id), new).project_ids.append(row.project_id)
    return list(outcome.values())
