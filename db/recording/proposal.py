"""Proposals: an update as typed in a command, a form or a file, as text to be stored or parsed into an Update."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from db.domain.amounts import read_amount, read_count, read_currency
from db.domain.code_lists import code_for, parse_state
from db.domain.dates import UNKNOWN, PartialDate, Precision, day, parse_date, parse_day
from db.domain.enums import (
    CONSIGNMENT_KINDS,
    LETTERS,
    OF_A_MEMBER,
    UNIDENTIFIED,
    ClearanceOutcome,
    SourceKind,
    Stance,
    UpdateKind,
)
from db.domain.text import Literals, settle, straighten
from db.domain.updates import Consignment, Letter, Source, Update
from db.errors import BadInput

# Characters at most in a note and in a one-line text of the form.
NOTE_LENGTH = 2000
LINE_LENGTH = 64
EVERY_KIND = frozenset(UpdateKind)
# The options of the one-line form, with the kinds that each belongs to.
OPTIONS: dict[str, frozenset[UpdateKind]] = {
    "on": EVERY_KIND,
    "as": EVERY_KIND,
    "source": EVERY_KIND,
    "reported": EVERY_KIND,
    "by": OF_A_MEMBER,
    "stance": frozenset({UpdateKind.POSITION}),
    "length": frozenset({UpdateKind.HOLD}),
    "lift": frozenset({UpdateKind.HOLD_LIFTED, UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.AMENDED}),
    "until": LETTERS | {UpdateKind.CLEARANCE},
    "period": LETTERS,
    **dict.fromkeys(("letter-date", "paragraph", "items", "value", "currency", "shipments"), LETTERS),
    "extends": frozenset({UpdateKind.SUBMITTED}),
    "deadline": frozenset({UpdateKind.CIRCULATED}),
    "authority": frozenset({UpdateKind.CLEARANCE}),
    "outcome": frozenset({UpdateKind.CLEARANCE}),
    **dict.fromkeys(("consignment", "contents", "from", "to"), CONSIGNMENT_KINDS),
    "all": frozenset({UpdateKind.DELIVERED}),
}
# The options that only the form and files offer.
FORM_OPTIONS: dict[str, frozenset[UpdateKind]] = {"note-ko": EVERY_KIND, "attributed-to": EVERY_KIND}
# The options that keep their own quotes and dashes.
AS_WRITTEN = frozenset({"source", "authority", "paragraph", "contents", "from", "to", *FORM_OPTIONS})
# What a confirmation may say beside its note.
CONFIRM_OPTIONS = frozenset({"on", "as", "source", "reported", *FORM_OPTIONS})
# The list whose labels an option may say.
LISTS = {"by": "country", "as": "source_kind", "stance": "stance", "outcome": "outcome", "all": "answer"}
_SPAN = re.compile(r"(\d{1,3})\s*(?:(d|days?|일)|(w|weeks?|주)|(m|months?|개월|달)|(y|years?|년))", re.IGNORECASE)
# A spreadsheet may write a day as its midnight, with seconds, which is no hour.
_DEADLINE = re.compile(
    r"(?P<day>.+?)(?:[T ]00?:00:00|[T ](?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.0+)?)?)?",
    re.IGNORECASE,
)
_NEXT_SOURCE = re.compile(r"\s+|[,;]\s*(?=https?:)")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An update of ``kind`` for the projects ``refs``; options stay text.

    ``corrects``, ``confirms`` and ``differs`` are the number of the update it corrects or is another report of.
    ``publisher`` and ``published`` describe its source; only files give them, and those keep no drafts.
    """

    refs: tuple[str, ...]
    kind: UpdateKind
    options: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    corrects: int | None = None
    publisher: str = ""
    published: str = ""
    confirms: int | None = None
    differs: int | None = None

    def as_json(self) -> dict[str, object]:
        content: dict[str, object] = {
            "refs": list(self.refs),
            "kind": self.kind.value,
            "options": dict(self.options),
            "note": self.note,
            "corrects": self.corrects,
        }
        reports = {"confirms": self.confirms, "differs": self.differs}
        return {**content, **{name: number for name, number in reports.items() if number}}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Proposal":
        return cls(
            refs=tuple(content["refs"]),
            kind=UpdateKind(content["kind"]),
            options={name.replace("_", "-"): value for name, value in content["options"].items()},
            note=content["note"],
            corrects=content["corrects"],
            confirms=content.get("confirms"),
            differs=content.get("differs"),
        )


def report_as(proposal: Proposal, column: str, number: int | None) -> Proposal:
    """Make a proposal another report of the update ``number``, one that ``confirms`` it or ``differs``."""
    return replace(proposal, confirms=number) if column == "confirms" else replace(proposal, differs=number)


