"""Missing values of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table.column_types import TEXT, Column, flags, is_number, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import MISSING

Array = NDArray[Any]


def known(column: Column, labels: tuple[str, ...] = ()) -> Array | None:
    """Return a mask of the values that are present, None if all are.

    Args:
        column: text, or numbers of any shape.
        labels: texts that are labels even if they look like a missing cell, such as NA (Namibia).
    """
    if is_text(column):
        missing_texts = pa.array(sorted(MISSING.difference(labels)), TEXT)
        is_present = ~flags(pc.is_in(column, value_set=missing_texts))
    elif is_number(column) and column.dtype.kind == "f":
        is_present = ~np.isnan(column)
    else:
        return None
    return None if is_present.all() else is_present


def filled(column: Column) -> bool:
    """Return whether any cell of a column has a value."""
    is_present = known(column)
    return is_present is None or bool(is_present.any())
