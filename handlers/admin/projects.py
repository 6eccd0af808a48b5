"""The form behind `/aid-admin project`: opening it, finding an organisation, saving it or rejecting its fields."""

import re
from dataclasses import replace

from slack_bolt import Ack, App

from db.admin.organisations import edit_aliases
from db.admin.projects import Conflict, add_project, edit_project, fields_of
from db.errors import N_, BadInput
from db.projects.fields import FieldErrors, ProjectFields
from db.projects.organisations import find_organisations, organisations_of
from db.recording.drafts import claim_request
from handlers.admin import project_form as messages
from handlers.admin.project_form import ProjectForm
from handlers.blocks.blockkit import Block, option
from handlers.blocks.respond import reject_fields
from handlers.context import AppContext, Request
from handlers.slack.payloads import Body, SlackView, read_metadata

CHOICES = 50


def register(app: App, app_context: AppContext) -> None:
    @app.options(
        re.compile(rf"^{messages.ACTION}({messages.block_of('organisation')}|{messages.ROLE_BLOCK}\w+?)(_\d+)?$")
    )
    def find_organisation(ack: Ack, body: Body) -> None:
        with app_context.reading(body) as request:
            organisations = find_organisations(request.session, str(body.get("value") or ""), limit=CHOICES)
        translator = request.translator
        options = [option(messages.organisation_name(translator, each), each.key) for each in organisations]
        one = body.get("block_id") == messages.block_of("organisation")
        ack(options=[*([option(translator.plain("Not stated"), messages.NONE)] if one else []), *options])

    @app.view(messages.FORM)
    def send(ack: Ack, body: Body, view: SlackView) -> None:
        try:
            with app_context.writing(body, repeatable=True) as request:
                saved = _save(request, view)
            ack(response_action="update", view=saved)
        except FieldErrors as error:
            errors = {messages.block_of(name): each for name, each in error.errors.items()}
            reject_fields(ack, request.translator, errors)
        except Conflict as conflict:
            with app_context.reading(body) as request:
                merged = _conflict_view(request, view, conflict)
            ack(response_action="update", view=merged)


def first_view(request: Request, rest: str) -> Block:
    """Render the form for ``add`` or ``edit REF``. Raises BadInput for anything else, NotFound for an unknown ref."""
    translator = request.translator
    verb, _, ref = rest.strip().partition(" ")
    if verb.lower() == "add":
        return messages.view(translator, ProjectForm(ProjectFields(ref=ref.strip().upper()[:16])))
    if verb.lower() != "edit" or not ref.strip():
        raise BadInput("Type `/aid-admin project add` or `/aid-admin project edit GG-1`.")
    fields, version = fields_of(request.session, ref)
    row = organisations_of(request.session, [fields.organisation]).get(fields.organisation)
    shown = messages.fitting(row.aliases) if row else ()
    return messages.view(
        translator,
        ProjectForm(fields, _names(request, fields), shown=shown, aliases=shown, ref=fields.ref, version=version),
    )


def _save(request: Request, view: SlackView) -> Block:
    """Save the form once; a second submission writes nothing."""
    session, translator, editor = request.session, request.translator, request.editor
    metadata = read_metadata(view, ref=str, version=int, aliases=list)
    ref = metadata.get("ref", "")
    before = fields_of(session, ref)[0] if ref else ProjectFields()
    fields, new, aliases = messages.read_state(view["state"]["values"], before)
    if not claim_request(session, f"project-form:{view['id']}", editor.team_id, now=editor.now):
        text = N_("This form was already saved, so nothing was recorded twice.")
        return messages.confirm(translator, N_("Saved"), text)
    changed: tuple[str, ...] = ()
    if ref:
        changed = edit_project(session, ref, metadata.get("version", 0), fields, new, editor)
    else:
        ref = add_project(session, fields, new, editor)
    if aliases is not None:
        organisation = fields_of(session, ref)[0].organisation
        if edit_aliases(session, organisation, metadata.get("aliases", []), aliases, editor):
            changed = (*changed, "aliases")
    return messages.confirm_edit(translator, ref, changed) if metadata else messages.confirm_addition(translator, ref)


def _conflict_view(request: Request, view: SlackView, conflict: Conflict) -> Block:
    """Render the form with its values merged with the concurrent changes, at the version that those left."""
    sent, new, aliases = messages.read_state(view["state"]["values"], conflict.now)
    renewed = conflict.renewed(sent)
    fields = replace(sent, **{name: getattr(conflict.now, name) for name in renewed})
    return messages.view(
        request.translator,
        ProjectForm(
            fields,
            _names(request, fields),
            new,
            shown=tuple(read_metadata(view, ref=str, version=int, aliases=list).get("aliases", [])),
            aliases=aliases or (),
            ref=conflict.now.ref,
            version=conflict.version,
            renewed=renewed,
            conflict=conflict,
        ),
    )


def _names(request: Request, fields: ProjectFields) -> dict[str, str]:
    rows = organisations_of(request.session, {fields.organisation, *(key for _, key in fields.roles)})
    return {key: messages.organisation_name(request.translator, row) for key, row in rows.items()}
