"""Suggestions: the form in which members hand in news, and what admins do with it: open the filled form, or decline."""

import json
import re

from slack_bolt import Ack, App

from db.errors import N_, AidError, BadInput
from db.questions.statements import stated
from db.questions.understand import projects_named
from db.recording.proposal import NOTE_LENGTH
from db.recording.suggestions import News, hand_in, settle_suggestion, waiting_suggestion
from handlers.blocks.blockkit import LIMITS, Block, actions, button, paragraph, sections
from handlers.blocks.forms import field_input, modal, text_input
from handlers.blocks.respond import opening, reject_fields
from handlers.blocks.suggestion import DECLINE, OPEN
from handlers.context import AppContext, Request
from handlers.i18n.translator import Translator
from handlers.slack.command_text import unescape
from handlers.slack.mrkdwn import clip
from handlers.slack.payloads import Body, SlackView, parse_id, read_metadata
from handlers.updates import form
from handlers.updates.form_values import NOTE, read_values
from handlers.updates.form_view import MOST_PROJECTS, Form, projects_field

SUGGEST = "suggest"
FORM = "suggest_form"
DECLINE_FORM = "suggestion_decline"
REASON = "reason"
TEXT, SOURCE = "text", "source"
ADDRESS = re.compile(r"https?://[^\s<>|\"“”]*[^\s<>|\"“”.,;:!?)\]'’]")


def register(app: App, app_context: AppContext) -> None:
    app.action(SUGGEST)(opening(app_context, suggest_form))
    app.action(OPEN)(opening(app_context, _filled))
    app.action(DECLINE)(opening(app_context, _decline_form))

    @app.view(FORM)
    def send(ack: Ack, body: Body, view: SlackView) -> None:
        try:
            with app_context.writing(body, repeatable=True) as request:
                refs, values = read_values(view["state"]["values"])
                link = first_address(read_metadata(view, link=str).get("link", ""))
                if not values.get(TEXT, "").strip():
                    raise BadInput("Write what happened.", field=TEXT)
                source = first_address(values.get(SOURCE, "")) or first_address(values[TEXT])
                news = News(values[TEXT], tuple(refs), source, link)
                new = hand_in(request.session, news, request.editor, request.translator.language)
        except AidError as error:
            reject_fields(ack, request.translator, {TEXT: error})
            return
        app_context.notify_sender()
        ack(response_action="update", view=_thanks(request.translator, new=new))

    @app.view(DECLINE_FORM)
    def decline(ack: Ack, body: Body, view: SlackView) -> None:
        number = parse_id(read_metadata(view, suggestion=int).get("suggestion"))
        _, values = read_values(view["state"]["values"])
        with app_context.writing(body) as request:
            row = waiting_suggestion(request.session, request.actor.team_id, number, lock=True)
            reason = values.get(REASON, "").strip() or "–"
            settle_suggestion(request.session, row, request.actor.user_id, request.now, reason=reason)
        app_context.notify_sender()
        ack()


def suggest_form(request: Request, text: str = "", *, link: str = "") -> Block:
    """Render the form in which a member hands in news, filled with a text and the projects and the address in it."""
    translator, typed = request.translator, unescape(text).strip()
    refs = projects_named(request.session, ADDRESS.sub(" ", typed), request.today)[:MOST_PROJECTS]
    source = first_address(typed)
    news = clip(typed, NOTE_LENGTH) if [typed] != list(refs) else ""  # a card's button gives its project, not news
    note = text_input(news, most=NOTE_LENGTH, multiline=True)
    address: Block = {"type": "url_text_input", **({"initial_value": source} if source else {})}
    projects = projects_field(translator, Form(projects=form.labels(request, refs)))
    return modal(
        translator,
        FORM,
        translator.plain("Hand in news"),
        [
            *paragraph(translator, "An admin reads it and records it, or tells you why not."),
            field_input(TEXT, translator.plain("News"), note),
            {**projects, "optional": True},
            field_input(SOURCE, translator.plain("Source link"), address, optional=True),
        ],
        submit=translator.plain("Hand in"),
        private_metadata=json.dumps({"link": link} if link else {}),
    )


def offer(translator: Translator, text: str) -> list[Block]:
    said = translator.mrkdwn("This sounds like news. Only admins record, but you can hand it in.")
    return [
        *sections(said),
        actions([button(translator.plain("Hand in news"), SUGGEST, clip(text.strip(), LIMITS["button_value"]))]),
    ]


def first_address(text: str) -> str:
    found = ADDRESS.search(text)
    return found[0] if found else ""


def _filled(request: Request, value: str) -> Block:
    number = parse_id(request.own(value))
    row = waiting_suggestion(request.session, request.actor.team_id, number)
    told = stated(request.session, row.text, request.today, {})
    values = {**(told.options if told else {}), "source": row.source or row.link, NOTE: row.text}
    refs = tuple(ref for ref in row.refs or (told.refs if told else ()) if form.is_project(request, ref))
    return form.empty(request, refs=refs, kind=told.kind if told else None, values=values, suggestion=number)


def _thanks(translator: Translator, *, new: bool) -> Block:
    text = (
        N_("Thank you. An admin reviews it, and I send you the result.")
        if new
        else N_("Thank you. An admin has the same news already; I send you the result.")
    )
    return modal(translator, FORM, translator.plain("Handed in"), paragraph(translator, text))


def _decline_form(request: Request, value: str) -> Block:
    translator, number = request.translator, parse_id(request.own(value))
    waiting_suggestion(request.session, request.actor.team_id, number)
    reason = text_input(most=NOTE_LENGTH, multiline=True)
    return modal(
        translator,
        DECLINE_FORM,
        translator.plain("Decline a suggestion"),
        [field_input(REASON, translator.plain("Reason, which its author reads"), reason)],
        submit=translator.plain("Decline"),
        private_metadata=json.dumps({"suggestion": number}),
    )
