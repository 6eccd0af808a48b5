"""Score of the questions that people ask: ``python -m tests.tools.ask_questions``."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy.orm import Session

from db.database import Database
from db.maintenance.migrate import migrate
from db.maintenance.seed import seed_article
from db.models import Organisation
from db.questions.understand import UNCLEAR, understand
from tests.support.proposals import NOW, TODAY, add_project

FILE = Path(__file__).parents[1] / "unit" / "questions.toml"


class Asked(NamedTuple):
    """A question, what it asks and about what, and what was understood."""

    text: str
    intent: str
    about: str
    understood: str
    understood_about: str

    @property
    def right(self) -> bool:
        return (self.intent, self.about) == (self.understood, self.understood_about)

    @property
    def wrong(self) -> bool:
        """Return True for an answer to another question, or about another project; to ask back is neither."""
        return not self.right and self.understood != UNCLEAR


def record(session: Session) -> None:
    """Create the record that the questions are about."""
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


def ask_all(session: Session) -> Iterator[Asked]:
    """Ask every question of the file."""
    for rows in tomllib.loads(FILE.read_text(encoding="utf-8")).values():
        for text, intent, about in rows:
            question = understand(session, text, TODAY)
            yield Asked(text, intent, about, question.intent, "" if question.intent == UNCLEAR else question.about)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/aid.db")
        migrate(database)
        with database.writing() as session:
            record(session)
            asked = list(ask_all(session))
        database.close()
    for each in asked:
        if not each.right:
            print("WRONG" if each.wrong else "missed", *each)  # noqa: T201
    right, wrong = sum(each.right for each in asked), sum(each.wrong for each in asked)
    print(f"{right} of {len(asked)} right ({100 * right / len(asked):.1f} %), {wrong} wrong")  # noqa: T201
