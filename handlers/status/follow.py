"""*Follow* on a project's card: what happens to it comes by direct message, whatever the channels are told."""

from typing import Any

from slack_bolt import Ack, App, Respond
from sqlalchemy.orm import Session

from db.projects.queries import ids_of_refs
from db.subscriptions.follows import follow, unfollow
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.status import follow_buttons as messages


def register(app: App, app_context: AppContext) -> None:
    """Register the two buttons. Only who pressed sees the answer, which carries the opposite button."""

    def press(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        with app_context.database.writing() as session:
            blocks = _turn(
                session, app_context, actor_of(body), action["value"], on=action["action_id"] == messages.FOLLOW
            )
        ack()
        app_context.run_after_response(
            lambda: respond(
                text=fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False
            )
        )

    app.action(messages.FOLLOW)(press)
    app.action(messages.UNFOLLOW)(press)


def _turn(session: Session, app_context: AppContext, person: Actor, ref: str, *, on: bool) -> list[Block]:
    words = app_context.translator_for(session, person)
    ((known, key),) = ids_of_refs(session, [ref]).items()
    if on:
        follow(session, person.team_id, person.user_id, key, words.language, now=app_context.clock())
        return messages.following(words, known)
    unfollow(session, person.team_id, person.user_id, key)
    return messages.not_following(words, known)
