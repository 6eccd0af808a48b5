"""Records of two sizes for query counts: the article's 17 projects, and 300 generated ones."""

from db.database import Database
from db.maintenance.seed import seed_article, seed_council
from tests.benchmarks.big_record import MIDDLE, SEEDED_AT, fill


def small(database: Database) -> None:
    """Create a record of the 17 projects."""
    with database.writing() as session:
        seed_council(session)
        seed_article(session, now=SEEDED_AT)


def middle(database: Database) -> None:
    """Add 300 projects with 1,200 updates, 30 subscribed channels and 120 messages."""
    fill(database, MIDDLE)
