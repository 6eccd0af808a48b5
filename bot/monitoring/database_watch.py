"""Watcher of the database: a thread that looks every two seconds, so that health is answered without asking it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from db.database import AWAY, Database, trouble_of
from db.file_guard import DatabaseLost
from db.outbox.deliveries import DeliveryState, counts, oldest_pending
from db.recording.drafts import touch_request

LOG = logging.getLogger(__name__)

LOOK_SECONDS, WRITE_SECONDS = 2.0, 10.0
FAILURE_SECONDS = 10.0  # a small write may still fit where others failed so lately
STALE_SECONDS = 5.0  # a look that takes longer hangs
NO_ANSWER = "the database does not answer"
PROBE = "probe"  # key of the row that is written to see that the disk is not full


@dataclass(frozen=True, slots=True)
class DatabaseFigures:
    """The outbox as last seen: rows by state, and for how many seconds the oldest has been due; or what is wrong."""

    problem: str = ""
    waiting: float = 0.0
    counts: Mapping[DeliveryState, int] = field(default_factory=dict)


class DatabaseWatch:
    """Watcher of one database; ``lost`` is set once its file is no longer the one that was opened."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._figures, self._looked = DatabaseFigures(NO_ANSWER), 0.0
        self._problem, self._wrote = "", float("-inf")
        self._stopping = threading.Event()
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)

    def figures(self) -> DatabaseFigures:
        stale = time.monotonic() - self._looked > STALE_SECONDS
        return DatabaseFigures(NO_ANSWER) if stale else self._figures

    def start(self) -> None:
        self._look()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        try:
            if self._problem or time.monotonic() - self._wrote > WRITE_SECONDS:
                with self._database.writing() as session:
                    touch_request(session, PROBE, now=self._clock())
                self._problem, self._wrote = "", time.monotonic()
            with self._database.reading() as session:
                oldest, numbers = oldest_pending(session), counts(session)
            waiting = max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0
            figures = DatabaseFigures(self._write_problem(), waiting, numbers)
        except DatabaseLost as error:
            self.lost.set()
            figures = DatabaseFigures(str(error))
        except SQLAlchemyError as error:
            LOG.exception("the database cannot be used")
            trouble = trouble_of(error)
            self._problem = str(trouble) if trouble and trouble.text != AWAY else NO_ANSWER
            figures = DatabaseFigures(self._problem)
        self._figures, self._looked = figures, time.monotonic()

    def _write_problem(self) -> str:
        at, error = self._database.write_failure or (float("-inf"), None)
        recent = error and time.monotonic() - at < FAILURE_SECONDS
        return str(trouble_of(error) or "") if error and recent else ""
