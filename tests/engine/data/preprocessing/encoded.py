"""Data sets built from a few columns by a mapping, and the errors instead of them."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.dataset.dataset import build_dataset
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping


def made(columns, inputs=None, targets=(), mapping=None, path=Path("data.csv"), **options):
    columns = {
        name: text_column(cells) if isinstance(cells, list) and isinstance(cells[0], str) else cells
        for name, cells in columns.items()
    }
    columns = {
        name: np.asarray(cells) if isinstance(cells, list) else cells
        for name, cells in columns.items()
    }
    return build_dataset(
        Table(path, columns),
        DataMapping.from_params(mapping or {}),
        inputs or {},
        targets,
        **options,
    )


def refusal(*args, **options):
    with pytest.raises(DiagnosticError) as refused:
        made(*args, **options)
    return refused.value.diagnostics


def asked(port, column, encode, side="inputs"):
    return {side: {port: {"column": column, "encode": encode}}}
