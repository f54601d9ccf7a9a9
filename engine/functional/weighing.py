"""How much each row counts in the loss: `sample_weight` and `class_weight`, by output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.answers import answers
from engine.core.arguments import plain, unknown_word
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.dataset import Dataset
from engine.data.rows import any_of_row
from engine.data.shaping import not_finite
from engine.functional.arrays import by_name
from engine.layers.io import Output
from engine.objectives.head import Head, class_index

Array = NDArray[Any]
Weights = dict[str, Array]


def sample_weights(given: Any, outputs: Sequence[str], rows: int) -> Weights:
    """Answer the weights of rows by output; one array holds for all outputs.

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


def class_weights(given: Any, heads: Mapping[str, Head], dataset: Dataset) -> Weights:
    """Answer the weights of rows that follow from their classes.

    Args:
        given: a weight by class for the only output, or such a dict for each output by name.
        heads: the outputs with a loss.
        dataset: holds the targets.

    Raises:
        Refused: an unknown output or class.
    """
    if not given:
        return {}
    tables = given if all(isinstance(v, Mapping) for v in given.values()) else None
    if tables is None:
        if len(heads) > 1:
            raise Refused(_for_which(heads))
        tables = {next(iter(heads)): given}
    strange = [str(name) for name in tables if name not in heads]
    if strange:
        raise Refused(*(unknown_word(name, heads, "output", "class_weight") for name in strange))
    return {
        name: _by_row(heads[name], table, dataset.targets[name]) for name, table in tables.items()
    }


def _by_row(head: Head, given: Mapping[Any, Any], target: Array) -> Array:
    table: Mapping[str, float] = plain(given, "class_weight")
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
    assert head.classes is not None, "class weights were checked"
    weights = np.ones(head.classes)
    for key, weight in table.items():
        place = class_index(key, head.classes, head.labels)
        assert place is not None, "class weights were checked"
        weights[place] = weight
    return np.asarray(weights[_labels(head, target)])


def _labels(head: Head, target: Array) -> Array:
    if head.form == "index":
        return target
    if head.form == "binary":
        yes: Array = (target > 0.5).astype(np.int64)
        return yes[..., 0] if yes.ndim > 1 and yes.shape[-1] == 1 else yes
    return np.asarray(target.argmax(-1))


def multiplied(one: Weights, other: Weights) -> Weights:
    """Answer the products of two sets of weights, where both have one."""
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
