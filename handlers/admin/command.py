"""/aid-admin: who may record, who sits on the Council, the projects themselves, and the log of such changes.

Anybody may read `people`, `council` and `help`; the rest is for admins.
"""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.admin.projects import set_visibility
from db.admin.roles import grant, revoke
from db.audit import Editor, audit_page
from db.domain.enums import Visibility
from db.errors import N_, BadInput
from db.people import admins
from db.projects.queries import ids_of_refs
from handlers.admin import blocks as messages
from handlers.admin import council, import_form, imports, projects, reminders
from handlers.alerts import delivery_log
from handlers.auth.permissions import is_verb
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.client import open_form
from handlers.slack.command_text import mentioned_user, split_subcommand

MOST_REFS = 20


def register(app: App, app_context: AppContext) -> None:
    """Register the command, its forms and the buttons of the delivery log."""
    projects.register(app, app_context)
    imports.register(app, app_context)
    delivery_log.register(app, app_context)

    @app.command("/aid-admin")
    def ask(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        person, (verb, rest) = actor_of(body), split_subcommand(body.get("text", ""))
        if verb == "project":
            open_form(client, body["trigger_id"], _project_view(app_context, person, rest))
            ack()
            return
        if verb == "import":
            with app_context.database.reading() as session:
                view = import_form.ask(app_context.translator_for(session, person))
            open_form(client, body["trigger_id"], view)
            ack()
            return
        with app_context.database.writing() if _writes(verb, rest) else app_context.database.reading() as session:
            blocks = _answer(session, app_context, person, verb, rest)
        ack(text=fallback_text(blocks), blocks=blocks)


def _writes(verb: str, rest: str) -> bool:
    if verb == "council":
        return council.changes(rest)
    return verb in {"grant", "revoke", "withhold", "show"} or (verb == "reminders" and bool(rest))


def _answer(session: Session, app_context: AppContext, person: Actor, verb: str, rest: str) -> list[Block]:
    words = app_context.translator_for(session, person)
    if not is_verb("/aid-admin", verb):
        return messages.help_text(words, unknown="" if verb in {"", "help"} else verb)
    if verb in _ANSWERS:
        return _ANSWERS[verb](session, app_context, person, words, rest)
    if verb in {"grant", "revoke"}:
        return _role(session, app_context, person, words, verb, rest)
    if verb in {"withhold", "show"}:
        return _visibility(session, app_context, person, words, verb, rest)
    raise ValueError(f"nothing answers {verb}")


def _people(session: Session, app_context: AppContext, person: Actor, words: Translator, _rest: str) -> list[Block]:
    return messages.people(words, admins(session, person.team_id, listed=app_context.admins), app_context.admins)


def _audit(session: Session, _services: AppContext, person: Actor, words: Translator, rest: str) -> list[Block]:
    return messages.audit(words, audit_page(session, person.team_id, _page(rest)))


def _delivery(session: Session, _services: AppContext, person: Actor, words: Translator, rest: str) -> list[Block]:
    return delivery_log.answer(session, person, words, rest)


_ANSWERS: dict[str, Callable[[Session, AppContext, Actor, Translator, str], list[Block]]] = {
    "people": _people,
    "council": council.answer,
    "reminders": reminders.answer,
    "delivery": _delivery,
    "audit": _audit,
}


def _role(
    session: Session, app_context: AppContext, person: Actor, words: Translator, verb: str, rest: str
) -> list[Block]:
    user = mentioned_user(rest)
    if user is None:
        raise BadInput(
            N_(
                "Whom? Write @ and choose the person from the list that Slack offers: "
                "`/aid-admin {verb} @name`. One person at a time."
            ),
            verb=verb,
        )
    by = editor(app_context, person)
    if verb == "grant":
        return messages.granted(words, user, new=grant(session, user, by, listed=app_context.admins))
    return messages.revoked(words, user, new=revoke(session, user, by, listed=app_context.admins))


def _visibility(
    session: Session, app_context: AppContext, person: Actor, words: Translator, verb: str, rest: str
) -> list[Block]:
    refs = re.split(r"[\s,]+", rest.strip(" ,"))
    if not refs[0] or len(refs) > MOST_REFS:
        raise BadInput(
            N_("Which project? Write its ref: `/aid-admin {verb} GG-1`, {most} at most."),
            verb=verb,
            most=MOST_REFS,
        )
    wanted = Visibility.WITHHELD if verb == "withhold" else Visibility.PUBLIC
    found = ids_of_refs(session, refs, lock=True)
    changed = [ref for ref in found if set_visibility(session, ref, wanted, editor(app_context, person))]
    return messages.visibility(words, list(found), changed, withheld=wanted is Visibility.WITHHELD)


def _project_view(app_context: AppContext, person: Actor, rest: str) -> Block:
    with app_context.database.reading() as session:
        return projects.first_view(session, app_context.translator_for(session, person), rest)


def _page(typed: str) -> int:
    return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed) else 1


def editor(app_context: AppContext, person: Actor) -> Editor:
    """Return the person as who edits now."""
    return Editor(person.team_id, person.user_id, app_context.clock())
