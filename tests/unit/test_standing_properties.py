"""What must hold whatever is recorded, corrected and taken back, in whatever order (rules R5, R7)."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from db.domain.enums import SourceKind, UpdateKind
from db.domain.project_status import replay, status_of
from db.domain.rules import inconsistent_updates
from db.domain.updates import effective_updates
from db.errors import Refusal
from tests.support.proposals import TODAY, Pages
from tests.support.strategies import HAPPENINGS, LINES, Typed


def play(pages: Pages, typed: Typed) -> bool:
    """Record what was typed; False where it is refused or there is nothing to correct or to take back."""
    standing = [each.number for each in effective_updates(pages.updates)]
    try:
        if typed.correction:
            if not standing:
                return False
            pages.say(typed.line, corrects=standing[-min(typed.target, len(standing))])
        elif typed.target:
            if not pages.updates:
                return False
            pages.take_back(max(1, len(pages.updates) + 1 - typed.target))
        else:
            pages.say(typed.line)
    except Refusal as refusal:
        said = str(refusal)
        assert said
        return False
    return True


def played(happenings: list[Typed]) -> Pages:
    pages = Pages()
    for typed in happenings:
        play(pages, typed)
    return pages


@settings(max_examples=400, deadline=None)
@given(HAPPENINGS)
def test_accepted_update_is_consistent_and_effective(happenings: list[Typed]) -> None:
    pages = Pages()
    for typed in happenings:
        if not play(pages, typed) or typed.target:
            continue
        standing, number = pages.standing, pages.updates[-1].number
        update = next(each for each in standing.updates if each.number == number)
        assert number not in inconsistent_updates(standing.updates, pages.facts)
        if update.kind is UpdateKind.EXTENDED and standing.extension:
            assert not standing.extension.comes_before(update)
        if update.kind is UpdateKind.HOLD_LIFTED and update.confidence is SourceKind.LETTER and update.holder == "US":
            assert not [
                hold for hold in standing.open_holds if hold.holder == "US" and hold.placed.comes_before(update)
            ]


@settings(max_examples=200, deadline=None)
@given(HAPPENINGS, st.randoms(use_true_random=False))
def test_status_ignores_the_order_of_loading(happenings: list[Typed], chance: random.Random) -> None:
    updates = played(happenings).updates
    shuffled = chance.sample(updates, len(updates))
    assert status_of(shuffled) == status_of(updates)


@settings(max_examples=200, deadline=None)
@given(HAPPENINGS, LINES)
def test_retracting_the_last_update_restores_the_status(happenings: list[Typed], last: Typed) -> None:
    pages = played(happenings)
    before = pages.standing
    if play(pages, last):
        pages.take_back(pages.updates[-1].number)
    assert pages.standing == before


@settings(max_examples=200, deadline=None)
@given(HAPPENINGS)
def test_retracting_everything_leaves_no_status(happenings: list[Typed]) -> None:
    pages = played(happenings)
    while standing := effective_updates(pages.updates):
        pages.take_back(standing[0].number)
    assert pages.standing == replay([])
    assert pages.headline == "no-record"


@settings(max_examples=200, deadline=None)
@given(HAPPENINGS)
def test_every_status_can_be_rendered(happenings: list[Typed]) -> None:
    standing = played(happenings).standing
    headline = standing.headline(TODAY)
    assert (standing.governing(TODAY) is None) == (headline.value == "no-record")
    assert standing.as_of is None or standing.as_of <= TODAY
    assert all(each.effective_day <= TODAY for each in standing.updates)
    assert {id(hold) for hold in standing.open_holds} <= {id(hold) for hold in standing.holds if hold.open}
