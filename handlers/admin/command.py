"""/aid-admin: who may record, Council members, projects, the log; `people`, `council` and `help` are for anybody."""

import re
from collections.abc import Callable
from functools import partial

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from db.admin.projects import set_visibility
from db.admin.roles import ONLY_ADMIN, grant, revoke
from db.domain.enums import Visibility
from db.errors import N_, AidError, BadInput
from db.people import admins
from db.projects.queries import ids_of_refs
from db.recording.suggestions import channel_of_suggestions, open_suggestions, set_channel
from handlers.admin import audit, council, import_form, imports, projects, reminders
from handlers.admin import blocks as messages
from handlers.admin.proof import send_proof
from handlers.alerts import delivery_log
from handlers.auth.membership import MemberDirectory
from handlers.auth.permissions import AccessLevel, is_verb
from handlers.blocks.blockkit import Block, paragraph, sections
from handlers.blocks.respond import answer_command
from handlers.blocks.suggestion import suggestions
from handlers.context import Actor, AppContext, Request, actor_of
from handlers.slack.client import open_form
from handlers.slack.command_text import mentioned_user, parse_channel, split_subcommand
from handlers.slack.payloads import Body

MOST_REFS = 20

NO_ADMINS = {
    AccessLevel.BOT: N_("<@{user}> is an app or a bot, and only people can be admins. Nothing was changed."),
    AccessLevel.GUEST: N_("<@{user}> is a guest, and guests can't record. Nothing was changed."),
    AccessLevel.STRANGER: N_("<@{user}> is not a member of this workspace. Nothing was changed."),
    AccessLevel.DEACTIVATED: N_("The account of <@{user}> is deactivated. Nothing was changed."),
    AccessLevel.UNKNOWN: N_(
        "I couldn't check with Slack who <@{user}> is (`{reason}`). Nothing was changed. Try again."
    ),
}
ROLES = {
    (grant, True): N_("<@{user}> is now an admin and can record updates."),
    (grant, False): N_("No change: <@{user}> is already an admin."),
    (revoke, True): N_("<@{user}> is no longer an admin. Updates they recorded stay on record."),
    (revoke, False): N_("No change: <@{user}> is not an admin."),
}
PROOF_BEGUN = N_("Rebuilding the record from its first entry. The result follows here.")
OFF = "off"


def register(app: App, app_context: AppContext, members: MemberDirectory) -> None:
    projects.register(app, app_context)
    imports.register(app, app_context)
    delivery_log.register(app, app_context)
    audit.register(app, app_context)

    @app.command("/aid-admin")
    def admin(ack: Ack, body: Body, client: WebClient, context: BoltContext, respond: Respond) -> None:
        verb, rest = split_subcommand(body.get("text", ""))
        if verb in {"grant", "revoke"}:
            _ensure_role_may_change(app_context, members, body, client, verb, _named(verb, rest))
        if verb in {"project", "import"}:
            with app_context.reading(body) as request:
                view = projects.first_view(request, rest) if verb == "project" else import_form.ask(request.translator)
            open_form(client, body["trigger_id"], view)
            ack()
            return
        with app_context.writing(body) if _writes(verb, rest) else app_context.reading(body) as request:
            blocks = _answer(request, verb, rest)
        answer_command(ack, blocks)
        actor = actor_of(body)
        if verb == "proof":
            bot_user = str(context.bot_user_id or "")
            app_context.run_after_response(lambda: send_proof(app_context, actor, bot_user, client, respond))
        if verb == "audit":
            app_context.run_after_response(lambda: audit.send_audit(app_context, actor, rest, client, respond, body))


def _writes(verb: str, rest: str) -> bool:
    if verb == "council":
        return council.changes(rest)
    return verb in {"grant", "revoke", "withhold", "show"} or (verb in {"reminders", "suggestions"} and bool(rest))


def _answer(request: Request, verb: str, rest: str) -> list[Block]:
    if not is_verb("/aid-admin", verb):
        return messages.help_text(request.translator, unknown="" if verb in {"", "help"} else verb)
    return _ANSWERS[verb](request, rest)


