"""What was made of the record before, used again for as long as the record says the same.

Every statement is run each time; what is saved is the work on its rows. An outcome counts again only where each
statement gives the very rows from which it was made, so it is never older than the record.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from db.database import Reading, noting, read

Asked = ParamSpec("Asked")
Outcome = TypeVar("Outcome")

MOST = 64
MOST_ROWS = 500
"""What rests on more rows is made anew each time."""


@dataclass(frozen=True, slots=True)
class _Made:
    outcome: Any
    readings: Sequence[Reading]


class Remembered:
    """The ``most`` outcomes asked for last; may be used from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, _Made] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        session: Session,
        make: Callable[Concatenate[Session, Asked], Outcome],
        *asked: Asked.args,
        **how: Asked.kwargs,
    ) -> Outcome:
        """What ``make(session, *asked)`` returns; it must depend on the record and ``asked`` alone, which is hashable.

        The outcome is shared: it must not be changed. ``session`` is one for reading, as it was opened. Raises what
        ``make`` raises, and nothing of that is remembered; nor is what did not read by ``db.database.read`` alone.
        """
        key = (make, asked, tuple(how.items()))
        known = self._known(key)
        if known is not None and all(_gives_the_same(session, each) for each in known.readings):
            outcome: Outcome = known.outcome
            return outcome
        with noting(session) as notes:
            outcome = make(session, *asked, **how)
        if notes.complete and sum(len(each.rows) for each in notes.readings) <= MOST_ROWS:
            self._keep(key, _Made(outcome, notes.readings))
        return outcome

    def forget(self) -> None:
        """Make everything anew."""
        with self._lock:
            self._made.clear()

    def _known(self, key: Hashable) -> _Made | None:
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def _keep(self, key: Hashable, made: _Made) -> None:
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > self._most:
                self._made.popitem(last=False)


def _gives_the_same(session: Session, reading: Reading) -> bool:
    return [tuple(row) for row in read(session, reading.prepared, **reading.values).all()] == reading.rows
