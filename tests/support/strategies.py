"""Hypothesis strategies for lines that people may type about a project, and recording them."""

from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st
from sqlalchemy import select

from db.database import Database
from db.domain.enums import ClearanceOutcome, SourceKind, Stance, UpdateKind
from db.errors import AidError
from db.models import UpdateRow
from tests.support.proposals import NOW, say, take_back

DATES = [
    "2025-03-01", "2025-06-30", "2025-07-15", "2025-12-31", "2026-01-20", "2026-02-05", "2026-02-06", "2026-03-10",
    "2025-H1", "2025-H2", "2025", "2026-01", "2026-02", "2026-03", "2026", "unknown",
]  # fmt: skip
ENDS = ["2025-09-30", "2026-02-28", "2026-03-10", "2026-12-31", "2026-H2", "2027", "unknown"]
HOLDERS = ["US", "CN", "undisclosed"]
OFTEN = ("hold", "hold-lifted", "approved", "extended", "extension-requested")
KINDS = [*UpdateKind, *3 * [UpdateKind(kind) for kind in OFTEN]]
SOURCES = [*SourceKind, *4 * [SourceKind.LETTER]]
VALUES = {
    "by": HOLDERS,
    "until": ENDS,
    "reported": DATES[:8],
    "lift": ["all"],
    "stance": list(Stance),
    "authority": ["MOU", "OFAC"],
    "outcome": list(ClearanceOutcome),
    "consignment": ["1/3", "2/3", "3/3", "1"],
    "all": ["yes"],
    "shipments": ["1", "3"],
    "period": ["12m"],
    "length": ["6m"],
}
REQUIRED = {
    UpdateKind.HOLD: ("by",),
    UpdateKind.HOLD_LIFTED: ("by",),
    UpdateKind.POSITION: ("by", "stance"),
    UpdateKind.APPROVED: ("until",),
    UpdateKind.EXTENDED: ("until",),
    UpdateKind.CLEARANCE: ("authority", "outcome"),
}
OPTIONAL = {
    UpdateKind.HOLD: ("reported", "length"),
    UpdateKind.HOLD_LIFTED: ("reported", "lift"),
    UpdateKind.APPROVED: ("lift", "shipments", "period"),
    UpdateKind.EXTENDED: ("reported", "lift"),
    UpdateKind.AMENDED: ("until", "shipments"),
    UpdateKind.CLEARANCE: ("until",),
    UpdateKind.SHIPPED: ("consignment",),
    UpdateKind.DELIVERED: ("consignment", "all"),
}


REPORTING = ("confirms", "differs")


@dataclass(frozen=True)
class Step:
    """One line to record, a retraction, or what is done to an update: ``target`` counts back from the last update."""

    line: str
    target: int = 0
    relation: str = ""  # corrects, confirms or differs


@st.composite
def lines(draw: st.DrawFn) -> str:
    """Draw a well-formed line; the record may refuse it."""
    kind = draw(st.sampled_from(KINDS))
    parts = [kind.value, f"on:{draw(st.sampled_from(DATES))}", f"as:{draw(st.sampled_from(SOURCES))}"]
    options = [*REQUIRED.get(kind, ()), *sorted(draw(st.sets(st.sampled_from(OPTIONAL.get(kind, ("reported",))))))]
    parts += [f"{option}:{draw(st.sampled_from(VALUES[option]))}" for option in options]
    return " ".join([*parts, "seen"])


LINES = st.builds(Step, lines())
CORRECTIONS = st.builds(Step, lines(), st.integers(1, 5), st.just("corrects"))
REPORTS = st.builds(
    Step,
    st.builds(
        "as:{} {}".format, st.sampled_from(SOURCES), st.sampled_from(["", "on:2026-01-20", "reported:2026-02-06"])
    ),
    st.integers(1, 5),
    st.sampled_from(["confirms", "differs"]),
)
RETRACTIONS = st.builds(Step, st.just(""), st.integers(1, 5))
ANYTHING = st.one_of(LINES, LINES, LINES, CORRECTIONS, REPORTS, RETRACTIONS)
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


def apply_step(database: Database, refs: tuple[str, ...], step: Step, *, now: datetime = NOW) -> None:
    """Record, correct, report or retract in one transaction; a refusal changes nothing."""
    with database.reading() as session:
        rows = session.execute(select(UpdateRow.id, UpdateRow.kind).order_by(UpdateRow.id.desc())).all()
    target, kind = rows[min(step.target, len(rows)) - 1] if step.target and rows else (None, "note")
    line = f"{kind} {step.line}" if step.relation in REPORTING else step.line
    try:
        if step.line:
            say(
                database,
                f"{','.join(refs)} {line}",
                now=now,
                **({step.relation: target} if step.relation and target else {}),
            )
        elif target:
            take_back(database, target, refs=refs, now=now)
    except AidError as error:
        message = str(error)
        assert message
