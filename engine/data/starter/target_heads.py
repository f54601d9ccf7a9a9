"""The output layer, loss and metrics that a starter network gets for a target column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoders import fitter
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


def target_head(facts: ColumnStatistics, column: Column, output: str) -> TargetHead:
    """Return the head that predicts a column.

    Boolean columns and columns of two labels get a sigmoid unit, columns of labels or class ids
    a softmax, lists of labels one sigmoid unit for each label, and numbers a linear unit.

    Args:
        facts: the statistics of the column.
        column: its cells.
        output: the name of the Output node.

    Raises:
        DiagnosticError: if the column can't be a target.
    """
    missing = {"missing": "mask"} if facts.missing else {}
    complete = not facts.missing
    if not can_be_target(facts):
        raise DiagnosticError(_unfit_target(facts))
    if facts.kind == "boolean" or (facts.kind == "category" and facts.distinct == 2):
        return _binary_head(facts, column, output, missing, complete)
    if is_numeric(facts):
        if holds_class_ids(facts):
            return _softmax_head(
                output, facts.distinct or 0, missing, Source(column=facts.name), complete
            )
        dense = {"units": 1}
        params = {"loss": "mse", "metrics": ["mae"], **missing}
        return TargetHead(output, dense, params, Source(column=facts.name, scale="standardize"))
    if facts.kind == "category":
        labels = distinct_labels(column)
        if len(labels) <= MAX_CLASSES:
            label_params = {"labels": list(labels), **missing}
            return _softmax_head(
                output, len(labels), label_params, Source(column=facts.name), complete
            )
    if facts.kind == "list" and facts.top:
        return _multilabel_head(facts, column, output)
    raise DiagnosticError(_unfit_target(facts))


def _binary_head(
    facts: ColumnStatistics, column: Column, output: str, missing: dict[str, Any], stratify: bool
) -> TargetHead:
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"], **missing}
    source = Source(column=facts.name)
    if not (is_numeric(facts) and holds_class_ids(facts)):
        label_fitter = fitter(encoding.Boolean())
        label_fitter.add(column)
        params["labels"] = list(label_fitter.done().params()["labels"])
        if is_numeric(facts):
            source = Source(column=facts.name, encode=encoding.Boolean())
    return TargetHead(output, {"units": 1, "activation": "sigmoid"}, params, source, stratify)


def _softmax_head(
    output: str, count: int, extra_params: dict[str, Any], source: Source, stratify: bool
) -> TargetHead:
    params = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **extra_params}
    return TargetHead(output, {"units": count, "activation": "softmax"}, params, source, stratify)


def _multilabel_head(facts: ColumnStatistics, column: Column, output: str) -> TargetHead:
    settings = encoding.Multilabel(separator=facts.separator or "|")
    label_fitter = fitter(settings)
    label_fitter.add(column)
    labels = tuple(label_fitter.done().params()["labels"])
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=facts.name, encode=settings, labels=labels)
    return TargetHead(output, {"units": len(labels), "activation": "sigmoid"}, params, source)


def _unfit_target(facts: ColumnStatistics) -> Diagnostic:
    return Diagnostic(
        "target-unfit",
        f'"{facts.name}" can\'t be a target',
        place=f"column {facts.name}",
        found=f"{facts.kind}, such as {', '.join(facts.examples[:3]) or 'nothing'}",
        expected="numbers, or labels that repeat",
        fixes=(Fix("Name another column as the target."),),
    )
