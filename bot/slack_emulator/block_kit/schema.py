"""A small language for "what may stand here": checks return nothing and note errors as sentences."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class SchemaReport:
    """The problems found so far, each in Slack's words and with the JSON pointer of where it is."""

    problems: list[str] = field(default_factory=list)

    def add(self, path: str, problem: str) -> None:
        self.problems.append(f"{problem} [json-pointer:{path}]" if path else problem)


Check = Callable[[SchemaReport, object, str], None]
Rule = Callable[[SchemaReport, Any, str], None]
"""A check of what is known to have the right shape."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an object: how its value is checked, and whether it must be there."""

    check: Check
    required: bool = False


def need(check: Check) -> Field:
    return Field(check, required=True)


def may(check: Check) -> Field:
    return Field(check)


def anything(report: SchemaReport, value: object, path: str) -> None:
    """Accept whatever stands there."""


def string(longest: int, shortest: int = 0) -> Check:

    def check(report: SchemaReport, value: object, path: str) -> None:
        if not isinstance(value, str):
            report.add(path, "must provide a string")
        elif len(value) > longest:
            report.add(path, f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            report.add(path, f"must be more than {shortest - 1} characters")

    return check


def one_of(*allowed: str) -> Check:

    def check(report: SchemaReport, value: object, path: str) -> None:
        if value not in allowed:
            report.add(path, "must be a valid enum value")

    return check


def boolean(report: SchemaReport, value: object, path: str) -> None:
    if not isinstance(value, bool):
        report.add(path, "must provide a boolean")


def integer(lowest: int, highest: int) -> Check:

    def check(report: SchemaReport, value: object, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add(path, "must provide an integer")
        elif not lowest <= value <= highest:
            report.add(path, f"must be between {lowest} and {highest}")

    return check


def number(report: SchemaReport, value: object, path: str) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        report.add(path, "must provide a number")


def array(item: Check, most: int, fewest: int = 1) -> Check:

    def check(report: SchemaReport, value: object, path: str) -> None:
        if not isinstance(value, list):
            report.add(path, "must provide an array")
            return
        if len(value) > most:
            report.add(path, f"no more than {most} items allowed")
        if len(value) < fewest:
            report.add(path, f"must provide at least {fewest} items")
        for number, entry in enumerate(value):
            item(report, entry, f"{path}/{number}")

    return check


def table(fields: Mapping[str, Field]) -> Check:
    """Return an object with these keys and no others."""

    def check(report: SchemaReport, value: object, path: str) -> None:
        if not isinstance(value, dict):
            report.add(path, "must provide an object")
            return
        for key in value.keys() - fields.keys():
            report.add(path, f"invalid additional property: {key}")
        for key, rule in fields.items():
            if key in value:
                rule.check(report, value[key], f"{path}/{key}")
            elif rule.required:
                report.add(path, f"missing required field: {key}")

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Return an object whose `type` says what it is; other types are refused."""

    def check(report: SchemaReport, value: object, path: str) -> None:
        if not isinstance(value, dict):
            report.add(path, "must provide an object")
        elif "type" not in value:
            report.add(path, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            report.add(f"{path}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](report, value, path)

    return check


def one_schema_of(check: Check) -> Check:
    """Return one of several forms, of which Slack says first that none fits, and then why."""

    def alternative(report: SchemaReport, value: object, path: str) -> None:
        inside = SchemaReport()
        check(inside, value, path)
        if inside.problems:
            report.add(path, "failed to match all allowed schemas")
            report.problems += inside.problems

    return alternative


def every(shape: Check, rule: Rule) -> Check:
    """Two checks of one thing, the second only if nothing is wrong with its shape."""

    def check(report: SchemaReport, value: object, path: str) -> None:
        before = len(report.problems)
        shape(report, value, path)
        if len(report.problems) == before:
            rule(report, value, path)

    return check


def strings_in(value: object, keys: frozenset[str]) -> Iterator[str]:
    """Yield every string below `value` that stands under one of the keys."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if key in keys and isinstance(entry, str):
                yield entry
            else:
                yield from strings_in(entry, keys)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from strings_in(entry, keys)
