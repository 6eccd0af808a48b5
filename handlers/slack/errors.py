"""Decoded errors of the Slack Web API."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

DEFAULT_RETRY_SECONDS = 1.0
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})


@dataclass(frozen=True, slots=True)
class SlackError:
    """Error code (empty if the body has none), HTTP status, and the seconds to wait before a retry."""

    code: str
    status: int
    retry_after: float

    @property
    def rate_limited(self) -> bool:
        return self.status == TOO_MANY_REQUESTS or self.code in RATE_LIMITED

    @property
    def temporary(self) -> bool:
        return self.rate_limited or self.status >= SERVER_ERROR

    @property
    def label(self) -> str:
        return self.code if self.code and self.status < SERVER_ERROR else f"HTTP {self.status}"


def decode_error(error: SlackApiError) -> SlackError:
    """Decode ``error``, whose response may be a SlackResponse (with a JSON or binary body) or a plain dict."""
    body: object = getattr(error.response, "data", error.response)
    code = body.get("error") if isinstance(body, Mapping) else None
    headers: Mapping[str, object] = getattr(error.response, "headers", None) or {}
    status: int = getattr(error.response, "status_code", 200)
    return SlackError(code if isinstance(code, str) else "", status, _retry_after(headers))


def _retry_after(headers: Mapping[str, object]) -> float:
    header = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(0.0, float(str(header))) if header is not None else DEFAULT_RETRY_SECONDS
    except ValueError:
        return DEFAULT_RETRY_SECONDS
