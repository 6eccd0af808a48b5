"""/aid-admin council: who sat or sits on the Council, and admins' changes to it."""

from datetime import date

from sqlalchemy.orm import Session

from db.admin.council import add_membership, end_membership, memberships, remove_membership
from db.audit import Editor
from db.domain.code_lists import parse_state
from db.domain.dates import day, parse_date, parse_day
from db.domain.enums import UNDISCLOSED
from db.errors import N_, BadInput
from handlers.admin import blocks as messages
from handlers.blocks.blockkit import Block
from handlers.context import Actor, AppContext
from handlers.i18n.translator import Translator
from handlers.slack.command_text import extract_options

VERBS = ("add", "end", "remove")
OPTIONS = {"add": ("from", "to"), "end": ("to",), "remove": ("from",)}


def changes(rest: str) -> bool:
    """Return True if the text after ``council`` asks for a change."""
    return rest.partition(" ")[0].lower() in VERBS


def answer(session: Session, app_context: AppContext, person: Actor, words: Translator, rest: str) -> list[Block]:
    """Return the members of today, of a date or of a year; or what was changed, by an admin."""
    if not changes(rest):
        return _members(session, app_context, words, rest)
    verb, _, typed = rest.partition(" ")
    verb = verb.lower()
    state, options = extract_options(typed, OPTIONS[verb])
    code = _state(state, verb)
    by = Editor(person.team_id, person.user_id, app_context.clock())
    if verb == "add":
        since, until = _day(options, "from", verb), parse_day(options["to"], field="to") if options.get("to") else None
        return messages.seated(words, code, add_membership(session, code, since, until, by), since, until)
    if verb == "end":
        return messages.seat_ended(words, *end_membership(session, code, _day(options, "to", verb), by))
    return messages.membership_removed(words, remove_membership(session, code, _day(options, "from", verb), by))


def _members(session: Session, app_context: AppContext, words: Translator, rest: str) -> list[Block]:
    when = parse_date(rest, field="council") if rest else day(app_context.today())
    if when.first is None or when.last is None:
        raise BadInput(
            N_(
                "Of which day or year? `/aid-admin council 2025` lists the members of that year, "
                "`/aid-admin council` those of today."
            ),
            field="council",
        )
    return messages.council(words, when, memberships(session, when.first, when.last))


def _state(typed: str, verb: str) -> str:
    """Return the code of the state that was typed, by code or name."""
    try:
        code = parse_state(typed)
    except BadInput:
        code = UNDISCLOSED
    if code == UNDISCLOSED:
        raise BadInput(
            N_("“{typed}” is not a state I know. Write its two-letter code: `/aid-admin council {verb} US {options}`."),
            typed=typed,
            verb=verb,
            options=" ".join(f"{name}:2027-01-01" for name in OPTIONS[verb]),
        )
    return code


def _day(options: dict[str, str], name: str, verb: str) -> date:
    if not options.get(name):
        raise BadInput(
            N_("`{name}:` is missing: the day, such as `/aid-admin council {verb} US {name}:2027-01-01`."),
            name=name,
            verb=verb,
        )
    return parse_day(options[name], field=name)
