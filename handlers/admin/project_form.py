"""The form of a project: one field for each of its values; block ids carry the values' names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from db.admin.projects import Conflict
from db.domain.code_lists import code_lists, label_of
from db.domain.enums import Group, Visibility
from db.errors import N_
from db.models import Organisation
from db.projects.fields import BASIS_LENGTH, NOTES_LENGTH, TITLE_LENGTH, NewOrganisation, ProjectFields
from handlers.blocks.blockkit import LIMITS, Block, context, divider, field_input, modal, option, plain, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape
from handlers.slack.payloads import ElementState

FORM = "project_form"
DONE = "project_form_done"
ACTION = "project_"
"""What the action ids begin with; that of the applicant asks for choices."""

NONE = "none"
"""The value of the choice that nothing is stated."""

SHOWN = 200
LABELS = {
    "ref": N_("Ref"),
    "title_en": N_("Title (English)"),
    "title_ko": N_("Title (Korean)"),
    "group": N_("Group"),
    "applicant": N_("Applicant"),
    "organisation_en": N_("New applicant: name (English)"),
    "organisation_ko": N_("New applicant: name (Korean)"),
    "organisation_type": N_("New applicant: type"),
    "organisation_country": N_("New applicant: country"),
    "sectors": N_("Sectors"),
    "amount_low": N_("Amount, lowest"),
    "amount_high": N_("Amount, highest"),
    "currency": N_("Currency"),
    "amount_basis": N_("What the amount rests on"),
    "predecessor": N_("Extends (earlier project)"),
    "notes": N_("Notes"),
    "visibility": N_("Name"),
}
VISIBILITIES = {
    Visibility.PUBLIC: N_("Shown"),
    Visibility.WITHHELD: N_("Withheld"),
}


@dataclass(frozen=True, slots=True)
class ProjectForm:
    """State of the form: values, the chosen or new applicant, and for an existing project its ref and version.

    Fields in ``renewed`` take the value given here; in an open form all others keep what was typed. ``conflict``
    is what somebody else changed meanwhile.
    """

    fields: ProjectFields = field(default_factory=ProjectFields)
    applicant_name: str = ""
    organisation: NewOrganisation = field(default_factory=NewOrganisation)
    ref: str = ""
    version: int = 0
    renewed: frozenset[str] = frozenset()
    conflict: Conflict | None = None


def label(translator: Translator, name: str) -> str:
    """Return a field's label as plain text."""
    return translator.plain(LABELS.get(name, name))


def view(translator: Translator, form: ProjectForm) -> Block:
    """Return the modal to add a project, or to edit the one that ``form.ref`` names."""
    title = translator.plain("Edit {ref}", ref=form.ref) if form.ref else translator.plain("Add a project")
    top = _conflict(translator, form.conflict, form.renewed) if form.conflict else []
    blocks = [
        *top,
        context(translator.mrkdwn("What is not known stays empty: it is shown as not stated.")),
        *_fields(translator, form),
    ]
    about = json.dumps({"ref": form.ref, "version": form.version}) if form.ref else ""
    return modal(
        FORM, title, blocks, submit=translator.plain("Save"), close=translator.plain("Cancel"), private_metadata=about
    )


def done(translator: Translator, title: str, text: str) -> Block:
    """Return the form's last page: what was saved."""
    return modal(DONE, title, sections(text), close=translator.plain("Close"))


def added(translator: Translator, ref: str) -> Block:
    return done(
        translator,
        translator.plain("Added"),
        translator.mrkdwn(
            "*{ref}* is added. Nothing is on record for it yet: `/aid-update {ref} submitted on:2026-02-05` records a "
            "first step, `/aid-status {ref}` shows it.",
            ref=ref,
        ),
    )


def edited(translator: Translator, ref: str, changed: Sequence[str]) -> Block:
    if not changed:
        return done(
            translator, translator.plain("Nothing changed"), translator.mrkdwn("*{ref}* stays as it was.", ref=ref)
        )
    fields = ", ".join(label(translator, name) for name in changed)
    return done(
        translator,
        translator.plain("Saved"),
        translator.mrkdwn("*{ref}* is changed: {fields}. `/aid-admin audit` keeps who did it.", ref=ref, fields=fields),
    )


