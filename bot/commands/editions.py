"""``python -m bot seed`` and ``import`` of a data set that ships with the bot: records an edition and says what changed."""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from sqlalchemy.orm import Session

from db.database import Database
from db.imports.edition import read_edition
from db.maintenance.editions import EditionReport, apply_edition
from db.maintenance.seed import seed_article, seed_council


def seed_from_command_line(database: Database, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> None:
    with database.writing() as session:
        members, report = seed_council(session), seed_article(session, now=now)
        ending = _finish(session, report, f"{members} Council memberships", dry_run=dry_run, say=say)
    say(ending)


def import_edition(database: Database, path: Path, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Bring a data set to the edition that a file is, or with ``dry_run`` only say what differs; False for other files."""
    with database.writing() as session:
        edition = read_edition(session, path)
        if edition is None:
            return False
        report = apply_edition(session, edition, now=now)
        ending = _finish(session, report, f"{report.recorded} updates", dry_run=dry_run, say=say)
    say(ending)
    return True


def with_shipped(path: Path) -> Path:
    """Return the path; where nothing is there and it is the name of a data set that ships with the bot, that one's."""
    shipped = Path(str(files("db") / "data" / path.name))
    wanted = path.parent == Path() and not path.exists() and shipped.suffix == ".csv"
    return shipped if wanted and shipped.is_file() else path


def _finish(session: Session, report: EditionReport, more: str, *, dry_run: bool, say: Callable[[str], None]) -> str:
    """Say each change and what stays as it is (all is new on a first recording: only in a dry run); return the end."""
    were, was = were_of(dry_run=dry_run)
    for line in report.lines if report.known or dry_run else ():
        say(line)
    if report.known and report.lines:
        say(
            f"Edition {report.edition} of {report.data_set}: {report.edited} projects {were} edited, {report.corrected} "
            f"updates corrected, {report.recorded} added, {report.retracted} retracted; {report.left} stay as they are."
        )
    if dry_run:
        session.rollback()
    return f"{report.added} projects and {more} {were} new; nobody {was} alerted."


def were_of(*, dry_run: bool) -> tuple[str, str]:
    return ("would be", "would be") if dry_run else ("were", "was")
