"""Records of two sizes for tests of what an answer asks the database: the article's 17 projects, and 300 made up."""

from db.database import Database
from db.maintenance.seed import seed_article, seed_council
from tests.benchmarks.big_record import MIDDLE, SEEDED_AT, fill


def small(database: Database) -> None:
    """The 17 projects and nothing else."""
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=SEEDED_AT)


def middle(database: Database) -> None:
    """300 projects more, with 1,500 updates, 30 subscribed channels and 150 messages."""
    fill(database, MIDDLE)