def parse_proposal(proposal: Proposal, *, now: datetime, by: str) -> Update:
    """Parse ``proposal`` into an Update, not yet checked against any rule.

    ``now`` is an aware time, ``by`` the person's Slack id. Raises BadInput, naming the field, for a value that
    cannot be read or an option that does not go with the kind; errors of further fields are its ``others``.
    """
    try:
        return _parse(proposal, now, by)
    except BadInput as error:
        emptied: dict[str, Any] = {error.field: ""} if error.field in {"note", "publisher", "published"} else {}
        options = {name: value for name, value in proposal.options.items() if name != error.field}
        rest = replace(proposal, options=options, **emptied)
        if rest != proposal:
            try:
                parse_proposal(rest, now=now, by=by)
            except BadInput as further:
                error.others = (further, *further.others)
        raise


def _parse(proposal: Proposal, now: datetime, by: str) -> Update:
    settled = {name: settle(value).strip() for name, value in proposal.options.items()}
    options = {name: text if name in AS_WRITTEN else straighten(text) for name, text in settled.items()}
    proposal = replace(proposal, note=settle(proposal.note).strip(), options=options)
    _options_fit(proposal)
    for name, note in (("note", proposal.note), ("note-ko", options.get("note-ko", ""))):
        if len(note) > NOTE_LENGTH:
            raise BadInput(
                "The note is too long: {length} characters (maximum {limit}). Shorten it, or link to the "
                "full text with `source:`.",
                field=name,
                length=len(note),
                limit=NOTE_LENGTH,
            )
    happened = _given(options, "on", parse_date) or UNKNOWN
    deadline, hour = parse_deadline(options.get("deadline"))
    return Update(
        kind=proposal.kind,
        recorded_at=now,
        recorded_by=by,
        note=proposal.note,
        note_ko=options.get("note-ko", ""),
        happened=happened,
        reported=_given(options, "reported", parse_day),
        confidence=_choice(SourceKind, options, "as") or SourceKind.NOT_STATED,
        sources=_sources(proposal),
        holder=parse_state(options["by"]) if options.get("by") else None,
        lift_all=_lift_all(options),
        stance=_choice(Stance, options, "stance"),
        length=_span(options, "length"),
        letter=_letter(proposal, happened),
        consignment=_consignment(options),
        deadline=deadline,
        deadline_hour=hour,
        authority=_line(options, "authority"),
        outcome=_choice(ClearanceOutcome, options, "outcome"),
        extends=_extends(options),
        corrects=proposal.corrects,
        confirms=proposal.confirms,
        differs=proposal.differs,
    )


