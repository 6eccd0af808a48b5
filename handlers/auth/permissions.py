"""Permission table, without which no listener is registered, and the refusals. docs/permissions.md shows the table."""

import re
from dataclasses import dataclass
from enum import StrEnum

from db.errors import N_, NotAllowed
from handlers.slack.command_text import split_subcommand


class AccessLevel(StrEnum):
    """A person's membership or role in the workspace at the time of a request."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "person of another organisation"
    UNKNOWN = "person whom Slack told nothing about"
    DEACTIVATED = "deactivated person"
    BOT = "app or bot"


@dataclass(frozen=True, slots=True)
class Permission:
    """The access levels that may use a listener or a command's verb, and its description for the page."""

    allowed: frozenset[AccessLevel]
    about: str


# anybody who can write where the bot is, also while Slack does not answer: for what changes nothing and reveals no secret
EVERYONE = frozenset(AccessLevel) - {AccessLevel.DEACTIVATED, AccessLevel.BOT}

CIRCLE = frozenset({AccessLevel.ADMIN, AccessLevel.MEMBER, AccessLevel.GUEST})
MEMBERS = frozenset({AccessLevel.ADMIN, AccessLevel.MEMBER})
ADMINS = frozenset({AccessLevel.ADMIN})
# notifications by Slack itself, without a user
SLACK = frozenset(AccessLevel)

