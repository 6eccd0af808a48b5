"""Understanding of plain questions: what they name, then the nearest phrase; none, if none is near or two are."""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, lru_cache, partial

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.code_lists import code_lists, label_of, longest_run, meant, read_data
from db.domain.dates import PartialDate, parse_date
from db.domain.enums import Group
from db.domain.text import letters, normalize, settle, straighten
from db.errors import BadInput
from db.models import Organisation, Project
from db.projects.queries import canonical_ref, ids_matching
from db.questions.words import (
    DAY,
    FILLER,
    LONGEST,
    PARTICLE,
    closest,
    errors_allowed,
    lexicon,
    table,
    with_ending,
    without_particle,
)
from db.search.filter import WORDS, Filter, Term, span_days
from db.search.index import contains, similar_words

UNCLEAR = "unclear"
NEAR_ENOUGH, TIE = 0.75, 0.06  # how near (0-1) a phrase has to be, and by how much nearer than another intent's
UNKNOWN_WORD, WEAK_WORD = 1.5, 0.4
"""How much a word counts that nobody knows, and one that many questions have; others count 1."""

MOST_WORDS, MOST_CLAUSES, MOST_GUESSED = 30, 5, 2
MOST_NAMED = 8  # so many projects are taken to be meant by a name; a word that more projects have names none

SHORT = 3  # letters of a name, such as WHO, that may be another word where it is not in capitals
_LISTED = frozenset({"all", "which", "how-many"})
CLAUSE = re.compile(r"[.!?;:\n]+(?=\s|$)|,\s+")
_REF = re.compile(
    r"(?<![\w-])(?P<letters>[A-Za-z]{1,6})(?P<dash>[- ]?)(?P<digits>\d{1,4})(?![A-Za-z0-9-])"
    rf"(?:{PARTICLE.pattern.removesuffix('$')})?"
)
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
DATE = re.compile(
    r"\d{4}년\s*(?:[상하]반기|\d{1,2}월(?:\s*\d{1,2}일)?)?|\d{4}-[Hh][12]|\d{4}[-./]\s?\d{1,2}(?:[-./]\s?\d{1,2})?"
    rf"|(?:\d{{1,2}} )?{MONTH} (?:\d{{1,2}},? )?\d{{4}}"
    rf"|\d{{1,2}}월(?:\s*\d{{1,2}}일)?|(?<=since )\d{{4}}(?![\d-])"
    rf"|(?:(?<=since )|(?<=start of )){MONTH}(?: \d{{1,2}})?(?!\w)"
    rf"|(?<![\w-])\d{{1,2}} (?!may){MONTH}(?!\w)",
    re.IGNORECASE,
)
_THEN = r"\s*(?:에는|에|의|자|현재)?(?![가-힣])"
_SPAN = re.compile(
    r"(?P<past>(?:last|past) |(?:지난|최근) ?)?(?:next |within )?"
    r"(?P<number>\d{1,3}|two|three|four|six|(?<![가-힣])[한두세](?= ?(?:주|개월|달)))"
    r"\s*(?P<unit>days?|weeks?|months?|일|주|개월|달)(?![A-Za-z])"
)
_SPAN_UNITS = {"d": "d", "w": "w", "m": "m", "일": "d", "주": "w", "개": "m", "달": "m"}
_IN_WORDS = {"two": "2", "three": "3", "four": "4", "six": "6", "한": "1", "두": "2", "세": "3"}
_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)\d+(?:[개건곳]의?)?")
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the intent (of the table, or UNCLEAR) and its subject.

    ``refs`` are the projects named, ``filter`` what else they are chosen by, ``term`` the word of the glossary,
    ``missing`` a ref that no project has. ``asks`` are the meanings of the other words. Where only
    those say what is asked, ``unknown`` are the words that nobody knows.
    """

    intent: str
    refs: tuple[str, ...] = ()
    filter: Filter = field(default_factory=Filter)
    term: str = ""
    missing: str = ""
    asks: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        return self.term or " ".join([*self.refs, self.filter.text]).strip()

    def names_more_than(self, number: int) -> bool:
        """Return True if it names only projects, by an organisation, a group or refs, and so many more than ``number``."""
        named = {term.key for term in self.filter.terms} & {"group", "org"}
        return self.intent in {"status", "compare"} and not self.asks and bool(named or len(self.refs) > number)

    def value(self, key: str) -> str:
        return next((term.values[0] for term in self.filter.terms if term.key == key), "")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the table: the meanings of its words, and the status or the word of the glossary that it speaks of."""

    intent: str
    asks: frozenset[str]
    state: str = ""
    term: str = ""