def read_source(text: str) -> Source:
    """Parse an address into a Source. Raises BadInput for anything but an http or https address of a host alone."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or re.search(r"[\s<>|\"\\]", text):
        raise BadInput(
            "“{typed}” is not a valid link. Use `source:` with a full address that starts with https://.",
            field="source",
            typed=text,
        )
    if "@" in parts.netloc:
        raise BadInput(
            "“{typed}” leads to {host}, whatever stands before the @. Use `source:` with the address without a name or "
            "password.",
            field="source",
            typed=text,
            host=parts.netloc.rpartition("@")[2],
        )
    return Source(url=text)


def _sources(proposal: Proposal) -> tuple[Source, ...]:
    addresses = filter(None, (each.rstrip(".,;") for each in _NEXT_SOURCE.split(proposal.options.get("source", ""))))
    published = parse_day(proposal.published, field="published") if proposal.published else None
    publisher = _line({"publisher": settle(proposal.publisher).strip()}, "publisher")
    attributed_to = _line(proposal.options, "attributed-to")
    sources = [read_source(address) for address in addresses]
    if not sources and not publisher and not attributed_to:
        return ()
    first, *others = sources or [Source()]
    return (replace(first, publisher=publisher, published=published, attributed_to=attributed_to), *others)


def _options_fit(proposal: Proposal) -> None:
    for name, value in proposal.options.items():
        kinds = OPTIONS.get(name) or FORM_OPTIONS.get(name)
        if kinds is None:
            raise BadInput(
                "There is no option `{option}:`. Use one of: {options}.",
                field="text",
                option=name,
                options=Literals(f"{each}:" for each in OPTIONS),
            )
        if value and proposal.kind not in kinds:
            raise BadInput(
                "`{option}:` cannot be used with `{kind}`. It works with: {kinds}.",
                field=name,
                option=name,
                kind=proposal.kind,
                kinds=Literals(kind for kind in UpdateKind if kind in kinds),
            )
        if value and proposal.confirms and name not in CONFIRM_OPTIONS:
            raise BadInput(
                "A confirmation brings a source and no other value. Record another value with `#{number} differ`.",
                field=name,
                number=proposal.confirms,
            )
        if value and proposal.differs and name == "lift":
            raise BadInput("A differing report gives values. Record `hold-lifted` by itself.", field=name)


Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


def _choice(choices: type[Choice], options: Mapping[str, str], name: str) -> Choice | None:
    text = options.get(name, "")
    code = code_for(LISTS[name], text)
    if not code:
        return None
    try:
        return choices(code)
    except ValueError as error:
        raise BadInput(
            "“{typed}” is not something that `{option}:` can say. There are: {choices}.",
            field=name,
            typed=text,
            option=name,
            choices=Literals(choices),
        ) from error


def _span(options: Mapping[str, str], name: str) -> str | None:
    """Parse a length of time: ``12m``, ``12 months`` and ``12개월`` are ``12m``."""
    text = options.get(name)
    if not text:
        return None
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadInput(
            "“{typed}” is not a length of time. Write `{option}:12m`, `90d`, `6w` or `1y`.",
            field=name,
            typed=text,
            option=name,
        )
    unit = next(unit for unit, found in zip("dwmy", match.groups()[1:], strict=True) if found)
    return f"{int(match[1])}{unit}"


def parse_deadline(text: str | None) -> tuple[date | None, str | None]:
    """Parse a deadline: a day, and an hour in New York if one is given."""
    match = _DEADLINE.fullmatch(text or "")
    if match is None:
        return None, None
    hour = f"{int(match['hour']):02}:{match['minute']}" if match["hour"] else None
    return parse_day(match["day"], field="deadline"), hour


def _consignment(options: Mapping[str, str]) -> Consignment:
    text = options.get("consignment", "")
    match = re.fullmatch(r"([1-9][0-9]{0,2})(?:\s*(?:/|of)\s*([1-9][0-9]{0,2}))?", text)
    if text and match is None:
        raise BadInput(
            "“{typed}” is not a consignment. Write `consignment:1/3`, the first of three.",
            field="consignment",
            typed=text,
        )
    number, of = (match[1], match[2]) if match else (None, None)
    whole = code_for("answer", options.get("all", ""))
    if whole not in {"", "yes", "no"}:
        raise BadInput("`all:` takes only `yes`: all was delivered.", field="all")
    return Consignment(
        number=int(number) if number else None,
        of=int(of) if of else None,
        contents=_line(options, "contents"),
        origin=_line(options, "from"),
        destination=_line(options, "to"),
        whole=whole == "yes",
    )


def _lift_all(options: Mapping[str, str]) -> bool:
    text = options.get("lift", "").lower()
    if text in {"", "all"}:
        return text == "all"
    raise BadInput("`lift:` takes only `all`. To lift one hold, record `hold-lifted` with `by:`.", field="lift")


def _letter(proposal: Proposal, happened: PartialDate) -> Letter:
    options = proposal.options
    value, currency = None, read_currency(options["currency"]) if options.get("currency") else ""
    if options.get("value"):
        value, currency = read_amount(options["value"], currency)
    dated = proposal.kind in LETTERS and not (proposal.confirms or proposal.differs)
    exact_day = happened.first if happened.precision is Precision.DAY and dated else None
    return Letter(
        letter_date=_given(options, "letter-date", parse_day) or exact_day,
        valid_until=_given(options, "until", parse_date),
        period=_span(options, "period"),
        paragraph=_line(options, "paragraph"),
        item_count=_given(options, "items", read_count),
        value=value,
        currency=currency or None,
        shipment_limit=_given(options, "shipments", read_count),
    )


def _extends(options: Mapping[str, str]) -> str | None:
    ref = options.get("extends", "")
    return UNIDENTIFIED if ref.lower() == UNIDENTIFIED else ref.upper() or None


def _given(options: Mapping[str, str], name: str, read: Callable[..., Value]) -> Value | None:
    return read(options[name], field=name) if options.get(name) else None


def _line(options: Mapping[str, str], name: str) -> str | None:
    text = options.get(name) or None
    if text and len(text) > LINE_LENGTH:
        raise BadInput(
            "Too long: {length} characters (maximum {limit}). Put the rest in the note.",
            field=name,
            length=len(text),
            limit=LINE_LENGTH,
        )
    return text


def typed_options(update: Update) -> dict[str, str]:
    """Return the options of an update in the form that people type, from which the same update is read."""
    letter, consignment = update.letter, update.consignment
    values = {
        "on": update.happened.text,
        "as": update.confidence,
        "source": " ".join(source.url for source in update.sources if source.url),
        "reported": day_text(update.reported),
        "by": update.holder,
        "stance": update.stance,
        "length": update.length,
        "lift": "all" if update.lift_all else "",
        "until": letter.valid_until.text if letter.valid_until else "",
        "period": letter.period,
        "letter-date": day_text(letter.letter_date),
        "paragraph": letter.paragraph,
        "items": letter.item_count,
        "value": letter.value,
        "currency": letter.currency,
        "shipments": letter.shipment_limit,
        "extends": update.extends,
        "deadline": " ".join(filter(None, [day_text(update.deadline), update.deadline_hour])),
        "authority": update.authority,
        "outcome": update.outcome,
        "consignment": "/".join(str(each) for each in (consignment.number, consignment.of) if each),
        "contents": consignment.contents,
        "from": consignment.origin,
        "to": consignment.destination,
        "all": "yes" if consignment.whole else "",
        "note-ko": update.note_ko,
        "attributed-to": next((source.attributed_to for source in update.sources), None),
    }
    return {name: str(value) for name, value in values.items() if value not in {None, ""}}


def day_text(value: date | None) -> str:
    """Format a day as people type it; empty for None."""
    return day(value).text if value else ""
