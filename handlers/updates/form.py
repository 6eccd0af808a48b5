"""The form of /aid-update: opening it, typeahead, fields that follow the kind, errors beside the field, recording."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.council import load_council
from db.domain.enums import UpdateKind
from db.domain.updates import Update
from db.errors import N_, AidError, BadInput, Refusal
from db.projects.queries import ids_of_refs, load_projects, search
from db.recording.proposal import Proposal, day_text
from db.reports.project import update_detail
from db.updates.history import ConcurrentUpdate, last_number
from handlers.blocks import formatting
from handlers.blocks.blockkit import LIMITS, Block
from handlers.context import Actor, AppContext, actor_of
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import parse_choice, read_metadata
from handlers.updates import blocks as messages
from handlers.updates import form_view as form_messages
from handlers.updates.form_view import FORM, KIND, NOTE, PROJECTS, Form
from handlers.updates.service import ConcurrentUpdateError, Preview, Recorded, record_draft, submit

CHOICES = 30


def register(app: App, app_context: AppContext) -> None:
    """Register the form's listeners."""

    @app.options(PROJECTS)
    def type_ahead(ack: Ack, body: dict[str, Any]) -> None:
        with app_context.database.reading() as session:
            words = app_context.translator_for(session, actor_of(body))
            found = search(session, body.get("value", ""), limit=CHOICES)
        ack(options=[form_messages.project_option(formatting.plain_title(words, each), each.ref) for each in found])

    @app.action(KIND)
    def follow_kind(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        with app_context.database.reading() as session:
            view = _refreshed(session, app_context, app_context.translator_for(session, actor_of(body)), body["view"])
        app_context.run_after_response(
            lambda: client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        )

    @app.view(FORM)
    def send(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        person = actor_of(body)
        with app_context.database.reading() as session:
            words = app_context.translator_for(session, person)
        try:
            answer = _submit(app_context, person, words, view)
        except ConcurrentUpdateError as overtaken:
            with app_context.database.reading() as session:
                again = _refreshed(session, app_context, words, view, overtaken.news)
            ack(response_action="update", view=again)
            return
        except AidError as error:
            ack(response_action="errors", errors={_field(error, view): clip(words.plain_error(error), LIMITS["error"])})
            return
        app_context.notify_sender()
        ack(**answer)

    @app.view(messages.PREVIEW_FORM)
    def confirm(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        person = actor_of(body)
        with app_context.database.writing() as session:
            words = app_context.translator_for(session, person)
            answer = _shown(
                words, record_draft(session, app_context, person, view["private_metadata"], again=False), "update"
            )
        app_context.notify_sender()
        ack(**answer)


def empty(
    session: Session,
    app_context: AppContext,
    words: Translator,
    *,
    note: str = "",
    values: Mapping[str, str] | None = None,
) -> Block:
    """Return the form with nothing chosen; a note and values by option may be filled in."""
    about = {"seen": last_number(session)}
    form = Form(values=values or {}, note=note, members=_members(session, app_context), about=about)
    return form_messages.view(words, form)


def correction(
    session: Session, app_context: AppContext, words: Translator, number: int, *, only: tuple[str, ...] = ()
) -> Block:
    """Return the form filled with an update that is to be corrected, for all of its projects or ``only`` some."""
    shown = update_detail(session, number, names=True)
    refs = tuple(
        project.ref
        for project in shown.projects
        if project.ref not in shown.removed and (not only or project.ref in only)
    )
    if not refs:
        raise Refusal(N_("#{number} does not stand any more, so there is nothing to correct."), number=number)
    update = shown.update
    return form_messages.view(
        words,
        Form(
            projects=_labels(session, words, refs),
            kind=update.kind,
            values=typed_values(update),
            note=update.note,
            members=_members(session, app_context),
            corrects=number,
            about={"seen": last_number(session), "corrects": number, "refs": list(refs)[:200]},
        ),
    )


def typed_values(update: Update) -> dict[str, str]:
    """Return an update's values as a person would type them."""
    letter = update.letter
    values = {
        "by": update.holder,
        "on": update.happened.text,
        "as": update.confidence.value,
        "until": letter.valid_until.text if letter.valid_until else "",
        "letter_date": day_text(letter.letter_date),
        "extends": update.extends,
        "deadline": day_text(update.deadline),
        "authority": update.authority,
        "source": " ".join(each.url for each in update.sources if each.url),
        "reported": day_text(update.reported),
        "items": letter.item_count,
        "value": letter.value,
        "currency": letter.currency,
        "shipments": letter.shipment_limit,
        "paragraph": letter.paragraph,
        "lift": "all" if update.lift_all else "",
    }
    return {name: str(value) for name, value in values.items() if value not in {None, ""}}


def _submit(app_context: AppContext, person: Actor, words: Translator, view: dict[str, Any]) -> dict[str, Any]:
    proposal = _proposal(view)
    with app_context.database.writing() as session:
        seen = _about(view).get("seen")
        done = submit(session, app_context, person, proposal, f"form:{view['id']}", origin="form", seen=seen)
    on_top = isinstance(done, Preview) and not view.get("previous_view_id")  # Slack stacks three views at most
    return _shown(words, done, "push" if on_top else "update")


def _shown(words: Translator, done: Preview | Recorded, action: str) -> dict[str, Any]:
    if isinstance(done, Preview):
        return {"response_action": action, "view": messages.preview_form(words, done.plan, done.draft, done.news)}
    return {"response_action": action, "view": messages.receipt_form(words, done.receipt, again=done.draft)}


def _proposal(view: dict[str, Any]) -> Proposal:
    values = form_messages.values_of(view["state"]["values"])
    about = _about(view)
    refs = tuple(map(str, about.get("refs") or values.pop(PROJECTS, [])))
    values.pop(PROJECTS, None)
    kind, note = values.pop(KIND, ""), values.pop(NOTE, "")
    if not refs:
        raise BadInput(N_("Choose at least one project."), field=PROJECTS)
    if not kind:
        raise BadInput(N_("Choose what happened."), field=KIND)
    options = {name: "all" if value == ["all"] else value or "" for name, value in values.items()}
    given = {name: str(value).strip() for name, value in options.items() if value}
    return Proposal(refs, parse_choice(UpdateKind, kind), given, note, about.get("corrects"))


def _about(view: dict[str, Any]) -> dict[str, Any]:
    """Return the form's metadata: ``seen``, the last update when it was opened, and what it corrects."""
    return read_metadata(view, seen=int, corrects=int, refs=list)


def _field(error: AidError, view: dict[str, Any]) -> str:
    """Return the block an error belongs to; the kind's where its own is not in the form."""
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    wanted = getattr(error, "field", PROJECTS)
    return wanted if wanted in inputs else KIND


def _refreshed(
    session: Session,
    app_context: AppContext,
    words: Translator,
    view: dict[str, Any],
    news: tuple[ConcurrentUpdate, ...] = (),
) -> Block:
    """Return the form again, with the fields of the kind now chosen and everything typed so far; ``news`` on top."""
    values = form_messages.values_of(view["state"]["values"])
    about = _about(view)
    kind = values.get(KIND)
    typed = {
        name: "all" if value == ["all"] else value
        for name, value in values.items()
        if isinstance(value, str) or value == ["all"]
    }
    return form_messages.view(
        words,
        Form(
            projects=_labels(session, words, tuple(map(str, about.get("refs") or values.get(PROJECTS, [])))),
            kind=parse_choice(UpdateKind, kind) if kind else None,
            values=typed,
            note=values.get(NOTE, ""),
            members=_members(session, app_context),
            corrects=about.get("corrects"),
            about={**about, "seen": last_number(session)} if news else about,
            news=messages.overtaken(words, news),
        ),
    )


def _labels(session: Session, words: Translator, refs: tuple[str, ...]) -> list[tuple[str, str]]:
    views = load_projects(session, ids_of_refs(session, refs).values()) if refs else {}
    return [(view.ref, formatting.plain_title(words, view.without_names())) for view in views.values()]


def _members(session: Session, app_context: AppContext) -> tuple[str, ...]:
    """Everybody who ever sat, those of today first."""
    council = load_council(session)
    today = app_context.today()
    now = council.members(today, today)
    return (*now, *sorted({row.code for row in council.rows} - set(now)))