def understand(session: Session, text: str, today: date) -> Question:
    """Return what a question asks and about what.

    Where the whole is unclear, what its one clear clause asks, else what is asked of projects by their refs apart from a
    word or two that nobody knows.
    """
    typed = straighten(settle(text))
    reading, asks, unknown = _read(session, typed, today)
    whole = _understood(reading, asks, len(unknown))
    clear = [] if whole.missing or "why" in whole.asks else _clear_clauses(session, typed, today, whole)
    if len({question.intent for question in clear}) > 1:
        return replace(whole, intent=UNCLEAR)
    if whole.intent != UNCLEAR or whole.missing:
        return whole
    if len(clear) == 1:
        return replace(clear[0], refs=whole.refs or clear[0].refs)
    if not (reading.refs and 0 < len(unknown) <= MOST_GUESSED and _weight(whole.asks) >= 1):
        return whole
    return replace(_understood(reading, asks, 0), unknown=tuple(unknown))


def _clear_clauses(session: Session, text: str, today: date, whole: Question) -> list[Question]:
    """Return what is understood of the clauses of a text that has some."""
    clauses = [clause for clause in CLAUSE.split(text) if WORD.search(clause)]
    if not 1 < len(clauses) <= MOST_CLAUSES:
        return []
    read = [_read(session, clause, today) for clause in clauses]
    each = [_understood(reading, asks, len(unknown)) for reading, asks, unknown in read]
    clear = [question for question in each if question.asks and question.intent not in {UNCLEAR, "greeting", "thanks"}]
    return [question for question in clear if not question.term and question.filter in {Filter(), whole.filter}]


def _read(session: Session, text: str, today: date) -> tuple["Reading", list[str], list[str]]:
    reading = Reading(session, today)
    return reading, *reading.read(text)


def _understood(reading: "Reading", asks: list[str], unknown: int) -> Question:
    question = _asked(reading, asks, unknown)
    if question.intent == UNCLEAR and not (reading.refs or "org" in reading.found):
        return replace(question, refs=())  # words of a title alone name no project in what is not understood
    return question


def projects_named(session: Session, text: str, today: date) -> tuple[str, ...]:
    """Return the refs that stand in a text, else the few projects of the organisations named there."""
    reading = Reading(session, today)
    reading.read_names(straighten(settle(text)))
    return reading.projects()[0]


def past_asked(text: str, today: date) -> str:
    """Return a question with a phrase of the table and one past day as typed, ``GG-1 known:2026-02-10``; else the text."""
    said = normalize(text)
    asked = ((axis, phrase) for axis, phrases in table()["past"].items() for phrase in phrases if phrase in said)
    axis, phrase = next(asked, ("", ""))
    days = [found for match in DATE.finditer(text if axis else "") if (found := dated(match[0], today))]
    if not axis or len(days) != 1 or not days[0].last or not days[0].first or days[0].first > today:
        return text
    rest = re.sub(
        re.escape(phrase),
        " ",
        re.sub(rf"(?:{DATE.pattern}){_THEN}", " ", text, flags=re.IGNORECASE),
        flags=re.IGNORECASE,
    )
    return f"{rest.strip() if set(meanings_of(rest)) else ''} {axis}:{days[0].text}".strip()


def is_phrase(text: str) -> bool:
    """Return True if a text asks something and names nothing: ``hi`` is a greeting, though a name may have the letters."""
    meanings = frozenset(meanings_of(text))
    return bool(meanings) and nearest(meanings, 0, named=False, others=False) is not None