PERMISSIONS: dict[str, Permission] = {
    # a command, alone for all that is not listed below it; after it, a verb of one or two words
    "/aid-status": Permission(
        EVERYONE, "show the portfolio, a project or a list; admins: open the form for what they tell"
    ),
    "/aid-update": Permission(MEMBERS, "admins: record, correct, retract, open the form; members: hand in news"),
    "/aid-update help": Permission(EVERYONE, "show the syntax"),
    "/aid-alerts": Permission(EVERYONE, "show help and the channel's subscription; members: open the form"),
    "/aid-alerts list": Permission(CIRCLE, "list the subscribed channels; guests: this one and their own"),
    "/aid-alerts on": Permission(MEMBERS, "subscribe the channel, or change the subscription (creator or admin)"),
    "/aid-alerts set": Permission(
        CIRCLE,
        "change the settings: threads, digest, quiet hours, reminders (creator or admin; anybody for direct messages)",
    ),
    "/aid-alerts off": Permission(CIRCLE, "end the subscription, here or of the channel named (creator or admin)"),
    "/aid-alerts board on": Permission(MEMBERS, "post and pin a board, or change the present one (creator or admin)"),
    "/aid-alerts board off": Permission(CIRCLE, "end the channel's board (creator or admin)"),
    "/aid-alerts test": Permission(CIRCLE, "send a test message"),
    "/aid-admin": Permission(EVERYONE, "show help"),
    "/aid-admin people": Permission(EVERYONE, "list who may record"),
    "/aid-admin grant": Permission(ADMINS, "grant the admin role"),
    "/aid-admin revoke": Permission(ADMINS, "revoke the admin role"),
    "/aid-admin council": Permission(EVERYONE, "list the Council's members on a day or in a year"),
    "/aid-admin council add": Permission(ADMINS, "add a membership"),
    "/aid-admin council end": Permission(ADMINS, "set the end of a membership"),
    "/aid-admin council remove": Permission(ADMINS, "remove a membership entered by mistake"),
    "/aid-admin project": Permission(ADMINS, "add or edit a project in a form, which shows withheld names"),
    "/aid-admin import": Permission(ADMINS, "import a table of projects and updates, after a dry run"),
    "/aid-admin withhold": Permission(ADMINS, "withhold a project's name"),
    "/aid-admin show": Permission(ADMINS, "stop withholding it"),
    "/aid-admin delivery": Permission(ADMINS, "show the delivery log"),
    "/aid-admin reminders": Permission(ADMINS, "show or change when reminders are sent, for all channels"),
    "/aid-admin suggestions": Permission(ADMINS, "show suggestions that wait; set the channel where they are posted"),
    "/aid-admin audit": Permission(ADMINS, "show or export the whole log: who recorded and who changed what"),
    "/aid-admin told": Permission(ADMINS, "show which alerts about a project had been sent by a day"),
    "/aid-admin proof": Permission(ADMINS, "rebuild the record's chain and compare it with the heads kept in Slack"),
    # buttons, menus: by action id
    "action status_ask(:.+)?": Permission(
        EVERYONE, "answer as `/aid-status` does: a group, a project, a file, figures"
    ),
    "action status_record": Permission(ADMINS, "*Record update* on a card: open the update form"),
    "action status_share": Permission(EVERYONE, "*Share in channel*: post an answer"),
    "action status_turn:(back|on)": Permission(EVERYONE, "page through a list"),
    "action status_timeline": Permission(EVERYONE, "show a project's whole timeline"),
    "action follow_on": Permission(CIRCLE, "*Follow*: get a project's updates by direct message"),
    "action follow_off": Permission(CIRCLE, "*Stop following*"),
    "action home_seen": Permission(CIRCLE, "App Home: mark changes as seen"),
    "action home_turn:(back|on)": Permission(CIRCLE, "App Home: page through one's projects"),
    "action home_language": Permission(CIRCLE, "App Home: choose one's language"),
    "action home_tables": Permission(CIRCLE, "App Home: show lists as tables"),
    "action home_record": Permission(ADMINS, "App Home: open the update form"),
    "action home_import": Permission(ADMINS, "App Home: import a file"),
    "action home_project": Permission(ADMINS, "App Home: open the project form"),
    "action update_record": Permission(ADMINS, "*Record*: record one's own preview"),
    "action update_again": Permission(ADMINS, "*Record again*: record a repeated command a second time"),
    "action update_cancel": Permission(EVERYONE, "*Cancel*: discard one's own preview"),
    "action update_undo": Permission(ADMINS, "*Undo*: retract within ten minutes"),
    "action update_correct": Permission(ADMINS, "*Correct*: open the form"),
    r"action update_seen:\d": Permission(ADMINS, "*Seen*: look at a decision that another admin recorded"),
    "action update_open": Permission(ADMINS, "*Open the form*: with what a refused line says"),
    "action suggest": Permission(MEMBERS, "*Hand in news*: open the form of a suggestion"),
    "action suggestion_open": Permission(ADMINS, "*Open the form* of a suggestion"),
    "action suggestion_decline": Permission(ADMINS, "*Decline*: ask for the reason"),
    "action kind": Permission(ADMINS, "show the form's fields for the chosen kind"),
    "action as": Permission(ADMINS, "show the form's fields for the chosen kind of source"),
    "action alerts_resume": Permission(CIRCLE, "*Resume*: send a blocked channel's messages (creator or admin)"),
    "action alerts_end": Permission(CIRCLE, "*Turn off*: end a subscription in the list (creator or admin)"),
    "action alerts_count": Permission(MEMBERS, "count a form's alerts of the last 30 days"),
    "action audit_turn:(back|on)": Permission(ADMINS, "page through the audit log"),
    "action delivery_turn:(back|on)": Permission(ADMINS, "page through the delivery log"),
    "action delivery_show": Permission(ADMINS, "show one channel of the delivery log"),
    "action delivery_again": Permission(ADMINS, "*Send again*: retry a failed message"),
    "action delivery_resume": Permission(ADMINS, "*Resume* in the delivery log, for messages without a subscription"),
    # a message's menu, and events
    "shortcut record_message": Permission(
        MEMBERS, "*Hand in committee news* in a message's menu: open the form; members: that of a suggestion"
    ),
    "event app_home_opened": Permission(EVERYONE, "show App Home"),
    "event app_mention": Permission(EVERYONE, "answer a mention in its thread, as `/aid-status` does"),
    "event message": Permission(EVERYONE, "answer a direct message, as `/aid-status` does"),
    "event channel_archive": Permission(SLACK, "a channel was archived: its subscription rests"),
    "event channel_unarchive": Permission(SLACK, "it was unarchived: its subscription goes on"),
    "event channel_deleted": Permission(SLACK, "a channel was deleted: its subscription ends"),
    "event channel_left": Permission(SLACK, "the bot left a channel, or was removed: its subscription rests"),
    "event channel_id_changed": Permission(SLACK, "a channel got another id, which its subscription follows"),
    "event group_archive": Permission(SLACK, "the same of a private channel"),
    "event group_unarchive": Permission(SLACK, "the same of a private channel"),
    "event group_deleted": Permission(SLACK, "the same of a private channel"),
    "event group_left": Permission(SLACK, "the same of a private channel"),
    "event user_change": Permission(SLACK, "somebody whom the bot knows was deactivated, became a guest, or the like"),
    "event team_join": Permission(SLACK, "the same, where somebody whom the bot knows joined the workspace"),
    "event tokens_revoked": Permission(SLACK, "the bot's token was revoked"),
    "event app_uninstalled": Permission(SLACK, "the workspace removed the app"),
    "function prepare_update": Permission(SLACK, "prepare an update in a workflow, for an admin to record"),
    # forms: by callback id
    "view update_form": Permission(ADMINS, "record the update, or preview it"),
    "view update_preview": Permission(ADMINS, "record from the form's preview"),
    "view suggest_form": Permission(MEMBERS, "hand in the suggestion"),
    "view suggestion_decline": Permission(ADMINS, "decline the suggestion"),
    "view alerts_form": Permission(MEMBERS, "subscribe the channel, or change the subscription (creator or admin)"),
    "view project_form": Permission(ADMINS, "save the project"),
    "view import_file": Permission(ADMINS, "dry run of a file"),
    "view import_preview": Permission(ADMINS, "record the file after the dry run"),
    # what is offered while somebody types: by action id
    "options refs": Permission(MEMBERS, "projects, without withheld names"),
    r"options ^project_(applicant|role_\w+?)(_\d+)?$": Permission(ADMINS, "organisations on record"),
}

