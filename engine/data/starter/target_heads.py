"""The output layer, loss and metrics that a starter network gets for a target column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.data.encoding_choice.choice import column_source
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnStatistics
from engine.data.starter.column_roles import (
    MAX_CLASSES,
    can_be_target,
    looks_like_classes,
    upper_tail,
)
from engine.data.starter.input_branches import fit_encoder
from engine.data.starter.network_size import MIN_HELD_OUT
from engine.data.table.column_types import Column
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import NumberScale

NUMBER_LOSSES = ("mse", "poisson")  # the losses of heads that predict numbers


@dataclass(frozen=True, slots=True)
class TargetHead:
    """The fields of the Dense layer and the Output that predict one target column.

    Args:
        output: the name of the Output.
        source: the target column and its encoding.
        stratify: True if the split should be stratified by the classes of this target.
        loss_without_features: the loss of the best constant prediction.
        note: why numbers are predicted in this way; None for the usual way.
    """

    output: str
    dense_fields: dict[str, Any]
    output_fields: dict[str, Any]
    source: Source
    stratify: bool = False
    loss_without_features: float = 1.0
    note: Diagnostic | None = None


def target_head(
    stats: ColumnStatistics, column: Column, output: str, is_class: bool | None = None
) -> TargetHead:
    """Return the head that predicts a column; `output` is the name of its Output.

    Boolean columns and columns of two labels get a sigmoid unit, columns of labels or class ids
    a softmax, lists of labels one sigmoid unit for each label, and numbers a linear or exponential
    unit. `is_class` is whether whole numbers are class ids; None: if they look so.

    Raises:
        DiagnosticError: if the column can't be a target.
    """
    if not can_be_target(stats):
        raise _unfit_target(stats)
    if stats.kind == "list":
        return _multilabel_head(stats, column, output)
    if stats.kind == "boolean" or (stats.kind == "category" and stats.distinct == 2):
        head = _binary_head(stats, column, output)
    elif stats.is_numeric:
        head = _numeric_head(stats, column, output, is_class)
    else:
        is_number_text = stats.content in NUMBER_TEXTS  # such as 01234
        head = _label_head(stats, column, output, is_number_text)
    masked = {"missing": "mask"} if stats.missing else {}
    return replace(head, output_fields={**head.output_fields, **masked})


def _numeric_head(
    stats: ColumnStatistics, column: Column, output: str, is_class: bool | None
) -> TargetHead:
    """Return the head of class ids or numbers; a note says which if both are possible."""
    predicts_classes = looks_like_classes(stats) if is_class is None else is_class
    if not (predicts_classes and stats.may_be_classes):
        head = _number_head(stats, output)
        chosen, other = f"numbers, with the loss {head.output_fields['loss']}", "classes"
    else:
        chosen, other = "classes", "numbers"
        if stats.holds_class_ids:
            head = _softmax_head(stats, output, stats.distinct or 0, Source(column=stats.name))
        else:
            head = _label_head(stats, column, output, is_number=True)
    if is_class is not None or not stats.may_be_classes:
        return head
    return replace(head, note=_whole_number_note(stats, chosen, other))


def _label_head(
    stats: ColumnStatistics, column: Column, output: str, is_number: bool
) -> TargetHead:
    """Return the head of labels; `is_number` is whether the labels look like numbers."""
    labels = fit_encoder(encoding.Category(), column).params()["labels"]
    if len(labels) > MAX_CLASSES:
        raise _unfit_target(stats)
    source = Source(column=stats.name, encode=encoding.Category() if is_number else None)
    return _softmax_head(stats, output, len(labels), source, labels=[*labels])


def _number_head(stats: ColumnStatistics, output: str) -> TargetHead:
    """Return the head of a column of numbers.

    Quantities whose distribution has a long upper tail, counts above all, are predicted as
    factors of their mean, which stay positive and whose Poisson loss depends on relative errors.
    It also estimates the mean of quantities that are no counts (Gourieroux, Monfort and Trognon
    1984). Numbers over several orders of magnitude are predicted as logarithms.
    """
    fields: dict[str, Any] = {"loss": "mse", "metrics": ["mae"]}
    dense: dict[str, Any] = {"units": 1}
    scale: NumberScale = "standardize"
    note = None
    match upper_tail(stats):
        case "orders of magnitude":
            scale = "log"
            note = _choice(stats, "spans orders of magnitude: its logarithm is predicted")
        case "long":
            scale, fields["loss"], dense["activation"] = "mean", "poisson", "softplus"
            note = _choice(stats, "has a long upper tail: the loss is poisson")
        case _ if stats.kind == "whole number" and stats.spread and stats.spread.least >= 0:
            note = _choice(stats, "has integers without a long upper tail: the loss is mse")
    source = column_source(stats, encoding.Number(scale=scale))
    return TargetHead(output, dense, fields, source, note=note)


def _whole_number_note(stats: ColumnStatistics, chosen: str, other: str) -> Diagnostic:
    """Return a note that whole numbers are predicted as `chosen`, and how to choose the `other`."""
    fix = Fix(f"If they are {other}: engine new --from … --{other} {quote(stats.name)}")
    return _choice(stats, f"has few distinct integers, which are predicted as {chosen}", fix)


def _choice(stats: ColumnStatistics, why: str, *fixes: Fix) -> Diagnostic:
    place, found = f"column {stats.name}", ", ".join(stats.examples[:3])
    message = f'"{stats.name}" {why}'
    return Diagnostic.info("target-choice", message, *fixes, place=place, found=found)


def _binary_head(stats: ColumnStatistics, column: Column, output: str) -> TargetHead:
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=stats.name)
    if not (stats.is_numeric and stats.holds_class_ids):
        params["labels"] = list(fit_encoder(encoding.Boolean(), column).params()["labels"])
        if stats.is_numeric or stats.content in NUMBER_TEXTS:
            source = Source(column=stats.name, encode=encoding.Boolean())
    dense = {"units": 1, "activation": "sigmoid"}
    return TargetHead(output, dense, params, source, _can_stratify(stats), _entropy(stats))


def _softmax_head(
    stats: ColumnStatistics, output: str, count: int, source: Source, **extra: Any
) -> TargetHead:
    params = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **extra}
    dense = {"units": count, "activation": "softmax"}
    return TargetHead(output, dense, params, source, _can_stratify(stats), _entropy(stats))


def _multilabel_head(stats: ColumnStatistics, column: Column, output: str) -> TargetHead:
    settings = encoding.Multilabel(separator=stats.separator or "|")
    labels = tuple(fit_encoder(settings, column).params()["labels"])
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=stats.name, encode=settings, labels=labels)
    dense = {"units": len(labels), "activation": "sigmoid"}
    shares = np.clip([label.count / stats.rows for label in stats.top], 0.01, 0.99)
    entropy = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares)).mean()
    return TargetHead(output, dense, params, source, loss_without_features=float(entropy))


def _can_stratify(stats: ColumnStatistics) -> bool:
    return not stats.missing and stats.rows >= max(MIN_HELD_OUT, 2 * (stats.distinct or 0))


def _entropy(stats: ColumnStatistics) -> float:
    """Return the entropy of the classes of a column, of which the 24 most frequent ones count."""
    counts = [label.count for label in stats.top]
    shares = np.array(counts) / sum(counts)
    return max(0.1, float(-(shares * np.log(shares)).sum()))


def _unfit_target(stats: ColumnStatistics) -> DiagnosticError:
    return diagnostic_error(
        "target-unfit",
        f'"{stats.name}" can\'t be a target',
        "Choose another target.",
        place=f"column {stats.name}",
        found=f"{stats.kind}, such as {', '.join(stats.examples[:3]) or 'nothing'}",
        expected="numbers, or labels that repeat",
    )
