"""Logging to stderr, as text for people or JSON for machines."""

import json
import logging
import sys
import time
from datetime import UTC, datetime

from handlers.request_id import REQUEST

REPEAT_SECONDS = 60.0
_OWN = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}  # of every record, unlike what is given


class RepeatFilter(logging.Filter):
    """Filter of warnings outside of requests: each once a minute, so that neither trouble nor a stranger fills the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[tuple[str, str], float] = {}  # replaced as a whole, since threads share it

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or REQUEST.get():
            return True
        now, line = time.monotonic(), (record.name, record.getMessage())
        recent = {key: at for key, at in self._logged.items() if now - at < REPEAT_SECONDS}
        self._logged = {line: now, **recent}
        return line not in recent


def set_up_logs(form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(form))
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits its turn


class LineFormatter(logging.Formatter):
    """Formatter of records with the id of their request and what else is given: text for people, JSON for machines."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._is_json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        request, message, level = REQUEST.get(), record.getMessage(), record.levelname.lower()
        given = {name: value for name, value in vars(record).items() if name not in _OWN}
        about = {**({"request": request} if request else {}), "logger": record.name, **given}
        time_stamp = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if self._is_json:
            line = {"event": message, "level": level, **about, "timestamp": time_stamp}
            return json.dumps(line | ({"exception": trace} if trace else {}), ensure_ascii=False, default=repr)
        pairs = " ".join(f"{name}={value}" for name, value in about.items())
        return f"{time_stamp} [{level:8}] {message:30} {pairs}\n{trace}".rstrip()
