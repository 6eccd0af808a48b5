"""Late answers: Slack waits three seconds, so what takes longer is answered with a sentence, and its outcome told after."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import cast

from slack_bolt import BoltRequest, BoltResponse

from db.errors import AidError
from handlers.context import AppContext, actor_of
from handlers.errors import NOT_YET, answer_unready
from handlers.slack.client import PromptRespond
from handlers.slack.payloads import Body

LOG = logging.getLogger(__name__)


class LateAnswers:
    """Time limit of answers, in seconds."""

    def __init__(self, app_context: AppContext, seconds: float) -> None:
        self._app_context = app_context
        self._seconds = seconds

    def answer(self, request: BoltRequest, dispatch: Callable[[], BoltResponse]) -> BoltResponse:
        """Return what ``dispatch`` answers, or in its place a sentence once time is up."""
        done: Future[BoltResponse] = Future()
        actor = actor_of(request.body)

        def work() -> None:
            try:
                done.set_result(dispatch())
            except BaseException as error:  # noqa: BLE001  raised where the answer is waited for
                done.set_exception(error)

        try:
            self._app_context.run_after_response(work, "request", actor if actor.user_id else None)
            return done.result(self._seconds)
        except AidError as error:
            text = error.text
        except NotYet:
            LOG.warning("a request took longer than Slack waits")
            done.add_done_callback(lambda late: self._tell(request, late.result()))
            text = NOT_YET
        return answer_unready(self._app_context, request.context.client, cast("Body", request.body), text)

    def _tell(self, request: BoltRequest, response: BoltResponse) -> None:
        if request.body.get("command") and response.body:
            answer = json.loads(response.body) if response.body.startswith("{") else {"text": response.body}
            respond = PromptRespond(response_url=request.body["response_url"])
            self._app_context.run_after_response(lambda: respond(**answer, replace_original=False))
