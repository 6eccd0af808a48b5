"""docs/import.md: every column by all of its names."""

from pathlib import Path

import pytest

from db.imports.columns import COLUMNS, Column

PAGE = Path(__file__).parents[2] / "docs" / "import.md"


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_import_docs_list_every_column(column: Column) -> None:
    assert f"| {column.english} | {column.korean} | `{column.hxl}` |" in PAGE.read_text(encoding="utf-8")


def test_import_docs_list_no_other_column() -> None:
    assert PAGE.read_text(encoding="utf-8").count("| `#") == len(COLUMNS)
