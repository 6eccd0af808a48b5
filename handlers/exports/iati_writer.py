"""IATI 2.03 activities: what is known of each project in the form that aid data is published in.

What the standard requires and the record does not know is not made up: a project without the day on which it starts,
or in a state that IATI has no code for, is left out, and the export says how many were (docs/export.md).
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from db.domain.code_lists import label_of, purpose_codes
from db.domain.dates import Precision
from db.domain.enums import DeliveryStatus, Headline, OrganisationRole, SourceKind
from db.domain.updates import Update
from db.errors import N_, AidError, BadInput
from db.projects.queries import ProjectView
from handlers.blocks.formatting import in_either
from handlers.charts.wording import stated_by
from handlers.context import NO_REPORTER
from handlers.exports.rows import ExportQuery, Standings, Written, standings
from handlers.i18n.translator import Translator

VERSION = "2.03"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NO_START = N_("Left out because no exact day of a letter or a shipment is on record, IATI's start date: {count}.")
NO_STATUS = N_(
    "Left out because the exemption has expired, for which IATI has no status: {count}. Record what followed."
)
PLACEHOLDER = N_("The reporting organisation is a placeholder. Set AID_IATI_ORG before you publish the file.")

PIPELINE, UNDER_WAY, SUSPENDED = "1", "2", "6"
STATUSES = {
    Headline.CLOSED: "4",
    Headline.DELIVERED: "3",
    Headline.WITHDRAWN: "5",
    Headline.REJECTED: "5",
    Headline.LAPSED: "5",
}
"""IATI's activity status by headline; an exemption alone starts no activity, a shipment does (2)."""

PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = "1", "2", "3", "4"
STARTS = {PLANNED_END: PLANNED_START, ACTUAL_END: ACTUAL_START}
NOT_SPECIFIED = "99810"
CONDITIONS = "A04"  # the document category of a letter, which sets the conditions of an exemption
GENERAL, OTHER = "1", "4"
PREDECESSOR = "3"  # "sibling"; IATI has no word for a request that extends another
# IATI's organisation roles; of an applicant, a submitter or a partner it has none.
ROLES = {OrganisationRole.FUNDER: "1", OrganisationRole.IMPLEMENTER: "4"}
UNDER_WAY_BY = frozenset({DeliveryStatus.SHIPPED, DeliveryStatus.PARTLY_DELIVERED})
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write_iati(query: ExportQuery, path: Path) -> Written:
    """Write the projects that IATI can hold. Raises BadInput where it can hold none."""
    held, left_out = [], Counter[str]()
    for case in standings(query):
        reason = _reason(case, query)
        if reason:
            left_out[reason] += 1
        else:
            held.append(case)
    if not held:
        text = N_(
            "IATI can hold none of these projects ({count}), so there is no file: it asks for an exact start (the day of a "
            "letter or a shipment), and has no status for an expired exemption. Write CSV or XLSX."
        )
        raise BadInput(text, field="filter", count=left_out.total())
    root = Element("iati-activities", version=VERSION)
    root.set("generated-datetime", query.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    refs = {case.project.ref for case in held}
    for case in held:
        _activity(root, case, refs, query)
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    remarks = [AidError(text, count=count) for text, count in left_out.items()]
    remarks += [AidError(PLACEHOLDER)] if query.reporter is NO_REPORTER else []
    return Written(len(held), remarks=tuple(remarks))


def _reason(case: Standings, query: ExportQuery) -> str:
    if _status(case, query.today) is None:
        return NO_STATUS
    starts = {kind for kind, _, _ in _dates(case, query.translator)} & {PLANNED_START, ACTUAL_START}
    return "" if starts else NO_START


def _activity(root: Element, case: Standings, refs: set[str], query: ExportQuery) -> None:
    """Write the elements in the order of the schema; ``refs`` are those of all activities in the file."""
    view, reporter, translator = case.project, query.reporter, query.translator
    activity = SubElement(root, "iati-activity", humanitarian="1")
    activity.set(XML_LANG, "en")
    activity.set(
        "last-updated-datetime", max(update.recorded_at for update in case.history).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    SubElement(activity, "iati-identifier").text = f"{reporter.ref}-{view.ref}"
    of_reporter = {"ref": reporter.ref, "type": reporter.type_code, "secondary-reporter": "1"}
    _narrative(SubElement(activity, "reporting-org", of_reporter), reporter.name)
    unnamed = f"{view.ref} ({'name withheld' if view.withheld else 'name not given'})"
    _both(SubElement(activity, "title"), view.title_en or ("" if view.title_ko else unnamed), view.title_ko)
    general = "\n".join(_describe(case, query))
    _narrative(SubElement(activity, "description", type=GENERAL), general, translator.language)
    if view.notes or view.notes_ko:
        _both(SubElement(activity, "description", type=OTHER), view.notes, view.notes_ko)
    _participants(activity, view)
    SubElement(activity, "activity-status", code=_status(case, query.today) or "")
    for kind, on, words in _dates(case, translator):
        of_day = SubElement(activity, "activity-date", {"type": kind, "iso-date": on.isoformat()})
        _narrative(of_day, words, translator.language)
    SubElement(activity, "recipient-country", code="KP")
    code = sector_of(view)
    SubElement(activity, "sector", {"vocabulary": "1" if len(code) == len(NOT_SPECIFIED) else "2", "code": code})
    for letter in case.standing.letters:
        _documents(activity, letter, translator)
    if view.predecessor in refs:
        SubElement(activity, "related-activity", {"ref": f"{reporter.ref}-{view.predecessor}", "type": PREDECESSOR})


def _describe(case: Standings, query: ExportQuery) -> Iterator[str]:
    """Yield the status, and in text what IATI has no code for: other roles, and sectors whose shares are not known."""
    translator, view, statement = query.translator, case.project, case.standing.statement(query.today)
    yield translator.plain(
        "Request to the 1718 Committee: {headline}, as of {date} ({source}).",
        headline=translator.headline(statement.headline),
        date=statement.as_of,
        source=", ".join(stated_by(translator, statement)),
    )
    for role, each in view.named:
        if role not in ROLES:
            yield f"{translator.role(role)}: {in_either(translator, each.name_en, each.name_ko)}"
    if view.sectors not in {(), (sector_of(view),)}:
        labels = ((code, label_of("sector", code, translator.language)) for code in view.sectors)
        yield f"{translator.plain('Sectors')}: " + ", ".join(
            code if label == code else f"{code} {label}" for code, label in labels
        )


def _participants(activity: Element, view: ProjectView) -> None:
    """Write the implementers and funders; the schema asks for at least one organisation."""
    named = [(role, each) for role, each in view.named if role in ROLES]
    for role, each in named:
        known = {"type": each.type_code} if each.type_code else {}
        _both(SubElement(activity, "participating-org", {"role": ROLES[role], **known}), each.name_en, each.name_ko)
    if not named:
        organisation = SubElement(activity, "participating-org", {"role": ROLES[OrganisationRole.IMPLEMENTER]})
        _narrative(organisation, "Not public or not known")


def _status(case: Standings, today: date) -> str | None:
    """Return IATI's activity status; None for an exemption that ended, of which no more is known."""
    headline = case.standing.headline(today)
    if headline is Headline.EXPIRED:
        return None
    started = case.standing.delivery in UNDER_WAY_BY
    if headline is Headline.EXTENSION_PENDING and started:
        return SUSPENDED
    return STATUSES.get(headline, UNDER_WAY if started else PIPELINE)


def _dates(case: Standings, translator: Translator) -> Iterator[tuple[str, date, str]]:
    """Yield the days that are known exactly, each with its type and what it is the day of; no end before its start."""
    standing = case.standing
    events = (
        (PLANNED_START, next(iter(standing.letters), None)),
        (ACTUAL_START, next(iter(standing.shipments), None)),
        (ACTUAL_END, standing.closed or standing.delivered),
    )
    days = [(kind, update.happened, translator.kind(update.kind)) for kind, update in events if update]
    days += (
        [(PLANNED_END, standing.valid_until, translator.plain("End of the exemption"))] if standing.valid_until else []
    )
    exact = {kind: (on.first, words) for kind, on, words in days if on.first and on.precision is Precision.DAY}
    for kind, (on, words) in sorted(exact.items()):
        start = exact.get(STARTS.get(kind, kind))
        if start is None or start[0] <= on:
            yield kind, on, words


def sector_of(view: ProjectView) -> str:
    """Return the sector's code; "not specified" for several, whose shares nobody states, and for what is no code."""
    return view.sectors[0] if len(view.sectors) == 1 and view.sectors[0] in purpose_codes() else NOT_SPECIFIED


def _documents(activity: Element, letter: Update, translator: Translator) -> None:
    """Write a link to each address of a letter: only of whoever has it, as a report's source is no letter."""
    versions = [each for each in (letter.stated or letter, *letter.reports) if each.confidence is SourceKind.LETTER]
    terms, happened = letter.letter, letter.happened
    on = terms.letter_date or (happened.first if happened.precision is Precision.DAY else None)
    title = f"{translator.source_kind(SourceKind.LETTER)}: {translator.kind(letter.kind)}"
    content = [translator.plural("{number} item", "{number} items", terms.item_count)] if terms.item_count else []
    content += [f"{translator.number(terms.value)} {terms.currency or ''}".strip()] if terms.value else []
    for url in dict.fromkeys(source.url for each in versions for source in each.sources if source.url):
        form = "application/pdf" if urlsplit(url).path.lower().endswith(".pdf") else "text/html"
        link = SubElement(activity, "document-link", url=url, format=form)
        _narrative(SubElement(link, "title"), title, translator.language)
        if content:
            _narrative(SubElement(link, "description"), ", ".join(content), translator.language)
        SubElement(link, "category", code=CONDITIONS)
        if on:
            SubElement(link, "document-date", {"iso-date": on.isoformat()})


def _both(parent: Element, english: str | None, korean: str | None) -> None:
    if english:
        _narrative(parent, english)
    if korean:
        _narrative(parent, korean, "ko")


def _narrative(parent: Element, text: str, language: str = "en") -> None:
    narrative = SubElement(parent, "narrative")
    if language != "en":
        narrative.set(XML_LANG, language)
    narrative.text = _NOT_XML.sub("", text)
