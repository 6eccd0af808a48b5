"""The Workflow Builder step "Record a committee update": prepares an update for a person to record.

A workflow's author can enter anybody's name, so the step itself records nothing: the named person gets the preview
by direct message and presses *Record*, if permitted. Steps need a paid plan and an app deployed to an organisation,
so the manifest includes this one only on request.
"""

from slack_bolt import App, Complete, Fail
from slack_sdk import WebClient

from db.errors import AidError, BadInput, NotAllowed
from db.people import is_admin
from db.recording.proposal import Proposal
from handlers.blocks.blockkit import Block, fallback_text
from handlers.blocks.formatting import with_repeat_mark
from handlers.context import Actor, AppContext, Request
from handlers.i18n.translator import Translator
from handlers.slack.payloads import Body
from handlers.updates import blocks as messages
from handlers.updates.line_parser import CORRECT, RETRACT, parse_line
from handlers.updates.service import resolve, submit

STEP = "prepare_update"
INPUTS = {
    "line": ("string", "Update", "As after /aid-update: GG-1 hold by:US on:2026-02-05 why"),
    "person": ("slack#/types/user_id", "Who records it", "Gets the preview, and presses Record"),
}


def register(app: App, app_context: AppContext) -> None:
    @app.function(STEP)
    def run(body: Body, inputs: dict[str, str], client: WebClient, complete: Complete, fail: Fail) -> None:
        actor = Actor(str(body.get("team_id") or ""), str(inputs.get("person") or ""))
        key = f"step:{body['event']['function_execution_id']}"
        with app_context.once(key, actor.team_id) as new:
            if not new:
                return
            try:
                with app_context.writing({"team_id": actor.team_id, "user_id": actor.user_id}) as request:
                    blocks = _prepare(request, str(inputs.get("line") or ""), key)
                if body.get("redelivered"):
                    blocks = with_repeat_mark(request.translator, blocks)
            except AidError as error:
                fail(Translator(app_context.language).plain_error(error))
                return
            _hand_over(client, actor, blocks, complete, fail)


def _prepare(request: Request, text: str, key: str) -> list[Block]:
    actor = request.actor
    if not is_admin(request.session, actor.team_id, actor.user_id, listed=request.app_context.admins):
        raise NotAllowed("<@{user}> is not an admin, and only admins can record. Choose an admin.", user=actor.user_id)
    line = parse_line(text)
    if line.number is not None or line.verb in {CORRECT, RETRACT}:
        raise BadInput("Workflows can only prepare new updates. To correct or retract one, use `/aid-update`.")
    proposal = Proposal(resolve(request, line.refs, line.filters), line.kind, line.options, line.note)
    return messages.outcome(request.translator, submit(request, proposal, key, origin="workflow", show_first=True))


def _hand_over(client: WebClient, actor: Actor, blocks: list[Block], complete: Complete, fail: Fail) -> None:
    posted = client.chat_postMessage(channel=actor.user_id, text=fallback_text(blocks), blocks=blocks)
    if posted.get("ok"):
        complete({"status": "prepared"})
    else:
        fail(str(posted.get("error")))
