"""Generator of docs/record.schema.json and of the tables in docs/export.md: ``python -m tests.tools.record_schema``."""

import json
import re
from typing import Any

from sqlalchemy import JSON, Column, Date, Table

from db.column_types import FieldDateText, UtcTime
from db.maintenance.json_snapshot import FORMAT, NOT_EXPORTED
from db.maintenance.migrate import last_revision
from db.models import Base
from tests.tools.reference_page import ROOT

SCHEMA, PAGE = ROOT / "docs" / "record.schema.json", ROOT / "docs" / "export.md"
TABLE = re.compile(r"^\| table of revision .*\n(?:\|.*\n)+", re.MULTILINE)
NAMES = {int: "integer", bool: "boolean", str: "string"}


def schema() -> str:
    """Return the schema of a JSON export, from the tables of this version."""
    tables = {mapper.local_table.name: _rows(mapper.local_table, _about(mapper.class_)) for mapper in _mappers()}
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Whole record of the aid status bot",
        "description": "What `export record.json` writes: a form of backup, which changes with the revision.",
        **_object({"format": {"const": FORMAT}, "revision": {"const": last_revision()}, "tables": _object(tables)}),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Return docs/export.md with a line for each table."""
    rows = "".join(f"| `{mapper.local_table.name}` | {_about(mapper.class_)} |\n" for mapper in _mappers())
    table = f"| table of revision {last_revision()} | |\n| --- | --- |\n{rows}"
    return TABLE.sub(lambda _: table, PAGE.read_text(encoding="utf-8"), count=1)


def _mappers() -> list[Any]:
    order = [table.name for table in Base.metadata.sorted_tables if table.name not in NOT_EXPORTED]
    mappers = [mapper for mapper in Base.registry.mappers if mapper.local_table.name in order]
    return sorted(mappers, key=lambda mapper: order.index(mapper.local_table.name))


def _about(model: type[Base]) -> str:
    """Return the first sentence of a model's docstring, without the module that it names."""
    paragraph = re.sub(r"\s*\(db\.[^)]*\)", "", str(model.__doc__).partition("\n\n")[0])
    return " ".join(paragraph.split()).partition(". ")[0].removesuffix(".").replace("``", "`") + "."


def _object(properties: dict[str, Any], optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def _rows(table: Table, about: str) -> dict[str, Any]:
    optional = frozenset(column.name for column in table.c if column.nullable)
    return {
        "description": about,
        "type": "array",
        "items": _object({column.name: _value(column) for column in table.c}, optional),
    }


def _value(column: Column[Any]) -> dict[str, Any]:
    kind = column.type
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, FieldDateText):
        return {"type": "string", "pattern": r"^([0-9]{4}(-H[12]|-[0-9]{2}(-[0-9]{2})?)?|unknown)$"}
    if isinstance(kind, UtcTime | Date):
        return {"type": "string", "format": "date" if isinstance(kind, Date) else "date-time"}
    value: dict[str, Any] = {"type": NAMES[kind.python_type]}
    if length := getattr(kind, "length", None):
        value["maxLength"] = length
    for key in column.foreign_keys:
        value["description"] = f"`{key.column.name}` of `{key.column.table.name}`"
    return value


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
