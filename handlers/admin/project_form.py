"""The form of a project: one field for each of its values; block ids carry the values' names, or their former ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from db.admin.projects import Conflict
from db.domain.code_lists import code_lists, label_of
from db.domain.enums import Group, OrganisationRole, Visibility
from db.errors import N_
from db.models import Organisation
from db.projects.fields import BASIS_LENGTH, FORMER_NAMES, NOTES_LENGTH, TITLE_LENGTH, NewOrganisation, ProjectFields
from handlers.blocks.blockkit import LIMITS, Block, context, divider, field_input, modal, option, plain, sections
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape
from handlers.slack.payloads import ElementState

FORM = "project_form"
DONE = "project_form_done"
ACTION = "project_"
"""What the action ids begin with; those of organisations ask for choices."""

BLOCKS = {name: former for former, name in FORMER_NAMES.items()}
"""Block ids that are not the field's name: forms that are open in Slack have the former one."""

ROLE_BLOCK = "role_"
"""What the block ids of further organisations begin with; their role follows."""

NONE = "none"
"""The value of the choice that nothing is stated."""

SHOWN = 200
ALIASES_LENGTH = 1000
"""Characters of aliases that the form shows; it keeps them in its metadata, of which Slack takes 3,000."""

LABELS = {
    "ref": N_("Ref"),
    "title_en": N_("Title (English)"),
    "title_ko": N_("Title (Korean)"),
    "group": N_("Group"),
    "organisation": N_("Organisation"),
    "organisation_role": N_("Its role"),
    "organisation_en": N_("New organisation: name (English)"),
    "organisation_ko": N_("New organisation: name (Korean)"),
    "organisation_type": N_("New organisation: type"),
    "organisation_country": N_("New organisation: country"),
    "distinct": N_("New organisation: names like it"),
    "aliases": N_("Other names of the organisation"),
    "roles": N_("Further organisations"),
    "sectors": N_("Sectors"),
    "amount_low": N_("Minimum amount"),
    "amount_high": N_("Maximum amount"),
    "currency": N_("Currency"),
    "amount_basis": N_("Basis of the amount"),
    "predecessor": N_("Extends (earlier project)"),
    "same_as": N_("Same request as"),
    "notes": N_("Notes"),
    "notes_ko": N_("Notes (Korean)"),
    "visibility": N_("Name visibility"),
}


@dataclass(frozen=True, slots=True)
class ProjectForm:
    """State of the form: values, the chosen or new organisation, and for an existing project its ref and version.

    ``names`` are those of the organisations, by key; ``shown`` are the first one's aliases when the form was opened, as
    many as there is room for, ``aliases`` those typed. Fields in ``renewed`` take the value given here; in an open form
    all others keep what was typed. ``conflict`` is what somebody else changed meanwhile.
    """

    fields: ProjectFields = field(default_factory=ProjectFields)
    names: Mapping[str, str] = field(default_factory=dict)
    organisation: NewOrganisation = field(default_factory=NewOrganisation)
    shown: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    ref: str = ""
    version: int = 0
    renewed: frozenset[str] = frozenset()
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The values of a form that was sent; aliases are None in a form that does not have them."""

    fields: ProjectFields
    organisation: NewOrganisation
    aliases: tuple[str, ...] | None


def label(translator: Translator, name: str) -> str:
    """Return a field's label as plain text."""
    if name.startswith(ROLE_BLOCK):
        role = translator.role(OrganisationRole(name.removeprefix(ROLE_BLOCK)))
        return translator.plain("Further organisations: {role}", role=role)
    name = FORMER_NAMES.get(name, name)
    return translator.plain(LABELS.get(name, name))


def block_of(name: str) -> str:
    """Return the id of the block in which a field is, or the first of its blocks."""
    return ROLE_BLOCK + OrganisationRole.IMPLEMENTER if name == "roles" else BLOCKS.get(name, name)


def view(translator: Translator, form: ProjectForm) -> Block:
    """Return the modal to add a project, or to edit the one that ``form.ref`` names."""
    title = translator.plain("Edit {ref}", ref=form.ref) if form.ref else translator.plain("Add a project")
    top = _conflict(translator, form.conflict, form.renewed) if form.conflict else []
    blocks = [
        *top,
        context(translator.mrkdwn("Leave unknown fields empty; they are shown as “not stated”.")),
        *_fields(translator, form),
    ]
    about = _metadata(form) if form.ref else ""
    return modal(
        FORM, title, blocks, submit=translator.plain("Save"), close=translator.plain("Cancel"), private_metadata=about
    )


def confirm(translator: Translator, title: str, text: str) -> Block:
    """Return the form's last page: what was saved."""
    return modal(DONE, title, sections(text), close=translator.plain("Close"))


