"""/aid-status: project status. Only the person who typed it sees the answer, which has a button to share it."""

import re
from collections.abc import Callable
from functools import partial
from http.client import HTTPException

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from db.alerts.second_look import mark_seen
from db.domain.text import normalize, straighten
from db.errors import N_, AidError, BadInput, NotFound
from db.paging import Page
from db.projects.queries import canonical_ref, near_misses, search_text
from db.questions.understand import MOST_NAMED, UNCLEAR, is_phrase, past_asked, understand
from db.reports.portfolio import ProjectRow, list_page, portfolio
from db.reports.project import project_detail, update_detail
from db.reports.statistics import figures_of
from db.search.filter import WORDS, Filter, Term, parse_filter
from handlers.blocks.as_of import answer_as_of
from handlers.blocks.blockkit import Block, fallback_text, paragraph
from handlers.blocks.project_buttons import ASK, SEEN, page_action
from handlers.blocks.respond import answer_command, changing, opening, post_answer, replacing
from handlers.context import AppContext, Request, actor_of
from handlers.exports.command import confirm_export, parse_export, send_file, write_file
from handlers.slack.client import open_form
from handlers.slack.command_text import unescape
from handlers.slack.payloads import Action, Body, parse_id, thread_of
from handlers.status import blocks as messages
from handlers.status import figures as figure_blocks
from handlers.status import project_card as cards
from handlers.status.questions import card_of, listing, not_understood, question_answer
from handlers.updates import form
from handlers.updates.line_parser import write_line

ASKED = re.compile(f"{ASK}(:.+)?")
NUMBER = re.compile(r"#(\d{1,9})")
ONE = re.compile(rf"(?P<whole>(?:{cards.WHOLE}|경과)\s+)?(?P<ref>[A-Za-z]{{1,6}}-?\d{{1,4}})", re.IGNORECASE)
FIGURES = re.compile(r"(?:figures|통계)(?:\s+|$)(?P<filter>.*)", re.IGNORECASE | re.DOTALL)
FILTERING = re.compile(r"(?:^|\s)-?[A-Za-z가-힣]+:\S|(?:^|\s)-\S")
EXACT = re.compile(r'"|\d')
QUERY_LENGTH = 500
NAME_WORDS = 3  # so many words may be a name with typing errors; more are a question

Send = Callable[[list[Block]], object]


def status_answer(request: Request, text: str) -> list[Block]:
    return answer_as_of(request, past_asked(_normalize(text), request.today), _answer)


def register(app: App, app_context: AppContext) -> None:
    @app.command("/aid-status")
    def status(ack: Ack, body: Body, client: WebClient, respond: Respond) -> None:
        send = partial(answer_command, ack)
        if view := _send_answer(app_context, body, body.get("text", ""), client, respond, send, tells=True):
            open_form(client, body["trigger_id"], view)
            ack()

    @app.action(ASKED)
    def ask(ack: Ack, body: Body, action: Action, client: WebClient, respond: Respond) -> None:
        ack()
        chosen = action.get("selected_option")
        text = chosen["value"] if chosen else action["value"]
        _send_answer(app_context, body, text, client, respond, _sender(app_context, body, client, respond))

    @app.action(messages.SHARE)
    def share(ack: Ack, body: Body, action: Action, respond: Respond) -> None:
        ack()
        key = f"share:{body['trigger_id']}"
        with app_context.once(key, actor_of(body).team_id) as new:
            if not new:
                return
            with app_context.reading(body) as request:
                shared_by = messages.shared_by(request.translator, request.actor.user_id)
                blocks = [*answer_as_of(request, action["value"], _rebuild)[:-1], shared_by]
            try:
                respond(text=fallback_text(blocks), blocks=blocks, response_type="in_channel", replace_original=False)
            except (OSError, HTTPException) as error:
                raise AidError(N_("Slack didn't answer. Look in the channel before you share this again.")) from error

    app.action(page_action(messages.TURN))(replacing(app_context, partial(answer_as_of, render=_page)))
    whole = partial(answer_as_of, render=lambda request, ref: _card(request, ref, whole=True))
    app.action(cards.WHOLE_TIMELINE)(replacing(app_context, whole))
    app.action(cards.RECORD)(opening(app_context, lambda request, ref: form.empty(request, refs=(ref,))))
    app.action(re.compile(rf"{SEEN}:\d"))(changing(app_context, _mark_seen))


