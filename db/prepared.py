"""Queries compiled once for SQLite and asked past SQLAlchemy, whose own way takes several times as long as SQLite does."""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Dialect, Executable, Result, SelectBase
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError

Ask = Callable[[Connection, Mapping[str, object]], Result[*tuple[Any, ...]]]

_FROM_JSON = "(SELECT value FROM json_each(?))"
_WRITTEN_OUT = re.compile(r"(\()?__\[POSTCOMPILE_\w+\](?(1)\))")  # each time; a list stands alone in brackets


class PreparedQueries(WeakKeyDictionary[Executable, Ask | None]):
    """The queries of an SQLite database; each is prepared when it is asked again."""

    def ask(self, connection: Connection, query: Executable, given: Mapping[str, object]) -> Result[*tuple[Any, ...]]:
        ask = self.get(query)
        if ask is None and query in self and isinstance(query, SelectBase):
            ask = self[query] = _prepare(query, connection.dialect)
        if ask:
            return ask(connection, given)
        self[query] = None
        return connection.execute(query, given)


def _writer(bind: BindParameter[Any], dialect: Dialect) -> Callable[[Any], object] | None:
    write = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return (lambda values: json.dumps([write(each) if write else each for each in values])) if bind.expanding else write


def _prepare(query: SelectBase, dialect: Dialect) -> Ask:
    """Return what asks as SQLAlchemy would, its listeners included; values of a list go to SQLite as JSON, in any number."""
    compiled, columns = query.compile(dialect=dialect), query.selected_columns
    constants = compiled.params
    text = _WRITTEN_OUT.sub(lambda found: _FROM_JSON if found[1] else "?", compiled.string)
    writers = [(name, _writer(compiled.binds[name], dialect)) for name in compiled.positiontup or ()]
    readers = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    shape = SimpleResultMetaData([str(each.key) for each in columns], _processors=readers)

    def ask(connection: Connection, given: Mapping[str, object]) -> Result[*tuple[Any, ...]]:
        statement, values = text, {**constants, **given}
        parameters: Any = tuple(write(values[name]) if write else values[name] for name, write in writers)
        for listener in connection.dispatch.before_cursor_execute:
            statement, parameters = listener(connection, None, statement, parameters, None, False)
        if not connection.in_transaction():
            connection.begin()
        try:
            rows = connection.connection.cursor().execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error, True, dialect=dialect) from error
        return IteratorResult(shape, iter(rows))

    return ask
