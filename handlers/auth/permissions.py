"""Permission table that every listener is checked against (handlers/auth/authorization.py), and the refusals.

A listener missing from the table cannot be registered. docs/permissions.md shows the table as a page.
"""

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


@dataclass(frozen=True, slots=True)
class Permission:
    """The access levels that may use a listener or a command's verb, and its description for the page."""

    allowed: frozenset[AccessLevel]
    about: str


# anybody who can write where the bot is, also while Slack does not answer: for what changes nothing and reveals no secret
EVERYONE = frozenset(AccessLevel) - {AccessLevel.DEACTIVATED}

CIRCLE = frozenset({AccessLevel.ADMIN, AccessLevel.MEMBER, AccessLevel.GUEST})
MEMBERS = frozenset({AccessLevel.ADMIN, AccessLevel.MEMBER})
ADMINS = frozenset({AccessLevel.ADMIN})
# notifications by Slack itself, without a user
SLACK = frozenset(AccessLevel)

PERMISSIONS: dict[str, Permission] = {
    # a command, alone for all that is not listed below it; after it, a verb of one or two words
    "/aid-status": Permission(EVERYONE, "the portfolio, a project's card, a list"),
    "/aid-update": Permission(ADMINS, "record, correct, retract; opens the form"),
    "/aid-update help": Permission(EVERYONE, "how a line is written"),
    "/aid-alerts": Permission(EVERYONE, "help, and whether this channel is subscribed"),
    "/aid-alerts list": Permission(CIRCLE, "the channels subscribed"),
    "/aid-alerts on": Permission(CIRCLE, "subscribe the channel"),
    "/aid-alerts set": Permission(CIRCLE, "how the channel is told: threads, digest, quiet hours, reminders"),
    "/aid-alerts off": Permission(CIRCLE, "end it: who made it, or an admin"),
    "/aid-alerts test": Permission(CIRCLE, "a message to see that alerts arrive"),
    "/aid-admin": Permission(EVERYONE, "help"),
    "/aid-admin people": Permission(EVERYONE, "who may record"),
    "/aid-admin grant": Permission(ADMINS, "make somebody an admin"),
    "/aid-admin revoke": Permission(ADMINS, "take that back"),
    "/aid-admin council": Permission(EVERYONE, "the Council's members of a day or year"),
    "/aid-admin council add": Permission(ADMINS, "enter a state's time on the Council"),
    "/aid-admin council end": Permission(ADMINS, "set the end of a state's time on the Council"),
    "/aid-admin council remove": Permission(ADMINS, "remove one entered by mistake"),
    "/aid-admin project": Permission(ADMINS, "add or edit a project in a form, withheld names shown"),
    "/aid-admin import": Permission(ADMINS, "bring in a table of projects and updates, tried before it is recorded"),
    "/aid-admin withhold": Permission(ADMINS, "withhold a project's name"),
    "/aid-admin show": Permission(ADMINS, "show it again"),
    "/aid-admin delivery": Permission(ADMINS, "how messages stand in each channel"),
    "/aid-admin reminders": Permission(ADMINS, "when people are reminded of what, for all channels"),
    "/aid-admin audit": Permission(ADMINS, "what admins changed"),
    # buttons, menus: by action id
    "action status_share": Permission(EVERYONE, "*Share in channel* under an answer"),
    "action status_turn:(back|on)": Permission(EVERYONE, "the pages of a list"),
    "action status_timeline": Permission(EVERYONE, "a card with its whole timeline"),
    "action follow_on": Permission(CIRCLE, "*Follow*: be told of a project by direct message"),
    "action follow_off": Permission(CIRCLE, "*Stop following*"),
    "action home_seen": Permission(CIRCLE, "App Home: *I have seen this*"),
    "action home_turn:(back|on)": Permission(CIRCLE, "App Home: the pages of one's projects"),
    "action home_language": Permission(CIRCLE, "App Home: a language of one's own"),
    "action home_tables": Permission(CIRCLE, "App Home: lists as tables"),
    "action home_record": Permission(ADMINS, "App Home: opens the form"),
    "action home_project": Permission(ADMINS, "App Home: opens the form of a project"),
    "action update_record": Permission(ADMINS, "*Record* under a preview, by its author"),
    "action update_again": Permission(ADMINS, "*Record again*"),
    "action update_cancel": Permission(EVERYONE, "put one's own preview away"),
    "action update_undo": Permission(ADMINS, "*Undo*, within ten minutes"),
    "action update_correct": Permission(ADMINS, "*Correct*: opens the form"),
    "action kind": Permission(ADMINS, "the form's fields follow the kind chosen"),
    "action alerts_resume": Permission(CIRCLE, "*Resume*: who made the subscription, or an admin"),
    "action delivery_turn:(back|on)": Permission(ADMINS, "the pages of the delivery log"),
    "action delivery_show": Permission(ADMINS, "one channel of it"),
    "action delivery_again": Permission(ADMINS, "*Send again*"),
    "action delivery_resume": Permission(ADMINS, "*Resume* in the delivery log, of what has no subscription"),
    # a message's menu, and what Slack tells
    "shortcut record_message": Permission(ADMINS, "*Record committee update* on a message: opens the form"),
    "event app_home_opened": Permission(EVERYONE, "shows the App Home"),
    "event app_mention": Permission(EVERYONE, "answers in the thread as `/aid-status` does"),
    "event tokens_revoked": Permission(SLACK, "the bot's token was taken back"),
    "event app_uninstalled": Permission(SLACK, "the workspace has removed the bot"),
    "function prepare_update": Permission(
        SLACK, "a step of a workflow prepares an update, which an admin then records"
    ),
    # forms: by callback id
    "view update_form": Permission(ADMINS, "record what the form says, or preview it"),
    "view update_preview": Permission(ADMINS, "*Record* in a form's preview"),
    "view project_form": Permission(ADMINS, "save a project"),
    "view import_file": Permission(ADMINS, "try a file"),
    "view import_preview": Permission(ADMINS, "*Record* what a file's trial showed"),
    # what is offered while somebody types: by action id
    "options refs": Permission(ADMINS, "projects, no withheld name among them"),
    r"options ^project_applicant(_\d+)?$": Permission(ADMINS, "organisations on record"),
}

