"""The one-line form of /aid-update: options stand anywhere after the verb; text in quotes is never an option."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from rapidfuzz import fuzz, process

from db.domain.code_lists import LONGEST, longest_run, meant
from db.domain.dates import parse_date
from db.domain.enums import UpdateKind
from db.domain.text import Literals, straighten
from db.errors import BadInput
from db.recording.proposal import LISTS, OPTIONS, Proposal
from db.search.filter import leading_label
from handlers.slack.command_text import unescape

RETRACT = "retract"
CORRECT = "correct"
CONFIRM = "confirm"
DIFFER = "differ"
LINE_LENGTH = 8000
NEAR = 75  # likeness of 100 from which a word before a colon is taken for a misspelled option
DATE_WORDS = 4  # "Feb 6, 2026" and "2026. 2. 6." are written in up to so many
_WORD = re.compile(r"\s*(\S+)")
_TARGET = re.compile(r"\s*((?:\"[^\"]*\"|\S)+)")
_QUOTED = re.compile(r"\"[^\"]*\"")
_OPTION = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)(\s?):(\s*)")
_VALUE = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")
_HOUR = re.compile(r"\s+(\d{1,2}:\d\d)(?!\S)")
_CONSIGNMENT = re.compile(r"(\d+)\s*of\s*(\d+)", re.IGNORECASE)
_DASHES = frozenset("-/~|")
_UPDATE = re.compile(r"#?(\d{1,9})")
_REF = re.compile(r"[A-Za-z]{1,6}-?\d{1,4}")
_FILTER = re.compile(r"-?[^\W\d_]+:")
_VERBS = (*UpdateKind, RETRACT, CORRECT, CONFIRM, DIFFER)
_DATES = frozenset({"on", "reported", "until", "deadline", "letter-date"})
_ONE_WORD = frozenset(
    {"authority", "contents", "from", "to", "paragraph"}
)  # text, of which an unquoted value is one word


@dataclass(frozen=True, slots=True)
class Line:
    """Parsed line; the projects are refs and filters or a number, the verb is empty where nothing else is named."""

    refs: tuple[str, ...]
    filters: str
    number: int | None
    verb: str
    options: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def kind(self) -> UpdateKind:
        if not self.verb:
            raise no_kind()
        return UpdateKind(self.verb)


def parse_line(text: str, *, lenient: bool = False) -> Line:
    """Parse a line as Slack sends it. Raises BadInput that names the missing or unreadable part.

    ``lenient`` leaves an option that cannot be read in the note, so that nothing typed is lost.
    """
    raw = unescape(text)
    if len(raw) > LINE_LENGTH:
        raise BadInput("That line is too long (maximum {limit} characters).", limit=LINE_LENGTH)
    readable = straighten(raw)  # as long as ``raw``, so that positions agree
    targets, verb, position = _up_to_verb(readable)
    refs, filters, number = _targets(targets)
    options, note = _options(readable, raw, position, lenient=lenient)
    return Line(refs, filters, number, verb, options, note)


def split_options(text: str) -> tuple[dict[str, str], str]:
    """Take the options that can be read out of a text in plain words; return them and the rest."""
    raw = unescape(text)
    return _options(straighten(raw), raw, 0, lenient=True)


def write_line(proposal: Proposal) -> str:
    options = (f"""{name}:"{value.replace('"', "'")}\"""" for name, value in proposal.options.items())
    return " ".join([",".join(proposal.refs), proposal.kind, *options, proposal.note]).strip()


def _up_to_verb(text: str) -> tuple[list[str], str, int]:
    targets: list[str] = []
    words = list(_TARGET.finditer(text))
    while words:
        typed = [word[1] for word in words[:LONGEST]]
        verb = longest_run(list(_plain(typed)), lambda text: meant("kind", text) or meant("verb", text))
        label = leading_label(typed, ("group", "status") if all(map(_FILTER.match, targets)) else ())
        if verb and (label is None or verb[1] >= label[1]):
            if not targets:
                raise BadInput("Which project? Start with its ref: `/aid-update GG-1 hold by:US on:2026-02-05`.")
            return targets, verb[0], words[verb[1] - 1].end()
        target, size = label or (typed[0], 1)
        targets.append(target)
        words = words[size:]
    pieces = [piece for word in targets for piece in word.split(",") if piece]
    if pieces and all(_REF.fullmatch(piece) or _FILTER.match(piece) for piece in pieces):
        return targets, "", len(text)
    raise no_kind(targets)


def _plain(words: Sequence[str]) -> Iterator[str]:
    """Yield the first words up to one with a colon, which no label has."""
    return takewhile(lambda word: ":" not in word, words)


def no_kind(targets: Sequence[str] = ()) -> BadInput:
    """Return the error of a line without a kind, with the nearest one if the word after the project is like it."""
    kinds = Literals(UpdateKind)
    candidate = targets[1] if len(targets) > 1 else ""
    near = process.extractOne(candidate.lower(), list(_VERBS), score_cutoff=60) if candidate else None
    if near:
        return BadInput("“{typed}” is not a kind of update. Did you mean `{near}`?", typed=candidate, near=near[0])
    return BadInput(
        "After the project, add what happened: {kinds}. Or type `/aid-update` alone to open a form.", kinds=kinds
    )


def _targets(targets: list[str]) -> tuple[tuple[str, ...], str, int | None]:
    refs: list[str] = []
    filters: list[str] = []
    number = None
    for word in targets:
        for index, piece in enumerate(filter(None, word.split(","))):
            if piece.startswith("#") and (match := _UPDATE.fullmatch(piece)):
                if number not in {None, int(match[1])}:
                    raise BadInput(
                        "One update at a time: write a line for #{first} and one for #{second}.",
                        first=number,
                        second=int(match[1]),
                    )
                number = int(match[1])
            elif _REF.fullmatch(piece) or not (filters or ":" in piece):
                refs.append(piece.upper())
            elif ":" in piece or not index:
                filters.append(piece)
            else:
                filters[-1] += f",{piece}"
    return tuple(dict.fromkeys(refs)), " ".join(filters), number


