"""The output layer, loss and metrics that a starter network gets for a target column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoding_choice.choice import column_source
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnStatistics
from engine.data.starter.column_roles import MAX_CLASSES, can_be_target
from engine.data.starter.input_branches import fit_encoder
from engine.data.table.column_types import Column
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import NumberScale

LONG_TAIL = 2.0  # the tail above the median is longer than the one below by more than this factor
MAGNITUDES = 1_000.0  # the 95 % quantile is more than this factor above the 5 % quantile
NUMBER_LOSSES = ("mse", "poisson")  # the losses of heads that predict numbers
MAX_COUNTED_CLASSES = 5  # more skewed whole numbers from 0 on are counts rather than class ids


@dataclass(frozen=True, slots=True)
class TargetHead:
    """The fields of the Dense layer and the Output that predict one target column.

    Args:
        output: the name of the Output.
        source: the target column and its encoding.
        stratify: True if the split should be stratified by the classes of this target.
        loss_without_features: the loss of the best constant prediction.
    """

    output: str
    dense_fields: dict[str, Any]
    output_fields: dict[str, Any]
    source: Source
    stratify: bool = False
    loss_without_features: float = 1.0


def target_head(stats: ColumnStatistics, column: Column, output: str) -> TargetHead:
    """Return the head that predicts a column; `output` is the name of its Output.

    Boolean columns and columns of two labels get a sigmoid unit, columns of labels or class ids
    a softmax, lists of labels one sigmoid unit for each label, and numbers a linear unit.

    Raises:
        DiagnosticError: if the column can't be a target.
    """
    missing = {"missing": "mask"} if stats.missing else {}
    source = Source(column=stats.name)
    if stats.kind == "category" and stats.content in NUMBER_TEXTS:  # such as 01234
        source = Source(column=stats.name, encode=encoding.Category())
    if not can_be_target(stats):
        raise DiagnosticError(_unfit_target(stats))
    if stats.kind == "boolean" or (stats.kind == "category" and stats.distinct == 2):
        return _binary_head(stats, column, output, missing)
    if stats.is_numeric:
        if stats.holds_class_ids and not _is_count(stats):
            return _softmax_head(stats, output, stats.distinct or 0, missing, source)
        return _number_head(stats, output, missing)
    if stats.kind == "category":
        labels = fit_encoder(encoding.Category(), column).params()["labels"]
        if len(labels) <= MAX_CLASSES:
            extra = {"labels": list(labels), **missing}
            return _softmax_head(stats, output, len(labels), extra, source)
    if stats.kind == "list" and stats.top:
        return _multilabel_head(stats, column, output)
    raise DiagnosticError(_unfit_target(stats))


def _number_head(stats: ColumnStatistics, output: str, missing: dict[str, Any]) -> TargetHead:
    """Return the head of a column of numbers.

    Quantities whose distribution has a long upper tail, counts above all, are predicted as
    factors of their mean, which stay positive and whose Poisson loss depends on relative errors.
    It also estimates the mean of quantities that are no counts (Gourieroux, Monfort and Trognon
    1984). Numbers over several orders of magnitude are predicted as logarithms.
    """
    fields: dict[str, Any] = {"loss": "mse", "metrics": ["mae"], **missing}
    dense: dict[str, Any] = {"units": 1}
    scale: NumberScale = "standardize"
    match _skew(stats):
        case "orders of magnitude":
            scale = "log"
        case "long tail":
            scale, fields["loss"], dense["activation"] = "mean", "poisson", "exponential"
    return TargetHead(output, dense, fields, column_source(stats, encoding.Number(scale=scale)))


def _skew(stats: ColumnStatistics) -> Literal["", "long tail", "orders of magnitude"]:
    """Return how skewed the distribution of a column of quantities is; "" for hardly."""
    if stats.spread is None or stats.spread.least < 0:
        return ""
    low, _, middle, _, high = stats.spread.quantiles
    if low > 0 and high > MAGNITUDES * low:
        return "orders of magnitude"
    return "long tail" if high - middle > LONG_TAIL * (middle - low) else ""


def _is_count(stats: ColumnStatistics) -> bool:
    return (stats.distinct or 0) > MAX_COUNTED_CLASSES and _skew(stats) == "long tail"


def _binary_head(
    stats: ColumnStatistics, column: Column, output: str, missing: dict[str, Any]
) -> TargetHead:
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"], **missing}
    source = Source(column=stats.name)
    if not (stats.is_numeric and stats.holds_class_ids):
        params["labels"] = list(fit_encoder(encoding.Boolean(), column).params()["labels"])
        if stats.is_numeric or stats.content in NUMBER_TEXTS:
            source = Source(column=stats.name, encode=encoding.Boolean())
    dense = {"units": 1, "activation": "sigmoid"}
    entropy = _entropy(stats)
    return TargetHead(output, dense, params, source, not stats.missing, entropy)


def _softmax_head(
    stats: ColumnStatistics, output: str, count: int, extra: dict[str, Any], source: Source
) -> TargetHead:
    params = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **extra}
    dense = {"units": count, "activation": "softmax"}
    return TargetHead(output, dense, params, source, not stats.missing, _entropy(stats))


def _multilabel_head(stats: ColumnStatistics, column: Column, output: str) -> TargetHead:
    settings = encoding.Multilabel(separator=stats.separator or "|")
    labels = tuple(fit_encoder(settings, column).params()["labels"])
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=stats.name, encode=settings, labels=labels)
    dense = {"units": len(labels), "activation": "sigmoid"}
    shares = np.clip([label.count / stats.rows for label in stats.top], 0.01, 0.99)
    entropy = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares)).mean()
    return TargetHead(output, dense, params, source, loss_without_features=float(entropy))


def _entropy(stats: ColumnStatistics) -> float:
    """Return the entropy of the classes of a column, of which the 24 most frequent ones count."""
    counts = [label.count for label in stats.top]
    shares = np.array(counts) / sum(counts)
    return max(0.1, float(-(shares * np.log(shares)).sum()))


def _unfit_target(stats: ColumnStatistics) -> Diagnostic:
    return Diagnostic(
        "target-unfit",
        f'"{stats.name}" can\'t be a target',
        place=f"column {stats.name}",
        found=f"{stats.kind}, such as {', '.join(stats.examples[:3]) or 'nothing'}",
        expected="numbers, or labels that repeat",
        fixes=(Fix("Name another column as the target."),),
    )
