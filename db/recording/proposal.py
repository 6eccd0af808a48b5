"""Proposals: an update as typed in a command, a form or a file, and its parsing.

Values stay text so that a draft can be stored; ``parse_proposal`` turns them into an Update or names the field
that cannot be read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from db.domain.code_lists import parse_state
from db.domain.dates import UNKNOWN, PartialDate, Precision, day, parse_date, parse_day
from db.domain.enums import LETTERS, UNDISCLOSED, UNIDENTIFIED, SourceKind, UpdateKind
from db.domain.text import strip_control
from db.domain.updates import Letter, Source, Update
from db.errors import N_, BadInput

# Characters at most in a note, a one-line text of the form and an amount.
NOTE_LENGTH = 2000
LINE_LENGTH = 64
AMOUNT_LENGTH = 20
EVERY_KIND = frozenset(UpdateKind)
LIFTING = frozenset({UpdateKind.HOLD_LIFTED, UpdateKind.APPROVED, UpdateKind.EXTENDED})
# The options of the one-line form, with the kinds that each belongs to.
OPTIONS: dict[str, frozenset[UpdateKind]] = {
    "on": EVERY_KIND,
    "as": EVERY_KIND,
    "source": EVERY_KIND,
    "by": frozenset({UpdateKind.HOLD, UpdateKind.HOLD_LIFTED}),
    "lift": LIFTING,
    "until": LETTERS,
    "extends": frozenset({UpdateKind.SUBMITTED}),
    "deadline": frozenset({UpdateKind.CIRCULATED}),
    "authority": frozenset({UpdateKind.CLEARANCE}),
}
# The options that only the form offers.
FORM_OPTIONS: dict[str, frozenset[UpdateKind]] = {
    "reported": EVERY_KIND,
    **dict.fromkeys(("letter_date", "paragraph", "items", "value", "currency", "shipments"), LETTERS),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An update of ``kind`` for the projects ``refs``; ``corrects`` is the number of the update it corrects.

    ``publisher`` and ``published`` describe its source; only files give them, and those keep no drafts.
    """

    refs: tuple[str, ...]
    kind: UpdateKind
    options: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    corrects: int | None = None
    publisher: str = ""
    published: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "refs": list(self.refs),
            "kind": self.kind.value,
            "options": dict(self.options),
            "note": self.note,
            "corrects": self.corrects,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Proposal":
        return cls(
            refs=tuple(content["refs"]),
            kind=UpdateKind(content["kind"]),
            options=content["options"],
            note=content["note"],
            corrects=content["corrects"],
        )


def parse_proposal(proposal: Proposal, *, now: datetime, by: str) -> Update:
    """Parse ``proposal`` into an Update, not yet checked against any rule.

    ``now`` is an aware time, ``by`` the person's Slack id. Raises BadInput, naming the field, for a value that
    cannot be read or an option that does not go with the kind.
    """
    proposal = replace(
        proposal,
        note=strip_control(proposal.note).strip(),
        options={name: strip_control(value).strip() for name, value in proposal.options.items()},
    )
    _options_fit(proposal)
    if len(proposal.note) > NOTE_LENGTH:
        raise BadInput(
            N_("The note has {length} characters; {limit} are the most. Shorten it, or put the rest behind `source:`."),
            field="note",
            length=len(proposal.note),
            limit=NOTE_LENGTH,
        )
    options = proposal.options
    happened = parse_date(options["on"]) if options.get("on") else UNKNOWN
    return Update(
        kind=proposal.kind,
        recorded_at=now,
        recorded_by=by,
        note=proposal.note,
        happened=happened,
        reported=_day(options, "reported"),
        confidence=_confidence(options.get("as")),
        sources=_sources(proposal),
        holder=_holder(proposal),
        lift_all=_lift_all(options),
        letter=_letter(proposal, happened),
        deadline=_day(options, "deadline"),
        authority=_line(options, "authority"),
        extends=_extends(options),
        corrects=proposal.corrects,
    )


