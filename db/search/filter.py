"""The filter that people type, ``group:io,ngo -status:approved water``: space means and, comma or, dash not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import takewhile

from db.domain.code_lists import LONGEST, code_for, longest_run, meant, parse_state
from db.domain.dates import parse_date
from db.domain.enums import UNDISCLOSED, DeliveryStatus, Group, Headline, Response, UpdateKind
from db.domain.text import Literals, normalize, settle, straighten
from db.errors import BadInput

FILTER_LENGTH = 500  # characters; a statement for a longer one would be too deep for the database
WORDS = "words"
ALONE = ("group", "status", "response", "delivery", "kind")  # the filters that a label alone may mean, in this order
UNKNOWN_VALUE = "unknown"
PAST = {"known": "known", "당시": "known", "on": "on", "기준": "on"}
"""Names of the two time axes that an answer about the past is asked for by, which are no filters."""
_TERM = re.compile(r'(?=\S)(?P<minus>-?)(?:(?P<key>[A-Za-z가-힣]+):)?(?P<value>(?:"[^"]*"|\S)*)')
_PART = re.compile(r'(?:"[^"]*"|[^,])+')
_QUOTED_OR_COMMA = re.compile(r'("[^"]*")|,\s+')
_AMBIGUOUS = re.compile(r"[\s:,]|^-")
_SPAN = re.compile(r"(\d{1,4})([dwm]?)")
_SPAN_DAYS = {"": 1, "d": 1, "w": 7, "m": 30}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: any of ``values`` for ``key``, or none of them where it excludes."""

    key: str
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must hold. ``text`` is what was typed, tidied."""

    terms: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        return " ".join(_term_text(term) for term in self.terms)

    @property
    def of_projects(self) -> "Filter":
        """Return the part of it for which a project's updates need not be read."""
        return Filter(tuple(term for term in self.terms if FILTER_KEYS[term.key].of_project))


@dataclass(frozen=True, slots=True)
class FilterSubject:
    """A project as filters see it on one day; ``words`` is casefolded text to search in.

    ``last_day`` is the last on which anything happened or was recorded.
    For something that just happened, ``headlines``, ``responses`` and ``deliveries`` hold those before and after, and
    ``kinds`` only the kinds of what happened.
    """

    group: str
    words: str
    organisation: str = ""
    countries: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    headlines: frozenset[str] = frozenset()
    responses: frozenset[str] = frozenset()
    deliveries: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    data_set: str | None = None
    ends: date | None = None
    in_force: bool = False
    last_day: date | None = None
    today: date = field(default=date.min)


def parse_filter(text: str) -> Filter:
    """Read a filter as typed; an empty one matches everything. Raises BadInput with the words that are possible."""
    if len(text) > FILTER_LENGTH:
        raise BadInput("That filter is too long (maximum {limit} characters).", field="filter", limit=FILTER_LENGTH)
    tidy = _QUOTED_OR_COMMA.sub(lambda match: match[1] or ",", straighten(settle(text)))
    typed = [] if meant("everything", tidy) else list(_TERM.finditer(tidy))
    terms = []
    while typed:
        term, size = _labelled(typed, ALONE) or (_term(typed[0]), 1)
        terms.append(term)
        typed = typed[size:]
    return Filter(tuple(terms))


def leading_label(words: Sequence[str], alone: Sequence[str]) -> tuple[str, int] | None:
    """Return the filter that labels of ``words`` begin with, those ``alone`` too, and how many words they are."""
    found = _labelled([match for word in words if (match := _TERM.fullmatch(word))], alone)
    return found and (_term_text(found[0]), found[1])


def matches(project_filter: Filter, subject: FilterSubject) -> bool:
    return all(
        any(FILTER_KEYS[term.key].test(value, subject) for value in term.values) is not term.exclude
        for term in project_filter.terms
    )


