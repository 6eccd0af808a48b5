"""Lines that several messages share: sources, dates since, an update in one line, a project's name."""

from collections.abc import Iterable
from datetime import date

from db.domain.dates import PartialDate, Precision
from db.domain.enums import UNIDENTIFIED, Headline, UpdateKind
from db.domain.project_status import ProjectStatus
from db.domain.updates import Source, Update
from db.people import COMMAND_LINE, SHIPPED
from db.projects.queries import ProjectView
from db.reports.portfolio import ProjectRow, RecentChange
from handlers.i18n.translator import Translator
from handlers.slack.mrkdwn import clip, escape, link

NOTE_SHOWN = 600
TITLE_SHOWN = 300
REFS_SHOWN = 20


def title(translator: Translator, project: ProjectView) -> str:
    """Return the project's name in the reader's language, as mrkdwn."""
    return escape(clip(plain_title(translator, project), TITLE_SHOWN))


def plain_title(translator: Translator, project: ProjectView) -> str:
    """Return the project's name in the reader's language, as plain text."""
    if project.withheld:
        return translator.plain("name withheld")
    names = (
        (project.title_ko, project.title_en) if translator.language == "ko" else (project.title_en, project.title_ko)
    )
    return next((each for each in names if each), translator.plain("no title on record"))


def applicant(translator: Translator, project: ProjectView) -> str:
    """Return the applicant's name in the reader's language, as mrkdwn."""
    known = project.applicant
    if project.withheld:
        return translator.mrkdwn("name withheld")
    if known is None:
        return translator.mrkdwn("not stated")
    names = (known.name_ko, known.name_en) if translator.language == "ko" else (known.name_en, known.name_ko)
    return escape(clip(next((each for each in names if each), "—"), TITLE_SHOWN))


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
    """Render the kind of source and each source, linked if it has an address."""
    given = [source(translator, each) for each in update.sources]
    kind = translator.source_kind(update.confidence)
    return f"{escape(kind)}: {', '.join(given)}" if given else translator.mrkdwn("{kind}, no source given", kind=kind)


def source(translator: Translator, value: Source) -> str:
    name = value.publisher or value.url or "—"
    shown = link(value.url, clip(name, 80)) if value.url else escape(name)
    return f"{shown} ({translator.date(value.published)})" if value.published else shown


def request_name(translator: Translator, update: Update) -> str:
    """Return the kind of an update with what distinguishes it: the holder, the end of a letter, an authority."""
    parts = [f"*{translator.kind(update.kind)}*"]
    if update.retracts:
        parts = [translator.mrkdwn("*Retraction* of #{number}", number=update.retracts)]
    if update.corrects:
        parts.append(translator.mrkdwn("(corrects #{number})", number=update.corrects))
    if update.lift_all and update.kind is UpdateKind.HOLD_LIFTED:
        parts.append(translator.mrkdwn("by all holders"))
    elif update.holder:
        parts.append(translator.mrkdwn("by {holder}", holder=translator.holder(update.holder)))
    if update.authority:
        parts.append(translator.mrkdwn("by {authority}", authority=clip(update.authority, TITLE_SHOWN)))
    if update.extends:
        parts.append(
            translator.mrkdwn("extends an earlier exemption, not identified")
            if update.extends == UNIDENTIFIED
            else translator.mrkdwn("extends {ref}", ref=update.extends)
        )
    if update.deadline:
        parts.append(translator.mrkdwn("no objection until {date}", date=update.deadline))
    return " ".join([*parts, *_letter(translator, update)])


def when(translator: Translator, update: Update) -> str:
    """Render when it happened, and when it was reported if that is known."""
    if update.reported:
        return translator.mrkdwn("{date}, reported {reported}", date=update.happened, reported=update.reported)
    return translator.date(update.happened)


def confidence(translator: Translator, update: Update) -> str:
    """Render an update as official or only reported."""
    return translator.mrkdwn("official") if update.official else translator.mrkdwn("reported, not confirmed")


def recorded(translator: Translator, update: Update) -> str:
    """Render an update's number, by whom and when it was recorded."""
    if update.recorded_by == SHIPPED:
        return translator.mrkdwn("#{number}, shipped with the bot", number=update.number)
    if update.recorded_by == COMMAND_LINE:
        return (
            translator.mrkdwn("#{number}, imported", number=update.number) + f" {translator.time(update.recorded_at)}"
        )
    return (
        translator.mrkdwn("#{number}, recorded by <@{user}>", number=update.number, user=update.recorded_by)
        + f" {translator.time(update.recorded_at)}"
    )


