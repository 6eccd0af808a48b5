"""Lines that several messages share: sources, dates since, an update in one line, a project's name."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from db.domain.code_lists import label_of
from db.domain.dates import PartialDate, Precision, day
from db.domain.enums import UNDISCLOSED, UNIDENTIFIED, Headline, SourceKind, UpdateKind
from db.domain.project_status import Hold, ProjectStatus, Round, Statement
from db.domain.updates import Consignment, Source, Update
from db.errors import N_
from db.people import COMMAND_LINE, SHIPPED
from db.projects.queries import OrganisationView, ProjectView
from db.search.filter import ALONE, FILTER_KEYS, WORDS, Filter, Term
from db.updates.history import RecentChange
from db.updates.status_cache import lift_reported
from handlers.blocks.blockkit import Block, context, fit
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import Markup, clip, dotted, escape, host_of, lined, link

NOTE_SHOWN = 600
QUOTE_SHOWN = 150
TITLE_SHOWN = 300
REFS_SHOWN = 20


_MARKS = {
    Headline.ON_HOLD: "🔴",
    Headline.UNDER_REVIEW: "🟡",
    Headline.APPROVAL_REPORTED: "🟠",
    Headline.APPROVED: "🟢",
    Headline.APPROVED_END_UNKNOWN: "🟢",
    Headline.EXTENSION_PENDING: "⏳",
    Headline.SUBMITTED: "🔵",
    Headline.DELIVERED: "📦",
}


def mark(headline: Headline) -> str:
    """Return the emoji of a headline, which always stands with its word."""
    return _MARKS.get(headline, "⚪")


def title(translator: Translator, project: ProjectView) -> str:
    return escape(clip(plain_title(translator, project), TITLE_SHOWN))


def plain_title(translator: Translator, project: ProjectView) -> str:
    if project.withheld:
        return translator.plain("name withheld")
    return in_either(translator, project.title_en, project.title_ko) or translator.plain("no title on record")


def organisation(translator: Translator, project: ProjectView) -> str:
    if project.withheld:
        return translator.mrkdwn("name withheld")
    return _organisation(translator, project.organisation) if project.organisation else translator.mrkdwn("not stated")


def roles(translator: Translator, project: ProjectView) -> list[str]:
    named = () if project.withheld else project.named
    return [f"{translator.role(role)}: {_organisation(translator, each)}" for role, each in named]


def _organisation(translator: Translator, known: OrganisationView) -> str:
    return escape(clip(in_either(translator, known.name_en, known.name_ko) or "—", TITLE_SHOWN))


def in_either(translator: Translator, english: str | None, korean: str | None) -> str:
    return ((korean or english) if translator.language == "ko" else (english or korean)) or ""


def filter_in_words(translator: Translator, project_filter: Filter) -> str:
    """Return what a filter asks for with the labels that people are shown; what has none as it is typed."""
    return ", ".join(_term_in_words(translator, term) for term in project_filter.terms)


def filter_echo(translator: Translator, project_filter: Filter) -> str:
    return translator.mrkdwn("Filter:") + f" {filter_in_words(translator, project_filter)}"


def _term_in_words(translator: Translator, term: Term) -> str:
    labels = FILTER_KEYS[term.key].labels
    named = [label_of(labels, value, translator.language) if labels else value for value in term.values]
    words = translator.mrkdwn(" or ").join(escape(each) for each in named)
    if term.key not in {WORDS, *ALONE}:
        words = (
            f"{escape(term.key)}: {words}" if labels else f"`{escape(Filter((replace(term, exclude=False),)).text)}`"
        )
    return translator.mrkdwn("not {what}", what=Markup(words)) if term.exclude else words


def since(translator: Translator, value: PartialDate | None, today: date) -> str:
    """Render since when, with the days that passed at least; empty if no date is known."""
    if value is None or not value.known:
        return ""
    days = value.days_until(today)
    if value.precision is Precision.DAY:
        return translator.plural("since {date} ({number} day)", "since {date} ({number} days)", days, date=value)
    return translator.plural(
        "since {date} (at least {number} day)", "since {date} (at least {number} days)", days, date=value
    )


def sources(translator: Translator, update: Update) -> str:
    given = [source(translator, each) for each in update.sources]
    kind = translator.source_kind(update.confidence)
    if given:
        return f"{escape(kind)}: {', '.join(given)}"
    if update.confidence is SourceKind.NOT_STATED:
        return escape(kind)
    return translator.mrkdwn("{kind} (no link)", kind=kind)


def source(translator: Translator, value: Source) -> str:
    shown = dated_source(translator, value)
    if not value.attributed_to:
        return shown
    return f"{shown}, " + translator.mrkdwn("citing {whom}", whom=clip(translator.source_name(value.attributed_to), 80))


def dated_source(translator: Translator, value: Source) -> str:
    shown = _linked(translator, value)
    return f"{shown} ({translator.date(value.published)})" if value.published else shown


def _linked(translator: Translator, value: Source) -> str:
    name = clip(translator.source_name(value.publisher or "") or value.url or "—", 80)
    if not value.url:
        return escape(name)
    host = host_of(value.url)
    return link(value.url, name if host in name else f"{name}, {clip(host, 80)}")


def subject(translator: Translator, update: Update) -> str:
    """Return what an update says in a few plain words, for a title: its kind, or the position, clearance or part."""
    kind, outcome, consigned = translator.kind(update.kind), update.outcome, update.consignment
    if update.kind is UpdateKind.POSITION and update.stance:
        holder = translator.holder(update.holder or UNDISCLOSED)
        return translator.plain("{holder} {stance}", holder=holder, stance=translator.stance(update.stance))
    if update.kind is UpdateKind.CLEARANCE and outcome:
        authority = f" ({clip(update.authority, 80)})" if update.authority else ""
        return f"{kind} {translator.outcome(outcome)}{authority}"
    if consigned.number and consigned.of:
        return translator.plain("{kind} ({number} of {total})", kind=kind, number=consigned.number, total=consigned.of)
    if update.holder:
        return translator.plain("{kind} by {holder}", kind=kind, holder=translator.holder(update.holder))
    if update.letter.valid_until and update.letter.valid_until.known:
        return translator.plain("{kind} until {date}", kind=kind, date=update.letter.valid_until)
    return kind


def request_name(translator: Translator, update: Update) -> str:
    """Return the kind of an update with what distinguishes it: the holder, the terms of a letter, a consignment."""
    kind = translator.kind(update.kind)
    if update.retracts:
        parts = [translator.mrkdwn("*Retraction* of #{number}", number=update.retracts)]
    elif update.confirms:
        parts = [translator.mrkdwn("*Confirmation* of #{number}: {kind}", number=update.confirms, kind=kind)]
    elif update.differs:
        parts = [translator.mrkdwn("*Differing report* of #{number}: {kind}", number=update.differs, kind=kind)]
    else:
        parts = [f"*{kind}*"]
    if update.corrects:
        parts.append(translator.mrkdwn("(corrects #{number})", number=update.corrects))
    held = bool(update.holder) and not _lifts_all(update)
    if not held:
        parts.append(_by(translator, update))
    details = ", ".join(text for value in (*([_by] if held else []), *_DETAILS) if (text := value(translator, update)))
    return " ".join(part for part in [*parts, f"({details})" if details else ""] if part)


def differing(translator: Translator, update: Update) -> str:
    """Render the values in which reports of an update differ, each with who says so; empty where all agree."""
    stated, *reports = update.differing or (update,)
    if not reports:
        return ""
    given = [value for value in (_day, _by, *_DETAILS) if any(value(translator, report) for report in reports)]
    versions = []
    for version in (stated, *reports):
        values = [text for value in given if (text := value(translator, version))] or [translator.mrkdwn("not stated")]
        names = ", ".join(_linked(translator, each) for each in version.sources)
        said_by = names or escape(translator.source_kind(version.confidence))
        versions.append(f"{', '.join(values)} ({said_by}, #{version.number})")
    return translator.mrkdwn("*Sources differ:*") + " " + "; ".join(versions)


def _day(translator: Translator, update: Update) -> str:
    if update.happened.known:
        return translator.date(update.happened)
    return translator.mrkdwn("reported {date}", date=update.reported) if update.reported else ""


def _lifts_all(update: Update) -> bool:
    return update.lift_all and update.kind is UpdateKind.HOLD_LIFTED


def _by(translator: Translator, update: Update) -> str:
    if _lifts_all(update):
        return translator.mrkdwn("by all holders")
    if update.holder:
        return escape(translator.holder(update.holder))
    if update.authority:
        return translator.mrkdwn("by {authority}", authority=clip(update.authority, TITLE_SHOWN))
    return ""


def length(translator: Translator, update: Update) -> str:
    return translator.mrkdwn("asks for {length}", length=translator.period(update.length)) if update.length else ""


def held(translator: Translator, holds: Iterable[Hold]) -> str:
    """Render who holds; empty where nobody does."""
    holders = translator.holders(hold.holder for hold in holds)
    return translator.mrkdwn("held by {holders}", holders=holders) if holders else ""


def _extends(translator: Translator, update: Update) -> str:
    if update.extends == UNIDENTIFIED:
        return translator.mrkdwn("extends an earlier exemption (which one is not known)")
    return translator.mrkdwn("extends {ref}", ref=update.extends) if update.extends else ""


def _deadline(translator: Translator, update: Update) -> str:
    if update.deadline and update.deadline_hour:
        return translator.mrkdwn("deadline {date} {hour} in New York", date=update.deadline, hour=update.deadline_hour)
    return translator.mrkdwn("deadline {date}", date=update.deadline) if update.deadline else ""


def until(translator: Translator, update: Update) -> str:
    """Return the end that a letter or a clearance gives; empty if it gives none."""
    end = update.letter.valid_until
    if end is None:
        return ""
    return translator.mrkdwn("until {date}", date=end) if end.known else translator.mrkdwn("end not known")


def period(translator: Translator, update: Update) -> str:
    stated = update.letter.period
    return translator.mrkdwn("{period} as stated", period=translator.period(stated)) if stated else ""


def _letter_date(translator: Translator, update: Update) -> str:
    given = update.letter.letter_date
    return translator.mrkdwn("letter of {date}", date=given) if given and day(given) != update.happened else ""


def _items(translator: Translator, update: Update) -> str:
    count = update.letter.item_count
    return translator.plural("{number} item", "{number} items", count) if count is not None else ""


def _value(translator: Translator, update: Update) -> str:
    value = update.letter.value
    return f"{translator.number(value)} {escape(update.letter.currency or '')}".strip() if value else ""


def _shipments(translator: Translator, update: Update) -> str:
    limit = update.letter.shipment_limit
    return translator.plural("up to {number} shipment", "up to {number} shipments", limit) if limit else ""


# What an update says beside its kind, its day and who acts.
_DETAILS: tuple[Callable[[Translator, Update], str], ...] = (
    lambda translator, update: translator.stance(update.stance) if update.stance else "",
    lambda translator, update: translator.outcome(update.outcome) if update.outcome else "",
    length,
    _extends,
    _deadline,
    until,
    period,
    _letter_date,
    _items,
    _value,
    _shipments,
    lambda translator, update: consignment(translator, update.consignment),
)


def head(translator: Translator, update: Update) -> str:
    """Render when and what: an update in one line. A note or another report says its day only where it has one."""
    undated = not update.happened.known and update.reported is None
    name = request_name(translator, update)
    if undated and (update.kind is UpdateKind.NOTE or update.is_report or update.retracts):
        return name
    return f"{when(translator, update)} — {name}"


def move(translator: Translator, before: Headline, after: Headline) -> str:
    """Render a headline before → after, or the one that stays where it did not move."""
    if before is after:
        return translator.mrkdwn("still {headline}", headline=translator.headline(after))
    return f"{translator.headline(before)} → *{translator.headline(after)}*"


def when(translator: Translator, update: Update) -> str:
    if update.reported:
        text = N_("{date}, reported {reported}") if update.happened.known else N_("reported {reported} (day not known)")
        return translator.mrkdwn(text, date=update.happened, reported=update.reported)
    return translator.date(update.happened)


def confidence(translator: Translator, update: Update) -> str:
    """Render an update as official or only reported, and which other reports confirm it."""
    stated = update.stated or update
    parts = [translator.mrkdwn("official") if stated.official else translator.mrkdwn("reported, not confirmed")]
    if update.official and not stated.official:
        parts = [escape(translator.source_kind(stated.confidence))]
    for report in update.reports:
        if report.confirms:
            text = N_("confirmed: {kind} (#{number})") if report.official else N_("also: {kind} (#{number})")
            kind = translator.source_kind(report.confidence)
            parts.append(translator.mrkdwn(text, kind=kind, number=report.number))
    return "; ".join(parts)


def basis(translator: Translator, update: Update) -> str:
    """Render how sure an update is and who says so; a note or what states no source says only that."""
    if update.confidence is SourceKind.NOT_STATED and not update.sources:
        return sources(translator, update)
    return f"{confidence(translator, update)} · {sources(translator, update)}"


def recorded(translator: Translator, update: Update) -> str:
    if update.recorded_by == SHIPPED:
        return translator.mrkdwn("#{number}, built-in data", number=update.number)
    text = N_("#{number}, recorded by <@{user}>")
    if update.recorded_by == COMMAND_LINE:
        text = N_("#{number}, imported")
    how = translator.mrkdwn(text, number=update.number, user=update.recorded_by)
    return f"{how} {translator.time(update.recorded_at)}"


def unseen(translator: Translator, numbers: Iterable[int]) -> str:
    """Render which decisions no second admin has seen; empty where there are none."""
    named = ", ".join(f"#{number}" for number in sorted(numbers))
    return translator.mrkdwn(":eyes: Not yet seen by a second admin: {numbers}", numbers=named) if named else ""


def note(translator: Translator, update: Update, limit: int = NOTE_SHOWN) -> str:
    return in_language(translator, update.note, update.note_ko, limit)


def in_language(translator: Translator, english: str, korean: str, limit: int = NOTE_SHOWN) -> str:
    return escape(clip(in_either(translator, english, korean), limit))


def refs(values: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(escape(each) for each in values[:REFS_SHOWN])
    return shown if len(values) <= REFS_SHOWN else f"{shown} … [+{len(values) - REFS_SHOWN}]"


def code_list(values: Iterable[str]) -> Markup:
    return Markup(" ".join(f"`{value}`" for value in values))


def as_of(translator: Translator, value: date | None, today: date | None = None) -> str:
    """Render the day that something is stated as of, with its age where the text is read ``today`` and not kept."""
    if value is None:
        return translator.mrkdwn("Nothing on record yet")
    age = (today - value).days if today else 0
    if age <= 0:
        return translator.mrkdwn("As of {date}", date=value)
    return translator.plural("As of {date}, {number} day ago", "As of {date}, {number} days ago", age, date=value)


def statement(translator: Translator, stated: Statement, today: date, *, no_news: bool = False) -> str:
    if stated.update is None:
        return translator.mrkdwn("Nothing on record yet")
    given = ", ".join(dated_source(translator, each) for each in stated.sources)
    news = translator.mrkdwn("*no news for long*") if no_news else ""
    return dotted(as_of(translator, stated.as_of, today), news, given or sources(translator, stated.update))


def approved(translator: Translator, total: int, end_unknown: int) -> str:
    return translator.plural(
        "*{total} approved*, of {number} the end is not known",
        "*{total} approved*, of {number} the end is not known",
        end_unknown,
        total=total,
    )


def consignments(translator: Translator, delivered: int, total: int | None) -> str:
    """Render how many consignments were delivered; empty while none was."""
    if not delivered:
        return ""
    if total is None:
        return translator.plural("{number} delivered", "{number} delivered", delivered)
    return translator.mrkdwn("{number} of {total} delivered", number=delivered, total=total)


def consignment(translator: Translator, value: Consignment) -> str:
    parts = []
    if value.number and value.of:
        parts.append(translator.mrkdwn("consignment {number} of {total}", number=value.number, total=value.of))
    elif value.number:
        parts.append(translator.mrkdwn("consignment {number}", number=value.number))
    if value.contents:
        parts.append(escape(clip(value.contents, TITLE_SHOWN)))
    if value.origin or value.destination:
        parts.append(escape(f"{clip(value.origin or '…', 80)} → {clip(value.destination or '…', 80)}"))
    return ", ".join(parts)


def status(translator: Translator, standing: ProjectStatus, stated: Statement, today: date) -> str:
    headline = stated.headline
    parts = [f"*{translator.headline(headline)}*"]
    if standing.undecided:
        parts.append(held(translator, standing.open_holds))
    if headline in {Headline.UNDER_REVIEW, Headline.ON_HOLD} and lift_reported(standing):
        parts.append(translator.mrkdwn("hold reported lifted, not confirmed"))
    if headline is Headline.APPROVED:
        parts.append(validity(translator, standing.valid_until, today))
    elif headline in {Headline.EXPIRED, Headline.EXTENSION_PENDING}:
        parts.append(translator.mrkdwn("expired {date}", date=standing.valid_until))
    elif stated.update:
        parts.append(since(translator, stated.update.happened, today))
    if headline is Headline.APPROVED_END_UNKNOWN and stated.update:
        parts.append(period(translator, stated.update))
    return dotted(*parts, *second_clauses(translator, standing, headline))


_IN_FORCE = frozenset({Headline.APPROVED, Headline.APPROVED_END_UNKNOWN})


def qualifier(translator: Translator, standing: ProjectStatus, headline: Headline) -> str:
    """Render what the headline leaves out: the end of an exemption, pending or held requests, consignments."""
    until = [translator.mrkdwn("until {date}", date=standing.valid_until)] if headline is Headline.APPROVED else []
    return dotted(*until, *second_clauses(translator, standing, headline))


def second_clauses(translator: Translator, standing: ProjectStatus, headline: Headline) -> list[str]:
    parts = []
    if headline in {*_IN_FORCE, Headline.EXTENSION_PENDING}:
        parts += [_round(translator, standing, each, headline) for each in standing.pending_rounds]
    if headline is not Headline.DELIVERED:
        parts.append(consignments(translator, standing.delivered_count, standing.consignments))
    return [part for part in parts if part]


def _round(translator: Translator, standing: ProjectStatus, each: Round, headline: Headline) -> str:
    extension = each.kind is UpdateKind.EXTENSION_REQUESTED
    holders = [hold.holder for hold in standing.open_holds if hold.round is each]
    if holders:
        text = N_("extension held by {holders}") if extension else N_("amendment held by {holders}")
        return translator.mrkdwn(text, holders=translator.holders(holders))
    if each.reported:
        return translator.mrkdwn(
            N_("approval of the extension reported, letter not seen")
            if extension
            else N_("approval of the amendment reported, letter not seen")
        )
    if extension and headline is Headline.EXTENSION_PENDING:
        return ""
    return translator.mrkdwn("extension pending") if extension else translator.mrkdwn("amendment pending")


def validity(translator: Translator, end: PartialDate | None, today: date) -> str:
    """Render until when a letter in force holds: an unknown end as such, an inexact one with the days left at least."""
    if end is None or end.first is None or end.last is None:
        return translator.mrkdwn("end not known")
    days = end.days_left(today)
    if end.precision is Precision.DAY:
        return translator.plural(
            "until {date} ({number} day left)", "until {date} ({number} days left)", days, date=end
        )
    return translator.plural(
        "until {date} (at least {number} day left)", "until {date} (at least {number} days left)", days, date=end
    )


def with_repeat_mark(translator: Translator, blocks: list[Block]) -> list[Block]:
    text = translator.mrkdwn(":repeat: Possible duplicate: Slack did not confirm that the first message arrived.")
    return fit(translator, [blocks[0], context(text), *blocks[1:]])


def quote(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() if line.strip())


def concerned(translator: Translator, each: RecentChange, total: int = 0) -> str:
    if len(each.refs) == total > 1:
        return translator.mrkdwn("all {number} projects", number=total)
    return refs(each.refs)


def change(translator: Translator, each: RecentChange, total: int = 0) -> str:
    """Return an update in a few lines; ``total`` is the number of all projects, to say where it concerns all of them."""
    update = each.update
    first = f"{head(translator, update)} · {concerned(translator, each, total)}"
    return lined(first, note(translator, update), basis(translator, update))


def entry(translator: Translator, update: Update, *, struck: bool = False) -> str:
    """Return an update with its note and its basis, a line each; ``struck`` where it was taken back."""
    first = head(translator, update)
    return lined(f"~{first}~" if struck else first, note(translator, update), basis(translator, update))
