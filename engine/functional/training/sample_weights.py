"""Sample weights by output, from the arguments `sample_weight` and `class_weight`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.output_settings import check_output_settings
from engine.core.diagnostic import (
    Diagnostic,
    DiagnosticError,
    diagnostic_error,
    only_errors,
)
from engine.core.symbolic.argument_binding import to_plain_json
from engine.data.dataset.dataset import Dataset
from engine.data.ports.target_spec import target_spec
from engine.data.preprocessing.class_weights import balanced_class_weights, class_ids
from engine.data.preprocessing.reshape import non_finite_error
from engine.data.table.array import Array
from engine.data.table.row_numbers import affected_rows, any_per_row
from engine.functional.per_output import require_known_names
from engine.functional.training.named_arrays import arrays_by_name
from engine.layers.io import Output, resolve_head
from engine.objectives.head import Head
from engine.recipe.data_mapping import DataMapping

Weights = dict[str, Array]
Rows = NDArray[np.int64] | slice


def sample_weights(given: Any, outputs: Sequence[str], rows: int) -> Weights:
    """Return sample weights by output name. A single array applies to all outputs.

    Raises:
        DiagnosticError: the number of weights is not `rows`, or a weight is negative or not finite.
    """
    if given is None:
        return {}
    if len(outputs) > 1 and not isinstance(given, Mapping | list | tuple):
        given = dict.fromkeys(outputs, given)
    arrays = arrays_by_name(given, outputs, "output", "sample_weight")
    weights = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    for name, array in weights.items():
        if len(array) != rows:
            raise diagnostic_error(
                "rows-differ",
                f"sample_weight of {name} and the data have different numbers of rows",
                "Pass one weight per row.",
                node=name,
                found=f"{len(array):,} weights",
                expected=f"{rows:,} weights",
            )
        is_invalid = any_per_row(~np.isfinite(array) | (array < 0))
        if is_invalid.any():
            raise DiagnosticError(non_finite_error(name, affected_rows(is_invalid)))
    return weights


def unused_weight_column(mapping: DataMapping | None, given: Any) -> list[Diagnostic]:
    """Return a warning if the model's file has a weight column, but no sample_weight is given."""
    columns = [] if mapping is None else [weight.column for weight in mapping.weights.values()]
    if not columns or given is not None:
        return []
    shown = ", ".join(dict.fromkeys(columns))
    return [
        Diagnostic.warning(
            "column-missing",
            "the model's file has a weight column, but all rows have the same weight here",
            f"Pass the column {shown} as sample_weight.",
            place="data.weights",
            found="no sample_weight",
            expected=f"the values of {shown}",
        )
    ]


def class_weights(
    given: Any, heads: Mapping[str, Head], dataset: Dataset, train: Rows = slice(None)
) -> Weights:
    """Return sample weights by output, computed from class weights.

    Args:
        given: a dict of weights by class, or "balanced". For several outputs, a dict of such values
            by output name.
        heads: the outputs with a loss.
        dataset: holds the targets.
        train: the training rows. "balanced" uses the class frequencies of these rows.

    Raises:
        DiagnosticError: an unknown output or class.
    """
    if not given:
        return {}
    if isinstance(given, Mapping) and all(isinstance(v, Mapping | str) for v in given.values()):
        tables = given
    elif len(heads) > 1:
        raise diagnostic_error(
            "class-weight-unfit",
            f"class_weight does not name one of the {len(heads)} outputs",
            f"Pass a dict by output: {{{next(iter(heads))!r}: {{0: 1.0, 1: 2.0}}}}.",
            place="class_weight",
            found="weights by class",
            expected=", ".join(heads),
        )
    else:
        tables = {next(iter(heads)): given}
    require_known_names(heads, tables, "class_weight")
    return {
        name: _weights_by_row(heads[name], table, dataset, train) for name, table in tables.items()
    }


def _weights_by_row(head: Head, given: Any, dataset: Dataset, train: Rows) -> Array:
    """Validate class weights; return the weight of each target of `head`: the weight of its class.

    `given` holds weights by class, or is "balanced" to compute them from the training rows `train`.
    """
    table: Any = given if isinstance(given, str) else to_plain_json(given, "class_weight")
    labels = {"labels": list(head.labels)} if head.labels else {}
    params = {"loss": head.loss_name, "class_weight": table, **labels}
    output = Output.try_from_params(params)
    if isinstance(output, list):
        raise DiagnosticError(*(problem.at_node(head.name) for problem in output))
    if problems := only_errors(check_output_settings(head.name, output, head.spec)):
        raise DiagnosticError(*problems)
    target, mask = dataset.targets[head.name], dataset.masks.get(head.name)
    if table == "balanced":
        present = None if mask is None else mask[train]
        weights = np.array(balanced_class_weights(target_spec(head), target[train], present))
    else:
        weights = np.array(resolve_head(head.name, output, head.spec, "linear").class_weight)
    return np.asarray(weights[class_ids(head.target_form, target)])


def combine_weights(first: Weights, second: Weights) -> Weights:
    """Return the sample weights of both arguments by output name.

    If an output has weights in both arguments, the weights are multiplied.
    A weight per row in `first` (n,) is multiplied by each weight per step in `second` (n, steps).
    """
    product = {**first}
    for name, array in second.items():
        if name in product:
            weights = product[name]
            product[name] = weights.reshape(weights.shape + (1,) * (array.ndim - weights.ndim))
            product[name] = product[name] * array
        else:
            product[name] = array
    return product
