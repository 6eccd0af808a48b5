"""Extraction of messages from the code into the catalogues: ``make messages``.

New messages come in untranslated, unused ones go out; tests/unit/test_catalogue.py checks the catalogues.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "handlers" / "locale"
FLOORS = ("db", "handlers")
ERRORS = ("AidError", "BadFile", "BadInput", "NotAllowed", "NotFound", "Refusal", "RuleWarning")
KEYWORDS = {**dict.fromkeys(("mrkdwn", "plain", "N_", *ERRORS)), "plural": (1, 2), "paragraph": (2,)}
"""The calls that hold a message, and as which argument; ``plural`` has one for one and one for many."""


def messages() -> Catalog:
    """Return every message of the code, with the files it occurs in."""
    template = Catalog(fuzzy=False)
    for floor in FLOORS:
        for name, line, message, _, _ in extract_from_dir(ROOT / floor, [("**.py", "python")], keywords=KEYWORDS):
            template.add(message, locations=[(f"{floor}/{name}", line)])
    return template


def catalogue(language: str) -> Catalog:
    """Return the stored catalogue of a language."""
    with _path(language).open("rb") as stream:
        return read_po(stream, locale=language)


def update(language: str) -> None:
    """Update a language's catalogue to the messages in the code."""
    stored = catalogue(language)
    stored.update(messages(), no_fuzzy_matching=False, update_creation_date=False)
    with _path(language).open("wb") as stream:
        write_po(stream, stored, width=110, ignore_obsolete=True, include_lineno=False)


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "aid.po"


if __name__ == "__main__":
    for folder in sorted(LOCALES.iterdir()):
        update(folder.name)
