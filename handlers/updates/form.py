"""The form of /aid-update: opening it, project suggestions, fields for the chosen kind, field errors, recording."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from db.council import load_council
from db.domain.enums import UpdateKind
from db.errors import AidError, BadInput, NotFound, Refusal
from db.projects.queries import ids_of_refs, load_projects, search
from db.questions.statements import stated
from db.recording.proposal import Proposal, typed_options
from db.recording.record import plan
from db.reports.portfolio import page_among
from db.reports.project import update_detail
from db.updates.history import last_number
from handlers.blocks import formatting
from handlers.blocks.as_of import POINT
from handlers.blocks.blockkit import LIMITS, Block, given, sections
from handlers.blocks.respond import opening, reject_fields
from handlers.context import AppContext, Request
from handlers.slack.payloads import Body, SlackView, parse_choice, read_metadata
from handlers.updates import blocks as messages
from handlers.updates import form_view as form_messages
from handlers.updates.form_values import KIND, NOTE, PROJECTS, as_options, as_values, field_of, read_values
from handlers.updates.form_view import FORM, MOST_PROJECTS, SOURCE_KIND, Form
from handlers.updates.line_parser import parse_line, split_options
from handlers.updates.service import Preview, record_draft, resolve, submit

CHOICES = 30


def register(app: App, app_context: AppContext) -> None:
    @app.options(PROJECTS)
    def suggest_projects(ack: Ack, body: Body) -> None:
        with app_context.reading(body) as request:
            found = [project.id for project in search(request.session, body.get("value", ""), limit=CHOICES)]
            rows = page_among(request.session, found, request.today, number=1, size=CHOICES).rows
        options = {row.project.id: form_messages.suggested(request.translator, row, request.today) for row in rows}
        ack(options=[options[key] for key in found])

    @app.action(KIND)
    @app.action(SOURCE_KIND)
    def follow_choice(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        with app_context.reading(body) as request:
            view = _refresh(request, body["view"])
        app_context.run_after_response(
            lambda: client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        )

    app.action(messages.OPEN_FORM)(opening(app_context, refused))

    @app.view(FORM)
    def send(ack: Ack, body: Body, view: SlackView) -> None:
        try:
            with app_context.writing(body, repeatable=True) as request:
                response = _submit(request, view)
        except AidError as error:
            _, values = read_values(view["state"]["values"])
            wrong = (*error.others[::-1], error)  # of two that belong to one field the first stands
            for each in wrong:
                each.worded = form_messages.name_fields
            reject_fields(ack, request.translator, {_field(each, view, values): each for each in wrong})
            return
        app_context.notify_sender()
        ack(**response)

    @app.view(messages.PREVIEW_FORM)
    def confirm(ack: Ack, body: Body, view: SlackView) -> None:
        with app_context.writing(body, repeatable=True) as request:
            outcome = record_draft(request, view["private_metadata"], repeat=False)
            shown = messages.outcome_form(request.translator, outcome)
        app_context.notify_sender()
        ack(response_action="update", view=shown)


def empty(
    request: Request,
    *,
    refs: tuple[str, ...] = (),
    kind: UpdateKind | None = None,
    values: Mapping[str, str] | None = None,
    suggestion: int | None = None,
) -> Block:
    """Render the form with the projects ``refs``, the ``kind`` and ``values`` by option filled in, for a ``suggestion``."""
    about = {"seen": last_number(request.session), **({"suggestion": suggestion} if suggestion else {})}
    return _view(request, refs, kind, values or {}, about)


def _view(
    request: Request,
    refs: Iterable[object],
    kind: UpdateKind | None,
    values: Mapping[str, str],
    about: Mapping[str, object],
) -> Block:
    projects, corrects = labels(request, tuple(map(str, refs))), about.get("corrects")
    form = Form(projects, kind, values, _members(request), corrects if isinstance(corrects, int) else None, about)
    return form_messages.view(request.translator, form)


def refused(request: Request, text: str) -> Block:
    """Render the form filled with what can be read of a line, with why it is refused above the field that this is about."""
    line, error = parse_line(text, lenient=True), None
    try:
        line = replace(line, refs=resolve(request, line.refs, line.filters))
        exact = parse_line(text)
        proposal = Proposal(line.refs, exact.kind, exact.options, exact.note)
        plan(request.session, proposal, now=request.now, by=request.actor.user_id)
    except AidError as caught:
        error = caught
    refs = tuple(ref for ref in line.refs if is_project(request, ref))[:MOST_PROJECTS]
    values = {**line.options, NOTE: line.note}
    view = empty(request, refs=refs, kind=line.kind, values=values)
    if error is None:
        return view
    error.worded = form_messages.name_fields
    blocks, field = view["blocks"], _field(error, view, as_values(values))
    at = next(index for index, block in enumerate(blocks) if block.get("block_id") == field)
    return {**view, "blocks": [*blocks[:at], *sections(f":warning: {request.translator.error(error)}"), *blocks[at:]]}


def told(request: Request, text: str) -> Proposal | None:
    """Return the update that a member tells of in plain words; None for a question, and for anybody else."""
    if not request.is_member or len(text) > LIMITS["button_value"] // 2 or POINT.search(text):
        return None
    options, rest = split_options(text)
    return stated(request.session, rest, request.today, options)


def is_project(request: Request, ref: str) -> bool:
    try:
        return bool(ids_of_refs(request.session, [ref]))
    except NotFound:
        return False


def correction(request: Request, number: int, *, only: tuple[str, ...] = ()) -> Block:
    detail = update_detail(request.session, number, names=True)
    refs = detail.standing_refs(only)
    if not refs:
        raise Refusal("#{number} was retracted or replaced, so there is nothing to correct.", number=number)
    update = detail.update
    report = {"confirms": update.confirms, "differs": update.differs}
    about = {"seen": last_number(request.session), "corrects": number, "refs": list(refs)[:200], **given(**report)}
    return _view(request, refs, update.kind, {**typed_options(update), NOTE: update.note}, about)


def _submit(request: Request, view: SlackView) -> Block:
    proposal, about, key = _proposal(view), _metadata(view), f"form:{view['id']}"
    seen, suggestion = about.get("seen"), about.get("suggestion")
    outcome = submit(request, proposal, key, origin="form", seen=seen, show_first=True, suggestion=suggestion)
    push = isinstance(outcome, Preview) and not view.get("previous_view_id")  # Slack stacks at most three views
    shown = messages.outcome_form(request.translator, outcome)
    return {"response_action": "push" if push else "update", "view": shown}


def _proposal(view: SlackView) -> Proposal:
    chosen, values = read_values(view["state"]["values"])
    metadata = _metadata(view)
    refs = tuple(map(str, metadata.get("refs") or chosen))
    kind, note = values.pop(KIND, ""), values.pop(NOTE, "")
    if not refs:
        raise BadInput("Choose at least one project.", field=PROJECTS)
    if not kind:
        raise BadInput("Choose what happened.", field=KIND)
    return Proposal(
        refs,
        parse_choice(UpdateKind, kind),
        as_options(values),
        note,
        metadata.get("corrects"),
        confirms=metadata.get("confirms"),
        differs=metadata.get("differs"),
    )


def _metadata(view: SlackView) -> Block:
    """Parse the form's metadata: ``seen``, the last update when it was opened, what it corrects, its suggestion."""
    return read_metadata(view, seen=int, corrects=int, confirms=int, differs=int, refs=list, suggestion=int)


def _field(error: AidError, view: Mapping[str, Any], values: Mapping[str, str]) -> str:
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    field = field_of(error, values)
    return field if field in inputs else KIND


def _refresh(request: Request, view: SlackView) -> Block:
    chosen, values = read_values(view["state"]["values"])
    metadata = _metadata(view)
    kind = parse_choice(UpdateKind, values[KIND]) if values.get(KIND) else None
    return _view(request, metadata.get("refs") or chosen, kind, values, metadata)


def labels(request: Request, refs: tuple[str, ...]) -> list[tuple[str, str]]:
    session, translator = request.session, request.translator
    projects = load_projects(session, ids_of_refs(session, refs).values()) if refs else {}
    return [(view.ref, formatting.plain_title(translator, view.without_names())) for view in projects.values()]


def _members(request: Request) -> tuple[str, ...]:
    council = load_council(request.session)
    current = council.members(request.today, request.today)
    return (*current, *sorted({row.code for row in council.rows} - set(current)))
