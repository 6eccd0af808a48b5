"""Who may do what: the one table that every listener is checked against (handlers/auth/authorization.py), and the refusals.

A listener that the table does not list cannot be registered. docs/permissions.md shows it as a page.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from db.errors import NotAllowed, sentence
from handlers.slack.command_text import split_verb


class Who(StrEnum):
    """What somebody is in the workspace when they act."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "person of another organisation"
    UNKNOWN = "person whom Slack told nothing about"
    DEACTIVATED = "deactivated person"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a listener, or one verb of a command, and what that does, for the page."""

    may: frozenset[Who]
    about: str


EVERYONE = frozenset(Who) - {Who.DEACTIVATED}
"""Whoever can write where the bot is; also while Slack does not answer. Nothing here changes or tells a secret."""

CIRCLE = frozenset({Who.ADMIN, Who.MEMBER, Who.GUEST})
MEMBERS = frozenset({Who.ADMIN, Who.MEMBER})
ADMINS = frozenset({Who.ADMIN})
SLACK = frozenset(Who)
"""Slack tells something, and nobody asks for anything."""

TABLE: dict[str, Rule] = {
    # a command, alone for all that is not listed below it; after it, a verb of one or two words
    "/aid-status": Rule(EVERYONE, "the portfolio, a project's card, a list"),
    "/aid-update": Rule(ADMINS, "record, correct, retract; opens the form"),
    "/aid-update help": Rule(EVERYONE, "how a line is written"),
    "/aid-alerts": Rule(EVERYONE, "help, and whether this channel is subscribed"),
    "/aid-alerts list": Rule(CIRCLE, "the channels subscribed"),
    "/aid-alerts on": Rule(CIRCLE, "subscribe the channel"),
    "/aid-alerts set": Rule(CIRCLE, "how the channel is told: threads, digest, quiet hours, reminders"),
    "/aid-alerts off": Rule(CIRCLE, "end it: who made it, or an admin"),
    "/aid-alerts test": Rule(CIRCLE, "a message to see that alerts arrive"),
    "/aid-admin": Rule(EVERYONE, "help"),
    "/aid-admin people": Rule(EVERYONE, "who may record"),
    "/aid-admin grant": Rule(ADMINS, "make somebody an admin"),
    "/aid-admin revoke": Rule(ADMINS, "take that back"),
    "/aid-admin council": Rule(EVERYONE, "the Council's members of a day or year"),
    "/aid-admin council add": Rule(ADMINS, "enter a state's time on the Council"),
    "/aid-admin council end": Rule(ADMINS, "set the end of a state's time on the Council"),
    "/aid-admin council remove": Rule(ADMINS, "remove one entered by mistake"),
    "/aid-admin project": Rule(ADMINS, "add or edit a project in a form, withheld names shown"),
    "/aid-admin import": Rule(ADMINS, "bring in a table of projects and updates, tried before it is recorded"),
    "/aid-admin withhold": Rule(ADMINS, "withhold a project's name"),
    "/aid-admin show": Rule(ADMINS, "show it again"),
    "/aid-admin delivery": Rule(ADMINS, "how messages stand in each channel"),
    "/aid-admin reminders": Rule(ADMINS, "when people are reminded of what, for all channels"),
    "/aid-admin audit": Rule(ADMINS, "what admins changed"),
    # buttons, menus: by action id
    "action status_share": Rule(EVERYONE, "*Share in channel* under an answer"),
    "action status_turn:(back|on)": Rule(EVERYONE, "the pages of a list"),
    "action status_timeline": Rule(EVERYONE, "a card with its whole timeline"),
    "action follow_on": Rule(CIRCLE, "*Follow*: be told of a project by direct message"),
    "action follow_off": Rule(CIRCLE, "*Stop following*"),
    "action home_seen": Rule(CIRCLE, "App Home: *I have seen this*"),
    "action home_turn:(back|on)": Rule(CIRCLE, "App Home: the pages of one's projects"),
    "action home_language": Rule(CIRCLE, "App Home: a language of one's own"),
    "action home_tables": Rule(CIRCLE, "App Home: lists as tables"),
    "action home_record": Rule(ADMINS, "App Home: opens the form"),
    "action home_project": Rule(ADMINS, "App Home: opens the form of a project"),
    "action update_record": Rule(ADMINS, "*Record* under a preview, by its author"),
    "action update_again": Rule(ADMINS, "*Record again*"),
    "action update_cancel": Rule(EVERYONE, "put one's own preview away"),
    "action update_undo": Rule(ADMINS, "*Undo*, within ten minutes"),
    "action update_correct": Rule(ADMINS, "*Correct*: opens the form"),
    "action kind": Rule(ADMINS, "the form's fields follow the kind chosen"),
    "action alerts_resume": Rule(CIRCLE, "*Resume*: who made the subscription, or an admin"),
    "action delivery_turn:(back|on)": Rule(ADMINS, "the pages of the delivery log"),
    "action delivery_show": Rule(ADMINS, "one channel of it"),
    "action delivery_again": Rule(ADMINS, "*Send again*"),
    "action delivery_resume": Rule(ADMINS, "*Resume* in the delivery log, of what has no subscription"),
    # a message's menu, and what Slack tells
    "shortcut record_message": Rule(ADMINS, "*Record committee update* on a message: opens the form"),
    "event app_home_opened": Rule(EVERYONE, "shows the App Home"),
    "event app_mention": Rule(EVERYONE, "answers in the thread as `/aid-status` does"),
    "event tokens_revoked": Rule(SLACK, "the bot's token was taken back"),
    "event app_uninstalled": Rule(SLACK, "the workspace has removed the bot"),
    "function prepare_update": Rule(SLACK, "a step of a workflow prepares an update, which an admin then records"),
    # forms: by callback id
    "view update_form": Rule(ADMINS, "record what the form says, or preview it"),
    "view update_preview": Rule(ADMINS, "*Record* in a form's preview"),
    "view project_form": Rule(ADMINS, "save a project"),
    "view import_file": Rule(ADMINS, "try a file"),
    "view import_preview": Rule(ADMINS, "*Record* what a file's trial showed"),
    # what is offered while somebody types: by action id
    "options refs": Rule(ADMINS, "projects, no withheld name among them"),
    r"options ^project_applicant(_\d+)?$": Rule(ADMINS, "organisations on record"),
}

REFUSALS = {
    Who.MEMBER: sentence(
        "Only admins may do this, and nothing was changed. `/aid-admin people` lists who is "
        "one; ask one of them to do it or to grant you the role."
    ),
    Who.GUEST: sentence(
        "Guests of the workspace may look but not do this, and nothing was changed. `/aid-admin people` lists the "
        "admins; ask one of them to do it."
    ),
    Who.STRANGER: sentence(
        "Only people of the workspace that I belong to may do this, and nothing was changed. `/aid-admin people` "
        "lists the admins; ask one of them to do it."
    ),
    Who.UNKNOWN: sentence(
        "Slack did not tell me whether you may do this (`{reason}`), so nothing was changed. Try again in a minute; "
        "`/aid-status` answers meanwhile."
    ),
    Who.DEACTIVATED: sentence(
        "Your account in this workspace is deactivated, so nothing was done. An owner of the workspace can "
        "activate it again."
    ),
}


class Refused(NotAllowed):
    """Somebody may not do this. ``entry`` is the table's, ``who`` what they are, for the log."""

    def __init__(self, entry: str, who: Who, reason: str = "") -> None:
        super().__init__(REFUSALS[who], reason=reason)
        self.entry = entry
        self.who = who


def entry_of(listener: str, text: str = "") -> str:
    """The table's key for a listener and, for a command, the verb that ``text`` begins with.

    Raises LookupError where the table does not list the listener.
    """
    if listener not in TABLE:
        raise LookupError(f"“{listener}” is not in the table of handlers/auth/permissions.py: list there who may use it")
    if not listener.startswith("/"):
        return listener
    first, rest = split_verb(text)
    second, _ = split_verb(rest)
    return next((key for key in (f"{listener} {first} {second}", f"{listener} {first}") if key in TABLE), listener)


def is_verb(command: str, verb: str) -> bool:
    """Whether the table lists ``verb``; a command answers help to any other, so that none is open by oversight."""
    return f"{command} {verb}" in TABLE


def require(entry: str, who: Who, reason: str = "") -> None:
    """Raise Refused where the table does not let ``who`` use ``entry``; ``reason`` is why Slack told nothing."""
    if who not in TABLE[entry].may:
        raise Refused(entry, who, reason)


def name_of(constraint: object) -> str:
    """What a listener is registered for, as the table writes it."""
    if isinstance(constraint, re.Pattern):
        return str(constraint.pattern)
    if isinstance(constraint, dict):
        return " ".join(str(value) for value in constraint.values())
    return str(constraint)
