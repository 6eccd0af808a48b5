"""Any text in an option or a search is accepted or refused in words (docs/field.md, section 12.1)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from db.database import Database
from db.domain.enums import UpdateKind
from db.errors import AidError
from db.projects.queries import ids_matching, near_misses, search
from db.recording.proposal import FORM_OPTIONS, OPTIONS, Proposal
from db.search.filter import parse_filter
from tests.support.proposals import NOW, add_projects, record, recorder

NASTY = [
    *("\x00", "a\x00b", "\ud800", "9" * 30, "1e400", "-0", "NaN", "0.10", "２０２６-02-05", "{typed}", "%s", "'; DROP"),
    *("<@U1>", "2026-02-05", "2025-H1", "unknown", "US", "us", "all", "letter", "https://example.org", "http://["),
    "n" * 70,
]
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=80))
FITTING = [(kind, name) for name, kinds in {**OPTIONS, **FORM_OPTIONS}.items() for kind in UpdateKind if kind in kinds]
GOOD = {"on": "2026-02-05", "as": "letter", "by": "US", "until": "unknown", "authority": "MOU"}


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    """Draw a proposal that is valid but for one option, and perhaps for its ref and note."""
    kind, name = draw(st.sampled_from(FITTING))
    options = {each: value for each, value in GOOD.items() if kind in OPTIONS[each]}
    options[draw(st.sampled_from([name, name, name, "colour"]))] = draw(TEXTS)
    ref = draw(st.sampled_from(["GG-1", "GG-1", "GG-1", "gg-1\x00", "GG", ""]))
    return Proposal((ref,), kind, options, draw(st.one_of(st.just("seen"), TEXTS)))


@settings(max_examples=150)
@given(proposals())
def test_option_text_accepts_any_string(database: Database, proposal: Proposal) -> None:
    add_once(database)
    with database.writing() as session:
        try:
            record(session, proposal, recorder(), now=NOW)
        except AidError as error:
            refused = str(error)
            assert refused
        session.rollback()  # so that the next example meets the same record


@settings(max_examples=60)
@given(TEXTS)
def test_search_accepts_any_string(database: Database, text: str) -> None:
    add_once(database)
    with database.reading() as session:
        assert isinstance(search(session, text, limit=5), list)
        assert isinstance(near_misses(session, text), list)
        try:
            assert isinstance(ids_matching(session, parse_filter(text), NOW.date()), list)
        except AidError as error:
            refused = str(error)
            assert refused


def add_once(database: Database) -> None:
    with database.reading() as session:
        misses = near_misses(session, "GG-1")
    if not misses:
        add_projects(database, "GG-1")
