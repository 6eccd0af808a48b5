"""The Council's membership rows in the database, read for the rules."""

from itertools import starmap

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.council import Council, Membership
from db.models import CouncilMember

_COLUMNS = CouncilMember.__table__.c
_ALL = select(_COLUMNS.code, _COLUMNS.since, _COLUMNS.until).order_by(_COLUMNS.code, _COLUMNS.since)


def load_council(session: Session) -> Council:
    return Council(tuple(starmap(Membership, fetch(session, _ALL))))
