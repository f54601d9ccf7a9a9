"""Infers the default encoding of a column from its statistics alone, without its rows.

`engine.data.encoding_choice.default_from_rows` applies the same rules to the rows themselves. This
module returns "" for cases that statistics can't decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.suggestion import is_numeric
from engine.data.ports.target_spec import TargetSpec
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.data_mapping import Source


def default_encoding_name(
    statistics: Sequence[ColumnStatistics], source: Source, port: TensorSpec | TargetSpec
) -> str:
    """Return the name of the default encoding of the columns that `source` assigns to a port.

    If the encoding of a column is unknown, or if the columns have different encodings, return "".

    If `source` has labels, numeric texts are read as labels; for a target, numbers are as well.
    """
    alone = len(statistics) == 1
    names = {_encoding_name(stats, source, port, alone) for stats in statistics}
    return names.pop() if len(names) == 1 else ""


def _encoding_name(
    statistics: ColumnStatistics, source: Source, port: TensorSpec | TargetSpec, alone: bool
) -> str:
    if isinstance(port, TargetSpec):
        return _target_encoding_name(statistics, source, port, alone)
    is_float = port.dtype == "float32"
    label_encoding = "boolean" if is_float and port.size == 1 and alone else "category"
    if source.labels is not None:
        return "" if statistics.shape or statistics.kind == "number" else label_encoding
    if not is_float:
        return _id_encoding_name(statistics, port, alone)
    if statistics.shape or is_numeric(statistics):
        return "number"
    match statistics.kind:
        case "date":
            return "" if port.rank == 3 else "date"
        case "id sequence" | "list":
            return ""  # the lists may hold texts, which are labels, or numbers
    return "image" if port.rank == 3 else label_encoding


def _id_encoding_name(statistics: ColumnStatistics, spec: TensorSpec, alone: bool) -> str:
    if statistics.shape:
        return "number"
    is_sequence = alone and spec.rank > 0 and spec.shape[-1] != 1
    match statistics.kind:
        case "id sequence":
            return "ids" if is_sequence else ""
        case "text" | "category" if not is_numeric(statistics):
            return "text" if is_sequence else "category"
    return "number" if is_numeric(statistics) and not is_sequence else ""


def _target_encoding_name(
    statistics: ColumnStatistics, source: Source, port: TargetSpec, alone: bool
) -> str:
    if port.form == "number" or not alone or statistics.shape:
        return "number"
    if statistics.kind == "list" or (is_numeric(statistics) and source.labels is None):
        return "" if statistics.kind == "list" else "number"
    is_multilabel = port.form == "binary" and bool(port.shape) and port.shape[-1] != 1
    return "multilabel" if is_multilabel else "boolean" if port.form == "binary" else "category"
