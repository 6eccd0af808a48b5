"""IATI 2.03 activities: what is known of each project in the form that aid data is published in.

What the standard requires and the record does not know is not made up: a project without a single day that IATI
could date is left out, and the export says how many were.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from db.domain.dates import PartialDate, Precision
from db.domain.enums import DeliveryStatus, Headline, OrganisationRole
from db.projects.queries import ProjectView
from handlers.charts.wording import stated_by
from handlers.exports.result import Written
from handlers.exports.rows import ExportQuery, Standings, standings

VERSION = "2.03"
REPORTER = "aid-status"
NO_DAY = "no day is known that IATI could date"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
STATUSES = {
    Headline.CLOSED: "4",
    Headline.DELIVERED: "3",
    Headline.WITHDRAWN: "5",
    Headline.REJECTED: "5",
    Headline.LAPSED: "5",
}
"""IATI's activity status by headline; an exemption alone starts no activity, a shipment does (2)."""

PIPELINE, UNDER_WAY = "1", "2"
PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = "1", "2", "3", "4"
OTHER_TYPE = "90"
# IATI's organisation roles; of an applicant, a submitter or a partner it has none.
ROLES = {OrganisationRole.FUNDER: "1", OrganisationRole.IMPLEMENTER: "4"}
UNDER_WAY_BY = frozenset({DeliveryStatus.SHIPPED, DeliveryStatus.PARTLY_DELIVERED})
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write_iati(query: ExportQuery, path: Path) -> Written:
    root = Element("iati-activities", version=VERSION)
    root.set("generated-datetime", query.now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    left_out = 0
    for case in standings(query):
        dates = list(_dates(case))
        if dates:
            _activity(root, case, dates, query)
        else:
            left_out += 1
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return Written(len(root), left_out=left_out, reason=NO_DAY if left_out else "")


def _activity(root: Element, case: Standings, dates: list[tuple[str, date]], query: ExportQuery) -> None:
    """Write the elements in the order of the schema."""
    view = case.project
    activity = SubElement(root, "iati-activity", humanitarian="1")
    activity.set(XML_LANG, "en")
    activity.set(
        "last-updated-datetime", max(update.recorded_at for update in case.history).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    SubElement(activity, "iati-identifier").text = f"{REPORTER}-{view.ref}"
    reporter = SubElement(activity, "reporting-org", {"ref": REPORTER, "type": OTHER_TYPE, "secondary-reporter": "1"})
    _narrative(reporter, "Aid status bot")
    unnamed = "name withheld" if view.withheld else "name not given"
    _both(SubElement(activity, "title"), view.title_en or f"{view.ref} ({unnamed})", view.title_ko)
    _narrative(SubElement(activity, "description", type="1"), _describe(case, query), query.translator.language)
    _participants(activity, view)
    SubElement(activity, "activity-status", code=_status(case, query.today))
    for kind, on in dates:
        SubElement(activity, "activity-date", {"type": kind, "iso-date": on.isoformat()})
    SubElement(activity, "recipient-country", code="KP")
    for code in view.sectors:
        SubElement(activity, "sector", {"vocabulary": "1" if len(code) == len("12220") else "2", "code": code})
    if view.predecessor:
        SubElement(activity, "related-activity", {"ref": f"{REPORTER}-{view.predecessor}", "type": "3"})


def _describe(case: Standings, query: ExportQuery) -> str:
    translator, statement = query.translator, case.standing.statement(query.today)
    headline = translator.headline(statement.headline)
    if statement.as_of is None:
        return translator.plain("Request to the 1718 Committee: {headline}.", headline=headline)
    return translator.plain(
        "Request to the 1718 Committee: {headline}, as of {date} ({source}).",
        headline=headline,
        date=statement.as_of,
        source=", ".join(stated_by(translator, statement)),
    )


def _participants(activity: Element, view: ProjectView) -> None:
    """Write the implementers and funders; the schema asks for at least one organisation."""
    named = [(role, each) for role, each in ((view.role, view.organisation), *view.roles) if each and role in ROLES]
    for role, each in named:
        known = {"type": each.type_code} if each.type_code else {}
        _both(SubElement(activity, "participating-org", {"role": ROLES[role], **known}), each.name_en, each.name_ko)
    if not named:
        organisation = SubElement(activity, "participating-org", {"role": ROLES[OrganisationRole.IMPLEMENTER]})
        _narrative(organisation, "Not public or not known")


def _status(case: Standings, today: date) -> str:
    started = UNDER_WAY if case.standing.delivery in UNDER_WAY_BY else PIPELINE
    return STATUSES.get(case.standing.headline(today), started)


def _dates(case: Standings) -> Iterator[tuple[str, date]]:
    standing = case.standing
    letter = standing.letters[0] if standing.letters else None
    shipped = standing.shipments[0] if standing.shipments else None
    over = standing.closed or standing.delivered
    for kind, on in (
        (PLANNED_START, letter.happened if letter else None),
        (ACTUAL_START, shipped.happened if shipped else None),
        (PLANNED_END, standing.valid_until),
        (ACTUAL_END, over.happened if over else None),
    ):
        if (known := _exact(on)) is not None:
            yield kind, known


def _exact(on: PartialDate | None) -> date | None:
    return on.first if on and on.precision is Precision.DAY else None


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
