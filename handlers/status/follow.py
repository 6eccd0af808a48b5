"""*Follow* on a project's card: alerts about the project by direct message, independent of any channel's subscription."""

from functools import partial

from slack_bolt import App

from db.errors import N_
from db.projects.queries import ids_of_refs
from db.subscriptions.follows import follow, unfollow
from handlers.blocks.blockkit import Block, actions, paragraph
from handlers.blocks.project_buttons import FOLLOW, UNFOLLOW, follow_button, stop_button
from handlers.blocks.respond import changing
from handlers.context import AppContext, Request


def register(app: App, app_context: AppContext) -> None:
    """Register both buttons. Only the person who pressed sees the answer, which carries the opposite button."""
    app.action(FOLLOW)(changing(app_context, partial(_set_following, on=True)))
    app.action(UNFOLLOW)(changing(app_context, partial(_set_following, on=False)))


def _set_following(request: Request, typed: str, *, on: bool) -> list[Block]:
    session, actor, translator = request.session, request.actor, request.translator
    ((ref, project_id),) = ids_of_refs(session, [typed]).items()
    if on:
        follow(session, actor.team_id, actor.user_id, project_id, translator.language, now=request.now)
        text = N_("You're following {ref}. I'll send you its updates and deadlines by direct message.")
    else:
        unfollow(session, actor.team_id, actor.user_id, project_id)
        text = N_("You no longer follow {ref}. Channel alerts are not affected.")
    opposite = stop_button(translator, ref) if on else follow_button(translator, ref)
    return [*paragraph(translator, text, ref=ref), actions([opposite])]
