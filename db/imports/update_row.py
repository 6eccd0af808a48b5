"""The update of a row, as a proposal like that of a command or a form."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from db.domain.code_lists import code_for
from db.domain.date_formats import says_nothing
from db.domain.enums import UpdateKind
from db.domain.updates import Source, Update
from db.errors import N_, BadInput
from db.imports.columns import OPTION_OF
from db.projects.queries import canonical_ref
from db.recording.proposal import LISTS, OPTIONS, Proposal, day_text, typed_options

# Columns of what is reported, in which reports may differ; the others say by whom and in which words.
VALUES = frozenset({*OPTION_OF} - {"confidence", "source", "attributed", "note_ko"})
CHOICES = frozenset({"as", "stance", "outcome", "all"})  # a label in such a cell is the same as its code
REPORT_COLUMNS = ("confirms", "differs")
ABOVE = "above"  # in these columns: the nearest row above with the same ref that is an update
NUMBER = re.compile(r"#?([1-9][0-9]{0,8})")  # as long as one that fits a key of the database


def refs_in(cell: str) -> tuple[str, ...]:
    """Parse the refs of a cell: one, or several for one decision on several projects."""
    return tuple(dict.fromkeys(canonical_ref(ref) for ref in re.split(r"[\s,;]+", cell) if ref))


def proposal_of(refs: tuple[str, ...], cells: Mapping[str, str]) -> Proposal:
    """Build the proposal of a row with a kind. Raises BadInput for an unknown kind."""
    try:
        kind = UpdateKind(code_for("kind", cells["kind"]))
    except ValueError as error:
        text = N_("“{typed}” is not a kind of update. Use one of: {kinds}.")
        raise BadInput(text, field="kind", typed=cells["kind"], kinds=", ".join(UpdateKind)) from error
    options = {option: cells[name] for name, option in OPTION_OF.items() if name in cells}
    if kind not in OPTIONS["until"] and says_nothing(options.get("until", "")):
        del options["until"]
    for name in CHOICES & options.keys():
        options[name] = code_for(LISTS[name], options[name])
    return Proposal(
        refs,
        kind,
        options,
        cells.get("note", ""),
        publisher=cells.get("publisher", ""),
        published=cells.get("published", ""),
    )


def report_of(cells: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the column that makes a row a report, and a number or ``above``; None for none. Raises BadInput."""
    given = {name: cells[name].strip() for name in REPORT_COLUMNS if cells.get(name)}
    if not given:
        return None
    if len(given) > 1:
        raise BadInput("A row confirms an update or differs from it, not both. Empty one of them.", field="differs")
    ((name, text),) = given.items()
    if text.lower() in {ABOVE, "위"}:
        return name, ABOVE
    match = NUMBER.fullmatch(text)
    if match is None:
        message = N_("“{typed}” is not the number of an update. Write it like 12, or “above” for the row above.")
        raise BadInput(message, field=name, typed=text)
    return name, match[1]


def cells_of(update: Update, refs: Sequence[str], target: int = 0) -> dict[str, str]:
    """Return an update's cells such that an import records the same; ``target`` is what it is another report of."""
    source = update.sources[0] if update.sources else Source()
    options = typed_options(update)
    cells = {
        "ref": " ".join(refs),
        "number": str(update.number),
        "kind": update.kind.value,
        "confirms": str(target) if update.confirms else None,
        "differs": str(target) if update.differs else None,
        "note": update.note,
        "publisher": source.publisher,
        "published": day_text(source.published),
        **{name: options.get(option) for name, option in OPTION_OF.items()},
    }
    return {name: text for name, text in cells.items() if text}


def key_of(said: Mapping[str, str], target: str = "", number: str = "") -> str:
    """Return the key that recognises a row when the same file, or a longer one, is imported again.

    ``said`` are the row's cells as ``cells_of`` gives them; which kind of source says so is compared apart. ``target``
    is what tells the update that it is another report of, ``number`` what tells it from another row that says the same.
    """
    content = {name: text for name, text in said.items() if name not in {"number", "confidence", *REPORT_COLUMNS}}
    return _digest({**content, "report": target, "number": number})


def typed_key_of(proposal: Proposal, target: str = "", number: str = "") -> str:
    """Return the key by which earlier releases recognised a row: of the words as they were typed."""
    content = {**proposal.as_json(), "publisher": proposal.publisher, "published": proposal.published}
    # As files of the first releases were recognised, whose options had no dash.
    content["options"] = {name.replace("-", "_"): text for name, text in proposal.options.items()}
    content |= {name: text for name, text in (("report", target), ("number", number)) if text}
    return _digest({**content, "refs": sorted(proposal.refs)})


def _digest(content: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
