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
from db.domain.enums import DeliveryStatus, Headline
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
IMPLEMENTING = "4"
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
    _both(SubElement(activity, "title"), view.title_en or f"{view.ref} (name not public)", view.title_ko)
    description = query.translator.plain(
        "Request to the 1718 Committee: {headline}, as of {date}.",
        headline=query.translator.headline(case.standing.headline(query.today)),
        date=case.standing.as_of or query.today,
    )
    _narrative(SubElement(activity, "description", type="1"), description, query.translator.language)
    _participant(activity, case)
    SubElement(activity, "activity-status", code=_status(case, query.today))
    for kind, on in dates:
        SubElement(activity, "activity-date", {"type": kind, "iso-date": on.isoformat()})
    SubElement(activity, "recipient-country", code="KP")
    for code in view.sectors:
        SubElement(activity, "sector", {"vocabulary": "1" if len(code) == len("12220") else "2", "code": code})
    if view.predecessor:
        SubElement(activity, "related-activity", {"ref": f"{REPORTER}-{view.predecessor}", "type": "3"})


def _participant(activity: Element, case: Standings) -> None:
    applicant = case.project.applicant
    known = {"type": applicant.type_code} if applicant and applicant.type_code else {}
    organisation = SubElement(activity, "participating-org", {"role": IMPLEMENTING, **known})
    if applicant and (applicant.name_en or applicant.name_ko):
        _both(organisation, applicant.name_en, applicant.name_ko)
    else:
        _narrative(organisation, "Not public or not known")


def _status(case: Standings, today: date) -> str:
    started = UNDER_WAY if case.standing.delivery is DeliveryStatus.SHIPPED else PIPELINE
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
