"""What an answer costs against the two floors, and how it grows from 17 projects to 10,000 with a million updates."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from db.database import Database
from tests.benchmarks.baselines import Floor, bare_floor, default_floor
from tests.benchmarks.queries import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD
from tests.benchmarks.report import Figure
from tests.benchmarks.requests import Asking, ask, core_statements, open_bot
from tests.benchmarks.timing import by_turns, middle, p99

pytestmark = pytest.mark.bench
MEASURED = (PORTFOLIO, PROJECT, LIST, TYPEAHEAD, HOME)
GROWTH = {PORTFOLIO: 1.5, PROJECT: 1.5, LIST: 3.0, HOME: 3.0}
POSTGRES_TURNS = 200

Times = Sequence[float]


def published(asking: Asking) -> Any:
    home = asking.slack.person("U0ADMIN").home
    return {"type": "home", "blocks": home.blocks} if home else None


def floors_of(asking: Asking, database: Database, name: str, *addresses: str) -> tuple[Floor, Floor]:
    """The default and the bare floor of a question, each on the Slack at an address of its own or at the bot's."""
    body = QUESTIONS[name]
    asking(body)
    with core_statements(database) as asked:
        response = asking(body)
    view = published(asking) if name == HOME else None
    first, second = addresses or [asking.server.base_url] * 2
    return default_floor(first, response, view), bare_floor(second, database, list(asked), response, view)


def prepared(asking: Asking, database: Database, name: str) -> tuple[Callable[[], Any], ...]:
    """The bot, the default floor and the bare floor, each ready to be asked the same."""
    body = QUESTIONS[name]

    def floor(least: Floor) -> None:
        ask(least.app, body)
        if name == HOME:
            least.wait()

    return partial(asking, body), *(partial(floor, least) for least in floors_of(asking, database, name))


def compare(what: str, own: Times, slow: Times, quick: Times) -> Iterator[Figure]:
    """An answer's median and p99 against those of its two floors."""
    for part, of, targets in (("median", middle, (0.2, 1.5)), ("p99", p99, (0.5, 3.0))):
        for against, times, most in zip(("default floor", "bare floor"), (slow, quick), targets, strict=True):
            yield Figure(f"{what}, {part}", against, of(own) / of(times), most, floor_ms=of(times) * 1000)


@pytest.mark.parametrize("name", MEASURED)
def test_an_answer(
    name: str, asking: Asking, small_database: Database, figures: list[Figure], benchmark: BenchmarkFixture
) -> None:
    ours, default, bare = prepared(asking, small_database, name)
    own, slow, quick = by_turns(ours, default, bare)
    figures.extend(compare(name, own, slow, quick))
    benchmark.pedantic(ours, rounds=50, warmup_rounds=2)


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_growth(name: str, kind: str, request: pytest.FixtureRequest, figures: list[Figure]) -> None:
    """The same question to both records, PostgreSQL against its own small record."""
    big = request.getfixturevalue("big_database" if kind == "sqlite" else "big_postgres")
    small = request.getfixturevalue("small_database" if kind == "sqlite" else "small_postgres")
    with open_bot(small) as few, open_bot(big) as many:
        if name == TYPEAHEAD:
            _, default, _ = prepared(few, small, name)
            own, floor = by_turns(partial(many, QUESTIONS[name]), default, turns=POSTGRES_TURNS)
            against, most = "default floor", 1.0
        else:
            own, floor = by_turns(partial(many, QUESTIONS[name]), partial(few, QUESTIONS[name]), turns=POSTGRES_TURNS)
            against, most = "17 projects", GROWTH[name]
    ratio = middle(own) / middle(floor)
    figures.append(Figure(f"{name}, big record, {kind}", against, ratio, most, floor_ms=middle(floor) * 1000))
