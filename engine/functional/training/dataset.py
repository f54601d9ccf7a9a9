"""Encode arrays as a dataset, with the same data check as for a table in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
    recipe = state.report.recipe
    is_double = recipe is not None and recipe.precision == "float64"
    try:
        dataset = encode_for_graph(
            _with_array_columns(state.report),
            table_from_arrays({**inputs, **targets}),
            train=train_rows,
            fitted=encoders,
            precision="float64" if is_double else "float32",
            with_targets=with_targets,
        )
        found = _checked(state.report, dataset, training)
    except DiagnosticError as error:
        first, *others = error.diagnostics
        given = ("y", y, targets) if first.node in targets else ("x", x, inputs)
        raise DiagnosticError(_with_order(first, *given), *others) from None
    order = _describe_order(x, inputs) if is_list_of_arrays(x, names) else ""
    digest = _digest(dataset) if with_targets else ""
    return EncodedRows(dataset, found, order, digest=digest)


def _checked(report: Report, dataset: Dataset, training: bool) -> tuple[Diagnostic, ...]:
    """Return the notes and warnings about a dataset. Raise a DiagnosticError if it has errors."""
    found = (*dataset.notes, *check_against_graph(report, dataset, training))
    if only_errors(found):
        raise DiagnosticError(*found)
    return found


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


def _with_order(found: Diagnostic, argument: str, given: Any, arrays: Arrays) -> Diagnostic:
    """Return a diagnostic that names the ports of the arrays, if the user gave a list of them."""
    if not isinstance(given, list | tuple) or len(arrays) < 2:
        return found
    example = ", ".join(f"{name!r}: ..." for name in arrays)
    fix = Fix(f"Pass a dict, whose order does not matter: {{{example}}}.")
    why = f"{argument} is a list in the order {', '.join(arrays)}"
    return replace(found, why=why, fixes=(fix, *found.fixes))


def _describe_order(x: Any, inputs: Arrays) -> str:
    """Return text that states which array of the list `x` each input got, "" for one array."""
    if len(x) < 2:
        return ""
    return ", ".join(
        f"{name} is array {number} {array.shape}"
        for number, (name, array) in enumerate(inputs.items(), 1)
    )
