"""/aid-admin council: present and past members of the Council, and admins' changes to them."""

from datetime import date

from db.admin.council import add_membership, end_membership, remove_membership
from db.council import load_council
from db.domain.code_lists import meant
from db.domain.dates import day, parse_date, parse_day
from db.domain.enums import UNDISCLOSED
from db.errors import BadInput
from handlers.admin import blocks as messages
from handlers.blocks.blockkit import Block
from handlers.context import Request
from handlers.slack.command_text import extract_options

OPTIONS = {"add": ("from", "to"), "end": ("to",), "remove": ("from",)}


def changes(rest: str) -> bool:
    return rest.partition(" ")[0].lower() in OPTIONS


def answer(request: Request, rest: str) -> list[Block]:
    if not changes(rest):
        return _members(request, rest)
    session, translator, editor = request.session, request.translator, request.editor
    typed_verb, _, arguments = rest.partition(" ")
    verb = typed_verb.lower()
    state, options = extract_options(arguments, OPTIONS[verb])
    code = _state(state, verb)
    if verb == "remove":
        removed = remove_membership(session, code, _day(options, "from", verb), editor)
        return messages.confirm_membership_removal(translator, removed)
    if verb == "end":
        before, after = end_membership(session, code, _day(options, "to", verb), editor)
        return messages.confirm_membership(translator, code, before, after.since, after.until)
    since, until = _day(options, "from", verb), parse_day(options["to"], field="to") if options.get("to") else None
    earlier = add_membership(session, code, since, until, editor)
    return messages.confirm_membership(translator, code, earlier, since, until)


def _members(request: Request, rest: str) -> list[Block]:
    when = parse_date(rest, field="council") if rest else day(request.today)
    if when.first is None or when.last is None:
        raise BadInput(
            "Which day or year? `/aid-admin council 2025` lists the members of that year; `/aid-admin "
            "council` lists today's.",
            field="council",
        )
    rows = tuple(row for row in load_council(request.session).rows if row.overlaps(when.first, when.last))
    return messages.council(request.translator, when, rows)


def _state(state: str, verb: str) -> str:
    """Return the code of a state typed by code or name. Raises BadInput for an unknown one."""
    code = meant("country", state)
    if code in {None, UNDISCLOSED}:
        raise BadInput(
            "“{typed}” is not a country I know. Use its two-letter code: `/aid-admin council {verb} US {options}`.",
            typed=state,
            verb=verb,
            options=" ".join(f"{name}:2027-01-01" for name in OPTIONS[verb]),
        )
    return str(code)


def _day(options: dict[str, str], name: str, verb: str) -> date:
    if not options.get(name):
        raise BadInput(
            "`{name}:` is missing. Add a date, for example `/aid-admin council {verb} US {name}:2027-01-01`.",
            name=name,
            verb=verb,
        )
    return parse_day(options[name], field=name)