def confirm_addition(translator: Translator, ref: str) -> Block:
    return confirm(
        translator,
        translator.plain("Added"),
        translator.mrkdwn(
            "*{ref}* was added. It has no updates yet: record the first with `/aid-update {ref} submitted "
            "on:2026-02-05`, or view it with `/aid-status {ref}`.",
            ref=ref,
        ),
    )


def confirm_edit(translator: Translator, ref: str, changed: Sequence[str]) -> Block:
    if not changed:
        return confirm(
            translator, translator.plain("Nothing changed"), translator.mrkdwn("*{ref}* was not changed.", ref=ref)
        )
    fields = ", ".join(label(translator, name) for name in changed)
    return confirm(
        translator,
        translator.plain("Saved"),
        translator.mrkdwn(
            "*{ref}* was updated: {fields}. `/aid-admin audit` shows who changed it.", ref=ref, fields=fields
        ),
    )


def confirm_earlier_save(translator: Translator) -> Block:
    return confirm(
        translator,
        translator.plain("Saved"),
        translator.mrkdwn("This form was already saved, so nothing was recorded twice."),
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


def fitting(aliases: Sequence[str]) -> tuple[str, ...]:
    """Return as many aliases as the form has room for."""
    ends = accumulate(len(alias) + 1 for alias in aliases)
    return tuple(alias for alias, end in zip(aliases, ends, strict=True) if end <= ALIASES_LENGTH)


def read_state(values: Mapping[str, Mapping[str, ElementState]], before: ProjectFields) -> Submitted:
    """Parse the form's ``state.values``; what a form of an earlier version does not have stays as ``before``."""
    found = {
        FORMER_NAMES.get(block, block): _chosen(next(iter(elements.values())))
        for block, elements in values.items()
        if elements
    }
    chosen = {name: value for name, value in found.items() if isinstance(value, list)}
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    aliases = texts.pop("aliases", None)
    if texts.get("organisation") == NONE:
        texts["organisation"] = ""
    roles = [
        (name.removeprefix(ROLE_BLOCK), key)
        for name, keys in chosen.items()
        if name.startswith(ROLE_BLOCK)
        for key in keys
    ]
    fields = replace(
        before,
        sectors=tuple(chosen.get("sectors", before.sectors)),
        roles=tuple(sorted(roles)) if block_of("roles") in chosen else before.roles,
        **{name: text for name, text in texts.items() if name in ProjectFields.__dataclass_fields__},
    )
    organisation = NewOrganisation(
        **{name: text for name, text in texts.items() if name in NewOrganisation.__dataclass_fields__},
        distinct=bool(chosen.get("distinct")),
    )
    return Submitted(fields, organisation, None if aliases is None else tuple(aliases.splitlines()))


def _chosen(element: ElementState) -> str | list[str]:
    if "selected_options" in element:
        return [option["value"] for option in element["selected_options"] or []]
    option = element.get("selected_option")
    return option["value"] if option else element.get("value") or ""


def _fields(translator: Translator, form: ProjectForm) -> list[Block]:
    fields = form.fields
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
                hint=translator.plain("1–6 letters, a hyphen and a number, such as GG-4. It cannot be changed later."),
            )
        ]
    )
    return [
        *blocks,
        _text(translator, form, "title_en", fields.title_en, most=TITLE_LENGTH),
        _text(translator, form, "title_ko", fields.title_ko, most=TITLE_LENGTH),
        _select(translator, form, "group", [option(translator.group(group), group) for group in Group], fields.group),
        *_organisation_fields(translator, form),
        divider(),
        _sectors(translator, form),
        *_amount_fields(translator, form),
        _text(
            translator,
            form,
            "predecessor",
            fields.predecessor,
            most=16,
            hint=translator.plain("Ref of the earlier project, or “unidentified” if nobody says which one."),
        ),
        _text(
            translator,
            form,
            "same_as",
            fields.same_as,
            most=16,
            hint=translator.plain(
                "The ref of the leading record, where two are one request: lists and counts show that one."
            ),
        ),
        _text(translator, form, "notes", fields.notes, most=NOTES_LENGTH, multiline=True),
        _text(translator, form, "notes_ko", fields.notes_ko, most=NOTES_LENGTH, multiline=True),
        _visibility(translator, form),
    ]


def _organisation_fields(translator: Translator, form: ProjectForm) -> list[Block]:
    fields, new = form.fields, form.organisation
    return [
        _organisation(translator, form),
        _select(
            translator,
            form,
            "organisation_role",
            [option(translator.role(role), role) for role in OrganisationRole],
            fields.organisation_role if fields.organisation else "",
            optional=True,
        ),
        _text(
            translator,
            form,
            "organisation_en",
            new.organisation_en,
            most=TITLE_LENGTH,
            hint=translator.plain("Only for an organisation that the list above does not have."),
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
            hint=translator.plain("Two-letter code or name, such as KR"),
        ),
        _distinct(translator, form),
        _text(
            translator,
            form,
            "aliases",
            "\n".join(form.aliases),
            most=2 * ALIASES_LENGTH,
            multiline=True,
            hint=translator.plain("One a line. The organisation is found by them in all its projects."),
        ),
        *(_further(translator, form, role) for role in OrganisationRole),
    ]


