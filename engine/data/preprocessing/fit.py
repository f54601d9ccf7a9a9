"""Fits the encoder of one port on the training rows of a table, which may be read in chunks.

Encodings that the data mapping does not define are chosen by the statistics of the columns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import ConcatEncoder, Encoder, Fitter, PortRequirement, create_fitter
from engine.data.encoding_choice.choice import default_encodings
from engine.data.encoding_choice.compatibility import check_input, check_target
from engine.data.ports.port_columns import PortColumns, encoding_name
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.encoder_diagnostics import attach_fixes, check_classes, target_labels
from engine.data.preprocessing.prepared_columns import PreparedColumns, training_rows
from engine.data.preprocessing.reshape import reshape_input, reshape_target
from engine.data.table.array import Array
from engine.recipe.data_mapping import PortSide
from engine.recipe.encoding import Encoding, Number


class PortFitter(ABC):
    """The base class of fitters that fit the encoder of one port, chunk by chunk."""

    side: PortSide
    port: str
    _fitters: _ColumnFitters

    @property
    def needs_fit(self) -> bool:
        """Whether the port needs an encoder. If it does not, calls of `add` are unnecessary."""
        return self._fitters.needed

    def fit(self, data: PortColumns) -> Encoder | None:
        """Return the encoder, fitted on the training rows in `data`; None if the port needs none.

        Raises:
            DiagnosticError: if no encoder can be fitted.
        """
        self.add(data)
        return self.finish(data)

    def add(self, data: PortColumns) -> None:
        """Fit the encoder on the training rows in `data`, the next chunk of the table.

        Raises:
            DiagnosticError: if the encoder can't read a column.
        """
        if not self.needs_fit:
            return
        columns = data.raw_columns(self.port, self.side)
        prepared = PreparedColumns.prepare(data, self.port, columns, self._fitters.kinds)
        if self._fitters.together:
            self._fitters.add_numbers(self._reshape(prepared.stack(self.port)), data)
        else:
            with attach_fixes(data, self.side, self.port):
                self._fitters.add(prepared)

    @abstractmethod
    def _reshape(self, numbers: Array) -> Array: ...

    def finish(self, data: PortColumns) -> Encoder | None:
        """Return the encoder, fitted on all rows added so far; None if the port needs no encoder.

        Raises:
            DiagnosticError: if no encoder can be fitted; the fixes are made from `data`, any chunk.
        """
        with attach_fixes(data, self.side, self.port):
            return self._fitters.done()


class InputFitter(PortFitter):
    """Fits the encoder of the Input named `port`. `data` is the first chunk of the table's rows."""

    side = "inputs"

    def __init__(self, data: PortColumns, port: str, spec: TensorSpec) -> None:
        self.port, self._spec = port, spec
        columns = data.raw_columns(port, "inputs")
        encodings = default_encodings(data.contents(columns), data.source, spec)
        check_input(data.source, port, encodings, spec)
        requirement = PortRequirement(spec.dtype == "float32", data.source.labels or (), spec.shape)
        with attach_fixes(data, "inputs", port):
            self._fitters = _ColumnFitters(encodings, requirement)

    def _reshape(self, numbers: Array) -> Array:
        return reshape_input(self.port, numbers, self._spec.shape)


class TargetFitter(PortFitter):
    """Fits the encoder of the target `port`. `data` is the first chunk of the table's rows."""

    side = "targets"

    def __init__(self, data: PortColumns, port: TargetSpec) -> None:
        self.port, self._target = port.name, port
        columns = data.raw_columns(port.name, "targets")
        labels = target_labels(data, port)
        encodings = default_encodings(data.contents(columns), data.source, port)
        check_target(data.source, port, encodings)
        with attach_fixes(data, "targets", port.name, port):
            self._fitters = _ColumnFitters(
                encodings, PortRequirement(port.is_one_hot, labels, port.shape)
            )

    def _reshape(self, numbers: Array) -> Array:
        return reshape_target(self._target, numbers)

    def finish(self, data: PortColumns) -> Encoder | None:
        """Return the fitted encoder, None if the port needs none. `data` is any chunk of the table.

        Raises:
            DiagnosticError: if fitting fails, or if the Output needs another number of labels.
        """
        encoder = super().finish(data)
        if encoder is not None:
            check_classes(data, self._target, encoder)
        return encoder


class _ColumnFitters:
    """A port's encoder fitters: one per column, or just one for number columns scaled alike."""

    def __init__(self, encodings: Sequence[Encoding], requirement: PortRequirement) -> None:
        self.kinds = [encoding_name(encoding) for encoding in encodings]
        self.together = set(self.kinds) == {"number"} and len(set(encodings)) == 1
        self.needed = not self.together or encodings[0] != Number()
        if len(encodings) > 1:  # the shape of the port is not that of a single column
            requirement = PortRequirement(requirement.one_hot, requirement.labels)
        self._fitters: list[Fitter] = [
            create_fitter(encoding, requirement)
            for encoding in (encodings[:1] if self.together else encodings)
        ]

    def add_numbers(self, shaped: Array, data: PortColumns) -> None:
        self._fitters[0].add(training_rows(shaped, data))

    def add(self, prepared: PreparedColumns) -> None:
        for fitter, column in zip(self._fitters, prepared.training_columns(), strict=True):
            fitter.add(column)

    def done(self) -> Encoder | None:
        if not self.needed:
            return None
        parts = tuple(fitter.finish() for fitter in self._fitters)
        return parts[0] if len(parts) == 1 else ConcatEncoder(parts=parts)
