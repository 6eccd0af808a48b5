"""Answers to plain questions: the first line, then the card or the list that it rests on, and what else to ask."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from db.domain.dates import COMMITTEE_ZONE, new_york_date, parse_date
from db.domain.enums import Headline
from db.domain.updates import Update
from db.paging import Page
from db.past import statuses_since
from db.projects.queries import ids_matching, ids_of_refs, load_projects, search
from db.questions.understand import UNCLEAR, Question
from db.questions.words import table
from db.reports.home import current_holders
from db.reports.portfolio import ProjectRow, count_approved, list_page, portfolio
from db.reports.project import ProjectDetail, project_detail
from db.reports.statistics import figures_of
from db.search.filter import Filter, Term, parse_filter
from db.updates.history import record_begins
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, button, fit, sections
from handlers.blocks.formatting import overflow_note
from handlers.blocks.project_buttons import ask_button, seen_buttons
from handlers.context import Request
from handlers.slack.mrkdwn import escape
from handlers.status import blocks as messages
from handlers.status import figures as figure_blocks
from handlers.status import project_card as cards
from handlers.status.answers import answered, first_line, say
from handlers.status.blocks import ChangedSince
from handlers.updates.suggestions import SUGGEST

CHOICES = 20  # so many projects are offered as buttons, so many are answered for at once, and so many lead to a list
ANSWERED = 8


def question_answer(request: Request, text: str, question: Question) -> list[Block]:
    """Answer a question, or ask what it needs to be answered."""
    if question.missing:
        ids_of_refs(request.session, [question.missing])  # says that there is none, and which may be meant
    rules = table()["intents"].get(question.intent, {"projects": "one"})
    if rules["projects"] == "none":
        return _told(request, question)
    if rules["projects"] == "all":
        return _shared(request, _counted(request, question), text)
    if question.intent == UNCLEAR and not question.refs:
        return not_understood(request)
    refs = question.refs or _refs_meant(request, question)
    of_any = rules["projects"] == "any" and not refs
    if of_any and "all" not in rules:
        return _shared(request, _of_all(request, question), text)
    if "all" in rules and not question.refs and (of_any or len(refs) > ANSWERED):
        of_all = Filter((*question.filter.terms, *parse_filter(rules["all"]).terms))
        return _shared(request, _counted(request, replace(question, filter=of_all)), text)
    return _of_projects(request, text, question, refs)


def _of_projects(request: Request, text: str, question: Question, refs: Sequence[str]) -> list[Block]:
    if not 1 <= len(refs) <= ANSWERED:
        return _which_one(request, text, refs)
    if len(refs) > 1:
        return _several(request, text, question, refs)
    detail = project_detail(request.session, refs[0], request.today)
    card = card_of(request, detail)
    if question.intent == "status" and not question.asks:
        return card
    return _shared(request, [*sections(first_line(request.translator, question, detail)), *card], text)


def card_of(request: Request, detail: ProjectDetail, *, whole: bool = False) -> list[Block]:
    """Return a project's card with the buttons of the reader's role."""
    translator, buttons = request.translator, list[Block]()
    unseen = request.awaiting_look(detail.standing.updates)
    if request.may_record():
        buttons = [button(translator.plain("Record update"), cards.RECORD, detail.project.ref)]
        buttons += seen_buttons(translator, unseen, request.epoch) if unseen else []
    elif request.is_member:
        buttons = [button(translator.plain("Hand in news"), SUGGEST, detail.project.ref)]
    return cards.card(translator, detail, whole=whole, buttons=buttons, unseen=unseen)


def not_understood(request: Request) -> list[Block]:
    """Say so, and offer questions to which the record has an answer."""
    return [*sections(say(request.translator, table()["replies"]["unclear"])), *_examples(request)]


def _refs_meant(request: Request, question: Question) -> tuple[str, ...]:
    of_projects = Filter(tuple(term for term in question.filter.terms if term.key in {"group", "org"}))
    if not of_projects.terms:
        return ()
    ids = ids_matching(request.session, of_projects, request.today)[: CHOICES + 1]
    return tuple(view.ref for view in load_projects(request.session, ids).values())


def _first_refs(request: Request, number: int) -> tuple[str, ...]:
    return tuple(project.ref for project in search(request.session, "", limit=number))


def _told(request: Request, question: Question) -> list[Block]:
    """Answer what speaks of no project: a word of the field, a greeting, what can be asked."""
    translator = request.translator
    if question.intent == "term":
        meaning = table()["terms"][question.term]
        word = meaning["words"][-1 if translator.language == "ko" else 0]
        text = answered(translator, "term", "term", term=word, meaning=say(translator, meaning))
    else:
        text = say(translator, next(iter(table()["intents"][question.intent]["answers"].values())))
    return [*sections(text), *([] if question.intent in {"term", "thanks"} else _examples(request))]


def _several(request: Request, text: str, question: Question, refs: Sequence[str]) -> list[Block]:
    """Answer for each of a few projects, and ask which one is meant unless all were named."""
    if question.intent == UNCLEAR:
        question = replace(question, intent="status")
    details = [project_detail(request.session, ref, request.today) for ref in refs]
    lines = [first_line(request.translator, question, detail) for detail in details]
    asked = (
        [] if question.intent == "compare" or not question.refs else [_reply(request, "which-one", number=len(refs))]
    )
    return fit(
        [*(block for line in (*asked, *lines) for block in sections(line)), _choices(text, refs)],
        overflow_note(request.translator),
    )


def _which_one(request: Request, text: str, refs: Sequence[str]) -> list[Block]:
    offered = refs or _first_refs(request, CHOICES)
    if not offered:
        return messages.portfolio(request.translator, portfolio(request.session, request.today))
    asked = sections(_reply(request, "name-one", ref=escape(offered[0])))
    return [*asked, _choices(text, offered[:CHOICES])]


def _choices(text: str, refs: Sequence[str]) -> Block:
    """Return a button for each project that asks the question about it."""
    return actions([ask_button(ref, f"{ref} {text}", number) for number, ref in enumerate(refs)])


def _reply(request: Request, name: str, **values: object) -> str:
    return say(request.translator, table()["replies"][name], **values)


def _counted(request: Request, question: Question) -> list[Block]:
    """Answer which or how many projects there are, or which exemptions end."""
    translator, session, today = request.translator, request.session, request.today
    query = question.filter
    whole = portfolio(session, today)
    if question.intent == "overview" and not query.terms:
        return messages.portfolio(translator, whole)
    if question.intent == "durations":
        line = sections(answered(translator, "durations", "all"))
        return [*line, *figure_blocks.figures(translator, figures_of(session, query, today), query)]
    if question.intent == "expiring" and not query.terms:
        ends = "\n".join(
            f"• *{escape(each.ref)}* {formatting.validity(translator, each.valid_until, today)}"
            for each in whole.attention
            if each.valid_until
        )
        text = answered(translator, "expiring", "all" if ends else "none", ends=ends)
        return [*sections(text), actions([messages.share_button(translator)])]
    number, blocks = _first_page(request, query)
    case = "found" if query.terms else "all"
    values = {"filter": formatting.filter_in_words(translator, query), "number": number, "total": whole.total}
    text = answered(translator, question.intent, case, **values)
    return [*sections(text), *blocks]


def _first_page(request: Request, query: Filter) -> tuple[int, list[Block]]:
    """Return how many projects a filter finds, and the list; what else to ask where there is nothing to explain."""
    page = list_page(request.session, query, request.today, number=1, size=messages.PAGE_SIZE)
    explained = page.total or len(query.terms) > 1
    return page.total, listing(request, query, page) if explained else _examples(request)


def _of_all(request: Request, question: Question) -> list[Block]:
    """Answer for all projects who holds, or what changed."""
    translator, session, today = request.translator, request.session, request.today
    whole = portfolio(session, today)
    if question.intent == "holder":
        holds = current_holders(session)
        held = ", ".join(f"{translator.holder(hold.holder)} {hold.number}" for hold in holds)
        case = "all" if held else "all-lift-reported" if whole.lift_reported else "all-none"
        line = sections(answered(translator, "holder", case, holders=held, number=whole.lift_reported))
        if not held:
            return [*line, *messages.portfolio(translator, whole)]
        return [*line, *_first_page(request, Filter((Term("holder", tuple(hold.holder for hold in holds)),)))[1]]
    if question.value("since"):
        number, blocks = _first_page(request, question.filter)
        values = {"date": question.value("since"), "number": number, "total": whole.total}
        return [*sections(answered(translator, "changed", "all-since", **values)), *blocks]
    changes = "\n\n".join(formatting.change(translator, each, whole.total) for each in whole.latest)
    return [
        *sections(answered(translator, "changed", "all", changes=changes)),
        actions([messages.share_button(translator)]),
    ]


def _shared(request: Request, blocks: list[Block], text: str) -> list[Block]:
    """Let the button that shares an answer share its first line too."""
    for element in blocks[-1].get("elements", []):
        if element.get("action_id") == messages.SHARE:
            element["value"] = f"ask {text}"
    return fit(blocks, overflow_note(request.translator))


def _examples(request: Request) -> list[Block]:
    """Return three questions that find something in the present record, as buttons."""
    translator, asked = request.translator, table()["examples"]
    refs = _first_refs(request, 1)
    if not refs:
        return messages.help_text(translator)
    state = _state_to_ask(request)
    values = {"project": {"ref": refs[0]}, "state": {"state": state}, "changed": {}}
    texts = [translator.plain(asked[name][translator.language], **given) for name, given in values.items()]
    return [actions([ask_button(each, each, number) for number, each in enumerate(texts)])]


def _state_to_ask(request: Request) -> str:
    """Return the status that most projects have among those that can be asked for."""
    counts = dict(portfolio(request.session, request.today).by_headline)
    asked = [Headline(state.removeprefix("status:")) for state in table()["states"].values()]
    return request.translator.headline(max(asked, key=lambda headline: counts.get(headline, 0))).lower()


def listing(request: Request, query: Filter, page: Page[ProjectRow]) -> list[Block]:
    """Return a page of the projects that a filter finds; where it finds none, how many each of its parts finds alone."""
    session, today = request.session, request.today
    alone = [Filter((term,)) for term in query.terms] if not page.total else []
    return messages.listing(
        request.translator,
        query,
        page,
        today,
        table=request.preferences.tables,
        approved=count_approved(session, query, today),
        alone=[(each.text, list_page(session, each, today, number=1, size=1).total) for each in alone],
        changed=changed_since(request, query, page.rows),
        unseen=request.awaiting_look(update for row in page.rows for update in row.standing.updates),
    )


def changed_since(request: Request, query: Filter, rows: Sequence[ProjectRow]) -> ChangedSince | None:
    """Return what changed in the projects of a page since the day of ``since:``, None without one or of a past answer."""
    firsts = [parse_date(value).first for term in query.terms if term.key == "since" for value in term.values]
    day = min(filter(None, firsts), default=None)
    begins = record_begins(request.session) if day and not request.as_of else None
    if day is None or begins is None:
        return None
    midnight = datetime.combine(day, time(), COMMITTEE_ZONE) - timedelta(microseconds=1)
    found = statuses_since(request.session, [row.project.id for row in rows], max(midnight, begins))
    day = max(day, new_york_date(begins))
    moves, late = dict[tuple[Headline, Headline], list[str]](), dict[int, Update]()
    for row in rows:
        before, updates = found[row.project.id]
        move = (before.headline(day), row.standing.headline(request.today))
        if move[0] is not move[1]:
            moves.setdefault(move, []).append(row.project.ref)
        late |= {update.number: update for update in updates if update.effective_day < day}
    return ChangedSince(day, begins > midnight, moves, tuple(late[number] for number in sorted(late)))
