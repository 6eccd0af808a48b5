"""``python -m bot seed`` and ``import`` of a data set that ships with the bot: records an edition and says what changed."""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from db.database import Database
from db.imports.edition import read_edition
from db.maintenance.editions import EditionReport, apply_edition
from db.maintenance.seed import seed_article, seed_council


def seed_from_command_line(database: Database, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> None:
    with database.writing() as session:
        members, report = seed_council(session), seed_article(session, now=now)
        _say_changes(report, dry_run=dry_run, say=say)
        if dry_run:
            session.rollback()
    were, was = were_of(dry_run=dry_run)
    say(f"{report.added} projects and {members} Council memberships {were} new; nobody {was} alerted.")


def import_edition(database: Database, path: Path, *, now: datetime, dry_run: bool, say: Callable[[str], None]) -> bool:
    """Bring a data set to the edition that a file is, or with ``dry_run`` only say what differs; False for other files."""
    with database.writing() as session:
        edition = read_edition(session, path)
        if edition is None:
            return False
        report = apply_edition(session, edition, now=now)
        _say_changes(report, dry_run=dry_run, say=say)
        if dry_run:
            session.rollback()
    were, was = were_of(dry_run=dry_run)
    say(f"{report.added} projects and {report.recorded} updates {were} new; nobody {was} alerted.")
    return True


def with_shipped(path: Path) -> Path:
    """Return the path; where nothing is there and it is the name of a data set that ships with the bot, that one's."""
    shipped = Path(str(files("db") / "data" / path.name))
    return (
        shipped
        if path.parent == Path() and not path.exists() and shipped.suffix == ".csv" and shipped.is_file()
        else path
    )


def _say_changes(report: EditionReport, *, dry_run: bool, say: Callable[[str], None]) -> None:
    """Say each change, and what stays as it is; on a first recording, where all is new, only in a dry run."""
    if not (report.known or dry_run):
        return
    for line in report.lines:
        say(line)
    if report.known and report.lines:
        were, _ = were_of(dry_run=dry_run)
        say(
            f"Edition {report.edition} of {report.data_set}: {report.edited} projects {were} edited, {report.corrected} "
            f"updates corrected, {report.recorded} added, {report.retracted} retracted; {report.left} stay as they are."
        )


def were_of(*, dry_run: bool) -> tuple[str, str]:
    return ("would be", "would be") if dry_run else ("were", "was")
