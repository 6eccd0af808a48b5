"""Long lists, a page or a part at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Page ``number`` (from 1) of ``pages`` of a list that has ``total`` rows; ``first`` is the place of its first row."""

    rows: Sequence[Row_co]
    number: int
    pages: int
    total: int
    first: int


def read_page(read: Callable[[int, int], Sequence[Row_co]], number: int, size: int, total: int) -> Page[Row_co]:
    """Return page ``number`` of a list, or the nearest one if it has no such page; ``read`` is given limit and offset."""
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    offset = (number - 1) * size
    return Page(read(size, offset) if total else (), number, pages, total, offset + 1)


def in_parts(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in their order, at most ``size`` together; those of a part are read when it is asked for."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
