"""The new Input that columns get in a starter network, or when dropped on the empty canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.choice import (
    ID_SPEC,
    column_source,
    joint_row_shape,
    suggest_id_encoding,
    suggest_joint_source,
)
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import OTHER_LABEL, Boolean, Category, Image, Multilabel, Text

MAX_ONE_HOT_LABELS = 8  # more labels than this are embedded instead of one-hot encoded
MAX_MULTILABELS = 200  # more labels than this in a list column are read as text
IMAGE_SIZE = 64  # the default height and width of images


def suggest_input(
    statistics: Sequence[ColumnStatistics], labels: Sequence[str] = ()
) -> tuple[dict[str, Any], Source]:
    """Return the parameters of a new Input for columns, and the columns with their encodings.

    Args:
        statistics: the statistics of the columns.
        labels: the labels of a single column, if there are few. If labels are given, the encoder
            does not depend on which labels occur in the training rows.
    """
    first = statistics[0]
    if labels:
        # Missing cells count as the last label if it is "other", else they get one for themselves.
        is_joined = first.kind != "list" and first.missing > 0 and labels[-1] == OTHER_LABEL
        distinct = len(labels) - 1 if is_joined else len(labels)
        first = first.model_copy(update={"distinct": distinct})
        statistics = (first,)
    alone = len(statistics) == 1
    if alone and (first.kind in ("text", "id sequence") or _many_labels(first)):
        encoding = suggest_id_encoding(first, ID_SPEC)
        row_shape: list[int | None] = [] if isinstance(encoding, Category) else [None]
        shape = [*first.shape] or row_shape
        return {"shape": shape, "dtype": "int32"}, Source(column=first.name, encode=encoding)
    if alone and first.kind == "list" and (first.distinct or 0) > MAX_MULTILABELS:
        text = Text(length=first.sequence_length)
        return {"shape": [None], "dtype": "int32"}, column_source(first, text)
    if alone and first.kind == "image path":
        return {"shape": [IMAGE_SIZE, IMAGE_SIZE, 3]}, Source(column=first.name, encode=Image())
    if alone and first.kind == "category" and first.distinct == 2 and not first.missing:
        return {"shape": [1]}, column_source(
            first, Boolean(fill="most_frequent"), tuple(labels) or None
        )
    source = suggest_joint_source(statistics, TensorSpec((1,)))
    if labels and isinstance(source.encode, Boolean | Category | Multilabel):
        source = column_source(first, source.encode, tuple(labels))
    row = joint_row_shape(statistics, source, ids=False)
    return {"shape": list(row or (len(statistics),))}, source


def _many_labels(statistics: ColumnStatistics) -> bool:
    has_labels = statistics.kind in ("category", "identifier", "constant")
    is_long = (statistics.distinct or 0) > MAX_ONE_HOT_LABELS
    return has_labels and is_long and not statistics.is_numeric