def saved_before(translator: Translator) -> Block:
    return done(
        translator,
        translator.plain("Saved"),
        translator.mrkdwn("This form was saved already; nothing was written twice."),
    )


def organisation_option(translator: Translator, row: Organisation) -> Block:
    return option(organisation_name(translator, row), row.key)


def no_organisation(translator: Translator) -> Block:
    return option(translator.plain("Not stated"), NONE)


def organisation_name(translator: Translator, row: Organisation | None) -> str:
    """Return the name in the reader's language, else in the other."""
    if row is None:
        return ""
    names = (row.name_ko, row.name_en) if translator.language == "ko" else (row.name_en, row.name_ko)
    return next((name for name in names if name), row.key)


def read_state(values: Mapping[str, Mapping[str, ElementState]]) -> tuple[ProjectFields, NewOrganisation]:
    """Parse the form's ``state.values``."""
    found = {block: _chosen(next(iter(elements.values()))) for block, elements in values.items() if elements}
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    fields = ProjectFields(
        sectors=tuple(found.get("sectors") or ()),
        **{name: text for name, text in texts.items() if name in ProjectFields.__dataclass_fields__},
    )
    organisation = NewOrganisation(
        **{name: text for name, text in texts.items() if name in NewOrganisation.__dataclass_fields__}
    )
    return replace(fields, applicant="" if fields.applicant == NONE else fields.applicant), organisation


def _chosen(element: ElementState) -> str | list[str]:
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or []]
    option = element.get("selected_option")
    return option["value"] if option else element.get("value") or ""


def _fields(translator: Translator, form: ProjectForm) -> list[Block]:
    fields, new = form.fields, form.organisation
    blocks = (
        []
        if form.ref
        else [
            _text(
                translator,
                form,
                "ref",
                fields.ref,
                most=16,
                required=True,
                hint=translator.plain(
                    "One to six letters, a dash and a number, such as GG-4. It cannot be changed later."
                ),
            )
        ]
    )
    return [
        *blocks,
        _text(translator, form, "title_en", fields.title_en, most=TITLE_LENGTH),
        _text(translator, form, "title_ko", fields.title_ko, most=TITLE_LENGTH),
        _select(translator, form, "group", [option(translator.group(group), group) for group in Group], fields.group),
        _applicant(translator, form),
        _text(
            translator,
            form,
            "organisation_en",
            new.organisation_en,
            most=TITLE_LENGTH,
            hint=translator.plain("Only for an applicant that the list above does not have."),
        ),
        _text(translator, form, "organisation_ko", new.organisation_ko, most=TITLE_LENGTH),
        _select(
            translator,
            form,
            "organisation_type",
            _codes(translator, "organisation_type"),
            new.organisation_type,
            optional=True,
        ),
        _text(
            translator,
            form,
            "organisation_country",
            new.organisation_country,
            most=60,
            hint=translator.plain("Its two-letter code or name, such as KR"),
        ),
        divider(),
        _sectors(translator, form),
        _text(translator, form, "amount_low", fields.amount_low, most=30, hint=translator.plain("63000 or 367,883.80")),
        _text(translator, form, "amount_high", fields.amount_high, most=30),
        _text(translator, form, "currency", fields.currency, most=3, hint=translator.plain("USD, EUR, KRW")),
        _text(
            translator,
            form,
            "amount_basis",
            fields.amount_basis,
            most=BASIS_LENGTH,
            hint=translator.plain("Such as: press estimate"),
        ),
        _text(
            translator,
            form,
            "predecessor",
            fields.predecessor,
            most=16,
            hint=translator.plain(
                "The ref of the earlier project; unidentified, where there is one but nobody says which."
            ),
        ),
        _text(translator, form, "notes", fields.notes, most=NOTES_LENGTH, multiline=True),
        _visibility(translator, form),
    ]


