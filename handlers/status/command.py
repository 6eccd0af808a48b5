"""/aid-status: where projects stand. Answers are for the person who asks, with a button to share them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from db.errors import N_, BadInput, NotFound
from db.people import preferences_of
from db.projects.queries import near_misses
from db.recording.drafts import claim_request
from db.reports.portfolio import list_page, portfolio
from db.reports.project import project_detail, update_detail
from db.reports.statistics import figures_of
from db.search.filter import WORDS, parse_filter
from handlers.blocks.blockkit import Block, fallback_text
from handlers.context import AppContext, actor_of, channel_of
from handlers.exports.command import export_started, parse_export, send_export
from handlers.i18n.translator import Translator
from handlers.slack.command_text import straighten, unescape
from handlers.slack.payloads import parse_id
from handlers.status import blocks as messages
from handlers.status import figures as figure_blocks
from handlers.status import project_card as cards

REF = re.compile(r"[A-Za-z]{1,6}-?\d{1,4}")
NUMBER = re.compile(r"#(\d{1,9})")
FIGURES = re.compile(r"(?:figures|통계)(?:\s+|$)(?P<filter>.*)", re.IGNORECASE | re.DOTALL)
QUERY_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Context of an answer: the record, and how the person or channel wants to read it."""

    session: Session
    words: Translator
    today: date
    tables: bool = False


def asking(session: Session, app_context: AppContext, body: dict[str, Any]) -> Asking:
    """Return the context for the sender of ``body``: their preferences, else those of the channel."""
    person = actor_of(body)
    own = preferences_of(session, person.team_id, person.user_id, channel_of(body))
    return Asking(session, app_context.translator_in(person, own.language), app_context.today(), own.tables)


def status_answer(session: Session, app_context: AppContext, body: dict[str, Any], typed: str) -> list[Block]:
    """Return what ``/aid-status`` answers to whoever sent ``body`` and typed this."""
    return _answer(asking(session, app_context, body), _clean(typed))


def register(app: App, app_context: AppContext) -> None:
    """Register the command and its buttons."""

    @app.command("/aid-status")
    def ask(ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        if wish := parse_export(body.get("text", "")):
            with app_context.database.reading() as session:
                words = asking(session, app_context, body).words
            blocks = export_started(words)
            ack(text=fallback_text(blocks), blocks=blocks)
            app_context.run_after_response(lambda: send_export(app_context, wish, words, client, respond, body))
            return
        with app_context.database.reading() as session:
            blocks = status_answer(session, app_context, body, body.get("text", ""))
        ack(text=fallback_text(blocks), blocks=blocks)

    @app.action(messages.SHARE)
    def share(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
        ack()
        person = actor_of(body)
        key = f"share:{body['trigger_id']}"
        with app_context.database.writing() as session:
            new = claim_request(session, key, person.team_id, now=app_context.clock())
            asked = asking(session, app_context, body)
            blocks = [*_rebuild(asked, action["value"])[:-1], messages.shared_by(asked.words, person.user_id)]
        if new:
            app_context.run_after_response(
                lambda: respond(
                    text=fallback_text(blocks), blocks=blocks, response_type="in_channel", replace_original=False
                )
            )

    def replacing(show: Callable[[Asking, str], list[Block]]) -> Callable[..., None]:
        def listener(ack: Ack, body: dict[str, Any], action: dict[str, Any], respond: Respond) -> None:
            ack()
            with app_context.database.reading() as session:
                blocks = show(asking(session, app_context, body), action["value"])
            app_context.run_after_response(
                lambda: respond(text=fallback_text(blocks), blocks=blocks, replace_original=True)
            )

        return listener

    app.action(re.compile(f"{messages.TURN}:(back|on)"))(replacing(_page))
    app.action(cards.WHOLE_TIMELINE)(replacing(lambda asked, ref: _card(asked, ref, whole=True)))


def _clean(typed: str) -> str:
    """Return the text typed after the command, as it was meant. Raises BadInput for one that is too long."""
    text = straighten(unescape(typed)).strip()
    if len(text) > QUERY_LENGTH:
        raise BadInput(N_("That is too long to look up: {limit} characters are the most."), limit=QUERY_LENGTH)
    return text


def _answer(asked: Asking, text: str) -> list[Block]:
    if not text:
        return messages.portfolio(asked.words, portfolio(asked.session, asked.today))
    if text.lower() == "help":
        return messages.help_text(asked.words)
    if match := NUMBER.fullmatch(text):
        return cards.update_card(asked.words, update_detail(asked.session, int(match[1])))
    if REF.fullmatch(text):
        return _card(asked, text)
    if match := FIGURES.match(text):
        wanted = parse_filter(match["filter"])
        return figure_blocks.figures(asked.words, figures_of(asked.session, wanted, asked.today), wanted)
    return _search(asked, text)


def _search(asked: Asking, text: str) -> list[Block]:
    """Return a list; the card itself where plain words find one project; near misses where they find none."""
    wanted = parse_filter(text)
    page = list_page(asked.session, wanted, asked.today, number=1, size=messages.PAGE_SIZE)
    only_words = all(term.key == WORDS and not term.exclude for term in wanted.terms)
    if only_words and page.total == 1:
        return _card(asked, page.lines[0].project.ref)
    near = near_misses(asked.session, text, limit=3) if only_words and not page.total else []
    if near:
        raise NotFound(N_("There is no project “{ref}”. Did you mean {near}?"), near=tuple(near), ref=text)
    return messages.listing(asked.words, wanted, page, asked.today, table=asked.tables)


def _rebuild(asked: Asking, value: str) -> list[Block]:
    """Return the answer that a share button stands under, as it is now."""
    kind, _, rest = value.partition(" ")
    if kind == "one":
        return _card(asked, rest)
    if kind == "list":
        return _page(asked, rest)
    return messages.portfolio(asked.words, portfolio(asked.session, asked.today))


def _page(asked: Asking, value: str) -> list[Block]:
    at, _, text = value.partition(" ")
    wanted = parse_filter(text)
    page = list_page(asked.session, wanted, asked.today, number=parse_id(at), size=messages.PAGE_SIZE)
    return messages.listing(asked.words, wanted, page, asked.today, table=asked.tables)


def _card(asked: Asking, ref: str, *, whole: bool = False) -> list[Block]:
    return cards.card(asked.words, project_detail(asked.session, ref, asked.today), whole=whole)
