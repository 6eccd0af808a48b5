"""Error handler of all listeners: an AidError is shown in the reader's language, any other with a reference to the log."""

import json
import logging
from collections.abc import Callable
from http.client import HTTPException

from slack_bolt import App, BoltContext, BoltResponse, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from db.database import trouble_of
from db.errors import N_, AidError, NotAllowed
from handlers.auth.authorization import OUTCOME
from handlers.auth.permissions import AccessLevel, Refused
from handlers.blocks.blockkit import LIMITS, Block, actions, fallback_text, fit, paragraph, sections
from handlers.blocks.respond import post_answer, send_answer
from handlers.context import AppContext, InHand, actor_of
from handlers.i18n.translator import Translator
from handlers.request_id import REQUEST, new_reference
from handlers.slack.client import POST_SECONDS, PromptRespond, quick_client
from handlers.slack.errors import decode_error
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import Body, SlackEvent, SlackView, thread_of

LOG = logging.getLogger(__name__)
ERROR = "error:"
# the fields of an open view that views.update accepts
VIEW_PARTS = (
    *("type", "callback_id", "title", "close", "submit", "private_metadata", "clear_on_close", "notify_on_close"),
)


class Offer(Exception):
    """A known error with buttons that lead on."""

    def __init__(self, error: AidError, buttons: list[Block]) -> None:
        super().__init__(error)
        self.error = error
        self.buttons = buttons


UNEXPECTED = N_(
    "Something went wrong on my side (reference {reference}). Nothing was recorded. Try again; if it keeps "
    "happening, give the reference to the person who runs the bot."
)

NOT_YET = N_(
    "This takes longer than usual, and I can't confirm yet that anything was recorded. The answer to a command follows "
    "here. After a form or a button, press it again in a minute; nothing is recorded twice."
)
TOO_MUCH = N_("Too many requests are in progress. Try again in a minute.")
ONE_FILE = N_("Your last file is still in progress. Try again when it is done.")

SLACK_REFUSED = N_("Slack refused that (`{error}`). Nothing was recorded. Try again.")


def register(app: App, app_context: AppContext) -> None:
    @app.error
    def handle(error: Exception, body: Body, client: WebClient, context: BoltContext) -> BoltResponse:
        error, buttons = (error.error, error.buttons) if isinstance(error, Offer) else (error, [])
        context[OUTCOME] = outcome_of(error)
        if isinstance(error, InHand):
            return BoltResponse(status=503)
        translator = _translator(app_context, body)
        text, plain_text = error_texts(error, body, translator)
        if isinstance(error, Refused) and error.access_level is AccessLevel.BOT and body.get("event"):
            return BoltResponse(status=200)  # two bots that answer each other would never end
        blocks = [*sections(text), *([actions(buttons)] if buttons else [])]
        blocks = fit(translator, blocks)
        if (event := body.get("event") or {}).get("type") in {"app_mention", "message"}:
            return _answer_event(client, event, blocks, error)
        return _respond(app_context, client, body, blocks, plain_text)


def answer_unready(app_context: AppContext, client: WebClient, body: Body, text: str) -> BoltResponse:
    """Answer a request that is not done in time with a sentence; an event is left for Slack to deliver again."""
    if body.get("event"):
        return BoltResponse(status=503)
    translator = app_context.cached_translator(actor_of(body))
    return _respond(app_context, client, body, paragraph(translator, text), translator.plain(text))


def _translator(app_context: AppContext, body: Body) -> Translator:
    try:
        with app_context.reading(body) as request:
            return request.translator
    except Exception:
        LOG.exception("the reader's language could not be looked up")
        return Translator(app_context.language)


def answer_later(app_context: AppContext, body: Body, respond: Respond, work: Callable[[], list[Block]]) -> None:
    """Post what ``work`` returns, or its error, after the response: it asks Slack, which no response waits for."""

    def run() -> None:
        blocks, text = guarded(app_context, body, work)
        send_answer(respond, blocks or sections(text), thread=thread_of(body))

    app_context.run_after_response(run)


def guarded(app_context: AppContext, body: Body, work: Callable[[], list[Block]]) -> tuple[list[Block], str]:
    try:
        return work(), ""
    except Exception as error:  # noqa: BLE001  error_texts logs those it does not know
        return [], error_texts(error, body, _translator(app_context, body))[0]