def note(update: Update, limit: int = NOTE_SHOWN) -> str:
    return escape(clip(update.note, limit))


def refs(values: tuple[str, ...] | list[str]) -> str:
    """Render refs of projects; a long list ends with how many more there are."""
    shown = ", ".join(escape(each) for each in values[:REFS_SHOWN])
    return shown if len(values) <= REFS_SHOWN else f"{shown} … [+{len(values) - REFS_SHOWN}]"


def code_list(values: Iterable[str]) -> str:
    """Return words that people type, each as code."""
    return " ".join(f"`{value}`" for value in values)


def as_of(translator: Translator, day: date | None) -> str:
    return translator.mrkdwn("As of {date}", date=day) if day else translator.mrkdwn("Nothing on record yet")


def status(translator: Translator, line: ProjectRow, today: date) -> str:
    """Return a project's headline with what qualifies it, in one line."""
    parts = [f"*{translator.headline(line.headline)}*"]
    if line.holders:
        parts.append(translator.mrkdwn("held by {holders}", holders=translator.holders(line.holders)))
    if line.headline in {Headline.UNDER_REVIEW, Headline.ON_HOLD} and line.lift_reported:
        parts.append(translator.mrkdwn("lift of the hold reported, not confirmed"))
    if line.headline is Headline.APPROVED:
        parts.append(validity(translator, line.valid_until, today))
        if line.extension_pending:
            parts.append(translator.mrkdwn("extension pending"))
    elif line.headline in {Headline.EXPIRED, Headline.EXTENSION_PENDING} and line.valid_until:
        parts.append(translator.mrkdwn("ended {date}", date=line.valid_until))
    else:
        parts.append(since(translator, line.since, today))
    return " · ".join(part for part in parts if part)


def qualifier(translator: Translator, standing: ProjectStatus, headline: Headline) -> str:
    """Render what the headline leaves out: the end of an exemption in force, a pending or held extension."""
    parts = []
    if headline is Headline.APPROVED:
        end = standing.valid_until
        parts.append(
            translator.mrkdwn("until {date}", date=end) if end and end.known else translator.mrkdwn("end not known")
        )
    if standing.approved and standing.extension and headline in {Headline.APPROVED, Headline.EXTENSION_PENDING}:
        holders = [hold.holder for hold in standing.open_holds]
        if holders:
            parts.append(translator.mrkdwn("extension held by {holders}", holders=translator.holders(holders)))
        elif standing.extension_reported:
            parts.append(translator.mrkdwn("approval of the extension reported, letter not seen"))
        elif headline is Headline.APPROVED:
            parts.append(translator.mrkdwn("extension pending"))
    return " · ".join(parts)


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


def _letter(translator: Translator, update: Update) -> list[str]:
    letter, parts = update.letter, []
    if letter.valid_until:
        parts.append(
            translator.mrkdwn("until {date}", date=letter.valid_until)
            if letter.valid_until.known
            else translator.mrkdwn("end not known")
        )
    if letter.item_count is not None:
        parts.append(translator.plural("{number} item", "{number} items", letter.item_count))
    if letter.value:
        parts.append(f"{translator.number(letter.value)} {escape(letter.currency or '')}".strip())
    if letter.shipment_limit is not None:
        parts.append(
            translator.plural("at most {number} shipment", "at most {number} shipments", letter.shipment_limit)
        )
    return [f"({', '.join(parts)})"] if parts else []


def overflow_note(translator: Translator) -> str:
    return translator.plain("… and {count} more parts that do not fit one message.")


def change(translator: Translator, each: RecentChange, total: int = 0) -> str:
    """Return an update in a few lines; ``total`` is the number of all projects, to say where it concerns all of them."""
    update = each.update
    count = translator.plural("{number} project", "{number} projects", len(each.refs))
    whom = (
        translator.mrkdwn("all {number} projects", number=total)
        if len(each.refs) == total > 1
        else f"{count}: {refs(each.refs)}"
    )
    head = f"{when(translator, update)} — {request_name(translator, update)} · {whom}"
    tail = f"{confidence(translator, update)} · {sources(translator, update)}"
    return "\n".join(part for part in (head, note(update), tail) if part)
