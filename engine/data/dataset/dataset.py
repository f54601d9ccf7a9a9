"""A dataset: a table's columns, brought to the ports of one network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, Severity, nearest_word
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.memmap_rows import SIDES, Stored
from engine.data.ports.target_spec import TargetPort
from engine.data.preprocessing.class_weights import balanced
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.preprocessing.sample_weights import row_weights
from engine.data.preprocessing.transform import Filled, Reading, fill_input, fill_target
from engine.data.readers.table import Table
from engine.data.readers.text.csv_line_numbers import with_lines
from engine.data.table.chunks import parts, rows_where
from engine.recipe.data_mapping import DataMapping, Side

Array = NDArray[Any]
Precision = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Arrays by port, one row per example, ready for torch.

    Ids are int32, class numbers int64, all else the run's precision.

    Args:
        inputs, targets: by the name of the Input or Output.
        fitted: the encoders that made them, to be kept with the run.
        notes: what was converted, what is left over; never an error.
        masks: by output, True where its target counts (see `engine.data.preprocessing.target_masks`); an output whose
            targets are all there has none.
        weights: by output, how much each row counts in its loss; one without counts 1.
        stored: where the rows are, if the arrays are not in memory but in a file.
    """

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    fitted: Fitted
    notes: tuple[Diagnostic, ...] = ()
    masks: Mapping[str, Array] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    stored: Stored | None = None

    @classmethod
    def of_stored(
        cls, stored: Stored, fitted: Fitted, notes: tuple[Diagnostic, ...] = ()
    ) -> Dataset:
        """Return rows that stay on disk."""
        inputs, targets, masks, weights = map(stored.arrays, SIDES)
        return cls(inputs, targets, fitted, notes, masks, weights, stored)

    @property
    def rows(self) -> int:
        """Number of rows."""
        arrays = [*self.inputs.values(), *self.targets.values()]
        return len(arrays[0]) if arrays else 0

    def labelled(self, output: str) -> int:
        """Return how many rows have a target of an output, or part of one."""
        mask = self.masks.get(output)
        return self.rows if mask is None else int(rows_where(mask, np.asarray).sum())

    def take(self, rows: NDArray[np.int64]) -> Dataset:
        """Return the dataset of some rows, in the order given."""

        def some(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {port: array[rows] for port, array in arrays.items()}

        return Dataset(
            some(self.inputs),
            some(self.targets),
            self.fitted,
            masks=some(self.masks),
            weights=some(self.weights),
        )

    def side(self, rows: NDArray[np.int64]) -> Dataset:
        """Return some rows in the order given, left on disk if that is where they are."""
        if self.stored is None:
            return self.take(rows)
        return Dataset.of_stored(replace(self.stored, rows=rows), self.fitted)

    def outline(self) -> Dataset:
        """Return the dataset as it is, masks too, but with zeros for all other values in memory.

        Why: who has made a feed of them wants to know their shapes, and not to hold them twice.
            What is worked out of values, as a digest is, means nothing of it.
        """
        if self.stored is not None:
            return self

        def blank(arrays: Mapping[str, Array]) -> dict[str, Array]:
            return {
                port: np.broadcast_to(np.zeros((), array.dtype), array.shape)
                for port, array in arrays.items()
            }

        given = (self.inputs, self.targets, self.weights)
        inputs, targets, weights = map(blank, given)
        return replace(self, inputs=inputs, targets=targets, weights=weights)

    def digest(self) -> str:
        """Return a sha256 of all values, to tell whether two runs saw the same data."""
        hashed = hashlib.sha256()
        sides = {
            "inputs": self.inputs,
            "targets": self.targets,
            "masks": self.masks,
            "weights": self.weights,
        }
        for side, arrays in sides.items():
            for port, array in sorted(arrays.items()):
                hashed.update(f"{side} {port} {array.dtype.str} {array.shape}\n".encode())
                for _, part in parts(array):
                    hashed.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        return hashed.hexdigest()


def build(
    table: Table,
    mapping: DataMapping,
    inputs: Mapping[str, TensorSpec],
    targets: Sequence[TargetPort],
    *,
    train: NDArray[np.int64] | None = None,
    fitted: Fitted | None = None,
    precision: Precision = "float32",
    complete: bool = True,
) -> Dataset:
    """Return a table's rows by port.

    Args:
        table: the data.
        mapping: which column goes to which port.
        inputs: the spec of each Input that is used.
        targets: the target of each Output that is trained or measured.
        train: the rows that scales are fitted on; all rows if left out.
        fitted: the encoders of an earlier run; nothing is fitted then.
        precision: of real numbers.
        complete: False leaves the targets unread, as when predicting.

    Raises:
        Refused: with every finding, not only the first.
    """
    found = mapping.strangers(inputs, [port.name for port in targets])
    filled: dict[Side, dict[str, Filled]] = {"inputs": {}, "targets": {}}
    fillers: list[tuple[Side, str, Callable[[Reading], Filled]]] = [
        *(("inputs", port, partial(fill_input, port=port, spec=inputs[port])) for port in inputs),
    ]
    if complete:
        fillers += (("targets", port.name, partial(fill_target, port=port)) for port in targets)
    for side, port, fill in fillers:
        source = mapping.source(side, port)
        encoder = fitted.side(side).get(port) if fitted else None
        reading = Reading(
            table, source, precision, train, encoder, refit=fitted is None, split=mapping.split
        )
        try:
            filled[side][port] = fill(reading)
        except Refused as refused:
            found += refused.diagnostics
    weights: dict[str, Array] = {}
    notes: list[Diagnostic] = []
    if complete:
        outputs = [port.name for port in targets]
        try:
            weights, notes = row_weights(table, mapping, outputs, precision, fitted is None)
        except Refused as refused:
            found += refused.diagnostics
    if found:
        raise Refused(*with_lines(found, table))
    read = _dataset(
        filled,
        _class_weights(filled["targets"], targets, train, fitted),
        (*table.notes, *notes, *surplus(table, mapping, inputs, targets, complete)),
    )
    return replace(read, weights=weights)


def _class_weights(
    filled: Mapping[str, Filled],
    targets: Sequence[TargetPort],
    train: NDArray[np.int64] | None,
    fitted: Fitted | None,
) -> Mapping[str, tuple[float, ...]]:
    """Return the weights of classes that are balanced, fitted on the training rows."""
    if fitted is not None:
        return fitted.class_weights
    rows = slice(None) if train is None else train
    found = {}
    for port in targets:
        if port.balanced and port.name in filled:
            read = filled[port.name]
            mask = None if read.present is None else read.present[rows]
            found[port.name] = balanced(port, read.values[rows], mask)
    return found


def _dataset(
    filled: Mapping[Side, Mapping[str, Filled]],
    class_weights: Mapping[str, tuple[float, ...]],
    notes: Iterable[Diagnostic],
) -> Dataset:
    each = [port for side in filled.values() for port in side.values()]
    values = {side: {name: port.values for name, port in filled[side].items()} for side in filled}
    encoders = {
        side: {name: port.encoder for name, port in filled[side].items() if port.encoder}
        for side in filled
    }
    return Dataset(
        values["inputs"],
        values["targets"],
        Fitted(
            inputs=encoders["inputs"],
            targets=encoders["targets"],
            class_weights=dict(class_weights),
        ),
        (*notes, *(note for port in each for note in port.notes)),
        {
            name: port.present
            for name, port in filled["targets"].items()
            if port.present is not None
        },
    )


def surplus(
    table: Table,
    mapping: DataMapping,
    inputs: Collection[str],
    targets: Collection[TargetPort],
    complete: bool,
) -> Iterator[Diagnostic]:
    """Yield what is told of columns that nobody takes, or that are both input and target.

    Why: most tables hold columns that are left out on purpose, so that is a note. One that is
    called nearly like a port was probably meant for it.
    """
    fed = {name: port for port in inputs for name in mapping.source("inputs", port).names}
    aims = {
        name: port.name for port in targets for name in mapping.source("targets", port.name).names
    }
    for name in table.columns if complete else ():
        if name in fed and name in aims:
            yield _twice(name, fed[name], aims[name])
    used = {*fed, *aims, *(weight.column for weight in mapping.weights.values())}
    used.add(mapping.split.reads or "" if mapping.split else "")
    unused = [name for name in table.columns if name not in used]
    ports = [*inputs, *(port.name for port in targets)]
    meant = [name for name in unused if nearest_word(name, ports)]
    if meant:
        yield _unused(meant, [*fed, *aims], "warning")
    rest = [name for name in unused if name not in meant]
    if rest:
        yield _unused(rest, [*fed, *aims], "info")


def _twice(name: str, source: str, target: str) -> Diagnostic:
    return Diagnostic(
        "column-twice",
        f'column "{name}" feeds {source} and is also what this output predicts',
        severity="warning",
        node=target,
        place=f"column {name}",
        found="one column on both sides",
        expected="a target that the inputs do not hold",
        fixes=(Fix(f"Map another column to {source} or to {target}."),),
    )


def _unused(names: Sequence[str], used: Sequence[str], severity: Severity) -> Diagnostic:
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")
    return Diagnostic(
        "column-unused",
        f"columns that nothing takes: {shown}",
        severity=severity,
        found=shown,
        expected=", ".join(used),
        fixes=(Fix("Nothing, if that is meant; else map the column to an input or output."),),
    )
