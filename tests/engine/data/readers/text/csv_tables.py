"""Small CSV files, read as tables or refused."""

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table
from engine.data.table import column_types
from engine.recipe.csv_dialect import Dialect


def read(tmp_path, data, name="t.csv", **dialect):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(path, dialect=Dialect(**dialect))


def refusal(tmp_path, data, name="t.csv", **dialect):
    with pytest.raises(DiagnosticError) as refused:
        read(tmp_path, data, name, **dialect)
    (found,) = refused.value.diagnostics
    assert found.fixes
    return found


def cells(*values):
    return column_types.text_column(values)


def rows(table):
    columns = (column.to_pylist() for column in table.columns.values())
    return [list(row) for row in zip(*columns, strict=True)]
