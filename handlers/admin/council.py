"""/aid-admin council: who sat or sits on the Council, and admins' changes to it."""

from datetime import date

from sqlalchemy.orm import Session

from db.admin.council import end_seat, seat, seats, unseat
from db.audit import Editor
from db.domain.code_lists import read_holder
from db.domain.dates import day, parse_date, parse_day
from db.domain.enums import UNDISCLOSED
from db.errors import BadInput, sentence
from handlers.admin import blocks as messages
from handlers.blocks.blockkit import Block
from handlers.context import Person, Services
from handlers.i18n.translator import Words
from handlers.slack.command_text import take_options

VERBS = ("add", "end", "remove")
OPTIONS = {"add": ("from", "to"), "end": ("to",), "remove": ("from",)}


def changes(rest: str) -> bool:
    """Whether what follows ``council`` asks for a change."""
    return rest.partition(" ")[0].lower() in VERBS


def answer(session: Session, services: Services, person: Person, words: Words, rest: str) -> list[Block]:
    """The members of today, of a date or of a year; or what was changed, by an admin."""
    if not changes(rest):
        return _members(session, services, words, rest)
    verb, _, typed = rest.partition(" ")
    verb = verb.lower()
    state, options = take_options(typed, OPTIONS[verb])
    code = _state(state, verb)
    by = Editor(person.team_id, person.user_id, services.clock())
    if verb == "add":
        since, until = _day(options, "from", verb), parse_day(options["to"], field="to") if options.get("to") else None
        return messages.seated(words, code, seat(session, code, since, until, by), since, until)
    if verb == "end":
        return messages.seat_ended(words, *end_seat(session, code, _day(options, "to", verb), by))
    return messages.unseated(words, unseat(session, code, _day(options, "from", verb), by))


def _members(session: Session, services: Services, words: Words, rest: str) -> list[Block]:
    when = parse_date(rest, field="council") if rest else day(services.today())
    if when.first is None or when.last is None:
        raise BadInput(
            sentence(
                "Of which day or year? `/aid-admin council 2025` lists the members of that year, "
                "`/aid-admin council` those of today."
            ),
            field="council",
        )
    return messages.council(words, when, seats(session, when.first, when.last))


def _state(typed: str, verb: str) -> str:
    """The code of the state that was typed, by code or name."""
    try:
        code = read_holder(typed)
    except BadInput:
        code = UNDISCLOSED
    if code == UNDISCLOSED:
        raise BadInput(
            sentence(
                "“{typed}” is not a state I know. Write its two-letter code: `/aid-admin council {verb} US {options}`."
            ),
            typed=typed,
            verb=verb,
            options=" ".join(f"{name}:2027-01-01" for name in OPTIONS[verb]),
        )
    return code


def _day(options: dict[str, str], name: str, verb: str) -> date:
    if not options.get(name):
        raise BadInput(
            sentence("`{name}:` is missing: the day, such as `/aid-admin council {verb} US {name}:2027-01-01`."),
            name=name,
            verb=verb,
        )
    return parse_day(options[name], field=name)
