"""The exemptions of 2019 to 2026 that ship as a file to import: what every row has to have (docs/field.md, section 4.9)."""

import csv
from importlib.resources import files
from itertools import pairwise

import pytest

from db.domain.code_lists import code_lists

FILE = files("db") / "data" / "known-exemptions.csv"
HXL, *ROWS = csv.DictReader(FILE.read_text(encoding="utf-8").splitlines())
IDS = [f"{number}-{row['Ref']}" for number, row in enumerate(ROWS, start=3)]  # the line in the file


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_row_names_its_source_and_speaks_both_languages(row: dict[str, str]) -> None:
    assert row["Publisher"]
    assert row["Source kind"] in {"reported-letter", "press"}
    assert all(address.startswith(("https://", "http://")) for address in row["Source"].split())
    assert row["Source"].split()
    assert bool(row["Note"]) == bool(row["Note in Korean"])
    assert "not reported" not in row["Note"]


@pytest.mark.parametrize("row", [row for row in ROWS if row["Title"]], ids=lambda row: row["Ref"])
def test_project_is_described_once_with_known_codes(row: dict[str, str]) -> None:
    assert [other["Ref"] for other in ROWS if other["Title"]].count(row["Ref"]) == 1
    assert row["Title in Korean"]
    assert row["Group"]
    assert (row["Implementer"] == "") == (row["Visibility"] == "withheld")
    assert set(row["Sectors"].split()) <= set(code_lists()["sector"])


def test_differing_report_follows_the_update_that_it_is_about() -> None:
    for above, row in pairwise(ROWS):
        if row["Differs"]:
            assert (row["Differs"], row["Ref"], row["Update"]) == ("above", above["Ref"], above["Update"])


def test_each_heading_has_an_hxl_tag() -> None:
    assert all(tag.startswith("#") for tag in HXL.values())
    assert len(set(HXL.values())) == len(HXL)
