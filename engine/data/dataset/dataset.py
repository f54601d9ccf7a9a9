"""`Dataset`: the rows of a table, encoded for the ports of one network."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, Severity, nearest_word
from engine.core.formatting.counts import join_first
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.memmap_rows import ARRAY_GROUPS, MemmapRows
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import TargetSpec, port_specs
from engine.data.preprocessing.class_weights import balanced_class_weights
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.sample_weights import sample_weights
from engine.data.preprocessing.transform import TransformedPort, transform_port
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks, rows_matching
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, PortSide

Precision = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The encoded rows of a table: one array per port, one row per example, ready for PyTorch.

    Input ids are int32, target class ids int64, and all other values floats of the run's precision.

    Args:
        inputs, targets: the arrays by name of the Input or Output.
        fitted: the encoders that produced the arrays, saved with the run.
        notes: infos and warnings about conversions and unused columns; never errors.
        masks: arrays by output, True where a target is present (see
            `engine.data.preprocessing.target_masks`). Outputs without missing targets have no mask.
        weights: the sample weight of each row, by output. Outputs without weights are left out.
        memmap: the memory-mapped file of the rows, None if the arrays are in memory.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    fitted: FittedEncoders
    notes: tuple[Diagnostic, ...] = ()
    masks: Mapping[str, Array] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    memmap: MemmapRows | None = None

    @classmethod
    def from_memmap(
        cls, stored: MemmapRows, fitted: FittedEncoders, notes: tuple[Diagnostic, ...] = ()
    ) -> Dataset:
        """Return a dataset of memory-mapped rows, which stay on disk."""
        inputs, targets, masks, weights = map(stored.arrays, ARRAY_GROUPS)
        return cls(inputs, targets, fitted, notes, masks, weights, stored)

    @property
    def row_count(self) -> int:
        """The number of rows."""
        if self.memmap is not None:
            return len(self.memmap)
        arrays = [*self.inputs.values(), *self.targets.values()]
        return len(arrays[0]) if arrays else 0

    @property
    def is_streamed(self) -> bool:
        """Whether the rows are read from the table in each epoch. The arrays have some of them."""
        return self.memmap is not None and self.memmap.shard_edges is not None

    def target_count(self, output: str) -> int:
        """Return the number of rows in which at least one target value of an output is present."""
        if self.memmap is not None and output in self.memmap.labelled:
            return self.memmap.labelled[output]
        mask = self.masks.get(output)
        return self.row_count if mask is None else int(rows_matching(mask, np.asarray).sum())

    def take(self, indices: NDArray[np.int64]) -> Dataset:
        """Return a dataset of the rows with the given numbers, in this order, copied to memory."""

        def select(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {port: array[indices] for port, array in arrays.items()}

        return Dataset(
            select(self.inputs),
            select(self.targets),
            self.fitted,
            masks=select(self.masks),
            weights=select(self.weights),
        )

    def subset(self, indices: NDArray[np.int64]) -> Dataset:
        """Return a dataset of the given rows. Unlike `take`, this reads no rows from disk."""
        if self.memmap is None:
            return self.take(indices)
        return Dataset.from_memmap(self.memmap.select(indices), self.fitted)

    def digest(self) -> str:
        """Return the SHA-256 of all values, by which runs on the same data are recognized."""
        hasher = hashlib.sha256()
        for group in ARRAY_GROUPS:
            for port, array in sorted(getattr(self, group).items()):
                hasher.update(f"{group} {port} {array.dtype.str} {array.shape}\n".encode())
                for _, part in row_blocks(array):
                    hasher.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        return hasher.hexdigest()


def build_dataset(
    table: Table,
    mapping: DataMapping,
    inputs: Mapping[str, TensorSpec],
    targets: Sequence[TargetSpec],
    *,
    train: NDArray[np.int64] | None = None,
    fitted: FittedEncoders | None = None,
    precision: Precision = "float32",
    with_targets: bool = True,
) -> Dataset:
    """Return the rows of a table, encoded for the ports of a network.

    Args:
        inputs: the specs of the Inputs that are used, by name.
        targets: the target specs of the Outputs that are trained or evaluated.
        train: the numbers of the rows that encoders are fitted on, None for all rows.
        fitted: the encoders of a previous run, None to fit new ones.
        precision: the dtype of floats.
        with_targets: False to read only the inputs, as for predictions.

    Raises:
        DiagnosticError: with the errors of all ports.
    """
    diagnostics = mapping.unknown_ports(inputs, [port.name for port in targets])
    filled: dict[PortSide, dict[str, TransformedPort]] = {"inputs": {}, "targets": {}}
    used = frozenset(mapping.used_columns(inputs, [port.name for port in targets]))
    for (side, port), spec in port_specs(inputs, targets if with_targets else ()).items():
        source = mapping.source(side, port)
        encoder = fitted.encoders(side).get(port) if fitted else None
        refit = fitted is None
        columns = PortColumns(
            table, source, precision, train, encoder, refit, is_own_fit=refit, split=mapping.split,
            used=used,
        )  # fmt: skip
        try:
            filled[side][port] = transform_port(columns, port, spec)
        except DiagnosticError as error:
            diagnostics += error.diagnostics
    weights: dict[str, Array] = {}
    notes: list[Diagnostic] = []
    if with_targets:
        outputs = [port.name for port in targets]
        try:
            weights, notes = sample_weights(table, mapping, outputs, precision, fitted is None)
        except DiagnosticError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        if table.dialect is not None:  # a CSV file, no arrays in memory
            diagnostics = add_line_numbers(diagnostics, table.path, table.dialect)
        raise DiagnosticError(*diagnostics)
    class_weights = _class_weights(filled["targets"], targets, train, fitted)
    unused = column_usage_diagnostics(table, mapping, inputs, targets, with_targets)
    return _dataset(filled, class_weights, (*table.notes, *notes, *unused), weights)


def _class_weights(
    filled: Mapping[str, TransformedPort],
    targets: Sequence[TargetSpec],
    train: NDArray[np.int64] | None,
    fitted: FittedEncoders | None,
) -> Mapping[str, tuple[float, ...]]:
    """Return class weights by output, from `fitted`; if it is None, computed from rows `train`."""
    if fitted is not None:
        return fitted.class_weights
    rows = slice(None) if train is None else train
    class_weights = {}
    for port in targets:
        if port.has_balanced_classes and port.name in filled:
            values, mask = filled[port.name].values[rows], filled[port.name].target_mask
            present = None if mask is None else mask[rows]
            class_weights[port.name] = balanced_class_weights(port, values, present)
    return class_weights


def _dataset(
    filled: Mapping[PortSide, Mapping[str, TransformedPort]],
    class_weights: Mapping[str, tuple[float, ...]],
    notes: Iterable[Diagnostic],
    weights: Mapping[str, Array],
) -> Dataset:
    inputs, targets = filled["inputs"], filled["targets"]
    ports = [*inputs.values(), *targets.values()]
    fitted = FittedEncoders(
        inputs={name: port.encoder for name, port in inputs.items() if port.encoder},
        targets={name: port.encoder for name, port in targets.items() if port.encoder},
        class_weights=dict(class_weights),
    )
    masks = {name: port.target_mask for name, port in targets.items()}
    return Dataset(
        {name: port.values for name, port in inputs.items()},
        {name: port.values for name, port in targets.items()},
        fitted,
        (*notes, *(note for port in ports for note in port.notes)),
        {name: mask for name, mask in masks.items() if mask is not None},
        weights,
    )


def column_usage_diagnostics(
    table: Table,
    mapping: DataMapping,
    inputs: Collection[str],
    targets: Collection[TargetSpec],
    with_targets: bool,
) -> Iterator[Diagnostic]:
    """Yield diagnostics of unused columns; if `with_targets`, also of inputs used as targets.

    Why: columns are often left out on purpose, so an unused column is only an info. But if the name
    resembles a port's name, the column was probably meant for the port, so the diagnostic is a
    warning.
    """
    input_ports = {
        name: port for port in inputs for name in mapping.source("inputs", port).column_names
    }
    predicted = {
        name: port.name
        for port in targets
        for name in mapping.source("targets", port.name).column_names
    }
    for name in table.columns if with_targets else ():
        if name in input_ports and name in predicted and mapping.windows is None:
            source, target = input_ports[name], predicted[name]
            yield Diagnostic.warning(
                "column-twice",
                f'column "{name}" is an input, {source}, and also the target of this output',
                f"Map another column to {source} or to {target}.",
                node=target,
                place=f"column {name}",
                found="one column as both input and target",
                expected="a target that is not among the inputs",
            )
    outputs = [port.name for port in targets]
    used = mapping.used_columns(inputs, outputs)
    unused = [name for name in table.columns if name not in used]
    ports = [*inputs, *outputs]
    similar = [name for name in unused if nearest_word(name, ports)]
    if similar:
        yield _unused(similar, [*input_ports, *predicted], "warning")
    if rest := [name for name in unused if name not in similar]:
        yield _unused(rest, [*input_ports, *predicted], "info")


def _unused(names: Sequence[str], used: Sequence[str], severity: Severity) -> Diagnostic:
    shown = join_first(names)
    return Diagnostic(
        "column-unused",
        f"unused columns: {shown}",
        severity=severity,
        found=shown,
        expected=", ".join(used),
        fixes=(
            Fix("No action is needed if this is intended. Otherwise map the column to a port."),
        ),
    )