def _asked(reading: "Reading", asks: list[str], unknown: int) -> Question:
    negated = "not" in asks
    meanings = frozenset(asks) - {"not"} - ({"since", "since-day"} if "since" in reading.found else set())
    refs, terms = reading.projects()
    if {"group", "org"} & reading.found and not refs and "what" in meanings and meanings & set(table()["states"]):
        meanings = meanings - {"what"} | {"which"}
    if reading.ends and not refs and "expire" in meanings:
        meanings = meanings - {"what"} | {"which", "exemption"}
    question = Question(UNCLEAR, refs, Filter(terms), missing=reading.missing, asks=meanings)
    if len(refs) > 1 and (not (meanings or unknown) or "compare" in meanings):
        return replace(question, intent="compare")
    phrase = _phrase(question, reading, unknown)
    open_question = negated and meanings & set(table()["open"]["words"])
    if phrase is None or (reading.missing and not refs) or (open_question and phrase.intent not in {"which", "count"}):
        return question
    if phrase.intent == "holder" and not refs and "holder" in reading.found and "who" not in meanings:
        phrase = Phrase("which", phrase.asks)
    match table()["intents"][phrase.intent]["projects"]:
        case "all":
            if phrase.state and "since" in reading.found and phrase.intent != "expiring":
                return question  # what is so now and what happened then are not the same
            found = reading.chosen(phrase.intent)
            if phrase.state and "holder" not in reading.found:
                key, _, value = phrase.state.partition(":")
                found.append(Term(key, (value,), exclude=negated))
            return replace(question, intent=phrase.intent, refs=(), filter=Filter(tuple(dict.fromkeys(found))))
        case "none":
            return Question(phrase.intent, term=phrase.term, asks=meanings)
    return replace(question, intent=phrase.intent, asks=phrase.asks & meanings)


def _phrase(question: Question, reading: "Reading", unknown: int) -> Phrase | None:
    """Return what is asked: of a list where several projects are asked for, else of the projects named."""
    listed = question.asks & _LISTED
    find = partial(nearest, named=bool(question.refs), others=bool(reading.found))
    if listed and not reading.refs:
        phrase = nearest(question.asks, unknown - len(reading.common), named=False, others=bool(reading.found))
        if phrase and table()["intents"][phrase.intent]["projects"] == "all":
            return None if phrase.intent == "expiring" and "since" in reading.found and not reading.ends else phrase
    asks = question.asks - {"overview"} if question.refs else question.asks
    phrase = find(asks, unknown) or find(reading.without_titles(asks), unknown)
    of_one = phrase and table()["intents"][phrase.intent]["projects"] == "one"
    return None if phrase and of_one and not reading.found and not question.refs and listed - phrase.asks else phrase


def nearest(asks: frozenset[str], unknown: int, *, named: bool, others: bool) -> Phrase | None:
    """Return the phrase that the meanings are nearest to; None where none is, or one of another intent as near.

    ``unknown`` words speak against every phrase. ``named``: a project is; ``others``: a group, a state, a day.
    """
    if not asks and not unknown:
        return Phrase("status", asks) if named or others else None
    decisive = frozenset(table()["decisive"]["words"])
    own = _weight(asks) + UNKNOWN_WORD * unknown
    scored = sorted(
        (
            (2 * _weight(shared) / (own + _weight(phrase.asks)), phrase)
            for phrase in phrases()
            if (shared := asks & phrase.asks) and asks & decisive == phrase.asks & decisive
            if (projects := table()["intents"][phrase.intent]["projects"]) in {"one", "any"}
            or not (named or (projects == "none" and (others or asks - phrase.asks)))
        ),
        key=lambda pair: -pair[0],
    )
    best, found = scored[0] if scored else (0, Phrase(UNCLEAR, asks))
    rivals = [score for score, phrase in scored if (phrase.intent, phrase.term) != (found.intent, found.term)]
    return found if best >= NEAR_ENOUGH and best - max(rivals, default=0) >= TIE else None


@cache
def _weight(asks: frozenset[str]) -> float:
    weak = len(asks & frozenset(table()["weak"]["words"]))
    return len(asks) - weak + WEAK_WORD * weak


@cache
def phrases() -> tuple[Phrase, ...]:
    """Return every phrase of the table, one for each status and each word of the glossary that it may speak of."""
    return tuple(
        dict.fromkeys(
            Phrase(intent, frozenset(meanings_of(text)) - {"not"}, state, term)
            for intent, rules in table()["intents"].items()
            for phrase in rules["phrases"]
            for text, state, term in spelled_out(phrase)
        )
    )


def spelled_out(phrase: str) -> Iterator[tuple[str, str, str]]:
    """Yield a phrase of the table with each status and each word of the glossary that it may speak of."""
    if "{state}" in phrase:
        for meaning, state in table()["states"].items():
            hangul = not phrase.isascii()
            words = table()["words"][meaning]
            yield phrase.replace("{state}", next(word for word in words if word.isascii() is not hangul)), state, ""
    elif "{term}" in phrase:
        for term, each in table()["terms"].items():
            yield from ((phrase.replace("{term}", word), "", term) for word in each["words"])
    else:
        yield phrase, "", ""


