"""A small language for "what may stand here": checks return nothing and note errors as sentences."""

from collections.abc import Callable, Mapping
from typing import Any


class SchemaReport(list[str]):
    """The problems found so far, each in Slack's words and with the JSON pointer of where it is."""

    def add(self, path: str, problem: str) -> None:
        self.append(f"{problem} [json-pointer:{path}]" if path else problem)


Check = Callable[[SchemaReport, Any, str], None]
Fields = Mapping[str, Check]
Test = tuple[Callable[[Any], bool], str]
"""What has to hold of a value, and what is said where it does not."""


def value(kind: type | tuple[type, ...], missing: str, *tests: Test) -> Check:
    """Return the check of a plain value of a type; `missing` is said of another, else the first failing test's words."""

    def check(report: SchemaReport, given: Any, path: str) -> None:
        if not isinstance(given, kind) or (isinstance(given, bool) and kind not in (bool, object)):
            report.add(path, missing)
        else:
            problem = next((said for holds, said in tests if not holds(given)), None)
            if problem:
                report.add(path, problem)

    return check


anything = value(object, "")
boolean = value(bool, "must provide a boolean")
number = value((int, float), "must provide a number")


def string(longest: int, shortest: int = 0) -> Check:
    return value(
        str,
        "must provide a string",
        (lambda text: len(text) <= longest, f"must be less than {longest + 1} characters"),
        (lambda text: len(text) >= shortest, f"must be more than {shortest - 1} characters"),
    )


def integer(lowest: int, highest: int) -> Check:
    fits: Test = (lambda given: lowest <= given <= highest, f"must be between {lowest} and {highest}")
    return value(int, "must provide an integer", fits)


def one_of(*allowed: str) -> Check:
    return value(object, "", (lambda given: given in allowed, "must be a valid enum value"))


def array(item: Check, most: int, fewest: int = 1) -> Check:
    def check(report: SchemaReport, given: Any, path: str) -> None:
        if not isinstance(given, list):
            report.add(path, "must provide an array")
            return
        if len(given) > most:
            report.add(path, f"no more than {most} items allowed")
        if len(given) < fewest:
            report.add(path, f"must provide at least {fewest} items")
        for place, entry in enumerate(given):
            item(report, entry, f"{path}/{place}")

    return check


def table(need: Fields, may: Fields | None = None) -> Check:
    """Return the check of an object that has these keys, perhaps those, and no others."""
    fields = {**need, **(may or {})}

    def check(report: SchemaReport, given: Any, path: str) -> None:
        if not isinstance(given, dict):
            report.add(path, "must provide an object")
            return
        for key in given.keys() - fields.keys():
            report.add(path, f"invalid additional property: {key}")
        for key, rule in fields.items():
            if key in given:
                rule(report, given[key], f"{path}/{key}")
            elif key in need:
                report.add(path, f"missing required field: {key}")

    return check


def typed(kinds: Fields) -> Check:
    """Return the check of an object whose `type` says what it is; other types are refused."""

    def check(report: SchemaReport, given: Any, path: str) -> None:
        if not isinstance(given, dict):
            report.add(path, "must provide an object")
        elif "type" not in given:
            report.add(path, "missing required field: type")
        elif not isinstance(given["type"], str) or given["type"] not in kinds:
            report.add(f"{path}/type", f"unsupported type: {given['type']}")
        else:
            kinds[given["type"]](report, given, path)

    return check


def one_schema_of(check: Check) -> Check:
    """Return the check of one of several forms, of which Slack says first that none fits, and then why."""

    def alternative(report: SchemaReport, given: Any, path: str) -> None:
        inside = SchemaReport()
        check(inside, given, path)
        if inside:
            report.add(path, "failed to match all allowed schemas")
            report += inside

    return alternative


def every(shape: Check, *rules: Check) -> Check:
    """Return several checks of one thing, each only if nothing was wrong so far."""

    def check(report: SchemaReport, given: Any, path: str) -> None:
        before = len(report)
        for rule in (shape, *rules):
            if len(report) == before:
                rule(report, given, path)

    return check
