"""What is kept ready so that an answer costs the same however large the record is: counts, words, indexes."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LONGEST, STEP = 40, 20
INDEXES = (
    ("standings", ["headline", "ends_on"]),
    ("standings", ["headline", "ends_first"]),
    ("standings", ["headline_after_end", "ends_on"]),
    ("standings", ["as_of"]),
    ("updates", ["effective_day", "id"]),
    ("update_projects", ["project_id", "update_id"]),
    ("reminders", ["kind", "day"]),
    ("project_sectors", ["code", "project_id"]),
    ("projects", ["predecessor_id"]),
)


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    op.add_column("holds", sa.Column("placed_day", sa.Date(), nullable=True))
    op.execute("UPDATE holds SET placed_day = (SELECT effective_day FROM updates WHERE updates.id = holds.placed_id)")
    op.create_index(op.f("ix_holds_holder_pending_placed_day"), "holds", ["holder", "pending", "placed_day"])
    _new_tables()
    _fill()


def _new_tables() -> None:
    op.create_table(
        "tallies",
        sa.Column("axis", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("later", sa.String(length=24), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("axis", "value", "later", "month", name=op.f("pk_tallies")),
    )
    op.create_index(op.f("ix_tallies_axis_number_value"), "tallies", ["axis", "number", "value"])
    op.create_table(
        "standing_kinds",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_standing_kinds_project_id")),
        sa.PrimaryKeyConstraint("kind", "project_id", name=op.f("pk_standing_kinds")),
    )
    op.create_index(op.f("ix_standing_kinds_project_id"), "standing_kinds", ["project_id"])
    op.create_table(
        "word_endings",
        sa.Column("ending", BYTEWISE, nullable=False),
        sa.Column("word", BYTEWISE, nullable=False),
        sa.PrimaryKeyConstraint("ending", "word", name=op.f("pk_word_endings")),
    )
    op.create_index(op.f("ix_word_endings_word"), "word_endings", ["word"])
    op.create_table(
        "project_words",
        sa.Column("word", BYTEWISE, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_words_project_id")),
        sa.PrimaryKeyConstraint("word", "project_id", name=op.f("pk_project_words")),
    )
    op.create_index(op.f("ix_project_words_project_id"), "project_words", ["project_id"])


def _fill() -> None:
    """From what there is already; written out here, for a later version of the code may count otherwise."""
    connection = op.get_bind()
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in connection.execute(STANDINGS):
        found.update(_kinds(*row))
    found.update(("holder", holder, "", "") for (holder, _) in connection.execute(OPEN_HOLDS))
    _insert(connection, "tallies", ("axis", "value", "later", "month", "number"), [(*k, n) for k, n in found.items()])
    kinds = connection.execute(sa.text("SELECT project_id, kinds FROM standings").columns(kinds=sa.JSON()))
    _insert(connection, "standing_kinds", ("kind", "project_id"), [(kind, key) for key, all_ in kinds for kind in all_])
    texts = connection.execute(sa.text("SELECT id, search_text FROM projects"))
    words = {(word, key) for key, text in texts for word in _words(text)}
    endings = {(word[at:], word) for word in {word for word, _ in words} for at in range(len(word))}
    _insert(connection, "project_words", ("word", "project_id"), sorted(words))
    _insert(connection, "word_endings", ("ending", "word"), sorted(endings))


def _words(text: str) -> set[str]:
    """Very long words in pieces that overlap."""
    return {piece for word in text.split() for piece in _pieces(word)}


def _pieces(word: str) -> list[str]:
    return [word] if len(word) <= LONGEST else [word[at : at + LONGEST] for at in range(0, len(word) - STEP, STEP)]


STANDINGS = sa.text(
    'SELECT p."group", p.data_set, s.headline, s.headline_after_end, s.ends_on, s.response, s.lift_reported,'
    " s.governing_update_id FROM projects p JOIN standings s ON s.project_id = p.id"
).columns(lift_reported=sa.Boolean(), ends_on=sa.Date())
OPEN_HOLDS = sa.text("SELECT DISTINCT holder, project_id FROM holds WHERE pending AND lifted_id IS NULL")


def _kinds(
    group: str,
    data_set: str | None,
    headline: str,
    later: str,
    ends_on: date | None,
    response: str,
    lift: bool,
    governing: int | None,
) -> Iterator[tuple[str, str, str, str]]:
    turns = ends_on is not None and headline != later
    yield "headline", headline, later if turns else "", f"{ends_on:%Y-%m}" if turns else ""
    yield "group", group, "", ""
    yield "response", response, "", ""
    if data_set:
        yield "data-set", data_set, "", ""
    if lift:
        yield "lift", "reported", "", ""
    if governing is not None:
        yield "source", f"{governing:012}", "", ""


def _insert(connection: sa.Connection, table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    if rows:
        target = sa.table(table, *map(sa.column, columns))
        connection.execute(target.insert(), [dict(zip(columns, row, strict=True)) for row in rows])
