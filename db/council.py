"""The Council's membership rows in the database: read for the rules, edited by admins."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.council import Council, Membership
from db.errors import BadInput, NotFound
from db.models import CouncilMember

_COLUMNS = CouncilMember.__table__.c
_ALL = select(_COLUMNS.code, _COLUMNS.since, _COLUMNS.until).order_by(_COLUMNS.code, _COLUMNS.since)


def load_council(session: Session) -> Council:
    return Council(tuple(Membership(*row) for row in fetch(session, _ALL)))


def set_membership(session: Session, code: str, since: date, until: date | None) -> Membership | None:
    """Add a state's membership, or change the end of the one that began on ``since``.

    Return the previous row, if any. Raises BadInput where it would end before it begins or overlap another one of
    the state.
    """
    if until and until < since:
        raise BadInput(
            "The membership end date ({until}) is before its start date ({since}).",
            field="until",
            until=until,
            since=since,
        )
    rows = session.scalars(select(CouncilMember).where(CouncilMember.code == code)).all()
    for row in rows:
        if row.since != since and Membership(code, row.since, row.until).overlaps(since, until or date.max):
            raise BadInput(
                "{code} is already recorded as a member from {other}. Remove that entry first, or use the "
                "same start date to change its end.",
                code=code,
                other=row.since,
            )
    same = next((row for row in rows if row.since == since), None)
    if same is None:
        session.add(CouncilMember(code=code, since=since, until=until))
        return None
    before = Membership(code, since, same.until)
    same.until = until
    return before


def delete_membership(session: Session, code: str, since: date) -> Membership:
    """Remove a row entered by mistake and return it. Raises NotFound."""
    row = session.scalar(select(CouncilMember).where(CouncilMember.code == code, CouncilMember.since == since))
    if row is None:
        raise NotFound("{code} has no membership starting {since} on record.", code=code, since=since)
    session.delete(row)
    return Membership(row.code, row.since, row.until)
