"""Guard of HTTP requests: only what Slack signed, and each signature once, so that a replay is refused.

Slack signs each delivery, redeliveries included, with the time of sending, and a signature is valid for five minutes. Each
process remembers signatures longer than that; at another process the inbox keys of the record let nothing be done twice.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.adapter.wsgi.http_request import WsgiHttpRequest
from slack_bolt.adapter.wsgi.http_response import WsgiHttpResponse
from slack_sdk.signature import SignatureVerifier

LOG = logging.getLogger(__name__)
SECONDS = 600.0
MOST_KEPT = 20_000


class ReplayGuard:
    """Signatures of the last minutes. ``clock`` gives monotonic seconds."""

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


def require_signature(
    dispatch: Callable[[BoltRequest], BoltResponse],
    verifier: SignatureVerifier,
    replays: ReplayGuard,
    refused: Callable[[], None],
) -> WSGIApplication:
    """Return what answers by ``dispatch``; unsigned requests and replays get 401 (and ``refused``), unreadable ones 400."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        stamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        problem = b"" if _is_signed(verifier, body, stamp, signature) else b"not signed by Slack\n"
        if problem or not replays.first_time(signature):
            refused()
            return say_plainly(start_response, "401 Unauthorized", problem or b"this request was sent before\n")
        try:
            request = BoltRequest(body=body.decode(), headers=WsgiHttpRequest(environ).get_headers())
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            LOG.warning("a signed request could not be read: %s", type(error).__name__)
            return say_plainly(start_response, "400 Bad Request", b"this is no request of Slack's\n")
        bolt = dispatch(request)
        response = WsgiHttpResponse(bolt.status, bolt.headers, bolt.body)
        start_response(response.status, response.get_headers())
        return response.get_body()

    return answer


def _is_signed(verifier: SignatureVerifier, body: bytes, stamp: str, signature: str) -> bool:
    try:
        return verifier.is_valid(body, stamp, signature)
    except ValueError:  # the time is not a number, or the body is not UTF-8
        return False


def say_plainly(start_response: StartResponse, status: str, text: bytes) -> list[bytes]:
    """Answer a request with plain text."""
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))])
    return [text]
