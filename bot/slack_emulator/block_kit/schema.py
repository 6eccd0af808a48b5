"""A small language for "what may stand here": specifications are data, problems are sentences in Slack's words."""

from collections.abc import Iterable, Iterator
from typing import Any

Spec = Any
"""A tuple is a text of so many characters, a range an integer, a set an enum, `bool` and `float` themselves, a list an
array (its items, how many at most and, unless 1, at least), a dict an object (keys with `?` may be missing), `Kinds` one
whose `type` says what it is, `Any` everything; else a function that gives the problems of a value at a path.
"""


class Kinds(dict[str, Spec]):
    """Specifications of objects by their `type`; other types are refused."""


def at(path: str, problem: str) -> str:
    return f"{problem} [json-pointer:{path}]" if path else problem


def problems(spec: Spec, given: Any, path: str) -> Iterable[str]:
    if isinstance(spec, Kinds):
        return _of_kind(spec, given, path)
    if isinstance(spec, dict):
        return _object(spec, given, path)
    if isinstance(spec, list):
        return _array(given, path, *spec)
    if callable(spec) and spec not in (Any, bool, float):
        found: Iterable[str] = spec(given, path)
        return found
    problem = _plain(spec, given)
    return [at(path, problem)] if problem else []


def _plain(spec: Spec, given: Any) -> str:
    """Return what is wrong with a value that is no object or array, empty for nothing."""
    if spec is Any:
        return ""
    if isinstance(spec, set):
        return "" if isinstance(given, str) and given in spec else "must be a valid enum value"
    kinds: dict[Spec, tuple[Any, str]] = {bool: (bool, "a boolean"), float: ((int, float), "a number")}
    kind, name = kinds.get(spec) or ((str, "a string") if isinstance(spec, tuple) else (int, "an integer"))
    if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
        return f"must provide {name}"
    if isinstance(spec, range) and given not in spec:
        return f"must be between {spec[0]} and {spec[-1]}"
    shortest, longest = spec if isinstance(spec, tuple) else (0, 0)
    if isinstance(given, str) and len(given) > longest:
        return f"must be less than {longest + 1} characters"
    return f"must be more than {shortest - 1} characters" if isinstance(given, str) and len(given) < shortest else ""


def _array(given: Any, path: str, item: Spec, most: int, fewest: int = 1) -> Iterator[str]:
    if not isinstance(given, list):
        yield at(path, "must provide an array")
        return
    if len(given) > most:
        yield at(path, f"no more than {most} items allowed")
    if len(given) < fewest:
        yield at(path, f"must provide at least {fewest} items")
    for place, entry in enumerate(given):
        yield from problems(item, entry, f"{path}/{place}")


def _object(spec: dict[str, Spec], given: Any, path: str) -> Iterator[str]:
    if not isinstance(given, dict):
        yield at(path, "must provide an object")
        return
    fields = {key.removesuffix("?"): inner for key, inner in spec.items()}
    yield from (at(path, f"invalid additional property: {key}") for key in given.keys() - fields.keys())
    for name, inner in fields.items():
        if name in given:
            yield from problems(inner, given[name], f"{path}/{name}")
        elif name in spec:
            yield at(path, f"missing required field: {name}")


def _of_kind(spec: Kinds, given: Any, path: str) -> Iterable[str]:
    if not isinstance(given, dict):
        return [at(path, "must provide an object")]
    if "type" not in given:
        return [at(path, "missing required field: type")]
    if not isinstance(given["type"], str) or given["type"] not in spec:
        return [at(f"{path}/type", f"unsupported type: {given['type']}")]
    return problems(spec[given["type"]], given, path)


def every(*specs: Spec) -> Spec:
    """Return several specifications of one thing, each looked at only if nothing was wrong so far."""

    def check(given: Any, path: str) -> Iterable[str]:
        return next((found for spec in specs if (found := list(problems(spec, given, path)))), [])

    return check
