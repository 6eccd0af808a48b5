"""/aid-update: admins record what happened, in one line or in a form (handlers/updates/form.py); members hand it in."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from db.domain.enums import UpdateKind
from db.errors import N_, AidError, BadInput
from db.recording.drafts import cancel_draft, keep_retraction
from db.recording.proposal import Proposal
from db.reports.project import update_detail
from handlers.blocks.blockkit import LIMITS, Block, paragraph
from handlers.blocks.respond import answer_command, opening, replace_message
from handlers.context import AppContext, Request
from handlers.errors import Offer
from handlers.slack.client import open_form
from handlers.slack.payloads import Action, Body, parse_id
from handlers.updates import blocks as messages
from handlers.updates import form, suggestions
from handlers.updates.form_view import MOST_PROJECTS
from handlers.updates.line_parser import CONFIRM, CORRECT, DIFFER, RETRACT, Line, no_kind, parse_line
from handlers.updates.service import record_draft, resolve, submit, take_back, undo


def register(app: App, app_context: AppContext) -> None:
    form.register(app, app_context)
    suggestions.register(app, app_context)

    @app.command("/aid-update")
    def update(ack: Ack, body: Body, client: WebClient) -> None:
        blocks = _answer(app_context, body, client)
        app_context.notify_sender()
        if blocks:
            answer_command(ack, blocks)
        else:
            ack()

    def changing(change: Callable[[Request, str], list[Block]], *, repeatable: bool = True) -> Callable[..., None]:
        def listener(ack: Ack, body: Body, action: Action, respond: Respond, client: WebClient) -> None:
            with app_context.writing(body, repeatable=repeatable) as request:
                blocks = change(request, action["value"])
            app_context.notify_sender()
            ack()
            _show(app_context, body, respond, client, blocks)

        return listener

    app.action(messages.CANCEL)(changing(_cancel, repeatable=False))
    app.action(messages.RECORD)(changing(partial(_record_draft, repeat=False)))
    app.action(messages.AGAIN)(changing(partial(_record_draft, repeat=True)))
    app.action(messages.UNDO)(
        changing(
            lambda request, act: messages.confirm_undo(request.translator, undo(request, parse_id(request.own(act))))
        )
    )
    app.action(messages.CORRECT)(
        opening(app_context, lambda request, value: form.correction(request, parse_id(request.own(value))))
    )


def _record_draft(request: Request, draft_id: str, *, repeat: bool) -> list[Block]:
    return messages.outcome(request.translator, record_draft(request, draft_id, repeat=repeat))


def _cancel(request: Request, draft_id: str) -> list[Block]:
    """Discard a preview; what was recorded on another screen stays."""
    cancelled = cancel_draft(request.session, draft_id, request.editor)
    text = N_("This was recorded already. To take it back, press *Undo* there.")
    return paragraph(request.translator, N_("Cancelled. Nothing was recorded.") if cancelled else text)


def _answer(app_context: AppContext, body: Body, client: WebClient) -> list[Block]:
    """Record a line; or open the form for it and return nothing. A refusal comes with the way to the form."""
    text = body.get("text", "").strip()
    with app_context.reading(body) as request:
        suggested = None if request.may_record() or text.lower() == "help" else suggestions.suggest_form(request, text)
    if suggested:
        open_form(client, body["trigger_id"], suggested)
        return []
    try:
        line = parse_line(text) if text and text.lower() != "help" else None
        if line and line.verb not in {CORRECT, ""}:
            with app_context.writing(body, repeatable=True) as request:
                return _record_line(request, line, f"command:{body['trigger_id']}")
        with app_context.reading(body) as request:
            if text.lower() == "help":
                return messages.help_text(request.translator)
            view = _first_view(request, line)
    except AidError as error:
        if not _fits_form(text):
            raise
        with app_context.reading(body) as request:
            raise Offer(error, [messages.form_button(request.translator, text)]) from error
    open_form(client, body["trigger_id"], view)
    return []


def _fits_form(text: str) -> bool:
    try:
        line = parse_line(text, lenient=True)
    except BadInput:
        return False
    return line.number is None and line.verb in set(UpdateKind) and len(text) <= LIMITS["button_value"]


def _record_line(request: Request, line: Line, key: str) -> list[Block]:
    if line.verb in {CONFIRM, DIFFER}:
        proposal = _report(request, line)
    elif line.verb == RETRACT or line.number is not None:
        return _retract(request, line, key)
    else:
        refs = resolve(request, line.refs, line.filters)
        proposal = Proposal(refs, line.kind, line.options, line.note)
    return messages.outcome(request.translator, submit(request, proposal, key, origin="command"))


def _show(app_context: AppContext, body: Body, respond: Respond, client: WebClient, blocks: list[Block]) -> None:
    if "view" in body:
        kept: Block = {"type": "modal", "title": body["view"]["title"], "close": body["view"]["close"]}
        view = {**kept, "callback_id": messages.RECEIPT_FORM, "clear_on_close": True, "blocks": blocks}
        app_context.run_after_response(lambda: client.views_update(view_id=body["view"]["id"], view=view))
    else:
        replace_message(app_context, respond, blocks)


def _retract(request: Request, line: Line, key: str) -> list[Block]:
    if line.number is None:
        raise BadInput("Which update? Its number is in the timeline: `/aid-update #12 retract why`.")
    if line.verb != RETRACT:
        raise BadInput(
            "#{number} is already recorded. Correct it with `/aid-update #{number} correct`, or retract it "
            "with `/aid-update #{number} retract why`.",
            number=line.number,
        )
    detail = update_detail(request.session, line.number)
    refs = detail.standing_refs(line.refs)
    if len(refs) > 1:
        draft = keep_retraction(request.session, request.editor, line.number, refs, line.note)
        return messages.retraction_preview(request.translator, detail.update, refs, draft)
    receipt = take_back(request, [line.number], key, refs=line.refs, note=line.note)
    return messages.confirm_undo(request.translator, receipt)


def _report(request: Request, line: Line) -> Proposal:
    """Return the confirmation or the differing report that a line says, for the projects for which its target stands."""
    if line.number is None:
        raise BadInput(
            "Which update? Its number stands in the timeline: `/aid-update #12 {verb} as:press source:https://…`.",
            verb=line.verb,
        )
    detail = update_detail(request.session, line.number)
    refs = detail.standing_refs(line.refs)
    if not refs:
        raise BadInput("#{number} does not stand any more for these projects.", number=line.number)
    proposal = Proposal(refs, detail.update.kind, line.options, line.note)
    if line.verb == CONFIRM:
        return replace(proposal, confirms=line.number)
    return replace(proposal, differs=line.number)


def _first_view(request: Request, line: Line | None) -> Block:
    if line is None:
        return form.empty(request)
    if not line.verb:
        refs = resolve(request, line.refs, line.filters)
        if len(refs) > MOST_PROJECTS:  # more than the form holds
            raise no_kind()
        return form.empty(request, refs=refs)
    if line.number is None:
        raise BadInput("Which update? Its number is in the timeline: `/aid-update #12 correct`.")
    update_detail(request.session, line.number)
    return form.correction(request, line.number, only=line.refs)
