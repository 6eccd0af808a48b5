"""The update of a row, as a proposal like that of a command or a form."""

import hashlib
import json
import re
from collections.abc import Mapping

from db.domain.code_lists import code_for
from db.domain.enums import UpdateKind
from db.errors import N_, BadInput
from db.projects.queries import canonical_ref
from db.recording.proposal import Proposal
from db.search.aliases import value_of

# The option of a proposal that each column sets.
OPTION_OF = {
    "happened": "on",
    "reported": "reported",
    "confidence": "as",
    "source": "source",
    "holder": "by",
    "lift": "lift",
    "valid_until": "until",
    "extends": "extends",
    "deadline": "deadline",
    "authority": "authority",
    "letter_date": "letter_date",
    "paragraph": "paragraph",
    "items": "items",
    "value": "value",
    "value_currency": "currency",
    "shipments": "shipments",
}


def refs_in(cell: str) -> tuple[str, ...]:
    """Parse the refs of a cell: one, or several for one decision on several projects."""
    return tuple(dict.fromkeys(canonical_ref(ref) for ref in re.split(r"[\s,;]+", cell) if ref))


def column_of(field: str) -> str:
    """Return the column of a proposal's ``field``."""
    return next((column for column, option in OPTION_OF.items() if option == field), field)


def proposal_of(refs: tuple[str, ...], cells: Mapping[str, str]) -> Proposal:
    """Build the proposal of a row with a kind. Raises BadInput for an unknown kind."""
    try:
        kind = UpdateKind(value_of("kind", cells["kind"].strip().lower().replace(" ", "-").replace("_", "-")))
    except ValueError as error:
        text = N_("“{typed}” is not a kind of update. There are: {kinds}.")
        raise BadInput(text, field="kind", typed=cells["kind"], kinds=", ".join(UpdateKind)) from error
    options = {option: cells[name] for name, option in OPTION_OF.items() if name in cells}
    if "as" in options:
        options["as"] = code_for("source_kind", options["as"])
    return Proposal(
        refs,
        kind,
        options,
        cells.get("note", ""),
        publisher=cells.get("publisher", ""),
        published=cells.get("published", ""),
    )


def key_of(proposal: Proposal) -> str:
    """Return the key that recognises a row when the same file, or a longer one, is imported again."""
    content = {**proposal.as_json(), "publisher": proposal.publisher, "published": proposal.published}
    text = json.dumps({**content, "refs": sorted(proposal.refs)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
