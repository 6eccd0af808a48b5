"""Index of words and their endings, a cache that finds projects by any part of a word: it begins one of its endings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, union
from sqlalchemy.orm import Session

from db.database import fetch, insert_for
from db.models import Project, ProjectWord, WordSuffix
from db.paging import in_parts

LAST = "\U0010ffff"  # sorts after every other character

LONGEST, STEP = 40, 20
"""Words of more letters are cut into pieces of so many, each beginning so many after the one before."""

CHUNK = 5_000
ALIKE = 50
MOST_PARTS = 30  # so many words that share a part with what was mistyped are looked at, for each of so many parts


def store_words(session: Session, texts: Mapping[int, str]) -> None:
    """Let projects (by id) be found by the words of their search texts, and by no others."""
    query = select(ProjectWord.word, ProjectWord.project_id)
    parts = (query.where(ProjectWord.project_id.in_(part)) for part in in_parts(texts, CHUNK))
    old = {(word, project_id) for part in parts for word, project_id in session.execute(part)}
    new = {(word, project_id) for project_id, text in texts.items() for word in words_of(text)}
    gone, added = sorted(old - new), sorted(new - old)
    lost: dict[int, list[str]] = defaultdict(list)
    for word, project_id in gone:
        lost[project_id].append(word)
    for project_id, old_words in lost.items():
        own = ProjectWord.project_id == project_id
        session.execute(delete(ProjectWord).where(own, ProjectWord.word.in_(old_words)))
    _insert(session, ProjectWord, [{"word": word, "project_id": project_id} for word, project_id in added])
    words = {word for word, _ in added}
    for part in in_parts(sorted(words), CHUNK):
        words.difference_update(session.scalars(select(WordSuffix.word).where(WordSuffix.word.in_(part)).distinct()))
    endings = [pair for word in sorted(words) for pair in _endings(word)]
    _insert(session, WordSuffix, [{"ending": ending, "word": word} for ending, word in endings])


def words_of(text: str) -> set[str]:
    """Return the words of a text; of a very long one, pieces that overlap, so that any short part is in one of them."""
    return {piece for word in text.split() for piece in _pieces(word)}


def contains(text: str) -> ColumnElement[bool]:
    """Return the condition that a project's search text holds ``text``."""
    pieces = text.split()
    whole = Project.search_text.contains(text, autoescape=True)
    if not pieces:
        return whole
    part = max(pieces, key=len)[:STEP]
    found = Project.id.in_(select(ProjectWord.project_id).where(ProjectWord.word.in_(_words(part))))
    return found if part == text else found & whole


def by_part_query() -> Select[int]:
    """Return the ids of projects with a word that contains ``part`` (which sorts before ``beyond``), in order of entry."""
    ending, word = WordSuffix.__table__.c, ProjectWord.__table__.c
    words = select(ending.word).where(ending.ending >= bindparam("part"), ending.ending < bindparam("beyond"))
    return select(word.project_id).distinct().where(word.word.in_(words)).order_by(word.project_id)


def similar_words(session: Session, text: str) -> list[str]:
    """Return words on record that share three letters in a row with a word of ``text``, or fewer with a short one."""
    parts = sorted({part for word in text.split() for part in _parts_of(word)})[:MOST_PARTS]
    if not parts:
        return []
    each = [select(_words(part).order_by(WordSuffix.ending).limit(ALIKE).subquery().c.word) for part in parts]
    return list(fetch(session, union(*each)).scalars())


def projects_with_any(session: Session, words: Iterable[str], limit: int) -> list[int]:
    """Return the ids of projects that have at least one of the words, those with most first."""
    query = (
        select(ProjectWord.project_id)
        .where(ProjectWord.word.in_(words))
        .group_by(ProjectWord.project_id)
        .order_by(func.count().desc(), ProjectWord.project_id)
        .limit(limit)
    )
    return list(fetch(session, query).scalars())


def index_findings(session: Session) -> list[str]:
    """Return a sentence for what the index holds or lacks against the search texts."""
    texts = session.execute(select(Project.id, Project.search_text)).all()
    right = {(word, key) for key, text in texts for word in words_of(text)}
    stored = {(word, key) for word, key in session.execute(select(ProjectWord.word, ProjectWord.project_id))}
    wrong = sorted({key for _, key in right ^ stored})
    refs = dict(session.execute(select(Project.id, Project.ref)).all())
    found = [f"{refs.get(key, key)}: the words that it is found by differ from its names" for key in wrong]
    endings = {(ending, word) for ending, word in session.execute(select(WordSuffix.ending, WordSuffix.word))}
    lost = sorted({word for word, _ in right if not endings.issuperset(_endings(word))})
    return [*found, *(f"the word “{word}” is not found by all of its endings" for word in lost)]


def _pieces(word: str) -> list[str]:
    if len(word) <= LONGEST:
        return [word]
    return [word[at : at + LONGEST] for at in range(0, len(word) - STEP, STEP)]


def _parts_of(word: str) -> set[str]:
    length = min(3, max(1, len(word) // 2))
    return {word[at : at + length] for at in range(len(word) - length + 1)}


def _words(part: str) -> Select[str]:
    return select(WordSuffix.word).where(WordSuffix.ending >= part, WordSuffix.ending < part + LAST)


def _endings(word: str) -> list[tuple[str, str]]:
    return [(word[at:], word) for at in range(len(word))]


def _insert(session: Session, table: type[ProjectWord] | type[WordSuffix], rows: list[dict[str, object]]) -> None:
    """Add rows; somebody else may have added the same word a moment before."""
    for part in in_parts(rows, CHUNK):
        session.connection().execute(insert_for(session)(table).on_conflict_do_nothing(), part)