def _options(text: str, raw: str, position: int, *, lenient: bool) -> tuple[dict[str, str], str]:
    """Take the options out of the rest of a line; return them and the note, which keeps its own characters."""
    options: dict[str, str] = {}
    note, taken = [], position
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = None if text[position] == '"' else _OPTION.match(text, position)
        try:
            end = _take_option(match, text, options, lenient=lenient) if match else None
        except BadInput:
            if not lenient:
                raise
            end = None
        if end:
            note.append(raw[taken:position])
            position = taken = end
        elif quoted := _QUOTED.match(text, position):
            position = quoted.end()
        elif word := _WORD.match(text, position):
            position = word.end()
    return options, " ".join(part.strip() for part in [*note, raw[taken:]] if part.strip())


def _take_option(match: re.Match[str], text: str, options: dict[str, str], *, lenient: bool) -> int | None:
    """Add the option that a word with a colon names to ``options``; return where it ends, None for a word of the note."""
    name = _option_name(match, text)
    if name is None:
        return None
    value, end = _value(name, text, match.end(), lenient=lenient)
    _add(options, name, value)
    return end


def _option_name(match: re.Match[str], text: str) -> str | None:
    """Return the option that a word with a colon names; None for a word of the note. Refuse what looks like another."""
    name, before, after = match[1].lower(), match[2], match[3]
    if name in OPTIONS and before:
        raise BadInput("Write `{option}:` without a space before the colon.", option=name)
    if name in OPTIONS and (not after or not text[match.start()].isupper()):
        return name
    if name in OPTIONS:
        raise BadInput(
            "Is “{typed}:” the option `{option}:`? Write it without a space behind the colon, or put it in quotes.",
            typed=match[1],
            option=name,
        )
    followed = match.end() < len(text) and not after and not text.startswith("//", match.end())
    near = process.extractOne(name, list(OPTIONS), scorer=fuzz.ratio, score_cutoff=NEAR)
    if near:
        raise BadInput(
            "There is no option `{option}:`. Did you mean `{near}:`? Put it in quotes if it is part of the note.",
            option=name,
            near=near[0],
        )
    if followed and not before:
        raise BadInput(
            "There is no option `{option}:`. There are {options}. Put it in quotes, or a space behind the colon, if it "
            "is part of the note.",
            option=name,
            options=Literals(f"{each}:" for each in OPTIONS),
        )
    return None


def _value(name: str, text: str, position: int, *, lenient: bool) -> tuple[str, int]:
    """Return an option's value and where it ends: quoted, a date of several words, else one word, or more if ``lenient``."""
    match, option = _VALUE.match(text, position), _OPTION.match(text, position)
    if match is None or (option and option[1].lower() in OPTIONS):
        return "", position
    if match[3] is None:
        return match[1] or match[2] or "", match.end()
    if name in _DATES:
        value, end = _date(text, position) or (match[3], match.end())
        hour = _HOUR.match(text, end) if name == "deadline" else None
        return (f"{value}T{hour[1]}", hour.end()) if hour else (value, end)
    if consignment := _CONSIGNMENT.match(text, position) if name == "consignment" else None:
        return f"{consignment[1]}/{consignment[2]}", consignment.end()
    if name == "source":
        return match[3].rstrip(".,;"), match.end()
    more, end = _plain_words(text, match.end()) if name in _ONE_WORD else ("", 0)
    if more and not lenient:
        raise BadInput(
            'Is “{more}” part of `{option}:`? Then write `{option}:"{whole}"`. If it is the note, write '
            '`{option}:"{value}"`.',
            field=name,
            option=name,
            more=more,
            value=match[3],
            whole=f"{match[3]} {more}",
        )
    return (f"{match[3]} {more}", end) if more else _words(name, text, position)


def _words(name: str, text: str, position: int) -> tuple[str, int]:
    """Return the label of several words that the option may have as its value, else one word, and where it ends."""
    words = list(islice(_WORD.finditer(text, position), LONGEST))
    typed = list(_plain([word[1] for word in words]))
    _, size = longest_run(typed, lambda label: meant(LISTS.get(name, ""), label)) or ("", 1)
    end = words[size - 1].end()
    return text[position:end].strip(), end


def _date(text: str, position: int) -> tuple[str, int] | None:
    longest, end = None, position
    for _ in range(DATE_WORDS):
        word = _WORD.match(text, end)
        if word is None:
            break
        if word[1] in _DASHES or _HOUR.match(text, end):  # it parts the date from the note, or begins it
            break
        end = word.end()
        typed = text[position:end].strip()
        try:
            parse_date(typed)
        except BadInput:
            continue
        longest = (typed, end)
    return longest


def _plain_words(text: str, position: int) -> tuple[str, int]:
    words = []
    while (word := _WORD.match(text, position)) and not _OPTION.match(word[1]) and not word[1].startswith('"'):
        words.append(word[1])
        position = word.end()
    return " ".join(words), position


def _add(options: dict[str, str], name: str, value: str) -> None:
    if name == "source":  # several addresses, one after the other or parted by commas
        value = " ".join([options.get(name, ""), *re.split(r",(?=https?:)", value)]).strip()
    elif options.get(name, value) != value:
        raise BadInput(
            "`{option}:` is there twice, with “{first}” and “{second}”. Leave one of them.",
            field=name,
            option=name,
            first=options[name],
            second=value,
        )
    options[name] = value