def _people(request: Request, _rest: str) -> list[Block]:
    listed = request.app_context.admins
    return messages.people(request.translator, admins(request.session, request.actor.team_id, listed=listed), listed)


def _suggestions(request: Request, rest: str) -> list[Block]:
    """Show what waits, after setting the channel if ``rest`` names one or is ``off``."""
    session, translator = request.session, request.translator
    if rest:
        channel = parse_channel(rest.split(maxsplit=1)[0])
        if channel is None and rest.lower() != OFF:
            raise BadInput("Type `/aid-admin suggestions #channel`, or `/aid-admin suggestions off`.")
        set_channel(session, request.editor, channel, translator.language)
    place = channel_of_suggestions(session, request.actor.team_id)
    where = (
        translator.mrkdwn("Suggestions are posted in <#{channel}>. Invite me there.", channel=place)
        if place
        else translator.mrkdwn("Suggestions wait in App Home. `/aid-admin suggestions #channel` posts them there too.")
    )
    waiting = open_suggestions(session, request.actor.team_id)
    count = translator.plural("{number} suggestion waits.", "{number} suggestions wait.", len(waiting))
    return [*sections(f"{where} {count}"), *suggestions(translator, waiting, request.epoch)]


def _named(verb: str, rest: str) -> str:
    user = mentioned_user(rest)
    if user is None:
        raise BadInput("Who? Type @ and pick one person from Slack's list: `/aid-admin {verb} @name`.", verb=verb)
    return user


def _ensure_role_may_change(
    app_context: AppContext, members: MemberDirectory, body: Body, client: WebClient, verb: str, user: str
) -> None:
    """Raise AidError for a new admin who is no full member, and where no real admin would be left."""
    team_id = actor_of(body).team_id
    if verb == "grant":
        member = members.of(client, Actor(team_id, user))
        if member.access_level in NO_ADMINS:
            raise AidError(NO_ADMINS[member.access_level], user=user, reason=member.reason)
        return
    with app_context.reading(body) as request:
        others = [each for each in admins(request.session, team_id, listed=app_context.admins) if each != user]
    if not any(members.of(client, Actor(team_id, each)).access_level is AccessLevel.MEMBER for each in others):
        raise AidError(ONLY_ADMIN, user=user)


def _role(request: Request, rest: str, *, verb: str) -> list[Block]:
    user = _named(verb, rest)
    change = grant if verb == "grant" else revoke
    new = change(request.session, user, request.editor, listed=request.app_context.admins)
    return paragraph(request.translator, ROLES[change, new], user=user)


def _visibility(request: Request, rest: str, *, verb: str) -> list[Block]:
    typed_refs = re.split(r"[\s,]+", rest.strip(" ,"))
    if not typed_refs[0] or len(typed_refs) > MOST_REFS:
        raise BadInput(
            "Which project? Add its ref: `/aid-admin {verb} GG-1` (up to {most} refs).", verb=verb, most=MOST_REFS
        )
    visibility = Visibility.WITHHELD if verb == "withhold" else Visibility.PUBLIC
    refs = list(ids_of_refs(request.session, typed_refs, lock=True))
    changed = [ref for ref in refs if set_visibility(request.session, ref, visibility, request.editor)]
    return messages.visibility(request.translator, refs, changed, withheld=visibility is Visibility.WITHHELD)


_ANSWERS: dict[str, Callable[[Request, str], list[Block]]] = {
    "people": _people,
    "council": council.answer,
    "reminders": reminders.answer,
    "suggestions": _suggestions,
    "delivery": delivery_log.answer,
    "audit": audit.answer,
    "told": delivery_log.told,
    "proof": lambda request, _rest: paragraph(request.translator, PROOF_BEGUN),
    **{verb: partial(_role, verb=verb) for verb in ("grant", "revoke")},
    **{verb: partial(_visibility, verb=verb) for verb in ("withhold", "show")},
}
