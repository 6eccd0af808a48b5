"""Id of a request: on each line of its log, and in its answer where something went wrong."""

import secrets
from contextvars import ContextVar

REQUEST = ContextVar("request", default="")  # the one that is being answered, empty if none


def new_reference() -> str:
    """Return a request id short enough to read aloud."""
    return f"R-{secrets.token_hex(4)}"
