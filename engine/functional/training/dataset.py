"""Encode arrays as a dataset, with the same data check as for a table in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, only_errors
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.table import table_from_arrays
from engine.functional.frames import frame_columns
from engine.functional.state.model_state import ModelState
from engine.functional.training.named_arrays import (
    Arrays,
    arrays_by_name,
    is_list_of_arrays,
    require_arrays,
)
from engine.recipe.data_mapping import DataMapping, Source

RowIndices = NDArray[np.int64]
_DIGEST_ROWS = 4096  # rows that go into the digest of a dataset
_MAX_PERMUTED = 4  # the longest list of arrays whose permutations are tried


@dataclass(frozen=True)
class EncodedRows:
    """Encoded and checked rows.

    Args:
        diagnostics: warnings and notes of the data check; no errors.
        array_order: text that states which array each input got if the user passed `x` as a list
            of several arrays; "" otherwise.
        sample_weights: arrays of sample weights by output name.
        digest: a digest of the rows; "" if the rows were encoded without targets.
    """

    dataset: Dataset
    diagnostics: tuple[Diagnostic, ...] = ()
    array_order: str = ""
    sample_weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    digest: str = ""


def encode_rows(
    state: ModelState,
    x: Any,
    y: Any = None,
    *,
    train_rows: RowIndices | None = None,
    encoders: FittedEncoders | None = None,
    training: bool = False,
    with_targets: bool = True,
) -> EncodedRows:
    """Encode the user's arrays for a model's inputs and outputs, and check every row.

    Args:
        x, y: one array, a list, a dict or a data frame, as for `Model.fit`. Without `y`, the data
            frame `x` has the targets, too.
        train_rows: the rows to fit encoders on; None for all rows.
        encoders: encoders that were fitted earlier, to use unchanged; None fits new ones.
        training: True for training rows, False for rows that are only evaluated.
        with_targets: False for predictions, which need no targets.

    Raises:
        DiagnosticError: the rows have errors; the exception lists all diagnostics.
    """
    names, specs = state.traced.inputs, state.report.input_specs()
    inputs = arrays_by_name(x, names, "input", "x")
    inputs = require_arrays(inputs, [name for name in names if name in specs], "input", "x")
    targets: Arrays = {}
    if with_targets:
        given = x if y is None and frame_columns(x, list(state.trained_heads)) else y
        targets = arrays_by_name(given, _target_names(state, given), "output", "y")
        targets = require_arrays(targets, list(state.trained_heads), "output", "y")
    encoder = _ArrayEncoder(state.report, train_rows, encoders, training, with_targets)
    try:
        dataset, found = encoder.encode(inputs, targets)
    except DiagnosticError as error:
        raise _with_order_hint(error, encoder, inputs, targets, (x, y)) from None
    order = _describe_order(x, inputs) if is_list_of_arrays(x, names) else ""
    digest = _digest(dataset) if with_targets else ""
    return EncodedRows(dataset, tuple(found), order, digest=digest)


def _digest(dataset: Dataset) -> str:
    """Return a digest of the rows, or of an evenly spread sample if there are many rows."""
    count = min(dataset.row_count, _DIGEST_ROWS)
    sample = np.linspace(0, max(dataset.row_count - 1, 0), count, dtype=np.int64)
    return f"{dataset.row_count} {dataset.take(sample).digest()}"


def _target_names(state: ModelState, y: Any) -> Sequence[str]:
    """Return the names of the outputs that `y` has targets for.

    A dict, or a list with one entry per output, covers all outputs. Otherwise, `y` covers only the
    outputs with a loss.
    """
    outputs = state.traced.outputs
    covers_all = isinstance(y, list | tuple) and len(y) == len(outputs)
    return outputs if covers_all or isinstance(y, Mapping) else list(state.trained_heads)


@dataclass(frozen=True)
class _ArrayEncoder:
    """Encodes arrays as a dataset, and checks the dataset against the graph.

    `accepts` returns whether `encode` would succeed. If a user passed a list of arrays in the wrong
    order, the caller tries other orders with `accepts` to find one that fits.
    """

    report: Report
    train: RowIndices | None
    fitted: FittedEncoders | None
    training: bool
    with_targets: bool

    def encode(self, inputs: Arrays, targets: Arrays) -> tuple[Dataset, list[Diagnostic]]:
        recipe = self.report.recipe
        is_double = recipe is not None and recipe.precision == "float64"
        precision: Literal["float32", "float64"] = "float64" if is_double else "float32"
        dataset = encode_for_graph(
            _with_array_columns(self.report),
            table_from_arrays({**inputs, **targets}),
            train=self.train,
            fitted=self.fitted,
            precision=precision,
            with_targets=self.with_targets,
        )
        found = [*dataset.notes, *check_against_graph(self.report, dataset, self.training)]
        if only_errors(found):
            raise DiagnosticError(*found)
        return dataset, found

    def accepts(self, inputs: Arrays, targets: Arrays) -> bool:
        try:
            self.encode(inputs, targets)
        except DiagnosticError:
            return False
        return True


def _with_array_columns(report: Report) -> Report:
    """Return `report` with a changed data mapping: each port reads the column of its own name.

    Ports without a mapping stay unmapped.
    """
    known = report.mapping or DataMapping()

    def by_port_name(sources: Mapping[str, Source]) -> dict[str, Source]:
        return {
            port: source.model_copy(update={"column": port, "columns": None})
            for port, source in sources.items()
        }

    mapping = DataMapping(inputs=by_port_name(known.inputs), targets=by_port_name(known.targets))
    return replace(report, mapping=mapping)


def _with_order_hint(
    error: DiagnosticError,
    encoder: _ArrayEncoder,
    inputs: Arrays,
    targets: Arrays,
    given: tuple[Any, Any],
) -> DiagnosticError:
    """Return `error`. If the user's list `x` or `y` would fit in another order, a hint is added.

    `given` is (x, y) as passed by the user. `inputs` and `targets` are the arrays by port name.
    """
    x, y = given
    for argument, arrays, values in (("x", inputs, x), ("y", targets, y)):
        if not isinstance(values, list | tuple) or not 1 < len(arrays) <= _MAX_PERMUTED:
            continue
        for order in _other_orders(arrays):
            rows = (order, targets) if argument == "x" else (inputs, order)
            if encoder.accepts(*rows):
                return DiagnosticError(*_wrong_order(error, argument, arrays, order))
    return error


def _other_orders(arrays: Arrays) -> Iterator[Arrays]:
    names = list(arrays)
    for order in permutations(names):
        if list(order) != names:
            yield {name: arrays[source] for name, source in zip(names, order, strict=True)}


def _wrong_order(
    error: DiagnosticError, argument: str, arrays: Arrays, order: Arrays
) -> Iterator[Diagnostic]:
    """Yield the diagnostics of `error`; the first one states in which order the list would fit.

    Args:
        argument: "x" or "y", the argument that the user passed as a list in the wrong order.
        arrays, order: by port name, the array that each port got and the array that would fit it.
    """
    numbers = {id(array): number for number, array in enumerate(arrays.values(), 1)}
    fitting = ", ".join(f"{name} array {numbers[id(array)]}" for name, array in order.items())
    first, *others = error.diagnostics
    why = f"{argument} is a list in the order {', '.join(arrays)}, but fits in another: {fitting}"
    example = ", ".join(f"{name!r}: ..." for name in arrays)
    fixes = (Fix(f"Pass a dict, whose order does not matter: {{{example}}}."), *first.fixes)
    yield replace(first, why=why, fixes=fixes)
    yield from others


def _describe_order(x: Any, inputs: Arrays) -> str:
    """Return text that states which array of the list `x` each input got, "" for one array."""
    if len(x) < 2:
        return ""
    return ", ".join(
        f"{name} is array {number} {array.shape}"
        for number, (name, array) in enumerate(inputs.items(), 1)
    )
