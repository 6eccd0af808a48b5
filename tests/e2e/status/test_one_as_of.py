"""One statement, one day, one source: whatever shows where a project stands says the same of both."""

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from db.domain.dates import new_york_date
from db.search.filter import parse_filter
from handlers.exports.rows import ExportQuery
from handlers.exports.writers import write_export
from handlers.i18n.translator import Translator
from tests.support.harness import BotHarness

STATEMENTS = {
    "a hold": ("IO-1 hold by:FR on:2026-02-09 as:government source:{}", "2026-02-09"),
    "a hold of a month": ("IO-1 hold by:FR on:2026-01 as:government reported:2026-02-08 source:{}", "2026-02-08"),
    "a letter": ("IO-1 approved on:2026-02-09 until:2026-08-09 as:letter source:{}", "2026-02-09"),
    "a letter, with a shipment after it": (
        "IO-1 approved on:2026-02-06 until:2026-08-06 as:letter source:{};IO-1 shipped on:2026-02-09",
        "2026-02-06",
    ),
}
SOURCE = "https://example.org/statement"


def files(harness: BotHarness, folder: Path) -> dict[str, str]:
    """Return what each kind of file says of the basis, as text."""
    found = {}
    for kind in (".csv", ".xlsx", ".png", ".ics"):
        path = folder / f"export{kind}"
        with harness.database.reading() as session:
            today, now = new_york_date(harness.clock()), harness.clock()
            query = ExportQuery(session, parse_filter("IO-1"), today, now, Translator("en"))
            written = write_export(query, path, kind)
        if kind == ".csv":
            row = next(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
            found[kind] = f"{row['As of']} {row['Source of the standing']}"
        elif kind == ".xlsx":
            heading, row, *_ = load_workbook(path)["Projects"].iter_rows(values_only=True)
            cells = dict(zip(heading, row, strict=True))
            found[kind] = f"{cells['As of']:%Y-%m-%d} {cells['Source of the standing']}"
        else:
            found[kind] = written.description if kind == ".png" else path.read_text(encoding="utf-8").replace("\n ", "")
    return found


@pytest.mark.parametrize(("lines", "as_of"), STATEMENTS.values(), ids=STATEMENTS)
def test_every_surface_says_the_same(harness: BotHarness, tmp_path: Path, lines: str, as_of: str) -> None:
    harness.record(*lines.format(SOURCE).split(";"))
    found = files(harness, tmp_path)
    found |= {text: harness.member.types(f"/aid-status {text}").text for text in ("IO-1", "group:io", "")}
    found["alert"] = harness.member.person.screen("#aid-alerts")
    if "VEVENT" not in found[".ics"]:
        del found[".ics"]  # a hold has no day that a calendar could show
    assert [name for name, text in found.items() if as_of not in text] == []
    assert [name for name, text in found.items() if SOURCE not in text] == [".png"]  # has no room for an address
