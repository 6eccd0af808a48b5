"""The form of a project: one field for each of its values; block ids carry the values' names, or their former ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate

from db.admin.projects import Conflict
from db.domain.code_lists import code_lists, label_of
from db.domain.enums import Group, OrganisationRole, Visibility
from db.errors import N_
from db.models import Organisation
from db.projects.fields import BASIS_LENGTH, FORMER_NAMES, NOTES_LENGTH, TITLE_LENGTH, NewOrganisation, ProjectFields
from handlers.blocks.blockkit import Block, context, divider, option, sections
from handlers.blocks.formatting import in_either
from handlers.blocks.forms import choice, entered, field_input, modal, search_menu, text_input
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape
from handlers.slack.payloads import ElementState

FORM = "project_form"
DONE = "project_form_done"
ACTION = "project_"  # what the action ids begin with; those of organisations ask for choices

BLOCKS = {name: former for former, name in FORMER_NAMES.items()}
"""Block ids that are not the field's name: forms that are open in Slack have the former one."""

ROLE_BLOCK = "role_"  # what the block ids of further organisations begin with; their role follows

NONE = "none"  # the value of the choice that nothing is stated

SHOWN = 200
ALIASES_LENGTH = 1000
"""Characters of aliases that the form shows; it keeps them in its metadata, of which Slack takes 3,000."""

# In the order of the form.
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

