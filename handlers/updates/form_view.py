"""The form of /aid-update: its fields follow the kind of update; a field's block and action carry its name."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from db.domain.enums import LETTERS, UNDISCLOSED, ClearanceOutcome, SourceKind, Stance, UpdateKind
from db.errors import N_
from db.recording.proposal import CONFIRM_OPTIONS, EVERY_KIND, FORM_OPTIONS, NOTE_LENGTH, OPTIONS
from db.reports.portfolio import ProjectRow
from handlers.blocks.blockkit import LIMITS, Block, context, mrkdwn, option, paragraph, plain
from handlers.blocks.formatting import plain_title
from handlers.blocks.forms import choice, field_input, modal, search_menu, text_input
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip
from handlers.updates.form_values import BESIDE, KIND, NOTE, PROJECTS, as_values

FORM = "update_form"
SOURCE_KIND = "as"
MOST_PROJECTS = 100
# Kinds of update by the headings of their menu.
KIND_GROUPS = {
    N_("Committee"): ("submitted", "circulated", "hold", "hold-lifted", "position"),
    N_("Decision"): (
        *("approval-reported", "approved", "extension-requested", "extended", "amendment-requested", "amended"),
        *("rejected", "withdrawn", "lapsed"),
    ),
    N_("After approval"): ("notified", "clearance", "shipped", "delivered", "closed"),
    N_("DPRK and notes"): ("accepted", "declined", "no-response", "note"),
}
_PRESS = frozenset({SourceKind.REPORTED_LETTER, SourceKind.PRESS, SourceKind.ANONYMOUS})
_OF_PRESS = frozenset({"reported", "attributed-to"})
_ADDRESS = re.compile(r"https?://\S+")
_CODE = re.compile(r"`([^`]+)`")
_TWICE = re.compile(r"(\w[\w ]*)\(“\1”\)")  # 메모(`note`)


@dataclass(frozen=True, slots=True)
class Form:
    """State of the form: projects as (ref, label), kind, values by field or option, members; ``about`` is kept as JSON."""

    projects: Sequence[tuple[str, str]] = ()
    kind: UpdateKind | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    members: Sequence[str] = ()
    corrects: int | None = None
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormField:
    """A field: its label, what is filled in, a hint, and the kinds of update for which it has to be."""

    label: str
    element: Callable[[Translator, Form, str], Block]
    hint: str = ""
    required: frozenset[UpdateKind] = frozenset()


def view(translator: Translator, form: Form) -> Block:
    form = replace(form, values=as_values(form.values))
    title = (
        translator.plain("Correct #{number}", number=form.corrects)
        if form.corrects
        else translator.plain("Record an update")
    )
    blocks = [_kind(translator, form), projects_field(translator, form)]
    if form.kind is None:
        blocks.append(context(translator.mrkdwn("Choose what happened to see the fields for it.")))
    for name in _names(form):
        if name == "until" and form.kind in LETTERS:
            blocks += paragraph(translator, "*In the letter*")
        blocks.append(_field(translator, form, name))
    return modal(
        translator,
        FORM,
        title,
        blocks,
        submit=translator.plain("Review") if form.kind else translator.plain("Next"),
        private_metadata=json.dumps(form.about),
    )


def name_fields(sentence: str, language: str) -> str:
    """Return the sentence of an error with fields of the form and kinds in place of words of the command line."""
    translator = Translator(language)

    def named(match: re.Match[str]) -> str:
        name, colon, value = match[1].partition(":")
        if match[1] in EVERY_KIND:
            return f"“{translator.kind(UpdateKind(match[1]))}”"
        if match[1].startswith("#"):
            return f"“/aid-update {match[1]}”"
        if not colon or name not in FIELDS:
            return f"“{match[1]}”"
        lists = [_CHOICES[each] for each in (name, BESIDE.get(name)) if each in _CHOICES]
        offered = Form(members=(value,) if value else ())
        labels = {each["value"]: each["text"]["text"] for choices in lists for each in choices(translator, offered)}
        said = [translator.plain(FIELDS[name].label), labels.get(value, value.strip('"'))]
        return f"“{': '.join(filter(None, said))}”"

    return _TWICE.sub(r"“\1”", _CODE.sub(named, sentence))


def suggested(translator: Translator, row: ProjectRow, today: date) -> Block:
    status = translator.headline(row.standing.headline(today))
    return option(f"{row.project.ref} · {plain_title(translator, row.project)}", row.project.ref, status)


def _names(form: Form) -> list[str]:
    """Return the fields of the kind, those of the press for a report of it, and those that are filled in."""
    if form.kind is None:
        return [name for name in ("source", NOTE) if form.values.get(name)]
    options = {name for name, kinds in {**OPTIONS, **FORM_OPTIONS}.items() if form.kind in kinds}
    if form.about.get("confirms"):
        options &= CONFIRM_OPTIONS
    if form.values.get(SOURCE_KIND) not in _PRESS:
        options -= {name for name in _OF_PRESS if not form.values.get(name)}
    options |= {NOTE, *(beside for name, beside in BESIDE.items() if name in options)}
    return [name for name in FIELDS if name in options]


def _field(translator: Translator, form: Form, name: str) -> Block:
    shown = FIELDS[name]
    report = form.about.get("confirms") or form.about.get("differs")  # it says only what it says
    block = field_input(
        name,
        translator.plain(shown.label),
        shown.element(translator, form, name),
        optional=bool(report) or form.kind not in shown.required,
        hint=translator.plain(shown.hint) if shown.hint else None,
    )
    return {**block, "dispatch_action": True} if name == SOURCE_KIND else block


def projects_field(translator: Translator, form: Form) -> Block:
    chosen = [option(f"{ref} · {label}", ref) for ref, label in form.projects]
    if form.corrects:
        refs = ", ".join(ref for ref, _ in form.projects)
        return {
            "type": "section",
            "block_id": PROJECTS,
            "text": mrkdwn(translator.mrkdwn("*Projects:* {refs}", refs=clip(refs, 2500))),
        }
    placeholder = translator.plain("Ref or name; you can add several")
    menu = search_menu("multi_external_select", chosen, placeholder=placeholder)
    return field_input(PROJECTS, translator.plain("Projects"), {**menu, "max_selected_items": MOST_PROJECTS})


def _kind(translator: Translator, form: Form) -> Block:
    options = {kind.value: option(translator.kind(kind), kind.value) for kind in UpdateKind}
    element: Block = {
        "type": "static_select",
        "option_groups": [
            {"label": plain(translator.plain(label), LIMITS["option"]), "options": [options[kind] for kind in kinds]}
            for label, kinds in KIND_GROUPS.items()
        ],
        "placeholder": plain(translator.plain("Choose…"), 150),
    }
    if form.kind:
        element["initial_option"] = options[form.kind]
    return {**field_input(KIND, translator.plain("What happened"), element), "dispatch_action": True}


def _text(_translator: Translator, form: Form, name: str, *, most: int = 200, multiline: bool = False) -> Block:
    return text_input(form.values.get(name, ""), most=most, multiline=multiline)


def _address(translator: Translator, form: Form, name: str) -> Block:
    value = form.values.get(name, "")
    if len(value.split()) > 1:
        return _text(translator, form, name, most=LIMITS["input"])
    element: Block = {"type": "url_text_input"}
    return {**element, "initial_value": value} if _ADDRESS.fullmatch(value) else element


def _day(_translator: Translator, form: Form, name: str) -> Block:
    element: Block = {"type": "datepicker"}
    return {**element, "initial_date": form.values[name]} if form.values.get(name) else element


def _choice(translator: Translator, form: Form, name: str, *, kind: str = "static_select") -> Block:
    placeholder = translator.plain("Choose…") if kind == "static_select" else ""
    return choice(kind, _CHOICES[name](translator, form), form.values.get(name, "").split(), placeholder=placeholder)


def _members(translator: Translator, form: Form) -> list[Block]:
    codes = list(dict.fromkeys([UNDISCLOSED, *form.members]))[: LIMITS["options"]]
    return [option(translator.holder(code), code) for code in codes]


def _source_kinds(translator: Translator, _form: Form) -> list[Block]:
    described = {
        SourceKind.LETTER: translator.plain("The Chair's letter, which you have"),
        SourceKind.REPORTED_LETTER: translator.plain("A named outlet quotes the letter with its date"),
        SourceKind.APPLICANT: translator.plain("What the implementing agency says itself"),
    }
    return [option(translator.source_kind(kind), kind.value, described.get(kind)) for kind in SourceKind]


def _ends(translator: Translator, form: Form) -> list[Block]:
    on_record = [value for value in form.values.get(BESIDE["until"], "").split() if value != "unknown"]
    return [option(translator.plain("End not known"), "unknown"), *(option(value, value) for value in on_record)]


_CHOICES: dict[str | None, Callable[[Translator, Form], list[Block]]] = {
    "by": _members,
    SOURCE_KIND: _source_kinds,
    "stance": lambda translator, _: [option(translator.stance(stance), stance.value) for stance in Stance],
    "outcome": lambda translator, _: [option(translator.outcome(each), each.value) for each in ClearanceOutcome],
    "lift": lambda translator, _: [option(translator.plain("Also lift all open holds"), "all")],
    "all": lambda translator, _: [option(translator.plain("All consignments are delivered"), "yes")],
    BESIDE["until"]: _ends,
}
_tick = partial(_choice, kind="checkboxes")
# In the order of the form.
FIELDS = {
    "by": FormField(N_("Held by"), _choice, required=frozenset({UpdateKind.HOLD, UpdateKind.POSITION})),
    "stance": FormField(N_("Its position"), _choice, required=EVERY_KIND),
    "length": FormField(N_("Length asked for"), _text, N_("6m or 90d")),
    "lift": FormField(N_("Open holds"), _tick),
    "consignment": FormField(N_("Consignment"), _text, N_("1/3 for the first of three")),
    "contents": FormField(N_("Contents"), _text),
    "from": FormField(N_("Shipped from"), _text),
    "to": FormField(N_("Shipped to"), _text),
    "all": FormField(N_("Delivery"), _tick),
    "on": FormField(N_("Date it happened (New York)"), _day),
    "on-inexact": FormField(
        N_("If the day is not known"), _text, N_("2026-02 (month), 2025-H1 (half-year), 2025 or unknown")
    ),
    "extends": FormField(N_("Extends"), _text, N_("The ref of the earlier project, or unidentified")),
    "deadline": FormField(N_("No-objection deadline"), _day),
    "deadline-hour": FormField(N_("Hour of the deadline (New York)"), _text, N_("for example 15:00")),
    "authority": FormField(N_("Authority"), _text, required=EVERY_KIND),
    "outcome": FormField(N_("Outcome"), _choice, required=EVERY_KIND),
    SOURCE_KIND: FormField(
        N_("Kind of source"), partial(_choice, kind="radio_buttons"), required=EVERY_KIND - {UpdateKind.NOTE}
    ),
    "source": FormField(N_("Source link"), _address, N_("Without it the entry shows “no link”.")),
    "attributed-to": FormField(N_("Whom the source cites"), _text, N_("for example multiple diplomatic sources")),
    "reported": FormField(N_("Reported on"), _day),
    "until": FormField(N_("Valid until"), _day),
    "until-open": FormField(N_("If the end is not known"), _tick),
    "letter-date": FormField(N_("Date of the letter"), _day),
    "period": FormField(N_("Period as stated"), _text, N_("12m or 90d")),
    "items": FormField(N_("Number of items"), _text),
    "value": FormField(N_("Value"), _text, N_("63000 or 367,883.80")),
    "currency": FormField(N_("Currency"), _text, N_("USD, EUR, KRW")),
    "shipments": FormField(N_("Shipments allowed"), _text),
    "paragraph": FormField(N_("Legal basis"), _text, N_("for example resolution 2397 (2017), para. 25")),
    NOTE: FormField(
        N_("Note"),
        partial(_text, most=NOTE_LENGTH, multiline=True),
        N_("Everyone can read it. Do not write withheld names."),
        required=frozenset({UpdateKind.NOTE}),
    ),
    "note-ko": FormField(N_("Note in Korean"), partial(_text, most=NOTE_LENGTH)),
}
