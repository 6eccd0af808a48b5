"""Alerts are neither lost nor doubled under kills and faults of Slack. ``make chaos`` runs the long form."""

import os
import random
from collections.abc import Callable

import pytest

from tests.chaos.fault_schedule import FaultRates
from tests.chaos.figures import Figures
from tests.chaos.run import Plan, run_plan

SEED = 20261124

SHORT = [
    Plan("killed around requests", updates=12, rates=FaultRates(kills=0.1)),
    Plan("killed at any moment", updates=12, kill_every=0.7),
    Plan("both, with undoing", updates=12, kill_every=1.0, rates=FaultRates(faults=0.15, kills=0.05), undo=0.3),
    Plan("Slack's bad day", updates=12, rates=FaultRates(faults=0.3)),
    Plan("history not readable", updates=8, rates=FaultRates(faults=0.2, kills=0.05, unreadable=1.0)),
]
LONG = [
    Plan("killed around requests", updates=30, channels=12, projects=30, kills=350, rates=FaultRates(kills=0.15)),
    Plan("killed at any moment", updates=30, channels=12, projects=30, kills=250, kill_every=0.3),
    Plan("both, with undoing", 30, 12, 30, kills=150, kill_every=0.4, rates=FaultRates(0.15, 0.08), undo=0.3),
    Plan("history not readable", 30, 6, 30, kills=50, rates=FaultRates(0.15, 0.1, unreadable=1.0)),
]
LATE = Plan("accepted after the check", updates=12, rates=FaultRates(kills=0.02, late=0.08))


@pytest.fixture
def chaos_seed() -> int:
    """Return a new seed, or that of CHAOS_SEED to repeat a run."""
    return int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**9))


def check(figures: Figures) -> None:
    """Assert that nothing is lost, doubled or out of order."""
    assert figures.due > 0
    assert (figures.lost, figures.doubled, figures.failed, figures.out_of_order, figures.not_edited) == (0,) * 5
    assert figures.delivered == figures.due


@pytest.fixture
def checked_run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Figures]:
    """Return a function that runs a plan, shows its figures, and checks that nothing is lost."""

    def run(plan: Plan, url: str, seed: int = SEED) -> Figures:
        figures = run_plan(plan, url, seed)
        with capsys.disabled():
            print(f"\n{figures.line(f'{plan.name} (seed {seed})')}")  # noqa: T201 - the figures are what it is for
        check(figures)
        assert figures.kills >= plan.kills
        return figures

    return run


@pytest.mark.parametrize("plan", SHORT, ids=lambda plan: plan.name)
def test_short_run_loses_nothing(checked_run: Callable[..., Figures], plan: Plan, sqlite_url: str) -> None:
    figures = checked_run(plan, sqlite_url)
    if plan.rates.unreadable == 0:
        assert figures.marked_repeats == 0


def test_only_late_accepted_messages_may_be_duplicated(checked_run: Callable[..., Figures], sqlite_url: str) -> None:
    figures = checked_run(LATE, sqlite_url)
    assert figures.late <= figures.happened.get("accepted late", 0)


@pytest.mark.parametrize("senders", [2, 4])
def test_several_senders_on_postgresql_lose_nothing(
    checked_run: Callable[..., Figures], senders: int, postgres_url: str
) -> None:
    rates = FaultRates(faults=0.1, kills=0.03)
    checked_run(Plan(f"{senders} senders", updates=12, senders=senders, kill_every=0.5, rates=rates), postgres_url)


def test_clock_skew_within_the_lease_loses_nothing(checked_run: Callable[..., Figures], postgres_url: str) -> None:
    """Skew the clocks as far as the lease allows: its rest after a request, and the wait before reconciling."""
    plan = Plan("clocks apart, one jump", updates=12, senders=3, ahead=(0.0, 0.2, -0.2), step=0.2, kill_every=0.6)
    checked_run(plan, postgres_url)


@pytest.mark.parametrize(
    ("ahead", "step"),
    [(86400.0, 0.0)]
    + [
        pytest.param(ahead, step, marks=pytest.mark.long)
        for ahead, step in [(-86400, 0), (-30, 0), (6, 0), (30, 0), (3600, 0), (31e6, 0), (0, 86400), (0, -86400)]
    ],
)
def test_wrong_clock_loses_and_doubles_nothing(
    checked_run: Callable[..., Figures], ahead: float, step: float, sqlite_url: str
) -> None:
    dropped = FaultRates(faults=0.4)
    figures = checked_run(
        Plan(f"clock wrong by {ahead}, {step}", 8, ahead=(ahead,), step=step, kill_every=0.7, rates=dropped), sqlite_url
    )
    assert figures.marked_repeats == 0


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("plan", LONG, ids=lambda plan: plan.name)
def test_long_run_loses_nothing(
    checked_run: Callable[..., Figures], plan: Plan, sqlite_url: str, chaos_seed: int
) -> None:
    checked_run(plan, sqlite_url, chaos_seed)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("senders", [2, 4])
def test_long_run_on_postgresql_loses_nothing(
    checked_run: Callable[..., Figures], senders: int, postgres_url: str, chaos_seed: int
) -> None:
    rates = FaultRates(faults=0.15, kills=0.05)
    plan = Plan(f"{senders} senders", 30, 12, 30, senders, kills=100, kill_every=0.4, rates=rates)
    checked_run(plan, postgres_url, chaos_seed)
