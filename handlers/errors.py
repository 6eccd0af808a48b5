"""The one funnel for everything that goes wrong in a listener.

A known error is its sentence, in the reader's language. An unknown one is a short apology with a reference:
the id that every line of the request has in the log, so that nobody is left guessing and the log tells what happened.
"""

import json
import logging
import secrets
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from structlog.contextvars import get_contextvars

from db.errors import N_, AidError, NotAllowed
from handlers.auth.authorization import OUTCOME
from handlers.auth.permissions import Refused
from handlers.blocks.blockkit import LIMITS, Block, fit, sections
from handlers.blocks.formatting import overflow_note
from handlers.context import AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.errors import decode_error
from handlers.slack.mrkdwn import clip

LOG = logging.getLogger(__name__)
ERROR = "error:"
VIEW_PARTS = (
    "type",
    "callback_id",
    "title",
    "close",
    "submit",
    "private_metadata",
    "clear_on_close",
    "notify_on_close",
)
"""What a view is opened with, among all that Slack says of an open one."""

UNEXPECTED = N_(
    "Something went wrong on my side, and I wrote it down as {reference}. What you typed was not "
    "recorded. Try once more; if it happens again, give that reference to the person who "
    "runs the bot."
)

SLACK_REFUSED = N_("Slack did not let me do that (`{error}`), and nothing was recorded. Try once more.")


def register(app: App, app_context: AppContext) -> None:
    """Answer every error of every listener."""

    @app.error
    def answer(error: Exception, body: dict[str, Any], client: WebClient, context: BoltContext) -> BoltResponse:
        context[OUTCOME] = outcome_of(error)
        words = _words(app_context, body)
        text, in_field = error_texts(error, body, words)
        return _respond(app_context, client, body, fit(sections(text), overflow_note(words)), in_field)


def _words(app_context: AppContext, body: dict[str, Any]) -> Translator:
    try:
        with app_context.database.reading() as session:
            return app_context.translator_for(session, actor_of(body))
    except Exception:
        LOG.exception("the reader's language could not be looked up")
        return Translator(app_context.language)


def new_reference() -> str:
    """Return an id for one request, short enough to be read out."""
    return f"R-{secrets.token_hex(4)}"


def outcome_of(error: Exception) -> str:
    """Return the outcome of a request in a word, for the log and the metrics."""
    if isinstance(error, NotAllowed):
        return "not-allowed"
    if isinstance(error, AidError):
        return "refused"
    return "slack-error" if isinstance(error, SlackApiError) else "failed"


def error_texts(error: Exception, body: dict[str, Any], words: Translator) -> tuple[str, str]:
    """Return the error as mrkdwn and as plain text."""
    if isinstance(error, AidError):
        if isinstance(error, NotAllowed):
            person = actor_of(body)
            LOG.warning("refused", extra={"user": person.user_id, "team": person.team_id, **_refused(error, body)})
        return words.error(error), words.plain_error(error)
    if isinstance(error, SlackApiError):
        refusal = decode_error(error)
        params = {"error": refusal.code or refusal.label}
        LOG.warning("Slack refused %s: %s", what(body), params["error"])
        return words.mrkdwn(SLACK_REFUSED, **params), words.plain(SLACK_REFUSED, **params)
    reference = str(get_contextvars().get("request") or new_reference())
    LOG.error("unexpected error %s in %s", reference, what(body), exc_info=error)
    return words.mrkdwn(UNEXPECTED, reference=reference), words.plain(UNEXPECTED, reference=reference)


def _refused(error: NotAllowed, body: dict[str, Any]) -> dict[str, str]:
    """Return the log fields of a refusal."""
    if isinstance(error, Refused):
        return {"what": error.entry, "who": error.who.value}
    return {"what": what(body)}


def what(body: dict[str, Any]) -> str:
    """Name a request for the log: a command, a button, a form or an event, without what was typed."""
    actions = body.get("actions") or [{}]
    return str(
        body.get("command")
        or actions[0].get("action_id")
        or body.get("view", {}).get("callback_id")
        or body.get("event", {}).get("type")
        or body.get("type")
        or "request"
    )


def _respond(
    app_context: AppContext, client: WebClient, body: dict[str, Any], blocks: list[Block], in_field: str
) -> BoltResponse:
    answer = {"response_type": "ephemeral", "text": blocks[0]["text"]["text"], "blocks": blocks}
    if body.get("command"):
        return _json(answer)
    view = body.get("view") or {}
    if body.get("type") == "view_submission":
        field = _first_field(view)
        return _json(
            {"response_action": "errors", "errors": {field: clip(in_field, LIMITS["error"])}}
            if field
            else {"response_action": "update", "view": view_with_error(view, blocks)}
        )
    if body.get("type") == "block_suggestion":
        return _json({"options": []})
    event = body.get("event") or {}
    if event.get("type") == "app_mention":
        thread = event.get("thread_ts") or event["ts"]
        app_context.run_after_response(
            lambda: client.chat_postMessage(
                channel=event["channel"], thread_ts=thread, text=answer["text"], blocks=blocks
            )
        )
    elif body.get("response_url"):
        app_context.run_after_response(
            lambda: WebhookClient(body["response_url"]).send(**answer, replace_original=False)
        )
    elif view.get("type") == "modal":
        app_context.run_after_response(
            lambda: client.views_update(view_id=view["id"], view=view_with_error(view, blocks))
        )
    return BoltResponse(status=200)


def _first_field(view: dict[str, Any]) -> str:
    return next((str(block["block_id"]) for block in view.get("blocks", []) if block.get("type") == "input"), "")


def view_with_error(view: dict[str, Any], blocks: list[Block]) -> Block:
    """Return the view as it is, with an error on top; what was typed stays where blocks keep their ids."""
    told = [{**block, "block_id": f"{ERROR}{index}"} for index, block in enumerate(blocks)]
    rest = [block for block in view["blocks"] if not block["block_id"].startswith(ERROR)]
    kept = {name: view[name] for name in VIEW_PARTS if view.get(name)}
    return {**kept, "blocks": [*told, *rest][: LIMITS["view_blocks"]]}


def _json(content: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(content), headers={"content-type": "application/json"})
