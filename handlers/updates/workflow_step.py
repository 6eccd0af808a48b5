"""The Workflow Builder step "Record a committee update": prepares an update, which its person then records.

Whoever builds a workflow can fill in anybody's name, so the step itself records nothing: the person it names gets
the preview by direct message and presses *Record*, if they may. It needs a paid plan and an app that is deployed to
an organisation, so the manifest has it only when asked for.
"""

from typing import Any

from slack_bolt import App, Complete, Fail
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import N_, AidError, BadInput, NotAllowed
from db.recording.drafts import claim_request, keep_draft
from db.recording.proposal import Proposal
from db.recording.record import plan
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext
from handlers.i18n.translator import Translator
from handlers.updates import blocks as messages
from handlers.updates.line_parser import CORRECT, RETRACT, parse_line
from handlers.updates.service import resolve

STEP = "prepare_update"
INPUTS = {
    "line": ("string", "Update", "As after /aid-update: GG-1 hold by:US on:2026-02-05 why"),
    "person": ("slack#/types/user_id", "Who records it", "Gets the preview, and presses Record"),
}


def register(app: App, app_context: AppContext) -> None:
    """Answer a run of the step with what was prepared, or with why it could not be."""

    @app.function(STEP)
    def run(body: dict[str, Any], inputs: dict[str, Any], client: WebClient, complete: Complete, fail: Fail) -> None:
        person = Actor(str(body.get("team_id") or ""), str(inputs.get("person") or ""))
        key = f"step:{body['event']['function_execution_id']}"
        try:
            with app_context.database.writing() as session:
                if not claim_request(session, key, person.team_id, now=app_context.clock()):
                    return
                words = app_context.translator_for(session, person)
                blocks = _prepared(session, app_context, person, words, str(inputs.get("line") or ""))
        except AidError as error:
            text = Translator(app_context.language).plain_error(error)
            app_context.run_after_response(lambda: fail(text))
            return
        app_context.run_after_response(lambda: _hand_over(client, person, blocks, complete, fail))


def _prepared(session: Session, app_context: AppContext, person: Actor, words: Translator, text: str) -> list[Block]:
    """Return the preview of what the line says, kept as a draft of the person's."""
    if not app_context.may_record(session, person):
        raise NotAllowed(N_("<@{user}> is no admin, and only admins record. Choose one."), user=person.user_id)
    line = parse_line(text)
    if line.number is not None or line.verb in {CORRECT, RETRACT}:
        raise BadInput(N_("A workflow prepares new updates. Correct or retract with `/aid-update`."))
    refs = resolve(session, app_context, line.refs, line.filters)
    proposal = Proposal(refs, line.kind, line.options, line.note)
    planned = plan(session, proposal, now=app_context.clock(), by=person.user_id)
    draft = keep_draft(session, person.team_id, person.user_id, proposal, now=app_context.clock())
    return messages.preview(words, planned, draft)


def _hand_over(client: WebClient, person: Actor, blocks: list[Block], complete: Complete, fail: Fail) -> None:
    posted = client.chat_postMessage(channel=person.user_id, text=fallback_text(blocks), blocks=blocks)
    if posted.get("ok"):
        complete({"status": "prepared"})
    else:
        fail(str(posted.get("error")))
