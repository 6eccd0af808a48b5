"""Values of the form of /aid-update: what its fields hold, as options of a proposal and back."""

from collections.abc import Mapping

from db.domain.code_lists import code_for
from db.domain.dates import Precision, parse_date
from db.errors import AidError, BadInput
from db.recording.proposal import LISTS, day_text, parse_deadline
from handlers.blocks.forms import entered
from handlers.slack.payloads import ElementState

PROJECTS = "refs"
KIND = "kind"
NOTE = "note"
DEADLINE = "deadline"
# Beside the day of an option, the field that says what no day can.
BESIDE = {"on": "on-inexact", "until": "until-open", DEADLINE: "deadline-hour"}
DAYS = (*BESIDE, "letter-date", "reported")


def read_values(view_state: Mapping[str, Mapping[str, ElementState]]) -> tuple[list[str], dict[str, str]]:
    """Return the refs chosen, and the text of every other field (``letter_date`` in forms opened with version 1.0)."""
    inputs = {
        block.replace("_", "-"): entered(element)
        for block, elements in view_state.items()
        for element in elements.values()
    }
    refs = inputs.pop(PROJECTS, [])
    texts = {block: value if isinstance(value, str) else " ".join(value) for block, value in inputs.items()}
    return refs if isinstance(refs, list) else [], texts


def as_options(values: Mapping[str, str]) -> dict[str, str]:
    """Return the options that the fields give. Raises BadInput where two fields of one option differ."""
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    options = {name: text for name, text in given.items() if name not in BESIDE.values()}
    for name, beside in BESIDE.items():
        text = given.get(beside, "")
        if name == DEADLINE and text:
            options[name] = f"{options.get(name, '')}T{text}"
        elif text and options.setdefault(name, text) != text and options[name] != parse_date(text, field=beside).text:
            raise BadInput(
                "A day is chosen, and `{option}:` says something else. Keep one of them.", field=beside, option=beside
            )
    return options


def as_values(options: Mapping[str, str]) -> dict[str, str]:
    """Return what the fields hold of options or of fields of an earlier form; days that none can hold are left out."""
    values = {name: code_for(LISTS[name], text) if name in LISTS else text for name, text in options.items()}
    for name in DAYS:
        day, rest = _day_and_rest(name, values.pop(name, ""))
        held = {name: day, BESIDE.get(name, ""): rest}
        values |= {field: text for field, text in held.items() if field and text}
    return values


def _day_and_rest(name: str, text: str) -> tuple[str, str]:
    try:
        if name == DEADLINE:
            day, hour = parse_deadline(text)
            return day_text(day), hour or ""
        date = parse_date(text)
    except BadInput:
        return "", text if name == "on" else ""
    if name == "on" and not date.known:
        return "", ""  # as empty as it was, so that a day can be chosen
    return (date.text, "") if date.precision is Precision.DAY else ("", date.text)


def field_of(error: AidError, values: Mapping[str, str]) -> str:
    """Return the field that an error is about: of two, the one that is filled in."""
    beside = BESIDE.get(error.field, "")
    return beside if values.get(beside) and not values.get(error.field) else error.field or PROJECTS