REFUSALS = {
    AccessLevel.MEMBER: N_(
        "Only admins can do this. Nothing was changed. Ask an admin (`/aid-admin people`) to do it or to make "
        "you an admin."
    ),
    AccessLevel.GUEST: N_(
        "Guests can view but not do this. Nothing was changed. Ask an admin (`/aid-admin people`) to do it."
    ),
    AccessLevel.STRANGER: N_(
        "Only members of this bot's workspace can do this. Nothing was changed. Ask an admin (`/aid-admin "
        "people`) to do it."
    ),
    AccessLevel.UNKNOWN: N_(
        "I couldn't check with Slack whether you can do this (`{reason}`). Nothing was changed. Try again in a "
        "minute; `/aid-status` still works."
    ),
    AccessLevel.DEACTIVATED: N_(
        "Your account in this workspace is deactivated, so nothing was done. An owner of the workspace can "
        "activate it again."
    ),
    AccessLevel.BOT: N_("I answer people only, not apps and bots. Nothing was changed."),
}


class Refused(NotAllowed):
    """Permission denied to ``access_level`` for ``entry`` of the table."""

    def __init__(self, entry: str, access_level: AccessLevel, reason: str = "") -> None:
        super().__init__(REFUSALS[access_level], reason=reason)
        self.entry = entry
        self.access_level = access_level


def permission_key(listener: str, text: str = "") -> str:
    """Return the table's key for a listener, or for the verb that ``text`` begins with. Raises LookupError for no row."""
    if listener not in PERMISSIONS:
        raise LookupError(
            f"“{listener}” is not in the table of handlers/auth/permissions.py: list there who may use it"
        )
    if not listener.startswith("/"):
        return listener
    first, rest = split_subcommand(text)
    second, _ = split_subcommand(rest)
    return next(
        (key for key in (f"{listener} {first} {second}", f"{listener} {first}") if key in PERMISSIONS), listener
    )


def is_verb(command: str, verb: str) -> bool:
    """Return True if the table lists ``verb``. Commands answer any other with help, so that none is open by oversight."""
    return f"{command} {verb}" in PERMISSIONS


def require(entry: str, access_level: AccessLevel, reason: str = "") -> None:
    """Raise Refused if the table does not let ``access_level`` use ``entry``; ``reason`` is Slack's error if unknown."""
    if access_level not in PERMISSIONS[entry].allowed:
        raise Refused(entry, access_level, reason)


def name_of(constraint: object) -> str:
    if isinstance(constraint, re.Pattern):
        return str(constraint.pattern)
    if isinstance(constraint, dict):
        return " ".join(str(value) for value in constraint.values())
    return str(constraint)