def _amount_fields(translator: Translator, form: ProjectForm) -> list[Block]:
    fields = form.fields
    return [
        _text(translator, form, "amount_low", fields.amount_low, most=30, hint=translator.plain("63000 or 367,883.80")),
        _text(translator, form, "amount_high", fields.amount_high, most=30),
        _text(translator, form, "currency", fields.currency, most=3, hint=translator.plain("USD, EUR, KRW")),
        _text(
            translator,
            form,
            "amount_basis",
            fields.amount_basis,
            most=BASIS_LENGTH,
            hint=translator.plain("For example: press estimate"),
        ),
    ]


def _field(
    translator: Translator, form: ProjectForm, name: str, element: Block, *, optional: bool, hint: str | None = None
) -> Block:
    """Return an input whose action id is new where its value has to be: an open form keeps what stands under the same id."""
    block = field_input(BLOCKS.get(name, name), label(translator, name), element, optional=optional, hint=hint)
    renewed = name in form.renewed or (name.startswith(ROLE_BLOCK) and "roles" in form.renewed)
    block["element"]["action_id"] = f"{ACTION}{block['block_id']}" + (f"_{form.version}" if renewed else "")
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


def _organisation(translator: Translator, form: ProjectForm) -> Block:
    element = _search(translator, "external_select")
    if key := form.fields.organisation:
        element["initial_option"] = option(form.names.get(key, key), key)
    return _field(translator, form, "organisation", element, optional=True)


def _distinct(translator: Translator, form: ProjectForm) -> Block:
    choice = option(translator.plain("It is not one of those on record"), "distinct")
    element: Block = {"type": "checkboxes", "options": [choice]}
    if form.organisation.distinct:
        element["initial_options"] = [choice]
    return _field(translator, form, "distinct", element, optional=True)


def _further(translator: Translator, form: ProjectForm, role: OrganisationRole) -> Block:
    """Return the input for the further organisations of one role."""
    element = _search(translator, "multi_external_select")
    keys = [key for own, key in form.fields.roles if own == role]
    if keys:
        element["initial_options"] = [option(form.names.get(key, key), key) for key in keys]
    return _field(translator, form, ROLE_BLOCK + role, element, optional=True)


def _search(translator: Translator, kind: str) -> Block:
    placeholder = plain(translator.plain("Type part of the name"), LIMITS["option"])
    return {"type": kind, "min_query_length": 0, "placeholder": placeholder}


def _sectors(translator: Translator, form: ProjectForm) -> Block:
    choices = _codes(translator, "sector", form.fields.sectors)
    element: Block = {"type": "multi_static_select", "options": choices}
    initial = [choice for choice in choices if choice["value"] in form.fields.sectors]
    if initial:
        element["initial_options"] = initial
    return _field(translator, form, "sectors", element, optional=True, hint=translator.plain("OECD CRS purpose codes"))


def _visibility(translator: Translator, form: ProjectForm) -> Block:
    choices = [option(label_of("visibility", each, translator.language), each) for each in Visibility]
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
            "Withheld: title, organisations, amount and notes are shown to nobody, except to admins in this form."
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
            f"• {label(translator, name)}: "
            f"{_render_value(translator, name, before)} → {_render_value(translator, name, after)}"
            + ("" if name in renewed else " · " + translator.mrkdwn("*your value differs and would replace it*"))
            for name, (before, after) in change.values.items()
        ]
    return [*sections("\n".join(lines)), divider()]


def _render_value(translator: Translator, name: str, value: object) -> str:
    text = ", ".join(_render_part(translator, part) for part in value) if isinstance(value, tuple) else str(value)
    if name == "group":
        text = translator.group(text)
    if name == "organisation_role":
        text = translator.role(OrganisationRole(text))
    if name == "visibility":
        text = label_of("visibility", text, translator.language)
    return escape(clip(text, SHOWN)) or translator.mrkdwn("not stated")


def _render_part(translator: Translator, part: object) -> str:
    """Render one of several values; a further organisation is its role and key."""
    match part:
        case (str(role), str(key)):
            return f"{translator.role(OrganisationRole(role))} {key}"
    return str(part)


def _metadata(form: ProjectForm) -> str:
    return json.dumps({"ref": form.ref, "version": form.version, "aliases": form.shown}, ensure_ascii=False)