def span_days(text: str) -> int:
    """Return the days that ``90d``, ``12w`` or ``3m`` (months of 30 days) mean."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadInput("“{typed}” is not a period. Use `expiring:90d`, `12w` or `3m`.", field="filter", typed=text)
    return int(match[1]) * _SPAN_DAYS[match[2]]


def headlines_meant(value: str) -> tuple[str, ...]:
    """Return the headlines that ``status:`` means: who asks for the approved gets those without a known end too."""
    unknown = (Headline.APPROVED_END_UNKNOWN.value,) if value == Headline.APPROVED.value else ()
    return (value, *unknown)


def _expires_within(value: str, subject: FilterSubject) -> bool:
    soon = subject.today + timedelta(days=span_days(value))
    return bool(subject.in_force and subject.ends and subject.today <= subject.ends <= soon)


def _changed_since(value: str, subject: FilterSubject) -> bool:
    first = parse_date(value).first
    return bool(first and subject.last_day and subject.last_day >= first)


def _sector(value: str, subject: FilterSubject) -> bool:
    return not subject.sectors if value == UNKNOWN_VALUE else any(code.startswith(value) for code in subject.sectors)


def _country(value: str, subject: FilterSubject) -> bool:
    return value in (subject.countries or {UNKNOWN_VALUE})


def _labelled(typed: Sequence[re.Match[str]], alone: Sequence[str]) -> tuple[Term, int] | None:
    """Return the term that consists of labels, which may have several words, and how many of ``typed`` it takes."""
    first = typed[0]
    keys = (_key(first["key"]),) if first["key"] else alone
    more = takewhile(lambda match: match[0] == "-" or not (match["minus"] or match["key"]), typed[1:LONGEST])
    words = [first["value"], *(match[0] for match in more)]

    def names(text: str) -> Term | None:
        parts = _PART.findall(text)
        for key in keys:
            if key in FILTER_KEYS and (codes := _codes(FILTER_KEYS[key].labels, parts)):
                return _read_term(key, codes, first["minus"])
        return None

    return longest_run(words, names)


def _codes(labels: str, parts: Sequence[str]) -> list[str]:
    """Return the codes of labels that commas parted, which labels have too; nothing where a part is no label."""
    codes = []
    while parts:
        found = longest_run(parts, partial(meant, labels))
        if found is None:
            return []
        codes.append(found[0])
        parts = parts[found[1] :]
    return codes


def _term(match: re.Match[str]) -> Term:
    """Parse a term of which not every part is a label."""
    key = _key(match["key"]) if match["key"] else WORDS
    if key in PAST:
        raise BadInput(
            "`{key}:` is no filter. It asks about the past, behind `/aid-status` and in exports.",
            field="filter",
            key=key,
        )
    if match["key"] and key not in KEYS:
        raise BadInput(
            "There is no filter `{key}:`. Use one of {keys}, or plain words.",
            field="filter",
            key=key,
            keys=Literals(f"{each}:" for each in KEYS),
        )
    parts = (part.replace('"', "").strip() for part in _PART.findall(match["value"]))
    values = [part for part in parts if part]
    if not values:
        raise BadInput(
            "“{typed}” has nothing to search for. Type a word or a filter such as `status:on-hold`.",
            field="filter",
            typed=match[0],
        )
    return _read_term(key, [code_for(FILTER_KEYS[key].labels, value) for value in values], match["minus"])


def _read_term(key: str, values: Sequence[str], minus: str) -> Term:
    return Term(key, tuple(FILTER_KEYS[key].read(value) for value in values), bool(minus))


def _key(typed: str) -> str:
    return meant("filter", typed) or typed.lower()


def _one_of(key: str, allowed: list[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise BadInput(
                "“{typed}” is not a valid {key}. Use one of: {allowed}.",
                field="filter",
                typed=value,
                key=key,
                allowed=Literals(allowed),
            )
        return value.lower()

    return read


def _span(value: str) -> str:
    span_days(value.lower())
    return value.lower()


def _code_or_unknown(value: str) -> str:
    return UNKNOWN_VALUE if value.lower() in {UNKNOWN_VALUE, UNDISCLOSED} else parse_state(value)


def _term_text(term: Term) -> str:
    values = ",".join(f'"{value}"' if _AMBIGUOUS.search(value) else value for value in term.values)
    return ("-" if term.exclude else "") + (values if term.key == WORDS else f"{term.key}:{values}")


@dataclass(frozen=True, slots=True)
class FilterKey:
    """A filter: how a typed value is read, and how a project is tested by it.

    ``labels`` is the list whose labels are values of it.
    ``of_project`` is set where the project itself decides, whatever its updates say: the preview of `/aid-alerts on`
    looks for past updates of such projects only.
    """

    read: Callable[[str], str]
    test: Callable[[str, FilterSubject], bool]
    of_project: bool = False
    labels: str = ""


FILTER_KEYS: dict[str, FilterKey] = {
    "group": FilterKey(
        _one_of("group", list(Group)), lambda value, it: it.group == value, of_project=True, labels="group"
    ),
    "org": FilterKey(normalize, lambda value, it: value in it.organisation, of_project=True),
    "sector": FilterKey(str.lower, _sector, of_project=True, labels="sector"),
    "status": FilterKey(
        _one_of("status", list(Headline)),
        lambda value, it: not it.headlines.isdisjoint(headlines_meant(value)),
        labels="headline",
    ),
    "response": FilterKey(
        _one_of("response", list(Response)), lambda value, it: value in it.responses, labels="response"
    ),
    "delivery": FilterKey(
        _one_of("delivery", list(DeliveryStatus)), lambda value, it: value in it.deliveries, labels="delivery"
    ),
    "holder": FilterKey(parse_state, lambda value, it: value in it.holders, labels="country"),
    "country": FilterKey(_code_or_unknown, _country, of_project=True, labels="country"),
    "expiring": FilterKey(_span, _expires_within),
    "since": FilterKey(lambda value: parse_date(value, field="filter").text, _changed_since),
    "kind": FilterKey(_one_of("kind", list(UpdateKind)), lambda value, it: value in it.kinds, labels="kind"),
    "set": FilterKey(str.lower, lambda value, it: (it.data_set or UNKNOWN_VALUE).lower() == value, of_project=True),
    WORDS: FilterKey(normalize, lambda value, it: value in it.words, of_project=True),
}
KEYS = tuple(key for key in FILTER_KEYS if key != WORDS)
