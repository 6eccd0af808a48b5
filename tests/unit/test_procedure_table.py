"""Procedure as a table: the kinds allowed at every headline, and how a refusal begins (docs/field.md, section 12).

The lines behind "after" bring the project to its headline. Then every kind of update is tried: by the
United States if it has a holder, on the day of the test, with a letter as its source.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pytest

from db.domain.code_lists import code_lists
from db.domain.enums import ACTORS, Headline, UpdateKind
from db.domain.project_status import _APPLY
from db.domain.rules import RULES
from db.errors import Refusal
from handlers.updates.form_view import KIND_GROUPS
from tests.support.proposals import TODAY, Pages

DETAILS = {
    "hold": " by:US",
    "hold-lifted": " by:US",
    "approved": " until:2027-03-10",
    "extended": " until:2027-03-10",
    "clearance": " authority:OFAC outcome:granted",
    "position": " by:US stance:supports",
    "note": " seen by us",
}

USUALLY = """
allowed: clearance position accepted declined no-response note
The submission is already on record: submitted
allowed, This project has no exemption on record: shipped delivered
There is no open hold to lift: hold-lifted
There is no exemption on record: extension-requested extended amendment-requested amended
Nothing has been approved or delivered yet: closed
Already approved: approved
There is no decision on record to notify anyone of: notified
"""
"""Kinds of which most headlines say the same; what TABLE says of one counts instead."""

TABLE = """
no-record
    allowed: submitted circulated hold approval-reported approved rejected withdrawn lapsed

submitted
    after submitted on:2025-06-02
    allowed: circulated hold approval-reported approved rejected withdrawn lapsed

under-review, circulated
    after submitted on:2025-06-02 | circulated on:2025-06-10
    allowed: circulated hold approval-reported approved rejected withdrawn lapsed

under-review, its only hold lifted
    after hold by:US on:2025-H1 | hold-lifted by:US on:unknown reported:2026-02-05
    allowed: circulated hold hold-lifted approval-reported approved rejected withdrawn lapsed
    `submitted` on 2026-03-10 conflicts with `hold` on 2025-H1: submitted

on-hold
    after submitted on:2025-06-02 | hold by:US on:2025-07-01
    allowed: circulated hold-lifted approval-reported rejected withdrawn lapsed
    US holds it already: hold
    `approved` cannot be recorded while a hold is open: approved

on-hold, by another member
    after hold by:CN on:2025-07-01
    allowed: circulated hold approval-reported rejected withdrawn lapsed
    `submitted` on 2026-03-10 conflicts with `hold` on 2025-07-01: submitted
    US has no open hold: hold-lifted
    `approved` cannot be recorded while a hold is open: approved

approval-reported
    after submitted on:2025-06-02 | approval-reported on:2026-02-05
    allowed: circulated hold approval-reported approved rejected withdrawn lapsed notified

approval-reported, over a hold
    after submitted on:2025-06-02 | hold by:US on:2025-07-01 as:government | approval-reported on:2026-02-05
    allowed: circulated hold-lifted approval-reported rejected withdrawn lapsed notified
    US holds it already: hold
    `approved` cannot be recorded while a hold is open: approved

approved
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter
    allowed: extension-requested extended amendment-requested amended withdrawn notified shipped delivered closed
    The request was decided by the letter: circulated hold approval-reported rejected lapsed

approved, extension asked for
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter | extension-requested on:2026-02-02
    allowed: circulated hold approval-reported extended amendment-requested amended rejected withdrawn lapsed notified
    allowed: shipped delivered closed
    `extension-requested` is on record already: extension-requested

approved, extension on hold
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter
    after extension-requested on:2026-02-02 | hold by:US on:2026-02-10
    allowed: circulated hold-lifted approval-reported amendment-requested amended rejected withdrawn lapsed notified
    allowed: shipped delivered closed
    US holds it already: hold
    `extension-requested` is on record already: extension-requested
    `extended` cannot be recorded while a hold is open: extended

approved, amendment on hold
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter
    after amendment-requested on:2026-02-02 | hold by:US on:2026-02-10
    allowed: circulated hold-lifted approval-reported extension-requested extended rejected withdrawn lapsed notified
    allowed: shipped delivered closed
    US holds it already: hold
    `amendment-requested` is on record already: amendment-requested
    `amended` cannot be recorded while a hold is open: amended

approved-end-unknown
    after submitted on:2025-06-02 | approved on:2025-06-20 until:unknown as:letter
    allowed: extension-requested extended amendment-requested amended withdrawn notified shipped delivered closed
    The request was decided by the letter: circulated hold approval-reported rejected lapsed

expired
    after submitted on:2024-06-02 | approved on:2024-06-20 until:2025-06-20 as:letter
    allowed: extension-requested extended amendment-requested amended withdrawn notified delivered closed
    allowed, 2026-03-10 is after the exemption expired (2025-06-20): shipped
    The request was decided by the letter: circulated hold approval-reported rejected lapsed

