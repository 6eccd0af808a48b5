"""People of a workspace: admins, reading preferences, and what Slack said of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from db.database import fetch, insert_for
from db.domain.enums import Role
from db.installation_tables import MEMBERS
from db.models import Base, Person, Subscription

EVERY_WORKSPACE = "-"  # the workspace id of rows that belong to none, such as the shipped data

# User ids without Slack: the author of the shipped data, and of imports from the command line.
SHIPPED = "shipped-data"
COMMAND_LINE = "command-line"

FULL_MEMBER = "member"  # the access of members who are no guests


_MEMBERS = Base.metadata.tables[MEMBERS]
_OF_MEMBER = (_MEMBERS.c.team_id == bindparam("team"), _MEMBERS.c.user_id == bindparam("user"))
_MEMBERSHIP = select(_MEMBERS.c.access, _MEMBERS.c.language, _MEMBERS.c.checked_at).where(*_OF_MEMBER)


_PEOPLE, _WISHES = Person.__table__.c, Subscription.__table__.c
_OWN = (_PEOPLE.team_id == bindparam("team"), _PEOPLE.user_id == bindparam("user"))
_HERE = (_WISHES.team_id == bindparam("team"), _WISHES.channel_id == bindparam("channel"), _WISHES.ended_at.is_(None))
_HABITS = select(
    select(_PEOPLE.language).where(*_OWN).scalar_subquery(),
    select(_PEOPLE.data_table).where(*_OWN).scalar_subquery(),
    select(_WISHES.data_table).where(*_HERE, ~_WISHES.board).scalar_subquery(),
    select(_MEMBERS.c.access).where(*_OF_MEMBER).scalar_subquery(),
    select(_MEMBERS.c.language).where(*_OF_MEMBER).scalar_subquery(),
)
_ROLE = select(_PEOPLE.role).where(*_OWN)


@dataclass(frozen=True, slots=True)
class ReaderPreferences:
    """A person's chosen language and wish for tables; their Slack's language and membership, as far as it said."""

    language: str | None
    tables: bool
    slack_language: str
    is_member: bool


def preferences_of(session: Session, team_id: str, user_id: str, channel_id: str = "") -> ReaderPreferences:
    """Return a person's preferences; for tables, the channel's where they have none."""
    row = fetch(session, _HABITS, team=team_id, user=user_id, channel=channel_id).one()
    language, own, here, access, slack_language = row
    return ReaderPreferences(
        language, bool(here if own is None else own), slack_language or "", is_member=access == FULL_MEMBER
    )


def membership_of(session: Session, team_id: str, user_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return what Slack said of a person: ``access``, ``language`` and ``checked_at``."""
    return fetch(session, _MEMBERSHIP, team=team_id, user=user_id).one_or_none()


def set_membership(
    session: Session, team_id: str, user_id: str, access: str, language: str, checked_at: datetime
) -> None:
    """Store what Slack said of a person."""
    values = {"access": access, "language": language, "checked_at": checked_at}
    row = insert_for(session)(_MEMBERS).values(team_id=team_id, user_id=user_id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["team_id", "user_id"], set_=values))


def is_admin(session: Session, team_id: str, user_id: str, *, listed: frozenset[str]) -> bool:
    """Return True where the person may record: ``listed`` in AID_ADMINS, or granted the role in the workspace."""
    if user_id in listed:
        return True
    return fetch(session, _ROLE, team=team_id, user=user_id).scalar() == Role.ADMIN.value


def admins(session: Session, team_id: str, *, listed: frozenset[str]) -> list[str]:
    """Return the ids of all admins of a workspace, those listed in AID_ADMINS first."""
    granted = select(Person.user_id).filter_by(team_id=team_id, role=Role.ADMIN.value).order_by(Person.user_id)
    return list(dict.fromkeys([*sorted(listed), *session.scalars(granted)]))


def set_preference(session: Session, team_id: str, user_id: str, **chosen: object) -> None:
    """Store a person's ``role``, ``language`` (None: Slack's) or ``data_table``, or when they ``looked_at`` the Home."""
    person = session.get(Person, (team_id, user_id))
    if person is None:
        person = Person(team_id=team_id, user_id=user_id)
        session.add(person)
    for name, value in chosen.items():
        setattr(person, name, value)