REQUIRED = frozenset({"ref", "group", "visibility"})
MULTILINE = frozenset({"aliases", "notes", "notes_ko"})
LONGEST = {
    **dict.fromkeys(("title_en", "title_ko", "organisation_en", "organisation_ko"), TITLE_LENGTH),
    **dict.fromkeys(("ref", "predecessor", "same_as"), 16),
    **dict.fromkeys(("amount_low", "amount_high"), 30),
    **dict.fromkeys(("notes", "notes_ko"), NOTES_LENGTH),
    "organisation_country": 60,
    "aliases": 2 * ALIASES_LENGTH,
    "currency": 3,
    "amount_basis": BASIS_LENGTH,
}
HINTS = {
    "ref": N_("1–6 letters, a hyphen and a number, such as GG-4. It cannot be changed later."),
    "organisation_en": N_("Only for an organisation that the list above does not have."),
    "organisation_country": N_("Two-letter code or name, such as KR"),
    "aliases": N_("One a line. The organisation is found by them in all its projects."),
    "sectors": N_("OECD CRS purpose codes"),
    "amount_low": N_("63000 or 367,883.80"),
    "currency": N_("USD, EUR, KRW"),
    "amount_basis": N_("For example: press estimate"),
    "predecessor": N_("Ref of the earlier project, or “unidentified” if nobody says which one."),
    "same_as": N_("The ref of the leading record, where two are one request: lists and counts show that one."),
    "visibility": N_(
        "Withheld: title, organisations, amount and notes are shown to nobody, except to admins in this form."
    ),
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


def label(translator: Translator, name: str) -> str:
    if name.startswith(ROLE_BLOCK):
        role = translator.role(OrganisationRole(name.removeprefix(ROLE_BLOCK)))
        return translator.plain("Further organisations: {role}", role=role)
    name = FORMER_NAMES.get(name, name)
    return translator.plain(LABELS.get(name, name))


def block_of(name: str) -> str:
    """Return the id of the block in which a field is, or the first of its blocks."""
    return ROLE_BLOCK + OrganisationRole.IMPLEMENTER if name == "roles" else BLOCKS.get(name, name)


def view(translator: Translator, form: ProjectForm) -> Block:
    title = translator.plain("Edit {ref}", ref=form.ref) if form.ref else translator.plain("Add a project")
    top = _conflict(translator, form.conflict, form.renewed) if form.conflict else []
    blocks = [
        *top,
        context(translator.mrkdwn("Leave unknown fields empty; they are shown as “not stated”.")),
        *_fields(translator, form),
    ]
    about = {"ref": form.ref, "version": form.version, "aliases": form.shown} if form.ref else {}
    metadata = json.dumps(about, ensure_ascii=False) if about else ""
    return modal(translator, FORM, title, blocks, submit=translator.plain("Save"), private_metadata=metadata)


def confirm(translator: Translator, title: str, text: str, **params: object) -> Block:
    blocks = sections(translator.mrkdwn(text, **params))
    return modal(translator, DONE, translator.plain(title), blocks)


def confirm_addition(translator: Translator, ref: str) -> Block:
    text = N_(
        "*{ref}* was added. It has no updates yet: record the first with `/aid-update {ref} submitted "
        "on:2026-02-05`, or view it with `/aid-status {ref}`."
    )
    return confirm(translator, N_("Added"), text, ref=ref)


def confirm_edit(translator: Translator, ref: str, changed: Sequence[str]) -> Block:
    if not changed:
        return confirm(translator, N_("Nothing changed"), N_("*{ref}* was not changed."), ref=ref)
    fields = ", ".join(label(translator, name) for name in changed)
    text = N_("*{ref}* was updated: {fields}. `/aid-admin audit` shows who changed it.")
    return confirm(translator, N_("Saved"), text, ref=ref, fields=fields)


def organisation_name(translator: Translator, row: Organisation | None) -> str:
    return (in_either(translator, row.name_en, row.name_ko) or row.key) if row else ""


def fitting(aliases: Sequence[str]) -> tuple[str, ...]:
    ends = accumulate(len(alias) + 1 for alias in aliases)
    return tuple(alias for alias, end in zip(aliases, ends, strict=True) if end <= ALIASES_LENGTH)


def read_state(
    values: Mapping[str, Mapping[str, ElementState]], before: ProjectFields
) -> tuple[ProjectFields, NewOrganisation, tuple[str, ...] | None]:
    """Parse the form's ``state.values``: the fields, a new organisation, and the aliases, None in a form without them.

    What a form of an earlier version does not have stays as ``before``.
    """
    found = {
        FORMER_NAMES.get(block, block): entered(next(iter(elements.values())))
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
    return fields, organisation, None if aliases is None else tuple(aliases.splitlines())


def _fields(translator: Translator, form: ProjectForm) -> list[Block]:
    choices = _choices(translator, form)
    blocks = []
    for name in LABELS:
        if name == "ref" and form.ref:
            continue
        if name == "sectors":
            blocks.append(divider())
        parts = [ROLE_BLOCK + role for role in OrganisationRole] if name == "roles" else [name]
        blocks += [_field(translator, form, part, choices.get(part) or _text(form, part)) for part in parts]
    return blocks


def _field(translator: Translator, form: ProjectForm, name: str, element: Block) -> Block:
    """Return an input whose action id is new where its value has to be: an open form keeps what stands under the same id."""
    hint = translator.plain(HINTS[name]) if name in HINTS else None
    optional = name not in REQUIRED
    block = field_input(BLOCKS.get(name, name), label(translator, name), element, optional=optional, hint=hint)
    renewed = name in form.renewed or (name.startswith(ROLE_BLOCK) and "roles" in form.renewed)
    block["element"]["action_id"] = f"{ACTION}{block['block_id']}" + (f"_{form.version}" if renewed else "")
    return block


def _text(form: ProjectForm, name: str) -> Block:
    values = form.organisation if name.startswith("organisation_") else form.fields
    value = "\n".join(form.aliases) if name == "aliases" else getattr(values, name)
    return text_input(value, most=LONGEST[name], multiline=name in MULTILINE)


def _choices(translator: Translator, form: ProjectForm) -> dict[str, Block]:
    fields, new = form.fields, form.organisation
    groups = [option(translator.group(group), group) for group in Group]
    roles = [option(translator.role(role), role) for role in OrganisationRole]
    distinct = option(translator.plain("It is not one of those on record"), "distinct")
    visibilities = [option(label_of("visibility", each, translator.language), each) for each in Visibility]
    search = partial(_search, translator, form)
    return {
        "group": choice("static_select", groups, [fields.group]),
        "organisation": search("external_select", [fields.organisation] if fields.organisation else []),
        "organisation_role": choice("static_select", roles, [fields.organisation_role] if fields.organisation else ()),
        "organisation_type": choice("static_select", _codes(translator, "organisation_type"), [new.organisation_type]),
        "distinct": choice("checkboxes", [distinct], ["distinct"] if new.distinct else ()),
        **{
            ROLE_BLOCK + role: search("multi_external_select", [key for own, key in fields.roles if own == role])
            for role in OrganisationRole
        },
        "sectors": choice("multi_static_select", _codes(translator, "sector", fields.sectors), fields.sectors),
        "visibility": choice("radio_buttons", visibilities, [fields.visibility or Visibility.PUBLIC]),
    }


def _search(translator: Translator, form: ProjectForm, kind: str, keys: Sequence[str]) -> Block:
    chosen = [option(form.names.get(key, key), key) for key in keys]
    return search_menu(kind, chosen, placeholder=translator.plain("Type part of the name"))


def _codes(translator: Translator, kind: str, also: Sequence[str] = ()) -> list[Block]:
    codes = dict.fromkeys([*code_lists()[kind], *also])
    return [option(f"{code} {label_of(kind, code, translator.language)}", code) for code in codes]


def _conflict(translator: Translator, conflict: Conflict, renewed: frozenset[str]) -> list[Block]:
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
    match part:
        case (str(role), str(key)):
            return f"{translator.role(OrganisationRole(role))} {key}"
    return str(part)
