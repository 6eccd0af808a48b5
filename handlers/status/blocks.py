"""The answers of /aid-status that concern several projects: the portfolio, a list, help."""

from collections.abc import Sequence
from datetime import date

from db.domain.enums import Headline
from db.domain.updates import Source
from db.maintenance.seed import ARTICLE_SET, portfolio_note
from db.paging import Page
from db.questions.words import table as question_table
from db.reports.portfolio import Portfolio, ProjectRow
from db.search.filter import KEYS, Filter
from handlers.blocks import formatting
from handlers.blocks.blockkit import Block, actions, button, context, divider, fit, header, sections
from handlers.blocks.formatting import change, code_list, overflow_note
from handlers.blocks.page_buttons import page_buttons
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import escape
from handlers.status.table import project_table

PAGE_SIZE = 10
SHARE = "status_share"
TURN = "status_turn"


def portfolio(translator: Translator, whole: Portfolio) -> list[Block]:
    """Return all projects at a glance."""
    blocks = [
        header(
            translator.plural(
                "{number} project · 1718 Committee exemptions",
                "{number} projects · 1718 Committee exemptions",
                whole.total,
            )
        )
    ]
    if not whole.total:
        return [
            *blocks,
            *sections(
                translator.mrkdwn("Nothing is on record yet. An admin adds projects with `/aid-admin project add`.")
            ),
        ]
    blocks += sections(_headlines(translator, whole))
    blocks += sections(_groups(translator, whole))
    blocks += sections(
        translator.mrkdwn("*Response of the DPRK*")
        + "\n"
        + "\n".join(f"{translator.response(response)}  *{count}*" for response, count in whole.by_response)
    )
    blocks += [
        divider(),
        *sections(
            translator.mrkdwn("*What changed last*")
            + "\n"
            + "\n\n".join(change(translator, each, whole.total) for each in whole.latest)
        ),
    ]
    blocks += sections(_deadlines(translator, whole))
    if ARTICLE_SET in whole.data_sets:
        blocks.append(context(escape(portfolio_note(translator.language))))
    return fit(
        [*blocks, _as_of(translator, whole.as_of, whole.sources, whole.today), share(translator, "")],
        overflow_note(translator),
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
) -> list[Block]:
    """Return a page of a filtered list, as sections or as a ``table``.

    ``approved`` are the approved ones, where they were asked for, and those of them whose end is not known; ``alone``
    are the parts of a filter that finds nothing, and how many each finds.
    """
    counted = translator.plural("{number} project", "{number} projects", page.total)
    blocks = [header(counted if page.total else translator.plain("No project matches."))]
    if project_filter.text:
        blocks.append(context(translator.mrkdwn("Filter: `{filter}`", filter=project_filter.text)))
    if approved[1]:
        blocks.append(context(formatting.approved(translator, *approved)))
    if not page.rows:
        return [
            *blocks,
            *sections("\n".join([*(_alone(translator, *each) for each in alone), _filter_hint(translator)])),
        ]
    if table:
        caption = translator.plain("Projects {first}–{last} of {total}", **_span(page))
        blocks.append(project_table(translator, page.rows, today, caption))
    for line in () if table else page.rows:
        title = formatting.title(translator, line.project)
        text = f"*{escape(line.project.ref)}* {title}\n{formatting.status(translator, line.standing, today)}"
        if same := [each for each in (line.project.same_as, *line.project.same) if each]:
            text += " · " + translator.mrkdwn("same request as {refs}", refs=", ".join(same))
        basis = formatting.statement(translator, line.standing.statement(today), today, no_news=line.no_news)
        blocks += [*sections(text), context(basis)]
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
    buttons = [
        *page_buttons(translator, page, TURN, project_filter.text),
        _share_button(translator, f"list {page.number} {project_filter.text}"),
    ]
    return fit([*blocks, actions(buttons)], overflow_note(translator))


def _filter_hint(translator: Translator) -> str:
    return translator.mrkdwn("Take a part away, or see `/aid-status help` for the filters.")


def _alone(translator: Translator, text: str, number: int) -> str:
    if not number:
        return translator.mrkdwn("`{filter}`: nothing", filter=text)
    return translator.plural("`{filter}` alone finds {number}", "`{filter}` alone finds {number}", number, filter=text)


def _span(page: Page[ProjectRow]) -> dict[str, int]:
    return {"first": page.first, "last": page.first + len(page.rows) - 1, "total": page.total}


def help_text(translator: Translator) -> list[Block]:
    """Render the help of /aid-status."""
    return sections(
        translator.mrkdwn(
            "*Ask where projects stand*\n"
            "`/aid-status` all projects at a glance\n"
            "`/aid-status GG-1` one project: standing, holds, days left, timeline with sources\n"
            "`/aid-status #12` one recorded update in full\n"
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
    )


def share(translator: Translator, query: str) -> Block:
    """Return the button that shows the same answer to the whole channel."""
    return actions([_share_button(translator, query or "portfolio")])


def _share_button(translator: Translator, query: str) -> Block:
    return button(translator.plain("Share in channel"), SHARE, query)


def shared_by(translator: Translator, user_id: str) -> Block:
    return context(translator.mrkdwn("Shared by <@{user}> with `/aid-status`", user=user_id))


def _headlines(translator: Translator, whole: Portfolio) -> str:
    counts = dict(whole.by_headline)
    end_unknown = counts.pop(Headline.APPROVED_END_UNKNOWN, 0)
    approved = counts.pop(Headline.APPROVED, 0) + end_unknown
    rows = [f"*{translator.headline(headline)}*  {count}" for headline, count in counts.items()]
    if approved:
        known = f"*{translator.headline(Headline.APPROVED)}*  {approved}"
        rows.insert(0, known if not end_unknown else formatting.approved(translator, approved, end_unknown))
    if whole.lift_reported:
        rows.append(
            translator.plural(
                "_for {number} a lift of the hold is reported, not confirmed_",
                "_for {number} a lift of the hold is reported, not confirmed_",
                whole.lift_reported,
            )
        )
    return "\n".join(rows)


def _groups(translator: Translator, whole: Portfolio) -> str:
    return "\n".join(f"{translator.group(group)}  *{count}*  (`group:{group}`)" for group, count in whole.by_group)


def _deadlines(translator: Translator, whole: Portfolio) -> str:
    if not whole.ending:
        return translator.mrkdwn("*Next ends of exemptions*\nnone known")
    return (
        translator.mrkdwn("*Next ends of exemptions*")
        + "\n"
        + "\n".join(
            f"• *{escape(end.ref)}* {formatting.validity(translator, end.valid_until, whole.today)}"
            for end in whole.ending
        )
    )


def _as_of(translator: Translator, day: date | None, given: tuple[Source, ...], today: date) -> Block:
    named = ", ".join(formatting.dated_source(translator, each) for each in given)
    return context(
        f"{formatting.as_of(translator, day, today)} · "
        + (translator.mrkdwn("Source:") + f" {named}" if named else translator.mrkdwn("no source given"))
    )
