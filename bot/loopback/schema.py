"""A small language for "what may stand here": checks return nothing and note errors as sentences."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """The errors found so far, each in the form of Slack's `response_metadata.messages`."""

    errors: list[str] = field(default_factory=list)

    def add(self, path: str, problem: str) -> None:
        """Note a problem at a JSON pointer."""
        self.errors.append(f"[ERROR] {problem} [json-pointer:{path}]")


Check = Callable[[Report, Any, str], None]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object: how its value is checked, and whether it must be there."""

    check: Check
    required: bool = False


def need(check: Check) -> Field:
    """A key that must be there."""
    return Field(check, required=True)


def may(check: Check) -> Field:
    """A key that may be missing."""
    return Field(check)


def anything(report: Report, value: Any, path: str) -> None:
    """Accept whatever stands there."""


def string(longest: int, shortest: int = 0) -> Check:
    """A string of so many characters."""

    def check(report: Report, value: Any, path: str) -> None:
        if not isinstance(value, str):
            report.add(path, "failed to match a string")
        elif len(value) > longest:
            report.add(path, f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            report.add(path, f"must be more than {shortest - 1} characters")

    return check


def matching(pattern: str, words: str) -> Check:
    """A string of a given shape, `words` naming it."""

    def check(report: Report, value: Any, path: str) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            report.add(path, f"must be {words}")

    return check


def one_of(*allowed: str) -> Check:
    """One of some words."""

    def check(report: Report, value: Any, path: str) -> None:
        if value not in allowed:
            report.add(path, f"invalid value: must be one of {', '.join(allowed)}")

    return check


def boolean(report: Report, value: Any, path: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add(path, "failed to match a boolean")


def integer(lowest: int, highest: int) -> Check:
    """A whole number within bounds."""

    def check(report: Report, value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            report.add(path, f"must be a number from {lowest} to {highest}")

    return check


def array(item: Check, most: int, fewest: int = 1) -> Check:
    """A list of so many items."""

    def check(report: Report, value: Any, path: str) -> None:
        if not isinstance(value, list):
            report.add(path, "failed to match an array")
            return
        if len(value) > most:
            report.add(path, f"no more than {most} items allowed")
        if len(value) < fewest:
            report.add(path, f"no less than {fewest} items allowed")
        for number, entry in enumerate(value):
            item(report, entry, f"{path}/{number}")

    return check


def table(fields: Mapping[str, Field], *either: str) -> Check:
    """An object with these keys and no others, with at least one of `either` if any are named."""

    def check(report: Report, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            report.add(path, "failed to match an object")
            return
        for key in value.keys() - fields.keys():
            report.add(path, f"invalid additional property: {key}")
        for key, rule in fields.items():
            if value.get(key) is not None:
                rule.check(report, value[key], f"{path}/{key}")
            elif rule.required:
                report.add(path, f"missing required field: {key}")
        if either and not any(value.get(key) for key in either):
            report.add(path, f"missing required field: one of {', '.join(either)}")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says what it is; other types are refused."""

    def check(report: Report, value: Any, path: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            report.add(f"{path}/type", f"unsupported type: {kind}")
        else:
            kinds[kind](report, value, path)

    return check


def strings_in(value: Any, keys: frozenset[str]) -> Iterator[str]:
    """Every string below `value` that stands under one of the keys."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key in keys and isinstance(entry, str):
                yield entry
            else:
                yield from strings_in(entry, keys)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from strings_in(entry, keys)
