"""The record as a picture: one project's timeline, or many projects over time and for how long each may ship."""

from pathlib import Path

from db.domain.durations import over_time
from db.errors import N_, BadInput
from db.projects.queries import ids_matching
from db.reports.project import project_detail
from db.reports.statistics import MOST_PROJECTS
from handlers.charts.canvas import canvas
from handlers.charts.portfolio import draw_over_time, draw_validity
from handlers.charts.project_timeline import draw_timeline
from handlers.exports.rows import ExportQuery, Written, standings


def write_picture(query: ExportQuery, path: Path) -> Written:
    """Draw a project or a portfolio. Raises BadInput if the filter finds more than a picture is made of."""
    count = len(ids_matching(query.session, query.project_filter, query.today))
    if count > MOST_PROJECTS:
        text = N_("{count} projects match, but a picture can show at most {most}. Narrow the filter.")
        raise BadInput(text, field="filter", count=count, most=MOST_PROJECTS)
    found = list(standings(query))
    refs, typed = [each.project.ref for each in found], query.project_filter.text.strip().upper()
    ref = refs[0] if len(refs) == 1 else next((ref for ref in refs if ref.upper() == typed), None)
    with canvas(path) as sheet:
        if ref:
            return Written(
                1, description=draw_timeline(sheet, query.translator, project_detail(query.session, ref, query.today))
            )
        statements = [each.standing.statement(query.today) for each in found]
        days = over_time([each.standing.updates for each in found], query.today)
        description = draw_over_time(sheet, query.translator, days, statements, query.project_filter.text)
        dated = {each.project.ref: each.standing for each in found}
        description += "; " + draw_validity(sheet, query.translator, dated, query.today)
        return Written(count, description=description)
