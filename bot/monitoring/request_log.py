"""Request logging: an id on every log line of a request, one line at its end, and its metrics."""

import logging
import time
from typing import Any

from slack_bolt import BoltRequest, BoltResponse

from bot.monitoring.late_answers import LateAnswers
from bot.monitoring.metrics import Metrics
from handlers.auth.authorization import ASKED, OUTCOME, AuthorizedApp, Authorizer
from handlers.context import actor_of
from handlers.request_id import REQUEST, new_reference

LOG = logging.getLogger(__name__)

ANSWERED, NOT_HEARD = "answered", "not-heard"
NOT_OURS = "other"  # name of a request without a listener; its own name comes from outside and is not used

NOBODY_LISTENS = 404


class InstrumentedApp(AuthorizedApp):
    """Bolt app that logs and counts its requests, without their text and without tokens."""

    def __init__(self, gate: Authorizer, metrics: Metrics, late: LateAnswers, **how: Any) -> None:
        super().__init__(gate, **how)
        self._metrics = metrics
        self._late = late

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a request. Everything logged for it, in background tasks too, carries its id."""
        token = REQUEST.set(new_reference())
        try:
            return self._late.answer(req, lambda: self._dispatch(req))
        finally:
            REQUEST.reset(token)

    def _dispatch(self, req: BoltRequest) -> BoltResponse:
        started = time.perf_counter()
        response = super().dispatch(req)
        seconds = time.perf_counter() - started
        name = str(req.context.get(ASKED, NOT_OURS))
        unheard = name == NOT_OURS and response.status >= NOBODY_LISTENS
        outcome = str(req.context.get(OUTCOME, NOT_HEARD if unheard else ANSWERED))
        self._metrics.request(name, outcome, seconds)
        actor = actor_of(req.body)
        whose = {} if name == NOT_OURS else {"user": actor.user_id, "team": actor.team_id}
        LOG.info("%s %s", name, outcome, extra={"seconds": round(seconds, 3), **whose})
        return response
