"""Alerts are neither lost nor doubled, whatever dies and whatever Slack does. ``make chaos`` plays the long form."""

import os
import random

import pytest

from tests.chaos.fault_schedule import Weather
from tests.chaos.figures import Figures
from tests.chaos.run import HASTY, Plan, run_plan

SEED = 20261124

SHORT = [
    Plan("killed around requests", updates=12, weather=Weather(kills=0.1)),
    Plan("killed at any moment", updates=12, kill_every=0.7),
    Plan("both, with undoing", updates=12, kill_every=1.0, weather=Weather(faults=0.15, kills=0.05), undo=0.3),
    Plan("Slack's bad day", updates=12, weather=Weather(faults=0.3)),
    Plan("history not readable", updates=8, weather=Weather(faults=0.2, kills=0.05, unreadable=1.0)),
]
LONG = [
    Plan("killed around requests", updates=30, channels=12, projects=30, kills=350, weather=Weather(kills=0.15)),
    Plan("killed at any moment", updates=30, channels=12, projects=30, kills=250, kill_every=0.3),
    Plan("both, with undoing", 30, 12, 30, kills=150, kill_every=0.4, weather=Weather(0.15, 0.08), undo=0.3),
    Plan("history not readable", 30, 6, 30, kills=50, weather=Weather(0.15, 0.1, unreadable=1.0)),
]
LATE = Plan("accepted after the check", updates=12, weather=Weather(kills=0.02, late=0.08))


@pytest.fixture
def chaos_seed() -> int:
    """A new one each time, or the one in CHAOS_SEED, to see again what a run showed."""
    return int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**9))


def check(figures: Figures) -> None:
    """Nothing lost, nothing doubled, nothing out of order."""
    assert figures.due > 0
    assert (figures.lost, figures.doubled, figures.failed, figures.out_of_order, figures.not_edited) == (0,) * 5
    assert figures.delivered == figures.due


def show(figures: Figures, plan: Plan, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{figures.line(f'{plan.name} (seed {seed})')}")  # noqa: T201 - the figures are what it is for


@pytest.mark.parametrize("plan", SHORT, ids=lambda plan: plan.name)
def test_short(plan: Plan, sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = run_plan(plan, sqlite_url, SEED)
    show(figures, plan, SEED, capsys)
    check(figures)
    if plan.weather.unreadable == 0:
        assert figures.marked_repeats == 0


def test_only_late_accepted_messages_may_be_duplicated(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = run_plan(LATE, sqlite_url, SEED)
    show(figures, LATE, SEED, capsys)
    check(figures)
    assert figures.late <= figures.happened.get("accepted late", 0)


@pytest.mark.parametrize("senders", [2, 4])
def test_several_senders_on_one_postgresql(senders: int, postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(
        f"{senders} senders", updates=12, senders=senders, kill_every=0.5, weather=Weather(faults=0.1, kills=0.03)
    )
    figures = run_plan(plan, postgres_url, SEED)
    show(figures, plan, SEED, capsys)
    check(figures)


def test_clocks_that_differ_and_jump(postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As far as the lease leaves room for: what is left of it after a request, and the wait for it to show."""
    plan = Plan("clocks apart, one jump", updates=12, senders=3, ahead=(0.0, 0.2, -0.2), step=0.2, kill_every=0.6)
    figures = run_plan(plan, postgres_url, SEED)
    show(figures, plan, SEED, capsys)
    check(figures)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("plan", LONG, ids=lambda plan: plan.name)
def test_long(plan: Plan, sqlite_url: str, chaos_seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    figures = run_plan(plan, sqlite_url, chaos_seed)
    show(figures, plan, chaos_seed, capsys)
    check(figures)
    assert figures.kills >= plan.kills


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("senders", [2, 4])
def test_long_on_postgresql(
    senders: int, postgres_url: str, chaos_seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(
        f"{senders} senders",
        updates=30,
        channels=12,
        projects=30,
        senders=senders,
        kills=100,
        kill_every=0.4,
        weather=Weather(faults=0.15, kills=0.05),
        settings=HASTY,
    )
    figures = run_plan(plan, postgres_url, chaos_seed)
    show(figures, plan, chaos_seed, capsys)
    check(figures)
    assert figures.kills >= plan.kills
