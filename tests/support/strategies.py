"""Anything that may be typed about a project, as hypothesis draws it, and recording it."""

from dataclasses import dataclass

from hypothesis import strategies as st
from sqlalchemy import select

from db.database import Database
from db.domain.enums import SourceKind, UpdateKind
from db.errors import AidError
from db.models import UpdateRow
from tests.support.proposals import say, take_back

DATES = [
    "2025-03-01",
    "2025-06-30",
    "2025-07-15",
    "2025-12-31",
    "2026-01-20",
    "2026-02-05",
    "2026-02-06",
    "2026-03-10",
    "2025-H1",
    "2025-H2",
    "2025",
    "2026-01",
    "2026-02",
    "2026-03",
    "2026",
    "unknown",
]
ENDS = ["2025-09-30", "2026-02-28", "2026-03-10", "2026-12-31", "2026-H2", "2027", "unknown"]
HOLDERS = ["US", "CN", "undisclosed"]
KINDS = [
    *UpdateKind,
    *3
    * [
        UpdateKind.HOLD,
        UpdateKind.HOLD_LIFTED,
        UpdateKind.APPROVED,
        UpdateKind.EXTENDED,
        UpdateKind.EXTENSION_REQUESTED,
    ],
]
SOURCES = [*SourceKind, *4 * [SourceKind.LETTER]]


@dataclass(frozen=True)
class Typed:
    """One line, or the retraction of one of the updates so far; ``target`` counts back from the last."""

    line: str
    target: int = 0
    correction: bool = False


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line that is well formed; whether the record takes it is another matter."""
    kind = draw(st.sampled_from(KINDS))
    parts = [kind.value, f"on:{draw(st.sampled_from(DATES))}", f"as:{draw(st.sampled_from(SOURCES))}"]
    if draw(st.booleans()):
        parts.append(f"reported:{draw(st.sampled_from(DATES[:8]))}")
    if kind in {UpdateKind.HOLD, UpdateKind.HOLD_LIFTED}:
        parts.append(f"by:{draw(st.sampled_from(HOLDERS))}")
    if kind in {UpdateKind.HOLD_LIFTED, UpdateKind.APPROVED, UpdateKind.EXTENDED} and draw(st.booleans()):
        parts.append("lift:all")
    if kind in {UpdateKind.APPROVED, UpdateKind.EXTENDED} or (kind is UpdateKind.AMENDED and draw(st.booleans())):
        parts.append(f"until:{draw(st.sampled_from(ENDS))}")
    if kind is UpdateKind.CLEARANCE:
        parts.append("authority:MOU")
    return " ".join([*parts, "seen"])


LINES = st.builds(Typed, lines())
CORRECTIONS = st.builds(Typed, lines(), st.integers(1, 5), st.just(value=True))
RETRACTIONS = st.builds(Typed, st.just(""), st.integers(1, 5))
ANYTHING = st.one_of(LINES, LINES, LINES, CORRECTIONS, RETRACTIONS)
BEGINNINGS = st.sampled_from(
    [
        [],
        [Typed("hold on:2025-H1 by:US")],
        [Typed("hold on:2026-02 by:US"), Typed("hold on:2025-07-15 by:CN as:government")],
        [Typed("approved on:2025-03-01 as:letter until:2025-09-30")],
        [Typed("approved on:2025-H1 as:letter until:2027"), Typed("extension-requested on:2026-02")],
    ]
)
HAPPENINGS = st.builds(lambda beginning, rest: [*beginning, *rest], BEGINNINGS, st.lists(ANYTHING, max_size=12))


def play(database: Database, refs: tuple[str, ...], typed: Typed) -> None:
    """Record, correct or take back in a transaction; what is refused changes nothing."""
    with database.reading() as session:
        numbers = session.scalars(select(UpdateRow.id).order_by(UpdateRow.id.desc())).all()
    target = numbers[min(typed.target, len(numbers)) - 1] if typed.target and numbers else None
    try:
        if typed.line:
            say(database, f"{','.join(refs)} {typed.line}", corrects=target)
        elif target:
            take_back(database, target, refs=refs)
    except AidError as error:
        refused = str(error)
        assert refused
