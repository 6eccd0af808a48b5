"""The tables that ``make bench`` prints."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass
class Table:
    """A table in Markdown, filled cell by cell; ``title`` heads the column of the rows' names."""

    title: str
    cells: dict[str, dict[str, str]] = field(default_factory=dict)

    def put(self, row: str, column: str, value: str) -> None:
        self.cells.setdefault(row, {})[column] = value

    def __str__(self) -> str:
        columns = sorted({column for row in self.cells.values() for column in row})
        lines = [[self.title, *columns], ["---", *["--:"] * len(columns)]]
        lines += [[name, *(row.get(column, "") for column in columns)] for name, row in self.cells.items()]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


CHAIN = Table("The chain and the past (SQLite, processor time)")
YEARS = Table("Years of use")


def timed(works: Iterable[Callable[[], object]]) -> str:
    """Time each call; return the median and the 95th percentile in milliseconds."""
    times = []
    for work in works:
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return f"{median(times):.1f} ({quantiles(times, n=20)[-1]:.1f}) ms"