def meanings_of(text: str) -> list[str]:
    """Return the meanings of the words of a phrase that names nothing."""
    words, found = [normalize(word) for word in WORD.findall(with_ending(text))], []
    while words:
        meaning, size = longest_run(words[:LONGEST], lambda run: lexicon().meaning(run.split())) or (words[0], 1)
        found += [meaning] if meaning != FILLER else []
        words = words[size:]
    return found


class Reading:
    """A reading of the words of a question: refs, names of organisations, words of titles, and terms of a filter."""

    def __init__(self, session: Session, today: date) -> None:
        self._session = session
        self._today = today
        self._organisations = _organisations(session)
        self.refs: list[str] = []
        self.missing = ""
        self.terms: list[Term] = []
        self.ends: date | None = None
        self.titles: list[str] = []
        self.common: list[str] = []
        self._counts: dict[str, int] = {}
        self._said: list[tuple[str, str]] = []

    def without_titles(self, meanings: frozenset[str]) -> frozenset[str]:
        """Return the meanings without those of words that a title named has too: ``Pyongyang`` may be a place in it."""
        words = [meaning for word, meaning in self._said if self.titles and self._title(word, exact=True)]
        return meanings - set(words)

    @property
    def found(self) -> set[str]:
        return {term.key for term in self.terms}

    def read(self, text: str) -> tuple[list[str], list[str]]:
        """Take out what the text names; return the meanings of the other words, and those that nobody knows."""
        text = DATE.sub(self._date, with_ending(text))
        text = _numbered().sub(self._number_in_group, _REF.sub(self._ref, text))
        text = _SPAN.sub(self._span, text)
        capitals = text.upper() != text or not text.isascii()
        words = [word for word in WORD.findall(text) if not _NUMBER.fullmatch(word)][:MOST_WORDS]
        typed = [self._corrected(word) for word in words]
        meanings, unknown = [], list[str]()
        while typed:
            following = typed[1] if len(typed) > 1 else ""
            names = partial(self._meaning, following=following, capitals=capitals)
            found = longest_run(typed[:LONGEST], names)
            meaning, size = found or (self._misspelt(typed[0]), 1)
            if meaning is None:
                unknown.append(typed[0])
            elif meaning.startswith(DAY):
                self._day(meaning.removeprefix(DAY))
            elif meaning != FILLER:
                meanings.append(meaning)
                self._said.append((typed[0], meaning))
            typed = typed[size:]
        rest = [word for word in unknown[:MOST_NAMED] if not self._title(word)]
        return meanings, rest + unknown[MOST_NAMED:]

    def read_names(self, text: str) -> None:
        """Find the refs and the exact names of organisations in a text of any length."""
        words, names = WORD.findall(_REF.sub(self._ref, text)), list[str]()
        capitals = text.upper() != text or not text.isascii()
        while words:
            name, size = longest_run(words, partial(self._organisation, capitals=capitals)) or ("", 1)
            names += [name] if name else []
            words = words[size:]
        self.terms += [Term("org", tuple(dict.fromkeys(names)))] if names else []

    def _organisation(self, run: str, *, capitals: bool) -> str | None:
        names = (run, without_particle(run)) if self._is_name(run, "", capitals=capitals) else ()
        return next((found for name in names if (found := self._organisations.get(letters(name)))), None)

    def projects(self) -> tuple[tuple[str, ...], tuple[Term, ...]]:
        """Return the refs of the projects named, and the terms that remain."""
        if self.refs:
            return tuple(self.refs), tuple(term for term in self.terms if term.key not in {"group", "org"})
        named = [term for term in self.terms if term.key == "org"]
        if named:
            ids = ids_matching(self._session, Filter(tuple(named)), self._today)
        else:
            queries = (select(Project.id).where(contains(part)) for part in self.titles)
            counts = Counter(key for query in queries for key in fetch(self._session, query).scalars())
            ids = [key for key, count in counts.items() if count == max(counts.values())]
        if not 0 < len(ids) <= MOST_NAMED:
            return (), tuple(self.terms)
        query = select(Project.ref).where(Project.id.in_(ids)).order_by(Project.id)
        return tuple(fetch(self._session, query).scalars()), tuple(term for term in self.terms if term.key != "org")

    def _date(self, match: re.Match[str]) -> str:
        if found := dated(match[0], self._today):
            self.terms.append(Term("since", (found.text,)))
        return " " if found else match[0]

    def _span(self, match: re.Match[str]) -> str:
        span = _IN_WORDS.get(match["number"], match["number"]) + _SPAN_UNITS[match["unit"][0]]
        past = (self._today - timedelta(days=span_days(span))).isoformat()
        self.terms.append(Term("since", (past,)) if match["past"] else Term("expiring", (span,)))
        return " "

    def _day(self, day: str) -> None:
        first = self._today.replace(day=1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        sunday = self._today + timedelta(days=6 - self._today.weekday())
        ends = {"today": self._today, "week": sunday, "month": last, "year": date(first.year, 12, 31)}
        self.terms.append(Term("since", (first_day(day, self._today),)))
        self.ends = ends.get(day)

    def chosen(self, intent: str) -> list[Term]:
        """Return what a list is chosen by: also words of titles; what ``expiring`` in a period, not what happened in it."""
        words = [Term(WORDS, (part,)) for part in (*self.titles, *self.common)]
        if intent != "expiring" or not self.ends:
            return [*self.terms, *words]
        left = Term("expiring", (f"{(self.ends - self._today).days}d",))
        return [*(term for term in self.terms if term.key != "since"), *words, left]

    def _ref(self, match: re.Match[str]) -> str:
        ref = canonical_ref(match["letters"] + match["digits"])
        if fetch(self._session, _REFS, ref=ref).first():
            self.refs += [ref] if ref not in self.refs else []
            return " "
        group = func.upper(Project.ref).startswith(f"{match['letters'].upper()}-", autoescape=True)
        if match["dash"] != " " and fetch(self._session, select(Project.id).where(group).limit(1)).scalar():
            self.missing = self.missing or ref
            return " "
        return match[0]

    def _number_in_group(self, match: re.Match[str]) -> str:
        """Take out a project named by its group and number: ``Gyeonggi project 1``, ``경기도 1번 사업``."""
        query = select(Project.ref, Project.title_en).where(Project.group == meant("group", match["group"]))
        title = re.compile(rf"\bproject 0*{match['number']}\b", re.IGNORECASE)
        found = [ref for ref, name in fetch(self._session, query) if title.search(name or "")]
        if len(found) != 1:
            return match[0]
        self.refs += [ref for ref in found if ref not in self.refs]
        return " "

    def _meaning(self, run: str, *, following: str, capitals: bool) -> str | None:
        """Return the meaning of a run of words; what it names is kept."""
        names = dict.fromkeys((run, without_particle(run), run.removesuffix("s")))
        if self._is_name(run, following, capitals=capitals):
            if run.isupper() and len(run) < SHORT and (code := meant("country", run)):
                return self._named("holder", code)
            for name in names:
                if group := meant("group", name):
                    return self._named("group", group)
                if organisation := self._organisations.get(letters(name)):
                    return self._named("org", organisation)
        if (meaning := lexicon().meaning(normalize(run).split())) is not None:
            return meaning
        codes = (meant("country", name) for name in names if self._is_name(name, following, capitals=capitals))
        code = next((code for code in codes if code), None)
        joined = code and " " in run and " " not in "".join(label_of("country", code, each) for each in ("en", "ko"))
        return self._named("holder", code) if code and not joined else None

    @staticmethod
    def _is_name(run: str, following: str, *, capitals: bool) -> bool:
        """Return True unless the run is a short word that is no name as it is written."""
        short = run.isascii() and len(run) <= SHORT
        of_project = following.casefold().startswith("project")
        return not short or (len(letters(run)) > 1 and ((run.isupper() and capitals) or of_project))

    def _corrected(self, word: str) -> str:
        """Return a word without typing errors; a name, or a word of a title, is left as it is."""
        names = (word, without_particle(word), word.removesuffix("s"))
        if any(letters(name) in self._organisations or normalize(name) in _name_words() for name in names):
            return word
        corrected = lexicon().corrected(word)
        return word if corrected != word and self._in_titles(normalize(word)) else corrected

    def _named(self, key: str, value: str) -> str:
        if Term(key, (value,)) not in self.terms:
            self.terms.append(Term(key, (value,)))
        return FILLER

    def _misspelt(self, typed: str) -> str | None:
        word = without_particle(normalize(typed))
        if self._title(word, exact=True):
            return FILLER
        for key, names in (("org", self._organisations), ("group", _groups())):
            if name := closest(letters(word), names):
                return self._named(key, names[name])
        return lexicon().misspelt(normalize(typed))

    def _title(self, typed: str, *, exact: bool = False) -> bool:
        """Return True if a word is one of the titles or names of a few projects, and keep it."""
        word = without_particle(normalize(typed))
        if word.isdigit() or len(word) < (SHORT if word.isascii() else 2):
            return False
        parts = [word]
        if not exact and errors_allowed(word):
            words = {part for each in similar_words(self._session, word) for part in WORD.findall(each)}
            parts += [near for near in [closest(word, words)] if near]
        counted = {part: self._in_titles(part) for part in parts}
        named = next((part for part, count in counted.items() if 0 < count <= MOST_NAMED), None)
        self.titles += [named] if named else []
        self.common += [word] if counted[word] > MOST_NAMED and not exact else []
        return named is not None

    def _in_titles(self, part: str) -> int:
        """Return how many projects have the word in a title, of many so many that it names none."""
        if part not in self._counts:
            query = select(Project.title_en, Project.title_ko).where(contains(part)).limit(MOST_NAMED + 1)
            titles = [normalize(" ".join(filter(None, row))) for row in fetch(self._session, query)]
            self._counts[part] = len(titles) if any(part in re.split(r"\W+", title) for title in titles) else 0
        return self._counts[part]


def dated(typed: str, today: date, *, ahead: bool = False) -> PartialDate | None:
    """Return the date that is typed; without its year the latest that is not to come, or ``ahead`` the next."""
    years = (today.year, today.year + 1) if ahead else (today.year, today.year - 1)
    whole = re.search(r"\d{4}", typed) is not None
    for text in [typed] if whole else [f"{each}년 {typed}" if "월" in typed else f"{typed} {each}" for each in years]:
        with suppress(BadInput):
            found = parse_date(text, field="since")
            if found.first and found.last and (whole or (found.last >= today if ahead else found.first <= today)):
                return found
    return None


def first_day(name: str, today: date) -> str:
    """Return the day, or the month or year, that a word such as ``yesterday`` names; the first day of a week."""
    monday = today - timedelta(days=today.weekday())
    return {
        "year": f"{today.year}",
        "last-year": f"{today.year - 1}",
        "today": today.isoformat(),
        "yesterday": (today - timedelta(days=1)).isoformat(),
        "week": monday.isoformat(),
        "last-week": (monday - timedelta(days=7)).isoformat(),
        "month": f"{today:%Y-%m}",
        "last-month": f"{today.replace(day=1) - timedelta(days=1):%Y-%m}",
    }[name]


_NAMES = select(Organisation.name_en, Organisation.name_ko, Organisation.aliases)
_REFS = select(Project.ref).where(Project.ref == bindparam("ref"))


def _organisations(session: Session) -> dict[str, str]:
    """Return the name by which filters find each organisation, by the letters of any of its names."""
    found: dict[str, str] = {}
    for english, korean, aliases in fetch(session, _NAMES):
        for name in (english, korean, *(aliases or ())):
            for part, typed in _parts(name) if name else ():
                found.setdefault(part, typed)
    return found


@lru_cache(maxsize=10_000)  # each question looks at every organisation
def _parts(name: str) -> list[tuple[str, str]]:
    """Return a name and what it has in brackets or between commas: the letters, and how filters find it."""
    parts = (name, *re.split(r"[(),]", name))
    return [(letters(part), normalize(part.strip())) for part in parts if len(letters(part)) > 1]


@cache
def _name_words() -> frozenset[str]:
    labels = (
        label for kind in ("country", "group") for names in code_lists()[kind].values() for label in names.values()
    )
    return frozenset(normalize(word) for label in labels for word in label.split())


@cache
def _groups() -> dict[str, str]:
    return {letters(label_of("group", group, language)): group for group in Group for language in ("en", "ko")} | {
        letters(group): group.value for group in Group if len(group) > SHORT
    }


@cache
def _numbered() -> re.Pattern[str]:
    """Return the pattern of a group's name with a number behind it."""
    names = [label_of("group", group, language) for group in Group for language in ("en", "ko")]
    names += [word for words in read_data("typed_words.toml")["group"].values() for word in words]
    labels = "|".join(r"\s?".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?P<group>{labels}|gyeonggi)(?:의)? ?(?:projects? |사업 ?)?(?:no\.? ?|number |제 ?|#)?"
        rf"(?P<number>[1-9]\d?)(?:번째|번|호)?(?: ?사업)?(?:{PARTICLE.pattern.removesuffix('$')})?(?![\w-])",
        re.IGNORECASE,
    )
