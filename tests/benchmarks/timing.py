"""Timing two things by turns, so that what else the machine does falls on both."""

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median, quantiles

TURNS = 300
PAUSE = 25
"""After so many turns it is the other's turn."""


def by_turns(*works: Callable[[], object], turns: int = TURNS) -> list[list[float]]:
    """The seconds of each call of each work, once everybody has warmed up."""
    for work in works:
        for _ in range(5):
            work()
    times: list[list[float]] = [[] for _ in works]
    gc.collect()
    while len(times[-1]) < turns:
        for work, own in zip(works, times, strict=True):
            own.extend(_timed(work) for _ in range(PAUSE))
    return times


def middle(times: Sequence[float]) -> float:
    return median(times)


def p99(times: Sequence[float]) -> float:
    return quantiles(times, n=100)[98]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
