"""Guard of HTTP requests: only what Slack signed, and each signature once, so that a replay is refused.

Slack signs each delivery anew, redeliveries too, with the time that it sends it. A signature is good for five minutes, so
that is how long it is remembered, by each process; what reaches another one is caught by the record's inbox keys.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

LOG = logging.getLogger(__name__)
SECONDS = 600.0
MOST_KEPT = 20_000

StartResponse = Callable[..., object]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class ReplayGuard:
    """The signatures of the last minutes. ``clock`` gives seconds that only rise."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def first_time(self, signature: str) -> bool:
        """Record a signature; return False if it came before."""
        now = self._clock()
        with self._lock:
            while self._seen and (len(self._seen) >= MOST_KEPT or next(iter(self._seen.values())) < now - SECONDS):
                self._seen.popitem(last=False)
            if signature in self._seen:
                return False
            self._seen[signature] = now
            return True


def require_signature(events: Wsgi, secret: str, replays: ReplayGuard) -> Wsgi:
    """``events``, reached only by what Slack signed (401), for the first time (401), in a form Bolt can read (400)."""
    verifier = SignatureVerifier(secret)

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        stamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        if not _signed(verifier, body, stamp, signature):
            return _refuse(start_response, "401 Unauthorized", b"not signed by Slack\n")
        if not replays.first_time(signature):
            return _refuse(start_response, "401 Unauthorized", b"this request was sent before\n")
        if not _readable(body, str(environ.get("CONTENT_TYPE", ""))):
            return _refuse(start_response, "400 Bad Request", b"this is no request of Slack's\n")
        return events({**environ, "wsgi.input": BytesIO(body)}, start_response)

    return answer


def _signed(verifier: SignatureVerifier, body: bytes, stamp: str, signature: str) -> bool:
    try:
        return verifier.is_valid(body, stamp, signature)
    except ValueError:  # a time that is no number, a body that is not UTF-8
        return False


def _readable(body: bytes, content_type: str) -> bool:
    """Return True if the body parses as Bolt expects before it runs anything."""
    try:
        BoltRequest(body=body.decode(), headers={"content-type": content_type})
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        LOG.warning("a signed request could not be read: %s", type(error).__name__)
        return False
    return True


def _refuse(start_response: StartResponse, status: str, why: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(why)))])
    return [why]
