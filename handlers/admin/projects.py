"""The form behind `/aid-admin project`: opening it, finding an applicant, saving it or saying what has to change."""

import re
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from db.admin.projects import Conflict, add_project, edit_project, fields_of
from db.audit import Editor
from db.errors import N_, BadInput
from db.projects.applicants import find_organisations, organisation_of
from db.projects.fields import FieldErrors, NewOrganisation, ProjectFields
from db.recording.drafts import claim_request
from handlers.admin import project_form as messages
from handlers.admin.project_form import ProjectForm
from handlers.blocks.blockkit import LIMITS, Block
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.command_text import straighten
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import read_metadata

CHOICES = 50
TYPED_WORDS = ("ref", "amount_low", "amount_high", "currency", "predecessor")
"""Fields in which typographic characters stand for plain ones."""


def register(app: App, app_context: AppContext) -> None:
    """Register the form's listeners."""

    @app.options(re.compile(rf"^{messages.ACTION}applicant(_\d+)?$"))
    def find_applicant(ack: Ack, body: dict[str, Any]) -> None:
        person = actor_of(body)
        with app_context.database.reading() as session:
            words = app_context.translator_for(session, person)
            found = find_organisations(session, str(body.get("value") or ""), limit=CHOICES)
        ack(options=[messages.no_organisation(words), *(messages.organisation_option(words, row) for row in found)])

    @app.view(messages.FORM)
    def send(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        person = actor_of(body)
        with app_context.database.reading() as session:
            words = app_context.translator_for(session, person)
        try:
            ack(response_action="update", view=_save(app_context, person, words, view))
        except FieldErrors as refused:
            ack(response_action="errors", errors=_errors(words, refused))
        except Conflict as conflict:
            ack(response_action="update", view=_again(app_context, words, view, conflict))


def first_view(session: Session, words: Translator, rest: str) -> Block:
    """Return the form for ``add`` or ``edit REF``. Raises BadInput for anything else, NotFound for an unknown ref."""
    verb, _, ref = straighten(rest).strip().partition(" ")
    if verb.lower() == "add":
        return messages.view(words, ProjectForm(ProjectFields(ref=ref.strip().upper()[:16])))
    if verb.lower() != "edit" or not ref.strip():
        raise BadInput(N_("Say `/aid-admin project add`, or `/aid-admin project edit GG-1`."))
    fields, version = fields_of(session, ref)
    return messages.view(
        words, ProjectForm(fields, _applicant_name(session, words, fields), ref=fields.ref, version=version)
    )


def _save(app_context: AppContext, person: Actor, words: Translator, view: dict[str, Any]) -> Block:
    """Save the form once; a second press of its button writes nothing."""
    fields, organisation = _typed(view)
    about = read_metadata(view, ref=str, version=int)
    by = Editor(person.team_id, person.user_id, app_context.clock())
    with app_context.database.writing() as session:
        if not claim_request(session, f"project-form:{view['id']}", person.team_id, now=by.now):
            return messages.saved_before(words)
        if about:
            ref = about.get("ref", "")
            changed = edit_project(session, ref, about.get("version", 0), fields, organisation, by)
            return messages.edited(words, ref, changed)
        return messages.added(words, add_project(session, fields, organisation, by))


def _again(app_context: AppContext, words: Translator, view: dict[str, Any], conflict: Conflict) -> Block:
    """Return the form with what was typed, what others changed meanwhile, and the version that they left."""
    typed, organisation = _typed(view)
    fields = conflict.merged(typed)
    with app_context.database.reading() as session:
        name = _applicant_name(session, words, fields)
    return messages.view(
        words,
        ProjectForm(
            fields,
            name,
            organisation,
            ref=conflict.now.ref,
            version=conflict.version,
            renewed=conflict.renewed(typed),
            conflict=conflict,
        ),
    )


def _typed(view: dict[str, Any]) -> tuple[ProjectFields, NewOrganisation]:
    fields, organisation = messages.read_state(view["state"]["values"])
    plain: dict[str, Any] = {name: straighten(getattr(fields, name)) for name in TYPED_WORDS}
    return replace(fields, **plain), organisation


def _errors(words: Translator, refused: FieldErrors) -> dict[str, str]:
    return {name: clip(words.plain_error(error), LIMITS["error"]) for name, error in refused.errors.items()}


def _applicant_name(session: Session, words: Translator, fields: ProjectFields) -> str:
    return messages.organisation_name(words, organisation_of(session, fields.applicant)) if fields.applicant else ""
