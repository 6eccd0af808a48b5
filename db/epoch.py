"""Epoch of a copy of the record: what happened to another copy, such as the one before a restore, is not its past.

Buttons and messages carry its key. Numbers given after a restore begin far behind those of the copy before, so that no
number means two things; they jump at the first new act, so that a restored record equals its export.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from db.database import Lock, advisory_lock, fetch, lock_rows
from db.errors import AidError
from db.models import ChangeSet, Epoch, UpdateRow

JUMP = 1000  # far more than anybody records between a backup and the loss of what follows it
THE_ONE = 1
_EPOCH = select(Epoch.__table__).where(Epoch.__table__.c.id == THE_ONE)


class EpochState(StrEnum):
    """State of a copy: ``first`` was never restored; in ``restored`` numbers have to jump yet; ``copied`` has not begun."""

    FIRST = "first"
    COPIED = "copied"
    RESTORED = "restored"
    RENUMBERED = "renumbered"


@dataclass(frozen=True, slots=True)
class EpochView:
    """An epoch as buttons and messages carry it; ``key`` is empty before the bot has run for the first time."""

    key: str = ""
    restored: bool = False
    began_at: datetime | None = None

    def check(self, key: str) -> None:
        """Raise AidError for a button of another epoch; one without any is from the version before."""
        if key != self.key and (key or self.restored):
            raise AidError(
                "This button is from before the record was restored or moved, and may mean something else now. Nothing "
                "was done. Look it up again: `/aid-status`, `/aid-alerts list` or `/aid-admin delivery`."
            )


def current_epoch(session: Session) -> EpochView:
    row = fetch(session, _EPOCH).one_or_none()
    return EpochView(row.key, row.state != EpochState.FIRST, row.began_at) if row else EpochView()


def begin_epoch(session: Session, now: datetime, *, imported: bool = False) -> Epoch:
    """Return the epoch of this copy; begin one where it has none yet, was copied, or has just been ``imported``."""
    advisory_lock(session, Lock.EPOCH)  # where there is no row to lock yet
    row: Epoch | None = session.scalar(lock_rows(session, select(Epoch)))
    state = EpochState.RESTORED if row or imported else EpochState.FIRST
    if row is None:
        row = Epoch(id=THE_ONE, key="", state=EpochState.COPIED.value, began_at=now)
        session.add(row)
    if row.state == EpochState.COPIED:
        row.key, row.state, row.began_at = secrets.token_hex(4), state.value, now
        session.flush()
    return row


def mark_as_copy(session: Session, now: datetime) -> None:
    """Let a new epoch begin where this copy is used; one of an earlier schema says nothing of it."""
    if inspect(session.connection()).has_table(Epoch.__tablename__):
        begin_epoch(session, now).state = EpochState.COPIED.value


def next_numbers(session: Session, now: datetime) -> tuple[int | None, int | None]:
    """Return the numbers of the next act and the next update where they have to jump, else None for each."""
    if session.scalar(select(Epoch.state)) not in {EpochState.COPIED, EpochState.RESTORED}:
        return None, None
    row = begin_epoch(session, now)
    if row.state != EpochState.RESTORED:  # another process was first
        return None, None
    row.state = EpochState.RENUMBERED.value
    act, update = (_jump(session, table) for table in (ChangeSet, UpdateRow))
    return act, update


def _jump(session: Session, table: type[ChangeSet] | type[UpdateRow]) -> int:
    number = (session.scalar(select(func.max(table.id))) or 0) + JUMP
    if session.get_bind().dialect.name == "postgresql":
        name = session.scalar(select(func.pg_get_serial_sequence(table.__tablename__, "id")))
        session.execute(text("SELECT setval(:name, :number)"), {"name": name, "number": number})
    return number
