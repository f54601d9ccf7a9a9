"""Data frames of any library: pandas, polars, Arrow tables and Hugging Face datasets.

They are read through the Arrow PyCapsule interface, so that none of these libraries is imported.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core.diagnostic import diagnostic_error
from engine.core.symbolic.call_site import emit_warnings, with_call_site
from engine.data.table.column_types import Column
from engine.data.table.table import IN_MEMORY_PATH


def frame_columns(frame: Any, names: Sequence[str] | None = None) -> dict[str, Column]:
    """Return the columns of a data frame, or those in `names`; {} for other values.

    Raises:
        DiagnosticError: a column has a type that is not supported.
    """
    if callable(getattr(frame, "with_format", None)):  # a Hugging Face dataset
        frame = frame.with_format("arrow")[:]
    if not (hasattr(frame, "__arrow_c_stream__") and hasattr(frame, "columns")):
        return {}
    import pyarrow as pa

    from engine.data.readers.binary.arrow_columns import arrow_to_columns
    from engine.data.readers.binary.arrow_schema import check_schema

    try:
        table = pa.table(frame)
    except pa.ArrowException:  # such as a column of Python objects; the caller reads it as an array
        return {}
    wanted = table.column_names if names is None else names
    kept = [name for name in wanted if name in table.column_names and "__index_level_" not in name]
    check_schema(table.select(kept).schema, IN_MEMORY_PATH)
    return dict(arrow_to_columns(table.select(kept), IN_MEMORY_PATH).columns)


@with_call_site
def save_table(path: str | os.PathLike[str], frame: Any) -> None:
    """Write a data frame as a table, which the app and `engine train --data` read.

    Args:
        path: a file whose extension names the format: .csv, .tsv, .parquet, .jsonl or .npz.
        frame: a pandas or polars data frame, an Arrow table, a Hugging Face dataset, or any other
            object with the Arrow PyCapsule interface.
    """
    from engine.data.writers.table import write_table

    columns = frame_columns(frame)
    if not columns:
        raise diagnostic_error(
            "param-invalid",
            f"a {type(frame).__name__} can't be written as a table",
            "Pass a data frame, such as pandas.DataFrame(rows).",
            param="frame",
            found=type(frame).__name__,
            expected="an object with columns and the method __arrow_c_stream__",
        )
    emit_warnings(write_table(Path(path), columns))
