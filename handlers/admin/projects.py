"""The form behind `/aid-admin project`: opening it, finding an applicant, saving it or rejecting its fields."""

import re
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App

from db.admin.projects import Conflict, add_project, edit_project, fields_of
from db.errors import N_, BadInput
from db.projects.applicants import find_organisations, organisation_of
from db.projects.fields import FieldErrors, NewOrganisation, ProjectFields
from db.recording.drafts import claim_request
from handlers.admin import project_form as messages
from handlers.admin.project_form import ProjectForm
from handlers.blocks.blockkit import Block
from handlers.blocks.respond import reject_fields
from handlers.context import AppContext, Request
from handlers.slack.command_text import straighten
from handlers.slack.payloads import Body, SlackView, SuggestionBody, read_metadata

CHOICES = 50
# fields whose typographic quotes and dashes are replaced by plain ones
STRAIGHTENED_FIELDS = ("ref", "amount_low", "amount_high", "currency", "predecessor")


def register(app: App, app_context: AppContext) -> None:
    """Register the form's listeners."""

    @app.options(re.compile(rf"^{messages.ACTION}applicant(_\d+)?$"))
    def find_applicant(ack: Ack, body: SuggestionBody) -> None:
        with app_context.reading(body) as request:
            organisations = find_organisations(request.session, str(body.get("value") or ""), limit=CHOICES)
        translator = request.translator
        options = [messages.organisation_option(translator, organisation) for organisation in organisations]
        ack(options=[messages.no_organisation(translator), *options])

    @app.view(messages.FORM)
    def send(ack: Ack, body: Body, view: SlackView) -> None:
        try:
            with app_context.writing(body) as request:
                saved = _save(request, view)
            ack(response_action="update", view=saved)
        except FieldErrors as error:
            reject_fields(ack, request.translator, error.errors)
        except Conflict as conflict:
            with app_context.reading(body) as request:
                merged = _conflict_view(request, view, conflict)
            ack(response_action="update", view=merged)


def first_view(request: Request, rest: str) -> Block:
    """Render the form for ``add`` or ``edit REF``. Raises BadInput for anything else, NotFound for an unknown ref."""
    translator = request.translator
    verb, _, ref = straighten(rest).strip().partition(" ")
    if verb.lower() == "add":
        return messages.view(translator, ProjectForm(ProjectFields(ref=ref.strip().upper()[:16])))
    if verb.lower() != "edit" or not ref.strip():
        raise BadInput(N_("Say `/aid-admin project add`, or `/aid-admin project edit GG-1`."))
    fields, version = fields_of(request.session, ref)
    return messages.view(
        translator, ProjectForm(fields, _applicant_name(request, fields), ref=fields.ref, version=version)
    )


def _save(request: Request, view: SlackView) -> Block:
    """Save the form once; a second submission writes nothing."""
    session, translator, editor = request.session, request.translator, request.editor
    fields, organisation = _read_fields(view)
    metadata = read_metadata(view, ref=str, version=int)
    if not claim_request(session, f"project-form:{view['id']}", editor.team_id, now=editor.now):
        return messages.confirm_earlier_save(translator)
    if metadata:
        ref = metadata.get("ref", "")
        changed = edit_project(session, ref, metadata.get("version", 0), fields, organisation, editor)
        return messages.confirm_edit(translator, ref, changed)
    return messages.confirm_addition(translator, add_project(session, fields, organisation, editor))


def _conflict_view(request: Request, view: SlackView, conflict: Conflict) -> Block:
    """Render the form with its values merged with the concurrent changes, at the version that those left."""
    own_fields, organisation = _read_fields(view)
    fields = conflict.merge(own_fields)
    return messages.view(
        request.translator,
        ProjectForm(
            fields,
            _applicant_name(request, fields),
            organisation,
            ref=conflict.now.ref,
            version=conflict.version,
            renewed=conflict.renewed(own_fields),
            conflict=conflict,
        ),
    )


def _read_fields(view: SlackView) -> tuple[ProjectFields, NewOrganisation]:
    fields, organisation = messages.read_state(view["state"]["values"])
    straightened: dict[str, Any] = {name: straighten(getattr(fields, name)) for name in STRAIGHTENED_FIELDS}
    return replace(fields, **straightened), organisation


def _applicant_name(request: Request, fields: ProjectFields) -> str:
    if not fields.applicant:
        return ""
    return messages.organisation_name(request.translator, organisation_of(request.session, fields.applicant))
