"""One request from Slack from its coming to its answer: an id on every line of the log, a line at the end, figures."""

import logging
import time
from typing import Any

from slack_bolt import BoltRequest, BoltResponse
from structlog.contextvars import bound_contextvars

from bot.monitoring.metrics import Metrics
from handlers.auth.authorization import ASKED, OUTCOME, AuthorizedApp, Authorizer
from handlers.context import actor_of
from handlers.errors import new_reference

LOG = logging.getLogger(__name__)

ANSWERED, NOT_HEARD = "answered", "not-heard"
NOT_OURS = "other"
"""The name of a request that no listener took: what it calls itself comes from outside."""

NOBODY_LISTENS = 404


class InstrumentedApp(AuthorizedApp):
    """A Bolt app whose requests are logged and counted. What was typed, and every token, stays out of both."""

    def __init__(self, gate: Authorizer, figures: Metrics, **how: Any) -> None:
        super().__init__(gate, **how)
        self._figures = figures

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a request. What is logged meanwhile, in the background too, carries its id."""
        with bound_contextvars(request=new_reference()):
            started = time.perf_counter()
            response = super().dispatch(req)
            self._done(req, response, time.perf_counter() - started)
            return response

    def _done(self, req: BoltRequest, response: BoltResponse, seconds: float) -> None:
        name = str(req.context.get(ASKED, NOT_OURS))
        unheard = name == NOT_OURS and response.status >= NOBODY_LISTENS
        outcome = str(req.context.get(OUTCOME, NOT_HEARD if unheard else ANSWERED))
        self._figures.request(name, outcome, seconds)
        if name == NOT_OURS:
            LOG.info("%s %s", name, outcome, extra={"seconds": round(seconds, 3)})
            return
        person = actor_of(req.body)
        who = {"user": person.user_id, "team": person.team_id}
        LOG.info("%s %s", name, outcome, extra={"seconds": round(seconds, 3), **who})