def _send_answer(
    app_context: AppContext,
    body: Body,
    text: str,
    client: WebClient,
    respond: Respond,
    send: Send,
    *,
    tells: bool = False,
) -> Block | None:
    """Send the answer, and a file where one was asked for; return the form instead for what an admin ``tells``."""
    export = parse_export(text, app_context.clock())
    with app_context.reading(body) as request:
        if tells and request.may_record() and (told := form.told(request, text)):
            return form.refused(request, write_line(told))
        answer = confirm_export(request.translator) if export else status_answer(request, text)
    if export:
        write, translator = partial(write_file, app_context, export, request.translator), request.translator
        work = partial(send_file, translator, client, respond, body, write)
        app_context.run_after_response(work, "export", request.actor)
    send(answer)
    return None


def _sender(app_context: AppContext, body: Body, client: WebClient, respond: Respond) -> Send:
    """Return what answers below the message of a button, or by direct message where it stands on App Home."""
    if "response_url" in body:
        return partial(post_answer, app_context, respond, thread=thread_of(body))
    user_id = actor_of(body).user_id
    return lambda blocks: app_context.run_after_response(
        lambda: client.chat_postMessage(channel=user_id, text=fallback_text(blocks), blocks=blocks)
    )


def _mark_seen(request: Request, value: str) -> list[Block]:
    number = parse_id(request.own(value))
    new = mark_seen(request.session, number, request.editor, listed=request.app_context.admins)
    text = N_("You have seen #{number}.") if new else N_("#{number} was seen before.")
    return paragraph(request.translator, text, number=number)


def _normalize(text: str) -> str:
    text = straighten(unescape(text)).strip()
    if len(text) > QUERY_LENGTH:
        raise BadInput(N_("That search is too long (maximum {limit} characters)."), limit=QUERY_LENGTH)
    return text


def _answer(request: Request, text: str) -> list[Block]:
    if not text:
        return _portfolio(request)
    if text.lower() == "help":
        return messages.help_text(request.translator)
    if match := NUMBER.fullmatch(text):
        return cards.update_card(request.translator, update_detail(request.session, int(match[1])))
    if match := ONE.fullmatch(text):
        return _card(request, canonical_ref(match["ref"]), whole=bool(match["whole"]))
    if match := FIGURES.match(text):
        query = parse_filter(match["filter"])
        return figure_blocks.figures(request.translator, figures_of(request.session, query, request.today), query)
    return _search(request, text)


def _search(request: Request, text: str) -> list[Block]:
    """Answer a filter, words of names or a question; raise NotFound with near misses of a name."""
    query = _filter(text)
    page = list_page(request.session, query, request.today, number=1, size=messages.PAGE_SIZE)
    keys = {term.key for term in query.terms}
    if WORDS not in keys or FILTERING.search(text):
        return listing(request, query, page)
    by_words = keys == {WORDS} and page.total and not is_phrase(text)
    if by_words and (len(query.terms) == 1 or page.total > MOST_NAMED or EXACT.search(text)):
        return _found(request, text, query, page)
    question = understand(request.session, text, request.today)
    if by_words and not question.names_more_than(page.total):
        return _found(request, text, query, page)
    if question.intent != UNCLEAR or question.refs or question.missing:
        return question_answer(request, text, question)
    if page.total:
        return listing(request, query, page)
    near = near_misses(request.session, text, limit=3) if len(query.terms) <= NAME_WORDS else []
    if near:
        raise NotFound(N_("There is no project “{ref}”. Did you mean {near}?"), near=tuple(near), ref=text)
    return not_understood(request)


def _filter(text: str) -> Filter:
    """Return the filter that was typed; of a sentence that cannot be one (``the bank asks: is it``), its words."""
    try:
        return parse_filter(text)
    except BadInput:
        if FILTERING.search(text):
            raise
        return Filter(tuple(Term(WORDS, (word,)) for word in _words(text)))


def _found(request: Request, text: str, query: Filter, page: Page[ProjectRow]) -> list[Block]:
    """Answer with what words find: a card where they are whole words of one project, for UN is no name of UNICEF's."""
    one = page.rows[0].project if page.total == 1 else None
    if one and set(_words(text)) <= set(_words(search_text(one))):
        return _card(request, one.ref)
    return listing(request, query, page)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalize(text))


def _rebuild(request: Request, value: str) -> list[Block]:
    kind, _, rest = value.partition(" ")
    if kind == "one":
        return _card(request, rest)
    if kind == "list":
        return _page(request, rest)
    if kind == "ask":
        return status_answer(request, rest)
    return _portfolio(request)


def _portfolio(request: Request) -> list[Block]:
    return messages.portfolio(request.translator, portfolio(request.session, request.today))


def _page(request: Request, value: str) -> list[Block]:
    number, _, text = value.partition(" ")
    query = parse_filter(text)
    page = list_page(request.session, query, request.today, number=parse_id(number), size=messages.PAGE_SIZE)
    return listing(request, query, page)


def _card(request: Request, ref: str, *, whole: bool = False) -> list[Block]:
    case = project_detail(request.session, ref, request.today)
    return card_of(request, case, whole=whole)
