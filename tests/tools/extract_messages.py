"""The messages that people read, found in the code and brought into the catalogues: ``make messages``.

New messages come in empty and those no longer said go out; tests/unit/test_catalogue.py holds what a catalogue has to
keep to.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "handlers" / "locale"
FLOORS = ("db", "handlers")
KEYWORDS = {"mrkdwn": None, "plain": None, "N_": None, "plural": (1, 2)}
"""The calls that hold a message; ``count`` has one for one and one for many."""


def messages() -> Catalog:
    """Every message of the code, with the files it stands in."""
    found = Catalog(fuzzy=False)
    for floor in FLOORS:
        for name, line, message, _, _ in extract_from_dir(ROOT / floor, [("**.py", "python")], keywords=KEYWORDS):
            found.add(message, locations=[(f"{floor}/{name}", line)])
    return found


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with _path(language).open("rb") as stream:
        return read_po(stream, locale=language)


def update(language: str) -> None:
    """Bring a language's catalogue in line with the code."""
    kept = catalogue(language)
    kept.update(messages(), no_fuzzy_matching=False, update_creation_date=False)
    with _path(language).open("wb") as stream:
        write_po(stream, kept, width=110, ignore_obsolete=True, include_lineno=False)


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "aid.po"


if __name__ == "__main__":
    for each in sorted(LOCALES.iterdir()):
        update(each.name)
