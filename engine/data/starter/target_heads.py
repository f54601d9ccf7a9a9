"""What a column becomes as a target: the layer in front of its Output, the loss, the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders import fitter
from engine.data.encoding_choice.suggestion import counts_classes, numeric
from engine.data.profile.statistics import ColumnFacts
from engine.data.starter.column_roles import MOST_CLASSES, can_be_target
from engine.data.starter.input_branches import labels_of
from engine.data.table.column_types import Column
from engine.recipe import encoding
from engine.recipe.data_mapping import Source


@dataclass(frozen=True, slots=True)
class Aim:
    """One target.

    Args:
        output: the Output's name.
        dense: the parameters of the layer in front of it.
        params: its own.
        source: where its values come from.
        spread: True if it has classes that each side of a split should have.
    """

    output: str
    dense: dict[str, Any]
    params: dict[str, Any]
    source: Source
    spread: bool = False


def aim_of(facts: ColumnFacts, column: Column, output: str) -> Aim:
    """Return what a column becomes as a target.

    Raises:
        Refused: if it can't be predicted.
    """
    missing = {"missing": "mask"} if facts.missing else {}
    whole = not facts.missing
    if not can_be_target(facts):
        raise Refused(_unfit(facts))
    if facts.kind == "boolean" or (facts.kind == "category" and facts.distinct == 2):
        return _yes_or_no(facts, column, output, missing, whole)
    if numeric(facts):
        if counts_classes(facts):
            return _classes(output, facts.distinct or 0, missing, Source(column=facts.name), whole)
        dense = {"units": 1}
        params = {"loss": "mse", "metrics": ["mae"], **missing}
        return Aim(output, dense, params, Source(column=facts.name, scale="standardize"))
    if facts.kind == "category":
        labels = labels_of(column)
        if len(labels) <= MOST_CLASSES:
            labelled = {"labels": list(labels), **missing}
            return _classes(output, len(labels), labelled, Source(column=facts.name), whole)
    if facts.kind == "list" and facts.top:
        return _several(facts, column, output)
    raise Refused(_unfit(facts))


def _yes_or_no(
    facts: ColumnFacts, column: Column, output: str, missing: dict[str, Any], whole: bool
) -> Aim:
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"], **missing}
    source = Source(column=facts.name)
    if not (numeric(facts) and counts_classes(facts)):
        fitting = fitter(encoding.Boolean())
        fitting.add(column)
        params["labels"] = list(fitting.done().params()["labels"])
        if numeric(facts):
            source = Source(column=facts.name, encode=encoding.Boolean())
    return Aim(output, {"units": 1, "activation": "sigmoid"}, params, source, whole)


def _classes(output: str, count: int, more: dict[str, Any], source: Source, whole: bool) -> Aim:
    params = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **more}
    return Aim(output, {"units": count, "activation": "softmax"}, params, source, whole)


def _several(facts: ColumnFacts, column: Column, output: str) -> Aim:
    asked = encoding.Multilabel(separator=facts.separator or "|")
    fitting = fitter(asked)
    fitting.add(column)
    labels = tuple(fitting.done().params()["labels"])
    params = {"loss": "binary_crossentropy", "metrics": ["accuracy"]}
    source = Source(column=facts.name, encode=asked, labels=labels)
    return Aim(output, {"units": len(labels), "activation": "sigmoid"}, params, source)


def _unfit(facts: ColumnFacts) -> Diagnostic:
    return Diagnostic(
        "target-unfit",
        f'"{facts.name}" can\'t be a target',
        place=f"column {facts.name}",
        found=f"{facts.kind}, such as {', '.join(facts.examples[:3]) or 'nothing'}",
        expected="numbers, or labels that come again and again",
        fixes=(Fix("Name another column as the target."),),
    )
