"""Understanding of what somebody tells in plain words (``GG-1 is on hold by France``); what may be a question is one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from sqlalchemy.orm import Session

from db.domain.code_lists import longest_run
from db.domain.enums import LETTERS, UpdateKind
from db.domain.text import letters, normalize, settle, straighten
from db.projects.queries import ids_matching, load_projects
from db.questions.understand import CLAUSE, DATE, MONTH, MOST_CLAUSES, WORD, Reading, dated, first_day
from db.questions.words import LONGEST, Lexicon, lexicon, table
from db.recording.proposal import OPTIONS, Proposal
from db.search.filter import Filter

_WHEN = re.compile(
    rf"(?:\b(?P<end>until|till|through) |\b(?:on|in|since|as of|from) )?"
    rf"(?P<date>{DATE.pattern}|(?<!\w)(?!may\b){MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\w))"
    r"(?:(?P<ends>까지)|에는?|자로|부로|부터)?(?![가-힣])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S*[^\s.,;:!?)\]]")
_INVERTED = re.compile(
    r"\b(?:is|was|are|were|has|have|did|does|do) (?:it|they|there|this|that|the|any\w*|north|pyongyang)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|got|been|asks|asked)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!\w)(\d+)\s*(?:[건개곳](?:이|은|을|의)?(?![가-힣])|(?=(?:of the )?(?:\w+ )?projects))")
_FILTER = re.compile(r"[A-Za-z가-힣]:\S")
_KOREAN = re.compile("[가-힣]+")
_SAID = re.compile("(?:다|함|됨|음|임)$")
_DAY = 10  # characters of a date that is a day


def stated(session: Session, text: str, today: date, options: Mapping[str, str]) -> Proposal | None:
    """Return the update that a text tells of, with ``options`` that were given apart; None for what tells of none.

    A text that tells more than the options hold is the note as well; what follows the clauses that tell may be anything
    but a question.
    """
    typed = straighten(settle(text)).strip()
    if not typed.split()[1:] or "?" in _ADDRESS.sub("", typed) or any(map(_asks, CLAUSE.split(typed))):
        return None
    ends = [len(typed), *(match.start() for match in reversed(list(CLAUSE.finditer(typed))))]
    tried = ((end, _stated(session, typed[:end], today, options)) for end in [ends[0], *ends[1:][-MOST_CLAUSES:]])
    end, told = next(((end, told) for end, told in tried if told), (0, None))
    return replace(told, note=typed) if told and WORD.search(typed[end:]) else told


def _asks(clause: str) -> bool:
    words = [normalize(word) for word in WORD.findall(clause)]
    meanings = {lexicon().meaning([word]) for word in words}
    began = words[:1] and (words[0] in table()["told"]["asking"]["first"] or _lexicon().meaning(words[:1]) == "asking")
    return bool(began or meanings & {"who", "when", "where", "what", "which", "how"})


def _stated(session: Session, typed: str, today: date, options: Mapping[str, str]) -> Proposal | None:
    asking = table()["told"]["asking"]
    bare = _ADDRESS.sub(" ", typed)
    if _FILTER.search(bare):
        return None
    rest, days = _days(bare, today)
    kinds, other = _kinds(rest)
    if not kinds or "asking" in kinds:
        return None
    reading = Reading(session, today)
    meanings, unknown = reading.read(_NUMBER.sub(" ", other))
    by_dprk = "dprk" in meanings
    told = _one_kind(kinds - {"many"}, by_dprk=by_dprk)
    if told is None or reading.missing or {"not", *asking["meanings"]} & set(meanings):
        return None
    kind, stance = UpdateKind(told.partition(" ")[0]), told.partition(" ")[2]
    values = [*(("source", address) for address in _ADDRESS.findall(typed)), *days, *_values(reading, kind)]
    values += [("stance", stance)] if stance else []
    once = {name for name, number in Counter(name for name, _ in values).items() if number == 1}
    found = {name: value for name, value in values if name in once and kind in OPTIONS.get(name, ())}
    detailed = by_dprk or bool(options) or "source" in found or "by" in found or len(found.get("on", "")) == _DAY
    misspelt = not detailed and unknown[:1] == WORD.findall(typed)[:1]
    if misspelt or not _tells(rest, detailed=detailed and bool(reading.refs)):
        return None
    refs = tuple(reading.refs) or _of_group(session, reading, typed, today, every="many" in kinds)
    more = unknown or set(meanings) - {"all", "dprk", "exemption", "goods"} or len(found) < len(values)
    return Proposal(refs, kind, {**found, **options}, typed if more else "") if refs else None


def _days(text: str, today: date) -> tuple[str, list[tuple[str, str]]]:
    """Take the dates out of a text; return them by option, a week by none."""
    days = []

    def take(match: re.Match[str]) -> str:
        end = bool(match["end"] or match["ends"])
        found = dated(match["date"], today, ahead=end)
        days.append(("until" if end else "on", found.text)) if found else None
        return " " if found else match[0]

    def take_word(match: re.Match[str]) -> str:
        day = _day_words()[normalize(match["word"])]
        days.append(("" if "week" in day else "on", first_day(day, today)))
        return " "

    named = "|".join(re.escape(word) for word in sorted(_day_words(), key=len, reverse=True))
    text = _WHEN.sub(take, text)
    return re.sub(rf"(?<!\w)(?P<word>{named})(?:에는?)?(?!\w)", take_word, text, flags=re.IGNORECASE), days


def _kinds(text: str) -> tuple[set[str], str]:
    """Take the words that tell of a kind of update out of a text; return the kinds, and the rest."""
    matches, kinds = list(WORD.finditer(text)), set[str]()
    kept, position = [], 0
    while matches:
        words = [normalize(match[0]) for match in matches[:LONGEST]]
        kind, size = longest_run(words, lambda run: _lexicon().meaning(run.split())) or ("", 1)
        if kind:
            kinds.add(kind)
            kept.append(text[position : matches[0].start()])
            position = matches[size - 1].end()
        matches = matches[size:]
    return kinds, " ".join([*kept, text[position:]])


def _one_kind(kinds: set[str], *, by_dprk: bool) -> str | None:
    """Return the kind that is told of, where it is one."""
    over: dict[str, list[str]] = table()["told"]["over"]
    of_dprk: dict[str | None, str] = table()["told"]["by-dprk"]
    left = kinds - {other for kind in kinds for other in over.get(kind, ())}
    kind = left.pop() if len(left) == 1 else None
    if by_dprk:
        return of_dprk.get(kind)
    return None if kind in of_dprk.values() else kind


def _values(reading: Reading, kind: UpdateKind) -> Iterator[tuple[str, str]]:
    """Yield what a text names, by the option that holds it."""
    for term in reading.terms:
        match term.key:
            case "holder":
                yield "by", term.values[0]
            case "expiring":
                yield "period" if kind in LETTERS else "length", term.values[0]
            case "since":
                yield "", term.values[0]


def _tells(text: str, *, detailed: bool) -> bool:
    """Return True for a sentence that is no question, or the words of one with a detail that somebody who asks has not."""
    korean = [word for run in _KOREAN.findall(text) if (word := re.sub("중$", "", run))]
    if not korean:
        return not _INVERTED.search(text) and (detailed or _FINITE.search(text) is not None)
    return _SAID.search(korean[-1]) is not None or (detailed and letters(korean[-1]) in _lexicon().stems)


def _of_group(session: Session, reading: Reading, text: str, today: date, *, every: bool) -> tuple[str, ...]:
    """Return the projects of the group or organisation named: the one that it has, ``every`` one, or as many as are said."""
    named = tuple(term for term in reading.terms if term.key in {"group", "org"})
    ids = ids_matching(session, Filter(named), today) if named else []
    said = _NUMBER.search(text)
    all_meant = int(said[1]) == len(ids) if said else every or len(ids) == 1
    return tuple(view.ref for view in load_projects(session, ids).values()) if all_meant else ()


@cache
def _lexicon() -> Lexicon:
    words = {letters(word): kind for kind, each in table()["told"]["words"].items() for word in each}
    stems = {word: kind for word, kind in words.items() if _KOREAN.search(word)}
    return Lexicon({word: kind for word, kind in words.items() if word not in stems}, stems, {}, frozenset())


@cache
def _day_words() -> dict[str, str]:
    return {normalize(word): day for day, words in table()["days"].items() for word in words}
