"""*Follow* on a project's card: what happens to it comes by direct message, whatever the channels are told."""

from typing import Any

from slack_bolt import Ack, App, Respond
from sqlalchemy.orm import Session

from db.projects.queries import ids_of_refs
from db.subscriptions.follows import follow, unfollow
from handlers.blocks.blockkit import Block, fallback
from handlers.context import Person, Services, person_of
from handlers.status import follow_buttons as messages


def register(app: App, services: Services) -> None:
    """The two buttons. The answer is for who pressed alone, and carries the opposite button."""

    def press(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        with services.database.writing() as session:
            blocks = _turn(
                session, services, person_of(body), action["value"], on=action["action_id"] == messages.FOLLOW
            )
        ack()
        services.later(
            lambda: respond(text=fallback(blocks), blocks=blocks, response_type="ephemeral", replace_original=False)
        )

    app.action(messages.FOLLOW)(press)
    app.action(messages.UNFOLLOW)(press)


def _turn(session: Session, services: Services, person: Person, ref: str, *, on: bool) -> list[Block]:
    words = services.words(session, person)
    ((known, key),) = ids_of_refs(session, [ref]).items()
    if on:
        follow(session, person.team_id, person.user_id, key, words.language, now=services.clock())
        return messages.following(words, known)
    unfollow(session, person.team_id, person.user_id, key)
    return messages.not_following(words, known)