def outcome_of(error: Exception) -> str:
    if isinstance(error, NotAllowed):
        return "not-allowed"
    if isinstance(error, AidError):
        return "refused"
    return "slack-error" if isinstance(error, SlackApiError) else "failed"


def error_texts(error: Exception, body: Body, translator: Translator) -> tuple[str, str]:
    if trouble := trouble_of(error):
        LOG.error("the database failed in %s: %s", request_name(body), error)
        error = trouble
    if isinstance(error, AidError):
        if isinstance(error, NotAllowed):
            actor = actor_of(body)
            LOG.warning("refused", extra={"user": actor.user_id, "team": actor.team_id, **_refusal(error, body)})
        return translator.error(error), translator.plain_error(error)
    if isinstance(error, SlackApiError):
        refusal = decode_error(error)
        params = {"error": refusal.code or refusal.label}
        LOG.warning("Slack refused %s: %s", request_name(body), params["error"])
        return translator.mrkdwn(SLACK_REFUSED, **params), translator.plain(SLACK_REFUSED, **params)
    reference = REQUEST.get() or new_reference()
    LOG.error("unexpected error %s in %s", reference, request_name(body), exc_info=error)
    return translator.mrkdwn(UNEXPECTED, reference=reference), translator.plain(UNEXPECTED, reference=reference)


def _refusal(error: NotAllowed, body: Body) -> dict[str, str]:
    if isinstance(error, Refused):
        return {"what": error.entry, "who": error.access_level.value}
    return {"what": request_name(body)}


def request_name(body: Body) -> str:
    """Return the command, button, form or event for the log, without typed text."""
    actions, view, event = body.get("actions"), body.get("view"), body.get("event")
    return str(
        body.get("command")
        or (actions and actions[0].get("action_id"))
        or (view and view.get("callback_id"))
        or (event and event.get("type"))
        or body.get("type")
        or "request"
    )


def _respond(
    app_context: AppContext, client: WebClient, body: Body, blocks: list[Block], plain_text: str
) -> BoltResponse:
    answer: Block = {"response_type": "ephemeral", "text": fallback_text(blocks), "blocks": blocks}
    if body.get("command"):
        return _json(answer)
    view: SlackView = body.get("view") or {}
    if body.get("type") == "view_submission":
        field = next((str(block["block_id"]) for block in view.get("blocks", []) if block.get("type") == "input"), "")
        return _json(
            {"response_action": "errors", "errors": {field: clip(plain_text, LIMITS["error"])}}
            if field
            else {"response_action": "update", "view": view_with_error(view, blocks)}
        )
    if body.get("type") == "block_suggestion":
        return _json({"options": []})
    if body.get("response_url"):
        post_answer(app_context, PromptRespond(response_url=body["response_url"]), blocks, thread=thread_of(body))
    elif view.get("type") == "modal":
        app_context.run_after_response(
            lambda: client.views_update(view_id=view["id"], view=view_with_error(view, blocks))
        )
    return BoltResponse(status=200)


def _answer_event(client: WebClient, event: SlackEvent, blocks: list[Block], error: Exception) -> BoltResponse:
    """Post an error before the ack; where Slack fails, leave the event for it to deliver again."""
    thread = event.get("thread_ts") or (event["ts"] if event["type"] == "app_mention" else None)
    try:
        if isinstance(error, SlackApiError):  # which would refuse this, too
            raise error
        quick_client(client, POST_SECONDS).chat_postMessage(
            channel=event["channel"], thread_ts=thread, text=fallback_text(blocks), blocks=blocks
        )
    except SlackApiError as refused:
        return BoltResponse(status=503 if decode_error(refused).temporary else 200)
    except (OSError, HTTPException):
        return BoltResponse(status=503)
    return BoltResponse(status=200)


def view_with_error(view: SlackView, blocks: list[Block]) -> Block:
    """Return the view with an error on top. Typed values stay, since blocks keep their ids."""
    error_blocks = [{**block, "block_id": f"{ERROR}{index}"} for index, block in enumerate(blocks)]
    rest = [block for block in view["blocks"] if not block["block_id"].startswith(ERROR)]
    fields = {name: value for name, value in view.items() if name in VIEW_PARTS and value}
    return {**fields, "blocks": [*error_blocks, *rest][: LIMITS["view_blocks"]]}


def _json(content: Block) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(content), headers={"content-type": "application/json"})
