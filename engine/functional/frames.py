"""Data frames of any library: pandas, polars, Arrow tables and Hugging Face datasets.

They are read through the Arrow PyCapsule interface, so that none of these libraries is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.data.table.column_types import Column
from engine.data.table.table import IN_MEMORY_PATH


def frame_columns(frame: Any, names: Sequence[str]) -> dict[str, Column]:
    """Return the columns in `names` that a data frame has; {} for other values.

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
    except (pa.ArrowException, ValueError):  # Python objects, or columns of the same name
        return {}  # the caller reads the frame as an array
    kept = [name for name in names if name in table.column_names]
    check_schema(table.select(kept).schema, IN_MEMORY_PATH)
    return dict(arrow_to_columns(table.select(kept), IN_MEMORY_PATH).columns)