def read_source(text: str) -> Source:
    """Parse an address into a Source. Raises BadInput for anything but an http or https address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or re.search(r"[\s<>|\"]", text):
        raise BadInput(
            N_("“{typed}” is not an address I can cite. Write `source:` and a full one that begins with https://."),
            field="source",
            typed=text,
        )
    return Source(url=text)


def _sources(proposal: Proposal) -> tuple[Source, ...]:
    addresses = proposal.options.get("source", "").split()
    published = parse_day(proposal.published, field="published") if proposal.published else None
    publisher = strip_control(proposal.publisher).strip()[:LINE_LENGTH] or None
    if not addresses and not publisher:
        return ()
    first, *others = [read_source(address) for address in addresses] or [Source()]
    return (replace(first, publisher=publisher, published=published), *others)


def _options_fit(proposal: Proposal) -> None:
    for name, value in proposal.options.items():
        kinds = OPTIONS.get(name) or FORM_OPTIONS.get(name)
        if kinds is None:
            raise BadInput(
                N_("There is no option `{option}:`. There are {options}."),
                field="text",
                option=name,
                options=", ".join(f"`{each}:`" for each in OPTIONS),
            )
        if value and proposal.kind not in kinds:
            raise BadInput(
                N_("`{option}:` does not go with `{kind}`; it belongs to {kinds}."),
                field=name,
                option=name,
                kind=proposal.kind,
                kinds=", ".join(f"`{kind}`" for kind in UpdateKind if kind in kinds),
            )


def _confidence(text: str | None) -> SourceKind:
    try:
        return SourceKind((text or SourceKind.PRESS).lower())
    except ValueError as error:
        raise BadInput(
            N_("`as:` says what the source is: {kinds}."), field="as", kinds=", ".join(SourceKind)
        ) from error


def _holder(proposal: Proposal) -> str | None:
    text = proposal.options.get("by")
    if text:
        return parse_state(text)
    return UNDISCLOSED if proposal.kind is UpdateKind.HOLD else None


def _lift_all(options: Mapping[str, str]) -> bool:
    text = options.get("lift", "").lower()
    if text in {"", "all"}:
        return text == "all"
    raise BadInput(N_("`lift:` takes only `all`. To lift one hold, record `hold-lifted` with `by:`."), field="lift")


def _letter(proposal: Proposal, happened: PartialDate) -> Letter:
    if proposal.kind not in LETTERS:
        return Letter()
    options = proposal.options
    exact_day = happened.first if happened.precision is Precision.DAY else None
    return Letter(
        letter_date=_day(options, "letter_date") or exact_day,
        valid_until=parse_date(options["until"], field="until") if options.get("until") else None,
        paragraph=_line(options, "paragraph"),
        item_count=_count(options, "items"),
        value=_amount(options.get("value")),
        currency=_currency(options.get("currency")),
        shipment_limit=_count(options, "shipments"),
    )


def _extends(options: Mapping[str, str]) -> str | None:
    ref = options.get("extends") or None
    if ref and ref.lower() == UNIDENTIFIED:
        return UNIDENTIFIED
    return ref.upper() if ref else None


def _day(options: Mapping[str, str], name: str) -> date | None:
    return parse_day(options[name], field=name) if options.get(name) else None


def _count(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise BadInput(N_("“{typed}” is not a whole number."), field=name, typed=text)
    return int(text)


def _line(options: Mapping[str, str], name: str) -> str | None:
    text = options.get(name) or None
    if text and len(text) > LINE_LENGTH:
        raise BadInput(
            N_("This has {length} characters; {limit} are the most. Put the rest in the note."),
            field=name,
            length=len(text),
            limit=LINE_LENGTH,
        )
    return text


def _amount(text: str | None) -> str | None:
    """Normalize a decimal amount, so that equal amounts are equal texts: ``63000``, ``367883.80``."""
    if not text:
        return None
    plain = text.replace(",", "")
    if not re.fullmatch(r"[0-9]+([.][0-9]+)?", plain) or len(plain) > AMOUNT_LENGTH:
        raise BadInput(N_("“{typed}” is not an amount. Write it like 63000 or 367,883.80."), field="value", typed=text)
    whole, _, fraction = plain.partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction:0<2}" if fraction else "")


def _currency(text: str | None) -> str | None:
    if not text:
        return None
    if not re.fullmatch(r"[A-Za-z]{3}", text):
        raise BadInput(N_("“{typed}” is not a currency code such as USD, EUR or KRW."), field="currency", typed=text)
    return text.upper()


def day_text(value: date | None) -> str:
    """Format a day as people type it; empty for None."""
    return day(value).text if value else ""
