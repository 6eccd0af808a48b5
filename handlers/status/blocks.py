"""The answers of /aid-status that concern several projects: the portfolio, a list or Slack's data table, help."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain.enums import Headline
from db.domain.project_status import ProjectStatus, Statement
from db.domain.updates import Update
from db.errors import N_
from db.maintenance.seed import ARTICLE_SET, portfolio_note
from db.paging import Page
from db.questions.words import table as question_table
from db.reports.portfolio import Portfolio, ProjectRow
from db.search.filter import KEYS, Filter
from db.updates.status_cache import lift_reported
from handlers.blocks import formatting, portfolio_parts
from handlers.blocks.blockkit import Block, actions, button, context, fit, header, menu, option, sections
from handlers.blocks.formatting import code_list
from handlers.blocks.project_buttons import ASK, ask_button, page_buttons
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape

PAGE_SIZE = 20
SHARE = "status_share"
TURN = "status_turn"
CELL = 300
HEAD = (N_("Ref"), N_("Project"), N_("Status"), N_("Since / until"), N_("Held by"), N_("As of"), N_("Source"))


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """Changes since a day: refs by headline before and after, and updates of before that were recorded since.

    ``whole`` is set where the record begins on that day, after the one asked for.
    """

    day: date
    whole: bool
    moves: Mapping[tuple[Headline, Headline], list[str]]
    late: Sequence[Update]


def portfolio(translator: Translator, whole: Portfolio) -> list[Block]:
    """Return all projects at a glance: the bottom line, counts, groups, what needs attention, what changed last."""
    title = portfolio_parts.title(translator, whole)
    if not whole.total:
        text = translator.mrkdwn("No projects yet. An admin can add one with `/aid-admin project add`.")
        return [title, *sections(text)]
    groups = [
        ask_button(f"{translator.group(group)} {count}", f"group:{group}", number)
        for number, (group, count) in enumerate(whole.by_group)
    ]
    blocks = [
        title,
        *portfolio_parts.summary(translator, whole),
        actions(groups),
        *portfolio_parts.activity(translator, whole),
    ]
    if whole.data_sets == (ARTICLE_SET,):
        blocks.append(context(escape(portfolio_note(translator.language))))
    return fit(translator, [*blocks, actions([share_button(translator), _more(translator)])])


def _more(translator: Translator) -> Block:
    return menu(
        f"{ASK}:more",
        [
            option(translator.plain("Excel file"), "export:xlsx"),
            option(translator.plain("Picture"), "export:png"),
            option(translator.plain("Figures"), "figures"),
            option(translator.plain("What can I ask?"), "help"),
        ],
    )


def listing(
    translator: Translator,
    project_filter: Filter,
    page: Page[ProjectRow],
    today: date,
    *,
    table: bool = False,
    approved: tuple[int, int] = (0, 0),
    alone: Sequence[tuple[str, int]] = (),
    changed: ChangedSince | None = None,
    unseen: Collection[int] = (),
) -> list[Block]:
    """Return a page of a filtered list, a line a project or as a ``table``.

    ``approved`` are the approved ones, where they were asked for, and those of them whose end is not known; ``alone``
    are the parts of a filter that finds nothing, and how many each finds; ``unseen`` the decisions that no second admin
    has seen.
    """
    counted = translator.plural("{number} project", "{number} projects", page.total)
    blocks = [header(counted if page.total else translator.plain("No project matches."))]
    if project_filter.text:
        blocks.append(context(formatting.filter_echo(translator, project_filter)))
    if approved[1]:
        blocks.append(context(formatting.approved(translator, *approved)))
    if not page.rows:
        hint = translator.mrkdwn("Take a part away, or see `/aid-status help` for the filters.")
        return [*blocks, *sections("\n".join([*(_alone(translator, *each) for each in alone), hint]))]
    if table:
        caption = translator.plain("Projects {first}–{last} of {total}", **_span(page))
        blocks.append(project_table(translator, page.rows, today, caption, unseen))
    else:
        blocks += _lines(translator, page.rows, today, unseen)
    if page.pages > 1:
        blocks.append(
            context(
                translator.mrkdwn(
                    "Page {page} of {pages} · projects {first}–{last} of {total}",
                    page=page.number,
                    pages=page.pages,
                    **_span(page),
                )
            )
        )
    if changed and (changed.moves or changed.late):
        blocks += sections("\n".join(_changed(translator, changed)))
    buttons = [
        *page_buttons(translator, page, TURN, project_filter.text),
        share_button(translator, f"list {page.number} {project_filter.text}"),
    ]
    return fit(translator, [*blocks, actions(buttons)])


def _changed(translator: Translator, changed: ChangedSince) -> list[str]:
    text = N_("*Changed since {day}, when this record begins*") if changed.whole else N_("*Changed since {day}*")
    lines = [translator.mrkdwn(text, day=changed.day)]
    lines += [
        f"• *{formatting.refs(refs)}* {formatting.move(translator, *move)}" for move, refs in changed.moves.items()
    ]
    late = [f"#{update.number}, {formatting.when(translator, update)}" for update in changed.late]
    return [*lines, *(["• " + translator.mrkdwn("recorded late:") + f" {'; '.join(late)}"] if late else [])]


def _lines(translator: Translator, rows: Sequence[ProjectRow], today: date, unseen: Collection[int]) -> list[Block]:
    """Return a section a project with a button that opens it; a basis that all share stands once, below."""
    stated = [row.standing.statement(today) for row in rows]
    news = [row.no_news for row in rows]
    bases = [formatting.statement(translator, each, today, no_news=old) for each, old in zip(stated, news, strict=True)]
    shared = len(set(bases)) == 1
    blocks: list[Block] = []
    for row, basis, state in zip(rows, bases, stated, strict=True):
        ref = row.project.ref
        text = (
            f"*{escape(ref)}* {formatting.title(translator, row.project)}\n"
            f"{formatting.mark(state.headline)} {formatting.status(translator, row.standing, state, today)}"
        )
        if same := [each for each in (row.project.same_as, *row.project.same) if each]:
            text += " · " + translator.mrkdwn("same request as {refs}", refs=", ".join(same))
        if any(update.number in unseen for update in row.standing.updates):
            text += " · " + translator.mrkdwn("not yet seen by a second admin")
        text += "" if shared else f"\n{basis}"
        blocks += sections(text, accessory=ask_button(translator.plain("Open"), ref))
    return [*blocks, context(bases[0])] if shared else blocks


def _alone(translator: Translator, text: str, number: int) -> str:
    if not number:
        return translator.mrkdwn("`{filter}`: nothing", filter=text)
    return translator.plural("`{filter}` alone finds {number}", "`{filter}` alone finds {number}", number, filter=text)


def _span(page: Page[ProjectRow]) -> dict[str, int]:
    return {"first": page.first, "last": page.first + len(page.rows) - 1, "total": page.total}


def help_text(translator: Translator) -> list[Block]:
    return sections(
        translator.mrkdwn(
            "*Ask where projects stand*\n"
            "`/aid-status` all projects at a glance\n"
            "`/aid-status GG-1` one project: standing, holds, days left, timeline with sources\n"
            "`/aid-status #2` one recorded update in full\n"
            "`/aid-status {question}` any question in your own words\n"
            "`/aid-status group:gyeonggi` or `/aid-status status:under-review` a list\n"
            "`/aid-status unicef` projects whose name has the word\n"
            "*Filters*: {filters}, and words; such as `expiring:90d` or `since:2026-01`. "
            "A space means and, a comma or, a dash in front excludes: `group:io,ngo -status:approved`.\n"
            "*Figures*: `/aid-status figures` how long decisions and holds take; a filter can follow\n"
            "*Files*: `export:xlsx` after any of these sends a file to you; also `export:csv`, `export:ics` (deadlines), "
            "`export:xml` (IATI) and `export:png` (a picture: of one project its timeline).",
            filters=code_list(f"{key}:" for key in KEYS),
            question=question_table()["examples"]["changed"][translator.language],
        )
        + "\n"
        + translator.mrkdwn(
            "*The past*: `known:2026-02-10` after any of these answers as this record did at the end of that day, "
            "`on:2026-02-10` says what stood on it as known now; a list with `since:2026-02-01` adds what changed."
        )
    )


def share_button(translator: Translator, query: str = "portfolio") -> Block:
    return button(translator.plain("Share in channel"), SHARE, query)


def shared_by(translator: Translator, user_id: str) -> Block:
    return context(translator.mrkdwn("Shared by <@{user}> from `/aid-status`", user=user_id))


def project_table(
    translator: Translator, rows: Sequence[ProjectRow], today: date, caption: str, unseen: Collection[int] = ()
) -> Block:
    """Return one row a project, with its basis; at least one row. Cells are plain text: nothing comes to life in them."""
    head = [translator.plain(each) for each in HEAD]
    body = [_row(translator, line, today, unseen) for line in rows]
    return {
        "type": "data_table",
        "caption": caption,
        "rows": [[{"type": "raw_text", "text": clip(each, CELL) or "–"} for each in row] for row in [head, *body]],
        "page_size": len(body),
        "row_header_column_index": 0,
    }


def _row(translator: Translator, row: ProjectRow, today: date, unseen: Collection[int]) -> list[str]:
    stated = row.standing.statement(today)
    waits = any(update.number in unseen for update in row.standing.updates)
    notes = [translator.plain("not yet seen by a second admin")] if waits else []
    return [
        row.project.ref,
        formatting.plain_title(translator, row.project),
        ", ".join([_status(translator, row.standing, stated), *notes]),
        _when(translator, row.standing, stated, today),
        translator.holders(hold.holder for hold in row.standing.open_holds),
        _as_of(translator, row, stated, today),
        _source(translator, stated),
    ]


def _as_of(translator: Translator, row: ProjectRow, stated: Statement, today: date) -> str:
    """Render the day without its title, which the column has, its age and whether there was no news for long."""
    if stated.as_of is None:
        return ""
    age = (today - stated.as_of).days
    text = translator.date(stated.as_of)
    if age > 0:
        text = translator.plural("{date} ({number} day ago)", "{date} ({number} days ago)", age, date=stated.as_of)
    return ", ".join([text, translator.plain("no news for long")]) if row.no_news else text


def _status(translator: Translator, standing: ProjectStatus, stated: Statement) -> str:
    text = translator.headline(stated.headline)
    if clauses := formatting.second_clauses(translator, standing, stated.headline):
        return ", ".join([text, *clauses])
    if lift_reported(standing):
        return f"{text} ({translator.plain('hold reported lifted, not confirmed')})"
    return text


def _when(translator: Translator, standing: ProjectStatus, stated: Statement, today: date) -> str:
    if stated.headline is Headline.APPROVED:
        return formatting.validity(translator, standing.valid_until, today)
    if stated.headline is Headline.EXPIRED:
        return formatting.since(translator, standing.valid_until, today)
    return formatting.since(translator, stated.update.happened if stated.update else None, today)


def _source(translator: Translator, stated: Statement) -> str:
    if stated.update is None:
        return translator.plain("nothing on record")
    names = [translator.source_name(source.publisher or "") or source.url or "" for source in stated.sources]
    kind = translator.source_kind(stated.update.confidence)
    return f"{kind}: {', '.join(name for name in names if name)}" if any(names) else kind
