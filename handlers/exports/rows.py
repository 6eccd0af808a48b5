"""Projects and updates as cells of the columns that an import knows (db.imports.columns)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.domain.enums import UNIDENTIFIED, Visibility
from db.domain.project_status import ProjectStatus, Validity, status_of
from db.domain.updates import Update
from db.projects.queries import ProjectView, ids_matching, load_projects
from db.search.filter import Filter
from db.updates.history import load_histories, load_updates
from handlers.i18n.translator import Translator

AT_ONCE = 500

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Standings:
    """A project and where it stands, no withheld name included; ``history`` has what was taken back, too."""

    project: ProjectView
    standing: ProjectStatus
    history: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """Query of an export: the projects that match on ``today`` (New York), at ``now`` (UTC), and the language."""

    session: Session
    project_filter: Filter
    today: date
    now: datetime
    translator: Translator


def standings(query: ExportQuery) -> Iterator[Standings]:
    """Yield the projects that meet the filter, in the order in which they were entered, some read at a time."""
    ids = ids_matching(query.session, query.project_filter, query.today)
    for first in range(0, len(ids), AT_ONCE):
        part = ids[first : first + AT_ONCE]
        views, histories = load_projects(query.session, part), load_histories(query.session, part)
        for project_id in part:
            yield Standings(
                views[project_id].without_names(), status_of(histories[project_id]), tuple(histories[project_id])
            )


def updates(query: ExportQuery, refs_by_number: dict[int, list[str]]) -> Iterator[tuple[Update, list[str]]]:
    """Yield updates that stand, each once with the projects it concerns, some read at a time."""
    numbers = sorted(refs_by_number)
    for first in range(0, len(numbers), AT_ONCE):
        found = load_updates(query.session, numbers[first : first + AT_ONCE])
        yield from ((found[number], refs_by_number[number]) for number in sorted(found))


def project_cells(case: Standings, today: date, translator: Translator) -> Cells:
    """Return a project's cells and its status; unknown values are left out."""
    view, applicant = case.project, case.project.applicant
    cells = {
        "ref": view.ref,
        "title_en": view.title_en,
        "title_ko": view.title_ko,
        "group": view.group,
        "organisation_en": applicant.name_en if applicant else None,
        "organisation_ko": applicant.name_ko if applicant else None,
        "organisation_type": applicant.type_code if applicant else None,
        "organisation_country": applicant.country if applicant else None,
        "sectors": " ".join(view.sectors),
        "amount_low": view.amount_low,
        "amount_high": view.amount_high,
        "amount_currency": view.currency if view.amount_low or view.amount_high else None,
        "amount_basis": view.amount_basis,
        "predecessor": view.predecessor or (UNIDENTIFIED if view.predecessor_unidentified else None),
        "visibility": (Visibility.WITHHELD if view.withheld else Visibility.PUBLIC).value,
        "project_notes": view.notes,
        "data_set": view.data_set,
        **_standing_cells(case.standing, today, translator),
    }
    return {name: text for name, text in cells.items() if text}


def _standing_cells(standing: ProjectStatus, today: date, translator: Translator) -> dict[str, str | None]:
    over = standing.validity(today) is Validity.EXPIRED
    left = None if over else standing.days_left(today)
    governing = standing.governing(today)
    return {
        "headline": translator.headline(standing.headline(today)),
        "since": governing.happened.text if governing else None,
        "open_holds": ", ".join(translator.holder(hold.holder) for hold in standing.open_holds),
        "ends": standing.valid_until.text if standing.valid_until else None,
        "days_left": _number(left),
        "delivery": translator.delivery(standing.delivery),
        "response": translator.response(standing.response),
        "as_of": standing.as_of.isoformat() if standing.as_of else None,
    }


def update_cells(update: Update, refs: Sequence[str]) -> Cells:
    """Return an update's cells such that an import records the same."""
    letter = update.letter
    source = update.sources[0] if update.sources else None
    cells = {
        "ref": " ".join(refs),
        "number": str(update.number),
        "kind": update.kind.value,
        "happened": update.happened.text,
        "reported": _day(update.reported),
        "confidence": update.confidence.value,
        "holder": update.holder,
        "lift": "all" if update.lift_all else None,
        "note": update.note,
        "source": " ".join(each.url for each in update.sources if each.url),
        "publisher": source.publisher if source else None,
        "published": _day(source.published) if source else None,
        "letter_date": _day(letter.letter_date),
        "valid_until": letter.valid_until.text if letter.valid_until else None,
        "paragraph": letter.paragraph,
        "items": _number(letter.item_count),
        "value": letter.value,
        "value_currency": letter.currency,
        "shipments": _number(letter.shipment_limit),
        "deadline": _day(update.deadline),
        "authority": update.authority,
        "extends": update.extends,
    }
    return {name: text for name, text in cells.items() if text}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
