"""Score of the questions that people ask: ``python -m tests.tools.ask_questions``."""

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy.orm import Session

from db.database import Database
from db.domain.enums import Visibility
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article
from db.models import Organisation
from db.questions.understand import UNCLEAR, understand
from tests.support.proposals import KNOWN, NOW, TODAY, add_project

FILE = Path(__file__).parents[1] / "unit" / "questions.toml"


class Asked(NamedTuple):
    """A question, what it asks and about what, and what was understood."""

    text: str
    intent: str
    about: str
    understood: str
    understood_about: str
    doubted: bool = False

    @property
    def right(self) -> bool:
        return (self.intent, self.about) == (self.understood, self.understood_about)

    @property
    def wrong(self) -> bool:
        """Return True for an answer to another question, or about another project.

        To ask back is neither, nor to name the words that the answer leaves out, where there is an answer.
        """
        return not self.right and self.understood != UNCLEAR and not (self.doubted and self.intent != UNCLEAR)


def record(session: Session) -> None:
    """Create a small record, in which some names have one project."""
    seed_article(session, now=NOW)
    for key, name, korean in (
        ("fao", "FAO", "유엔식량농업기구"),
        ("fs", "First Steps", "퍼스트스텝스"),
        ("msf", "MSF", None),
    ):
        session.add(Organisation(key=key, name_en=name, name_ko=korean))
    session.flush()
    of = {row.key: row for row in session.query(Organisation)}
    add_project(session, "FAO-1", organisation=of["fao"], title="Farm tools for Anju")
    add_project(session, "FS-1", "ngo", organisation=of["fs"], title="Soy milk machines", title_ko="콩우유 기계")
    for ref in ("MSF-1", "MSF-2"):
        add_project(session, ref, "ngo", organisation=of["msf"])


def known_record(session: Session) -> None:
    """Create the projects of the article and of the exemptions that are known."""
    seed_article(session, now=NOW)
    of = {row.name_en: row for row in session.query(Organisation)}
    with KNOWN.open(encoding="utf-8") as lines:
        rows = {row["Ref"]: row for row in reversed(list(csv.DictReader(lines)))}
    for ref, row in reversed(rows.items()):
        name = row["Implementer"]
        if name and name not in of:
            of[name] = Organisation(key=ref.lower(), name_en=name, name_ko=row["Implementer in Korean"] or None)
        titles = {"title": row["Title"], "title_ko": row["Title in Korean"]}
        visibility = row["Visibility"] or Visibility.PUBLIC.value
        add_project(session, ref, row["Group"], organisation=of.get(name), visibility=visibility, **titles)


RECORDS = {"small": record, "known": known_record}


def ask_all(database: Database) -> Iterator[Asked]:
    """Ask every question of the file, each of its own record; nothing is kept."""
    for name, sections in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        with database.writing() as session:
            RECORDS[name](session)
            for text, intent, about in (row for rows in sections.values() for row in rows):
                question = understand(session, text, TODAY)
                found = "" if question.intent == UNCLEAR else question.about
                yield Asked(text, intent, about, question.intent, found, bool(question.unknown))
            session.rollback()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/aid.db")
        migrate(database)
        asked = list(ask_all(database))
        database.close()
    for each in asked:
        if not each.right:
            print("WRONG" if each.wrong else "missed", *each)  # noqa: T201
    right, wrong = sum(each.right for each in asked), sum(each.wrong for each in asked)
    print(f"{right} of {len(asked)} right ({100 * right / len(asked):.1f} %), {wrong} wrong")  # noqa: T201
