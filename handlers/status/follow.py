"""*Follow* on a project's card: alerts about the project by direct message, independent of any channel's subscription."""

from slack_bolt import Ack, App, Respond

from db.projects.queries import ids_of_refs
from db.subscriptions.follows import follow, unfollow
from handlers.blocks.blockkit import Block
from handlers.blocks.project_buttons import FOLLOW, UNFOLLOW
from handlers.blocks.respond import post_answer
from handlers.context import AppContext, Request
from handlers.slack.payloads import Action, ActionBody, thread_of
from handlers.status import follow_buttons as messages


def register(app: App, app_context: AppContext) -> None:
    """Register both buttons. Only the person who pressed sees the answer, which carries the opposite button."""

    def press(ack: Ack, body: ActionBody, action: Action, respond: Respond) -> None:
        with app_context.writing(body) as request:
            blocks = _set_following(request, action["value"], on=action["action_id"] == FOLLOW)
        ack()
        post_answer(app_context, respond, blocks, thread=thread_of(body))

    app.action(FOLLOW)(press)
    app.action(UNFOLLOW)(press)


def _set_following(request: Request, ref: str, *, on: bool) -> list[Block]:
    session, actor, translator = request.session, request.actor, request.translator
    ((current_ref, project_id),) = ids_of_refs(session, [ref]).items()
    if on:
        follow(session, actor.team_id, actor.user_id, project_id, translator.language, now=request.now)
        return messages.following(translator, current_ref)
    unfollow(session, actor.team_id, actor.user_id, project_id)
    return messages.not_following(translator, current_ref)