def _field(
    translator: Translator, form: ProjectForm, name: str, element: Block, *, optional: bool, hint: str | None = None
) -> Block:
    """Return an input whose action id is new where its value has to be: an open form keeps what stands under the same id."""
    block = field_input(name, label(translator, name), element, optional=optional, hint=hint)
    block["element"]["action_id"] = f"{ACTION}{name}" + (f"_{form.version}" if name in form.renewed else "")
    return block


def _text(
    translator: Translator,
    form: ProjectForm,
    name: str,
    value: str,
    *,
    most: int,
    required: bool = False,
    multiline: bool = False,
    hint: str | None = None,
) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": most}
    if value:
        element["initial_value"] = value[: LIMITS["input"]]
    if multiline:
        element["multiline"] = True
    return _field(translator, form, name, element, optional=not required, hint=hint)


def _select(
    translator: Translator, form: ProjectForm, name: str, choices: list[Block], value: str, *, optional: bool = False
) -> Block:
    element: Block = {"type": "static_select", "options": choices}
    initial = next((choice for choice in choices if choice["value"] == value), None)
    if initial:
        element["initial_option"] = initial
    return _field(translator, form, name, element, optional=optional)


def _applicant(translator: Translator, form: ProjectForm) -> Block:
    element: Block = {
        "type": "external_select",
        "min_query_length": 0,
        "placeholder": plain(translator.plain("Type a part of its name"), LIMITS["option"]),
    }
    if form.fields.applicant:
        element["initial_option"] = option(form.applicant_name or form.fields.applicant, form.fields.applicant)
    return _field(translator, form, "applicant", element, optional=True)


def _sectors(translator: Translator, form: ProjectForm) -> Block:
    choices = _codes(translator, "sector", form.fields.sectors)
    element: Block = {"type": "multi_static_select", "options": choices}
    initial = [choice for choice in choices if choice["value"] in form.fields.sectors]
    if initial:
        element["initial_options"] = initial
    return _field(translator, form, "sectors", element, optional=True, hint=translator.plain("OECD CRS purpose codes"))


def _visibility(translator: Translator, form: ProjectForm) -> Block:
    choices = [option(translator.plain(text), value) for value, text in VISIBILITIES.items()]
    element: Block = {
        "type": "radio_buttons",
        "options": choices,
        "initial_option": choices[form.fields.visibility == Visibility.WITHHELD],
    }
    return _field(
        translator,
        form,
        "visibility",
        element,
        optional=False,
        hint=translator.plain(
            "Withheld: title, applicant, amount and notes are shown to nobody, except to admins in this form."
        ),
    )


def _codes(translator: Translator, kind: str, also: Sequence[str] = ()) -> list[Block]:
    codes = dict.fromkeys([*code_lists()[kind], *also])
    return [option(f"{code} {label_of(kind, code, translator.language)}", code) for code in codes]


def _conflict(translator: Translator, conflict: Conflict, renewed: frozenset[str]) -> list[Block]:
    """Render what somebody else saved meanwhile, field by field, and what that means for this form."""
    lines = [":warning: " + translator.error(conflict)]
    for change in conflict.changes:
        lines.append(translator.mrkdwn("<@{user}> changed:", user=change.user_id) + f" {translator.time(change.at)}")
        lines += [
            f"• {label(translator, name)}: {_shown(translator, name, before)} → {_shown(translator, name, after)}"
            + (
                ""
                if name in renewed
                else " · " + translator.mrkdwn("*you typed something else, which would replace it*")
            )
            for name, (before, after) in change.values.items()
        ]
    return [*sections("\n".join(lines)), divider()]


def _shown(translator: Translator, name: str, value: object) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if name == "group":
        text = translator.group(text)
    if name == "visibility":
        text = translator.plain(VISIBILITIES[Visibility(text)])
    return escape(clip(text, SHOWN)) or translator.mrkdwn("not stated")
