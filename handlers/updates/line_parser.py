"""The one-line form of /aid-update: ``GG-1,GG-2 approved on:2026-02-06 until:unknown as:letter note``."""

import re
from dataclasses import dataclass, field

from rapidfuzz import process

from db.domain.enums import UpdateKind
from db.errors import N_, BadInput
from db.recording.proposal import OPTIONS
from handlers.slack.command_text import straighten, unescape

RETRACT = "retract"
CORRECT = "correct"
LINE_LENGTH = 8000
_WORD = re.compile(r"\s*(\S+)")
_OPTION = re.compile(rf"""\s*({"|".join(OPTIONS)}):\s*("[^"]*"|'[^']*'|\S+)""", re.IGNORECASE)
_UPDATE = re.compile(r"#?(\d{1,9})")
_REF = re.compile(r"[A-Za-z]{1,6}-?\d{1,4}")
_VERBS = (*UpdateKind, RETRACT, CORRECT)


@dataclass(frozen=True, slots=True)
class Line:
    """Parsed line: the projects by refs and filters, or the number of an update; the verb; options; the note."""

    refs: tuple[str, ...]
    filters: str
    number: int | None
    verb: str
    options: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def kind(self) -> UpdateKind:
        return UpdateKind(self.verb)


def parse_line(text: str) -> Line:
    """Parse a line as Slack sends it. Raises BadInput that names the missing part."""
    raw = unescape(text)
    if len(raw) > LINE_LENGTH:
        raise BadInput(N_("The line is too long: {limit} characters are the most."), limit=LINE_LENGTH)
    readable = straighten(raw)  # as long as ``raw``, so that positions agree
    targets, verb, position = _up_to_verb(readable)
    refs, filters, number = _targets(targets)
    options, position = _options(readable, position)
    return Line(refs, filters, number, verb, options, raw[position:].strip())


def _up_to_verb(text: str) -> tuple[list[str], str, int]:
    targets: list[str] = []
    position = 0
    while match := _WORD.match(text, position):
        word, position = match[1], match.end()
        if word.lower() in _VERBS:
            return _named(targets), word.lower(), position
        targets.append(word)
    raise _no_verb(targets)


def _named(targets: list[str]) -> list[str]:
    if targets:
        return targets
    raise BadInput(N_("Which project? Begin with its ref: `/aid-update GG-1 hold by:US on:2026-02-05`."))


def _no_verb(targets: list[str]) -> BadInput:
    kinds = ", ".join(f"`{kind}`" for kind in UpdateKind)
    candidate = targets[1] if len(targets) > 1 else ""
    near = process.extractOne(candidate.lower(), list(_VERBS), score_cutoff=60) if candidate else None
    if near:
        return BadInput(
            N_("“{typed}” is not something that can be recorded. Did you mean `{near}`?"),
            typed=candidate,
            near=near[0],
        )
    return BadInput(
        N_("Say what happened after the project, one of: {kinds}. `/aid-update` alone opens a form."), kinds=kinds
    )


def _targets(targets: list[str]) -> tuple[tuple[str, ...], str, int | None]:
    refs: list[str] = []
    filters: list[str] = []
    number = None
    for word in targets:
        for index, piece in enumerate(filter(None, word.split(","))):
            if piece.startswith("#") and (match := _UPDATE.fullmatch(piece)):
                number = int(match[1])
            elif _REF.fullmatch(piece) or not (filters or ":" in piece):
                refs.append(piece.upper())
            elif ":" in piece or not index:
                filters.append(piece)
            else:
                filters[-1] += f",{piece}"
    return tuple(dict.fromkeys(refs)), " ".join(filters), number


def _options(text: str, position: int) -> tuple[dict[str, str], int]:
    options: dict[str, str] = {}
    while match := _OPTION.match(text, position):
        name, value = match[1].lower(), match[2].strip("\"'")
        if name == "source":  # several addresses, one after the other or parted by commas
            value = " ".join([options.get(name, ""), *re.split(r",(?=https?:)", value.rstrip(","))]).strip()
        options[name] = value
        position = match.end()
    return options, position