extension-pending
    after submitted on:2024-06-02 | approved on:2024-06-20 until:2025-06-20 as:letter | extension-requested on:2026-02-02
    allowed: circulated hold approval-reported extended amendment-requested amended rejected withdrawn lapsed notified
    allowed: delivered closed
    allowed, 2026-03-10 is after the exemption expired (2025-06-20): shipped
    `extension-requested` is on record already: extension-requested

delivered
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter | delivered on:2026-02-05
    allowed: extension-requested extended amendment-requested amended withdrawn notified shipped delivered closed
    The request was decided by the letter: circulated hold approval-reported rejected lapsed

closed
    after submitted on:2025-06-02 | approved on:2025-06-20 until:2026-06-20 as:letter | closed on:2026-02-05
    This project is closed: submitted circulated hold hold-lifted approval-reported approved extension-requested
    This project is closed: extended amendment-requested amended rejected withdrawn lapsed notified shipped delivered
    This project is closed: closed

rejected
    after submitted on:2025-06-02 | rejected on:2026-02-05 as:government
    allowed: notified
    This request has ended: submitted circulated hold hold-lifted approval-reported approved extension-requested
    This request has ended: extended amendment-requested amended rejected withdrawn lapsed closed

withdrawn
    after submitted on:2025-06-02 | withdrawn on:2026-02-05
    allowed: notified
    This request has ended: submitted circulated hold hold-lifted approval-reported approved extension-requested
    This request has ended: extended amendment-requested amended rejected withdrawn lapsed closed

lapsed
    after submitted on:2025-06-02 | lapsed on:2026-02-05
    allowed: notified
    This request has ended: submitted circulated hold hold-lifted approval-reported approved extension-requested
    This request has ended: extended amendment-requested amended rejected withdrawn lapsed closed
"""


@dataclass(frozen=True)
class Cell:
    state: str
    lines: tuple[str, ...]
    kind: str
    outcome: str


def parted(answer: str) -> tuple[str, list[str]]:
    outcome, _, kinds = answer.rpartition(": ")
    return outcome, kinds.split()


def cells() -> list[Cell]:
    table = []
    for block in TABLE.strip().split("\n\n"):
        state, *answers = (line.strip() for line in block.splitlines())
        lines = []
        while answers[0].startswith("after "):
            lines += answers.pop(0).removeprefix("after ").split(" | ")
        said = [(kind, outcome) for outcome, kinds in map(parted, answers) for kind in kinds]
        usual = [(kind, outcome) for outcome, kinds in map(parted, USUALLY.strip().splitlines()) for kind in kinds]
        usual = [(kind, outcome) for kind, outcome in usual if kind not in dict(said)]
        table += [Cell(state, tuple(lines), kind, outcome) for kind, outcome in (*said, *usual)]
    return table


CELLS = cells()
STATES = list(dict.fromkeys(cell.state for cell in CELLS))


def test_rule_table_is_complete() -> None:
    assert {state.split(",")[0] for state in STATES} == set(Headline)
    for state in STATES:
        kinds = [cell.kind for cell in CELLS if cell.state == state]
        missing = set(UpdateKind) - {*kinds}
        assert not missing, f"{state}: say in TABLE if these are allowed: {', '.join(missing)}"
        assert len(kinds) == len(UpdateKind), f"{state}: TABLE says something twice"


@pytest.mark.parametrize(
    "table",
    [ACTORS, RULES, _APPLY, code_lists()["kind"], [kind for kinds in KIND_GROUPS.values() for kind in kinds]],
    ids=["ACTORS", "RULES", "_APPLY", "labels", "KIND_GROUPS"],
)
def test_every_table_of_kinds_is_complete(table: Collection[str]) -> None:
    assert sorted(table) == sorted(UpdateKind)


@pytest.mark.parametrize("state", STATES)
def test_rule_table_allows_next_kinds(state: str) -> None:
    wrong = {}
    for cell in [cell for cell in CELLS if cell.state == state]:
        pages = Pages().say(*cell.lines)
        assert pages.headline == state.partition(",")[0]
        answer = answer_to(pages, f"{cell.kind} on:{TODAY} as:letter{DETAILS.get(cell.kind, '')}")
        begins, _, advice = answer.partition(cell.outcome)
        if begins or bool(advice.strip(" .")) == cell.outcome.startswith("allowed"):
            wrong[cell.kind] = answer
    assert wrong == {}


def answer_to(pages: Pages, line: str) -> str:
    """Return the refusal of a line, or that it is allowed, and what it warns of."""
    try:
        return ", ".join(["allowed", *(str(warning).rstrip(".") for warning in pages.check(line))])
    except Refusal as refusal:
        return without_numbers(str(refusal))


def without_numbers(text: str) -> str:
    return text.replace(" (#1)", "").replace(" (#2)", "")
