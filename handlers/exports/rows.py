"""Query of an export, its projects and updates as cells of the columns that an import knows (db.imports.columns)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.domain.enums import UNIDENTIFIED, DeliveryStatus, OrganisationRole, Visibility
from db.domain.project_status import ProjectStatus, Validity, status_of
from db.domain.updates import Update
from db.errors import AidError
from db.imports.project_row import PARTS, SEPARATOR, standing_cells
from db.imports.update_row import cells_of
from db.paging import in_parts
from db.projects.queries import ProjectView, ids_matching, load_projects
from db.search.filter import Filter
from db.updates.history import load_histories, load_updates
from handlers.blocks import formatting
from handlers.charts.wording import clearance, differing, position, stated_by
from handlers.context import NO_REPORTER, ReportingOrganisation
from handlers.i18n.translator import Translator

AT_ONCE = 500
# Columns whose name is that of the project's field.
_ALIKE = ("ref", "title_en", "title_ko", "group", "amount_low", "amount_high", "amount_basis", "same_as", "data_set")

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Standings:
    """A project and where it stands, no withheld name included; ``history`` has what was taken back, too."""

    project: ProjectView
    standing: ProjectStatus
    history: tuple[Update, ...]


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """Query of an export: what matches on ``today`` (New York), at ``now`` (UTC), the language, and who publishes it."""

    session: Session
    project_filter: Filter
    today: date
    now: datetime
    translator: Translator
    reporter: ReportingOrganisation = NO_REPORTER


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of projects and their updates or deadlines in a file. ``remarks`` say what its format cannot hold.

    ``description`` is a picture in words, for who cannot see it.
    """

    projects: int
    updates: int = 0
    deadlines: int = 0
    remarks: tuple[AidError, ...] = ()
    description: str = ""


def standings(query: ExportQuery, *, every: bool = False) -> Iterator[Standings]:
    """Yield the projects that meet the filter, in the order in which they were entered, some read at a time.

    ``every`` asks for each record, also where another one leads for the same request.
    """
    ids = ids_matching(query.session, query.project_filter, query.today, every=every)
    for part in in_parts(ids, AT_ONCE):
        views, histories = load_projects(query.session, part), load_histories(query.session, part)
        for project_id in part:
            yield Standings(
                views[project_id].without_names(), status_of(histories[project_id]), tuple(histories[project_id])
            )


@dataclass(frozen=True, slots=True, order=True)
class UpdateKey:
    """Key of an update in a file, in the order of the record: a rule may refuse an update that was accepted earlier.

    ``place`` is that in the record, ``target`` the number of the update that it is another report of, else 0.
    """

    place: int
    target: int
    number: int


def keys_of(standing: ProjectStatus) -> Iterator[UpdateKey]:
    for update in standing.updates:
        yield UpdateKey(update.place or update.number, 0, update.number)
        for report in update.reports:
            yield UpdateKey(report.place or report.number, update.number, report.number)


def updates(query: ExportQuery, refs_by_key: dict[UpdateKey, list[str]]) -> Iterator[Cells]:
    """Yield the cells of updates, each once with the projects it concerns, some read at a time."""
    for part in in_parts(sorted(refs_by_key), AT_ONCE):
        found = load_updates(query.session, [key.number for key in part])
        yield from (cells_of(found[key.number], refs_by_key[key], key.target) for key in part)


def project_cells(case: Standings, today: date, translator: Translator) -> Cells:
    view = case.project
    cells = {
        **{name: getattr(view, name) for name in _ALIKE},
        **_organisation_cells(view),
        "sectors": " ".join(view.sectors),
        "amount_currency": view.currency if view.amount_low or view.amount_high else None,
        "predecessor": view.predecessor or (UNIDENTIFIED if view.predecessor_unidentified else None),
        "visibility": (Visibility.WITHHELD if view.withheld else Visibility.PUBLIC).value,
        "project_notes": view.notes,
        "project_notes_ko": view.notes_ko,
        **_standing_cells(case.standing, today, translator),
    }
    return {name: text for name, text in cells.items() if text}


def _organisation_cells(view: ProjectView) -> Cells:
    """Return the organisations of each role, several of one role in the same order in each of their columns."""
    cells = {}
    for role in OrganisationRole:
        named = [organisation for each, organisation in view.named if each is role]
        parts = [(each.name_en, each.name_ko, each.type_code, each.country) for each in named]
        for name, texts in zip(PARTS, zip(*parts, strict=True), strict=False):
            if any(texts):
                cells[f"{role}_{name}"] = f"{SEPARATOR} ".join(text or "" for text in texts).strip()
    return cells


def _standing_cells(standing: ProjectStatus, today: date, translator: Translator) -> dict[str, str | None]:
    over = standing.validity(today) is Validity.EXPIRED
    left = None if over else standing.days_left(today)
    statement = standing.statement(today)
    delivered = formatting.consignments(translator, standing.delivered_count, standing.consignments)
    counted = standing.delivery in {DeliveryStatus.PARTLY_DELIVERED, DeliveryStatus.DELIVERED}
    return {
        **standing_cells(standing, today),
        "headline": translator.headline(statement.headline),
        "open_holds": ", ".join(translator.holder(hold.holder) for hold in standing.open_holds),
        "days_left": None if left is None else str(left),
        "delivery": delivered if counted and standing.consignments else translator.delivery(standing.delivery),
        "response": translator.response(standing.response),
        "positions": "; ".join(position(translator, each.stated) for each in standing.positions),
        "clearances": "; ".join(clearance(translator, each) for each in standing.latest_clearances),
        "differing": "; ".join(each for update in standing.updates for each in differing(translator, update)),
        "stated_by": ", ".join(stated_by(translator, statement)),
    }
