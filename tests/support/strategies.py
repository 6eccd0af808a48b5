"""Hypothesis strategies for lines that people may type about a project, and recording them."""

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
class Step:
    """One line to record or correct, or a retraction; ``target`` counts back from the last update."""

    line: str
    target: int = 0
    correction: bool = False


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Draw a well-formed line; the record may refuse it."""
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


LINES = st.builds(Step, lines())
CORRECTIONS = st.builds(Step, lines(), st.integers(1, 5), st.just(value=True))
RETRACTIONS = st.builds(Step, st.just(""), st.integers(1, 5))
ANYTHING = st.one_of(LINES, LINES, LINES, CORRECTIONS, RETRACTIONS)
BEGINNINGS = st.sampled_from(
    [
        [],
        [Step("hold on:2025-H1 by:US")],
        [Step("hold on:2026-02 by:US"), Step("hold on:2025-07-15 by:CN as:government")],
        [Step("approved on:2025-03-01 as:letter until:2025-09-30")],
        [Step("approved on:2025-H1 as:letter until:2027"), Step("extension-requested on:2026-02")],
    ]
)
STEPS = st.builds(lambda beginning, rest: [*beginning, *rest], BEGINNINGS, st.lists(ANYTHING, max_size=12))


def apply_step(database: Database, refs: tuple[str, ...], step: Step) -> None:
    """Record, correct or retract in one transaction; a refusal changes nothing."""
    with database.reading() as session:
        numbers = session.scalars(select(UpdateRow.id).order_by(UpdateRow.id.desc())).all()
    target = numbers[min(step.target, len(numbers)) - 1] if step.target and numbers else None
    try:
        if step.line:
            say(database, f"{','.join(refs)} {step.line}", corrects=target)
        elif target:
            take_back(database, target, refs=refs)
    except AidError as error:
        message = str(error)
        assert message
