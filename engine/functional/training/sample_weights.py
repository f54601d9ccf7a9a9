"""How much each row counts in the loss: `sample_weight` and `class_weight`, by output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.output_settings import answers
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import plain
from engine.data.dataset.dataset import Dataset
from engine.data.ports.target_spec import target_port
from engine.data.preprocessing.class_weights import balanced, class_numbers
from engine.data.preprocessing.reshape import not_finite
from engine.data.table.row_numbers import any_of_row
from engine.functional.per_output import require_known
from engine.functional.training.named_arrays import by_name
from engine.layers.io import Output
from engine.objectives.head import Head, class_index
from engine.recipe.data_mapping import DataMapping

Array = NDArray[Any]
Weights = dict[str, Array]
_ALL = slice(None)


def sample_weights(given: Any, outputs: Sequence[str], rows: int) -> Weights:
    """Return the weights of rows by output; one array holds for all outputs.

    Raises:
        Refused: another number of rows, or weights that are no numbers.
    """
    if given is None:
        return {}
    if len(outputs) > 1 and not isinstance(given, Mapping | list | tuple):
        given = dict.fromkeys(outputs, given)
    found = by_name(given, outputs, "output", "sample_weight")
    weights = {name: np.asarray(array, np.float64) for name, array in found.items()}
    for name, array in weights.items():
        if len(array) != rows:
            raise Refused(_other_rows(name, len(array), rows))
        unsound = any_of_row(~np.isfinite(array) | (array < 0))
        if unsound.any():
            raise Refused(not_finite(name, unsound))
    return weights


def unweighed(mapping: DataMapping | None, given: Any) -> list[Diagnostic]:
    """Warn where a file weighs rows by a column that arrays do not hold.

    Args:
        mapping: of the file that the model comes from, None if it comes from none.
        given: the sample_weight of this call.
    """
    columns = [] if mapping is None else [weight.column for weight in mapping.weights.values()]
    if not columns or given is not None:
        return []
    shown = ", ".join(dict.fromkeys(columns))
    return [
        Diagnostic(
            "column-missing",
            "the model's file weighs rows by a column, and all rows count the same here",
            severity="warning",
            place="data.weights",
            found="no sample_weight",
            expected=f"the numbers of {shown}",
            fixes=(Fix(f"Hand them in: sample_weight=the column {shown}."),),
        )
    ]


def class_weights(
    given: Any,
    heads: Mapping[str, Head],
    dataset: Dataset,
    train: NDArray[np.int64] | slice = _ALL,
) -> Weights:
    """Return the weights of rows that follow from their classes.

    Args:
        given: a weight by class for the only output, or "balanced", or either of them for each
            output by name.
        heads: the outputs with a loss.
        dataset: holds the targets.
        train: the rows to train on, which classes are balanced by.

    Raises:
        Refused: an unknown output or class.
    """
    if not given:
        return {}
    tables = given if isinstance(given, Mapping) and all(map(_is_table, given.values())) else None
    if tables is None:
        if len(heads) > 1:
            raise Refused(_for_which(heads))
        tables = {next(iter(heads)): given}
    require_known(heads, tables, "class_weight")
    return {name: _by_row(heads[name], table, dataset, train) for name, table in tables.items()}


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping | str)


def _by_row(head: Head, given: Any, dataset: Dataset, train: NDArray[np.int64] | slice) -> Array:
    table: Any = given if isinstance(given, str) else plain(given, "class_weight")
    read = Output.problems(
        {
            "loss": head.loss_name,
            "class_weight": table,
            **({"labels": list(head.labels)} if head.labels else {}),
        }
    )
    found = (
        [each.at(head.name) for each in read]
        if isinstance(read, list)
        else [each for each in answers(head.name, read, head.spec) if each.is_error]
    )
    if found:
        raise Refused(*found)
    target, mask = dataset.targets[head.name], dataset.masks.get(head.name)
    if table == "balanced":
        known = None if mask is None else mask[train]
        weights = np.array(balanced(target_port(head), target[train], known))
    else:
        weights = _by_class(head, table)
    return np.asarray(weights[class_numbers(head.form, target)])


def _by_class(head: Head, table: Mapping[str, float]) -> Array:
    assert head.classes is not None, "class weights were checked"
    weights = np.ones(head.classes)
    for key, weight in table.items():
        place = class_index(key, head.classes, head.labels)
        assert place is not None, "class weights were checked"
        weights[place] = weight
    return weights


def multiplied(one: Weights, other: Weights) -> Weights:
    """Return the products of two sets of weights, where both have one."""
    answer = {**one}
    for name, array in other.items():
        if name in answer:
            wide = answer[name].reshape(
                answer[name].shape + (1,) * (array.ndim - answer[name].ndim)
            )
            answer[name] = wide * array
        else:
            answer[name] = array
    return answer


def _other_rows(name: str, found: int, rows: int) -> Diagnostic:
    return Diagnostic(
        "rows-differ",
        f"sample_weight of {name} has another number of rows than the data",
        node=name,
        found=f"{found:,} weights",
        expected=f"{rows:,} weights",
        fixes=(Fix("Give a weight for each row."),),
    )


def _for_which(heads: Mapping[str, Head]) -> Diagnostic:
    first = next(iter(heads))
    return Diagnostic(
        "class-weight-unfit",
        f"class_weight does not say for which of {len(heads)} outputs",
        place="class_weight",
        found="weights by class",
        expected=", ".join(heads),
        fixes=(Fix(f"Give them by output: {{{first!r}: {{0: 1.0, 1: 2.0}}}}."),),
    )
