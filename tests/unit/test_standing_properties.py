"""Properties of the status under any order of updates, corrections and retractions (rules 6, 10)."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from db.domain.enums import SourceKind, UpdateKind
from db.domain.project_status import replay, status_of
from db.domain.rules import inconsistent_updates
from db.domain.updates import effective_updates
from db.errors import Refusal
from tests.support.proposals import TODAY, Pages
from tests.support.strategies import LINES, REPORTING, STEPS, Step


def apply_step(pages: Pages, step: Step) -> bool:
    """Record a step; return False if it is refused or has no target."""
    standing = [each.number for each in effective_updates(pages.updates)]
    try:
        if step.relation:
            if not standing:
                return False
            target = pages.updates[standing[-min(step.target, len(standing))] - 1]
            line = f"{target.kind} {step.line}" if step.relation in REPORTING else step.line
            pages.say(line, **{step.relation: target.number})
        elif step.target:
            if not pages.updates:
                return False
            pages.take_back(max(1, len(pages.updates) + 1 - step.target))
        else:
            pages.say(step.line)
    except Refusal as refusal:
        message = str(refusal)
        assert message
        return False
    return True


def check_accepted(pages: Pages) -> None:
    """Check that the last update, which was accepted, is consistent and effective."""
    standing, number = pages.standing, pages.updates[-1].number
    update = next(each for each in standing.updates if each.number == number)
    assert number not in inconsistent_updates(standing.updates, pages.facts)
    if update.kind is UpdateKind.EXTENDED and standing.extension:
        assert not standing.extension.requested.comes_before(update)
    if update.kind is UpdateKind.HOLD_LIFTED and update.confidence is SourceKind.LETTER and update.holder == "US":
        own = [hold for hold in standing.open_holds if hold.holder == "US"]
        assert not [hold for hold in own if hold.placed.comes_before(update)]


def check_can_be_rendered(pages: Pages) -> None:
    standing = pages.standing
    assert (standing.statement(TODAY).update is None) == (standing.headline(TODAY).value == "no-record")
    stated = standing.statement(TODAY)
    assert stated.as_of is None or stated.as_of <= TODAY
    assert all(each.effective_day <= TODAY for each in standing.updates)
    assert {id(hold) for hold in standing.open_holds} <= {id(hold) for hold in standing.holds if hold.open}


def check_retractions(pages: Pages, last: Step) -> None:
    """Check that retracting the last update restores the status, and retracting all leaves none."""
    before = pages.standing
    if apply_step(pages, last):
        pages.take_back(pages.updates[-1].number)
    assert pages.standing == before
    while standing := effective_updates(pages.updates):
        pages.take_back(standing[0].number)
    assert pages.standing == replay([])
    assert pages.headline == "no-record"


@settings(max_examples=250)
@given(STEPS, LINES, st.randoms(use_true_random=False))
def test_status_of_any_history(steps: list[Step], last: Step, chance: random.Random) -> None:
    pages = Pages()
    for step in steps:
        if apply_step(pages, step) and not step.target and not step.relation:
            check_accepted(pages)
    shuffled = chance.sample(pages.updates, len(pages.updates))
    assert status_of(shuffled) == pages.standing
    check_can_be_rendered(pages)
    check_retractions(pages, last)
