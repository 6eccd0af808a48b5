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


def pages_after(steps: list[Step]) -> Pages:
    pages = Pages()
    for step in steps:
        apply_step(pages, step)
    return pages


@settings(max_examples=400)
@given(STEPS)
def test_accepted_update_is_consistent_and_effective(steps: list[Step]) -> None:
    pages = Pages()
    for step in steps:
        if not apply_step(pages, step) or step.target or step.relation:
            continue
        standing, number = pages.standing, pages.updates[-1].number
        update = next(each for each in standing.updates if each.number == number)
        assert number not in inconsistent_updates(standing.updates, pages.facts)
        if update.kind is UpdateKind.EXTENDED and standing.extension:
            assert not standing.extension.requested.comes_before(update)
        if update.kind is UpdateKind.HOLD_LIFTED and update.confidence is SourceKind.LETTER and update.holder == "US":
            assert not [
                hold for hold in standing.open_holds if hold.holder == "US" and hold.placed.comes_before(update)
            ]


@settings(max_examples=200)
@given(STEPS, st.randoms(use_true_random=False))
def test_status_ignores_the_order_of_loading(steps: list[Step], chance: random.Random) -> None:
    updates = pages_after(steps).updates
    shuffled = chance.sample(updates, len(updates))
    assert status_of(shuffled) == status_of(updates)


@settings(max_examples=200)
@given(STEPS, LINES)
def test_retracting_the_last_update_restores_the_status(steps: list[Step], last: Step) -> None:
    pages = pages_after(steps)
    before = pages.standing
    if apply_step(pages, last):
        pages.take_back(pages.updates[-1].number)
    assert pages.standing == before


@settings(max_examples=200)
@given(STEPS)
def test_retracting_everything_leaves_no_status(steps: list[Step]) -> None:
    pages = pages_after(steps)
    while standing := effective_updates(pages.updates):
        pages.take_back(standing[0].number)
    assert pages.standing == replay([])
    assert pages.headline == "no-record"


@settings(max_examples=200)
@given(STEPS)
def test_every_status_can_be_rendered(steps: list[Step]) -> None:
    standing = pages_after(steps).standing
    headline = standing.headline(TODAY)
    assert (standing.governing(TODAY) is None) == (headline.value == "no-record")
    stated = standing.statement(TODAY)
    assert stated.as_of is None or stated.as_of <= TODAY
    assert all(each.effective_day <= TODAY for each in standing.updates)
    assert {id(hold) for hold in standing.open_holds} <= {id(hold) for hold in standing.holds if hold.open}
