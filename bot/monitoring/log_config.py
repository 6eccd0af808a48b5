"""Logging to stderr, as text for people or JSON for machines."""

import logging
import sys
import time

import structlog

REPEAT_SECONDS = 60.0


class RepeatFilter(logging.Filter):
    """Filter of warnings outside of requests: each once a minute, so that neither trouble nor a stranger fills the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._logged: dict[tuple[str, str], float] = {}  # replaced as a whole, since threads share it

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or "request" in structlog.contextvars.get_contextvars():
            return True
        now, line = time.monotonic(), (record.name, record.getMessage())
        recent = {key: at for key, at in self._logged.items() if now - at < REPEAT_SECONDS}
        self._logged = {line: now, **recent}
        return line not in recent


def set_up_logs(form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(form))
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits its turn


def formatter(form: str) -> logging.Formatter:
    """Return a formatter that adds the context of the request to each line; ``form`` is text or json."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the others print local variables, tokens among them
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if form == "json" else []),
            last,
        ],
    )