REFUSALS = {
    AccessLevel.MEMBER: N_(
        "Only admins may do this, and nothing was changed. `/aid-admin people` lists who is "
        "one; ask one of them to do it or to grant you the role."
    ),
    AccessLevel.GUEST: N_(
        "Guests of the workspace may look but not do this, and nothing was changed. `/aid-admin people` lists the "
        "admins; ask one of them to do it."
    ),
    AccessLevel.STRANGER: N_(
        "Only people of the workspace that I belong to may do this, and nothing was changed. `/aid-admin people` "
        "lists the admins; ask one of them to do it."
    ),
    AccessLevel.UNKNOWN: N_(
        "Slack did not tell me whether you may do this (`{reason}`), so nothing was changed. Try again in a minute; "
        "`/aid-status` answers meanwhile."
    ),
    AccessLevel.DEACTIVATED: N_(
        "Your account in this workspace is deactivated, so nothing was done. An owner of the workspace can "
        "activate it again."
    ),
}


class Refused(NotAllowed):
    """Permission denied to ``access_level`` for ``entry`` of the table."""

    def __init__(self, entry: str, access_level: AccessLevel, reason: str = "") -> None:
        super().__init__(REFUSALS[access_level], reason=reason)
        self.entry = entry
        self.access_level = access_level


def permission_key(listener: str, text: str = "") -> str:
    """Return the table's key for a listener or, for a command, the verb that ``text`` begins with.

    Raises LookupError if the table does not list the listener.
    """
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
    """Return the name of a listener's constraint in the table."""
    if isinstance(constraint, re.Pattern):
        return str(constraint.pattern)
    if isinstance(constraint, dict):
        return " ".join(str(value) for value in constraint.values())
    return str(constraint)
