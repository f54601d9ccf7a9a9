"""The output layer, loss and metrics that a starter network gets for a target column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoders import create_fitter
from engine.data.encoding_choice.suggestion import holds_class_ids, is_numeric
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.column_roles import MAX_CLASSES, can_be_target
from engine.data.starter.input_branches import distinct_labels
from engine.data.table.column_types import Column
from engine.recipe import encoding
from engine.recipe.data_mapping import Source


@dataclass(frozen=True, slots=True)
class TargetHead:
    """The Dense layer and the Output node that predict one target column.

    Args:
        output: the name of the Output node.
        dense_fields: the fields of the Dense layer in front of it.
        output_fields: the fields of the Output node.
        source: the target column and its encoding.
        stratify: True if the split should be stratified by the classes of this target.
    """

    output: str
    dense_fields: dict[str, Any]
    output_fields: dict[str, Any]
    source: Source
    stratify: bool = False


def target_head(statistics: ColumnStatistics, column: Column, output: str) -> TargetHead:
    """Return the head that predicts a column.

    Boolean columns and columns of two labels get a sigmoid unit, columns of labels or class ids
    a softmax, lists of labels one sigmoid unit for each label, and numbers a linear unit.

    Args:
        statistics: the statistics of the column.
        column: its cells.
        output: the name of the Output node.

    Raises:
        DiagnosticError: if the column can't be a target.
    """
    missing = {"missing": "mask"} if statistics.missing else {}
    complete = not statistics.missing
    if not can_be_target(statistics):
        raise DiagnosticError(_unfit_target(statistics))
    if statistics.kind == "boolean" or (statistics.kind == "category" and statistics.distinct == 2):
        return _binary_head(statistics, column, output, missing, complete)
    if is_numeric(statistics):
        if holds_class_ids(statistics):
            return _softmax_head(
                output, statistics.distinct or 0, missing, Source(column=statistics.name), complete
            )
        dense = {"units": 1}
        params = {"loss": "mse", "metrics": ["mae"], **missing}
        return TargetHead(
            output, dense, params, Source(column=statistics.name, scale="standardize")
        )
    if statistics.kind == "category":
        labels = distinct_labels(column)
        if len(labels) <= MAX_CLASSES:
            label_params = {"labels": list(labels), **missing}
            return _softmax_head(
                output, len(labels), label_params, Source(column=statistics.name), complete
            )
    if statistics.kind == "list" and statistics.top:
        return _multilabel_head(statistics, column, output)
    raise DiagnosticError(_unfit_target(statistics))


def _binary_head(
    statistics: ColumnStatistics,
    column: Column,
    output: str,
    missing: dict[str, Any],
    stratify: bool,
) -> TargetHead:
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"], **missing}
    source = Source(column=statistics.name)
    if not (is_numeric(statistics) and holds_class_ids(statistics)):
        label_fitter = create_fitter(encoding.Boolean())
        label_fitter.add(column)
        params["labels"] = list(label_fitter.finish().params()["labels"])
        if is_numeric(statistics):
            source = Source(column=statistics.name, encode=encoding.Boolean())
    return TargetHead(output, {"units": 1, "activation": "sigmoid"}, params, source, stratify)


def _softmax_head(
    output: str, count: int, extra_params: dict[str, Any], source: Source, stratify: bool
) -> TargetHead:
    params = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **extra_params}
    return TargetHead(output, {"units": count, "activation": "softmax"}, params, source, stratify)


def _multilabel_head(statistics: ColumnStatistics, column: Column, output: str) -> TargetHead:
    settings = encoding.Multilabel(separator=statistics.separator or "|")
    label_fitter = create_fitter(settings)
    label_fitter.add(column)
    labels = tuple(label_fitter.finish().params()["labels"])
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=statistics.name, encode=settings, labels=labels)
    return TargetHead(output, {"units": len(labels), "activation": "sigmoid"}, params, source)


def _unfit_target(statistics: ColumnStatistics) -> Diagnostic:
    return Diagnostic(
        "target-unfit",
        f'"{statistics.name}" can\'t be a target',
        place=f"column {statistics.name}",
        found=f"{statistics.kind}, such as {', '.join(statistics.examples[:3]) or 'nothing'}",
        expected="numbers, or labels that repeat",
        fixes=(Fix("Name another column as the target."),),
    )
