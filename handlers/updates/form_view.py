"""The form of /aid-update: its fields follow the kind of update; a field's block and action carry the option's name."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from db.domain.enums import UNDISCLOSED, ClearanceOutcome, SourceKind, Stance, UpdateKind
from db.recording.proposal import CONFIRM_OPTIONS, FORM_OPTIONS, NOTE_LENGTH, OPTIONS
from handlers.blocks.blockkit import LIMITS, Block, context, field_input, modal, mrkdwn, option, plain
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import ElementState

FORM = "update_form"
PROJECTS = "refs"
KIND = "kind"
NOTE = "note"
MOST_PROJECTS = 100
DATE_FIELDS = frozenset({"letter-date", "reported"})


@dataclass(frozen=True, slots=True)
class Form:
    """State of the form: projects as (ref, label), the kind, typed values by option, members to choose from.

    ``about`` is what it has to remember, as JSON; ``news`` stands on top.
    """

    projects: Sequence[tuple[str, str]] = ()
    kind: UpdateKind | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    members: Sequence[str] = ()
    corrects: int | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    news: Sequence[Block] = ()


def view(translator: Translator, form: Form) -> Block:
    """Return the form as a view."""
    title = (
        translator.plain("Correct #{number}", number=form.corrects)
        if form.corrects
        else translator.plain("Record an update")
    )
    blocks = [*form.news, _projects(translator, form), _kind(translator, form)]
    if form.kind is None:
        blocks.append(context(translator.mrkdwn("Choose what happened to see the fields for it.")))
        blocks += _render_kept_inputs(translator, form)
        return modal(
            FORM,
            title,
            blocks,
            close=translator.plain("Cancel"),
            submit=translator.plain("Next"),
            private_metadata=json.dumps(form.about),
        )
    names = [name for name, kinds in {**OPTIONS, **FORM_OPTIONS}.items() if form.kind in kinds]
    if form.about.get("confirms"):
        names = [name for name in names if name in CONFIRM_OPTIONS]
    fields = [*(_FIELDS[name](translator, form, name) for name in _ORDER if name in names), _note(translator, form)]
    if form.about.get("confirms") or form.about.get("differs"):
        fields = [{**field, "optional": True} for field in fields]  # a report says only what it says
    blocks += fields
    return modal(
        FORM,
        title,
        blocks,
        close=translator.plain("Cancel"),
        submit=translator.plain("Record"),
        private_metadata=json.dumps(form.about),
    )


def _render_kept_inputs(translator: Translator, form: Form) -> list[Block]:
    """Render what was filled in before a kind was chosen, so that it is seen and kept."""
    source = [_FIELDS["source"](translator, form, "source")] if form.values.get("source") else []
    return [*source, *([_note(translator, form)] if form.note else [])]


def _note(translator: Translator, form: Form) -> Block:
    return _text(
        translator.plain("Note"),
        optional=form.kind is not UpdateKind.NOTE,
        value=form.note,
        name=NOTE,
        multiline=True,
        most=NOTE_LENGTH,
    )


def project_option(label: str, ref: str) -> Block:
    """Return a project in the typeahead."""
    return option(f"{ref} · {label}", ref)


def read_values(view_state: Mapping[str, Mapping[str, ElementState]]) -> tuple[list[str], dict[str, str]]:
    """Return the refs chosen, and the text of every other input by option.

    Forms opened with version 1.0 have a block ``letter_date``.
    """
    inputs = {
        block.replace("_", "-"): element for block, elements in view_state.items() for element in elements.values()
    }
    projects: ElementState = inputs.pop(PROJECTS, {})
    refs = [option["value"] for option in projects.get("selected_options") or []]
    return refs, {block: _value(element) for block, element in inputs.items()}


def _value(element: ElementState) -> str:
    match element["type"]:
        case "checkboxes":
            return " ".join(option["value"] for option in element.get("selected_options") or [])
        case "static_select" | "external_select":
            option = element.get("selected_option")
            return option["value"] if option else ""
        case "datepicker":
            return element.get("selected_date") or ""
    return element.get("value") or ""


def _projects(translator: Translator, form: Form) -> Block:
    chosen = [project_option(label, ref) for ref, label in form.projects]
    if form.corrects:
        refs = ", ".join(ref for ref, _ in form.projects)
        return {
            "type": "section",
            "block_id": PROJECTS,
            "text": mrkdwn(translator.mrkdwn("*Projects:* {refs}", refs=clip(refs, 2500))),
        }
    element: Block = {
        "type": "multi_external_select",
        "min_query_length": 0,
        "max_selected_items": MOST_PROJECTS,
        "placeholder": plain(translator.plain("Ref or name; you can add several"), 150),
    }
    if chosen:
        element["initial_options"] = chosen
    return field_input(PROJECTS, translator.plain("Projects"), element)


def _kind(translator: Translator, form: Form) -> Block:
    options = [option(translator.kind(kind), kind.value) for kind in UpdateKind]
    element = _with_choice(
        {"type": "static_select", "options": options, "placeholder": plain(translator.plain("What happened"), 150)},
        form.kind,
    )
    return {**field_input(KIND, translator.plain("What happened"), element), "dispatch_action": True}


def _text(
    label: str,
    *,
    name: str,
    value: str,
    optional: bool = True,
    hint: str | None = None,
    multiline: bool = False,
    most: int = 200,
) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    if value:
        element["initial_value"] = value[:most]
    return field_input(name, label, element, optional=optional, hint=hint)


def _text_field(
    label: Callable[[Translator], str],
    hint: Callable[[Translator], str] | None = None,
    *,
    required: bool = False,
    most: int = 200,
) -> Callable[[Translator, Form, str], Block]:
    def build(translator: Translator, form: Form, name: str) -> Block:
        return _text(
            label(translator),
            name=name,
            value=form.values.get(name, ""),
            optional=not required,
            hint=hint(translator) if hint else None,
            most=most,
        )

    return build


def _date_field(label: Callable[[Translator], str]) -> Callable[[Translator, Form, str], Block]:
    def build(translator: Translator, form: Form, name: str) -> Block:
        element: Block = {"type": "datepicker"}
        if form.values.get(name):
            element["initial_date"] = form.values[name]
        return field_input(name, label(translator), element, optional=True)

    return build


def _until(translator: Translator, form: Form, name: str) -> Block:
    return _text(
        translator.plain("Valid until"),
        name=name,
        value=form.values.get(name, ""),
        optional=form.kind in {UpdateKind.AMENDED, UpdateKind.CLEARANCE},
        hint=translator.plain("The date in the letter, such as 2027-02-06, or unknown if you have not seen it."),
    )


def _choice_field(
    label: Callable[[Translator], str], options: Callable[[Translator], Sequence[Block]], *, required: bool = False
) -> Callable[[Translator, Form, str], Block]:
    def build(translator: Translator, form: Form, name: str) -> Block:
        element = {
            "type": "static_select",
            "options": list(options(translator)),
            "placeholder": plain(translator.plain("Choose…"), 150),
        }
        return field_input(name, label(translator), _with_choice(element, form.values.get(name)), optional=not required)

    return build


def _source_kind(translator: Translator, form: Form, name: str) -> Block:
    build = _choice_field(
        lambda translator: translator.plain("Kind of source"),
        lambda translator: [option(translator.source_kind(kind), kind.value) for kind in SourceKind],
        required=form.kind is not UpdateKind.NOTE,
    )
    return build(translator, form, name)


def _holder(translator: Translator, form: Form, name: str) -> Block:
    codes = list(dict.fromkeys([UNDISCLOSED, *form.members]))[: LIMITS["options"]]
    options = [option(translator.holder(code), code) for code in codes]
    element = {
        "type": "static_select",
        "options": options,
        "placeholder": plain(translator.plain("Council member"), 150),
    }
    return field_input(
        name,
        translator.plain("Held by"),
        _with_choice(element, form.values.get(name)),
        optional=form.kind is UpdateKind.HOLD_LIFTED,
    )


def _lift(translator: Translator, form: Form, name: str) -> Block:
    every = option(translator.plain("Also lift all open holds"), "all")
    element: Block = {"type": "checkboxes", "options": [every]}
    if form.values.get(name) == "all":
        element["initial_options"] = [every]
    return field_input(name, translator.plain("Open holds"), element, optional=True)


def _all(translator: Translator, form: Form, name: str) -> Block:
    every = option(translator.plain("All consignments are delivered"), "yes")
    element: Block = {"type": "checkboxes", "options": [every]}
    if form.values.get(name) == "yes":
        element["initial_options"] = [every]
    return field_input(name, translator.plain("Delivery"), element, optional=True)


def _with_choice(element: Block, value: str | None) -> Block:
    chosen = next((each for each in element["options"] if each["value"] == value), None)
    return {**element, "initial_option": chosen} if chosen else element


_ORDER = (
    "by",
    "stance",
    "length",
    "lift",
    "consignment",
    "contents",
    "from",
    "to",
    "all",
    "on",
    "until",
    "period",
    "letter-date",
    "extends",
    "deadline",
    "authority",
    "outcome",
    "as",
    "source",
    "attributed-to",
    "reported",
    "items",
    "value",
    "currency",
    "shipments",
    "paragraph",
    "note-ko",
)
_FIELDS: dict[str, Callable[[Translator, Form, str], Block]] = {
    "by": _holder,
    "lift": _lift,
    "on": _text_field(
        lambda translator: translator.plain("Date it happened (New York)"),
        lambda translator: translator.plain(
            "As exact as you know: 2026-02-05, 2026-02, 2025-H1 (half-year), 2025 or unknown"
        ),
    ),
    "until": _until,
    "letter-date": _date_field(lambda translator: translator.plain("Date of the letter")),
    "extends": _text_field(
        lambda translator: translator.plain("Extends"),
        lambda translator: translator.plain("The ref of the earlier project, or unidentified"),
    ),
    "deadline": _text_field(
        lambda translator: translator.plain("No-objection deadline"),
        lambda translator: translator.plain("2026-02-05 or 2026-02-05T15:00 (New York)"),
    ),
    "authority": _text_field(lambda translator: translator.plain("Authority"), required=True),
    "as": _source_kind,
    "stance": _choice_field(
        lambda translator: translator.plain("Its position"),
        lambda translator: [option(translator.stance(stance), stance.value) for stance in Stance],
        required=True,
    ),
    "outcome": _choice_field(
        lambda translator: translator.plain("Outcome"),
        lambda translator: [option(translator.outcome(outcome), outcome.value) for outcome in ClearanceOutcome],
        required=True,
    ),
    "length": _text_field(
        lambda translator: translator.plain("Length asked for"), lambda translator: translator.plain("6m or 90d")
    ),
    "period": _text_field(
        lambda translator: translator.plain("Period as stated"), lambda translator: translator.plain("12m or 90d")
    ),
    "consignment": _text_field(
        lambda translator: translator.plain("Consignment"),
        lambda translator: translator.plain("1/3 for the first of three"),
    ),
    "contents": _text_field(lambda translator: translator.plain("Contents")),
    "from": _text_field(lambda translator: translator.plain("Shipped from")),
    "to": _text_field(lambda translator: translator.plain("Shipped to")),
    "all": _all,
    "note-ko": _text_field(lambda translator: translator.plain("Note in Korean"), most=NOTE_LENGTH),
    "attributed-to": _text_field(
        lambda translator: translator.plain("Whom the source cites"),
        lambda translator: translator.plain("for example multiple diplomatic sources"),
    ),
    "source": _text_field(lambda translator: translator.plain("Source link"), most=3000),
    "reported": _date_field(lambda translator: translator.plain("Reported on")),
    "items": _text_field(lambda translator: translator.plain("Number of items")),
    "value": _text_field(
        lambda translator: translator.plain("Value"), lambda translator: translator.plain("63000 or 367,883.80")
    ),
    "currency": _text_field(
        lambda translator: translator.plain("Currency"), lambda translator: translator.plain("USD, EUR, KRW")
    ),
    "shipments": _text_field(lambda translator: translator.plain("Shipments allowed")),
    "paragraph": _text_field(
        lambda translator: translator.plain("Legal basis"),
        lambda translator: translator.plain("for example resolution 2397 (2017), para. 25"),
    ),
}
