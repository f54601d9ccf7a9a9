"""Fits the encoder of one port on the training rows of a table, read whole or in chunks.

The data mapping defines the encodings; those that it leaves open are inferred from the first chunk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import ConcatEncoder, Encoder, Fitter, PortRequirement, create_fitter
from engine.data.encoding_choice import errors
from engine.data.encoding_choice.default_from_rows import (
    default_input_encodings,
    default_target_encodings,
)
from engine.data.ports.port_columns import PortColumns, encoding_name
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.prepared_columns import Array, PreparedColumns, training_rows
from engine.data.preprocessing.reshape import reshape_input, reshape_target
from engine.recipe.data_mapping import PortSide
from engine.recipe.encoding import Encoding, Number


def fit_input(chunks: Iterable[PortColumns], port: str, spec: TensorSpec) -> Encoder | None:
    """Return the fitted encoder of an Input, None if its numbers need none.

    Args:
        chunks: the columns of the whole table, or of its chunks in order.
        port: the name of the Input.
        spec: the spec of the Input.

    Raises:
        DiagnosticError: if the columns can't feed it.
    """
    port_fitter: InputFitter | None = None
    for chunk in chunks:
        port_fitter = port_fitter or InputFitter(chunk, port, spec)
        port_fitter.add(chunk)
    assert port_fitter is not None, "a table has at least one chunk"
    return port_fitter.finish(chunk)


def fit_target(chunks: Iterable[PortColumns], port: TargetSpec) -> Encoder | None:
    """Return the fitted encoder of an Output's target, None if its numbers need none.

    Args:
        chunks: the columns of the whole table, or of its chunks in order.
        port: what the Output expects.

    Raises:
        DiagnosticError: if the columns can't be its target.
    """
    port_fitter: TargetFitter | None = None
    for chunk in chunks:
        port_fitter = port_fitter or TargetFitter(chunk, port)
        port_fitter.add(chunk)
    assert port_fitter is not None, "a table has at least one chunk"
    return port_fitter.finish(chunk)


class PortFitter(ABC):
    """The base of incremental fitters: fits the encoder of one port chunk by chunk."""

    side: PortSide
    port: str
    _column_fitters: _ColumnFitters

    @property
    def needs_fit(self) -> bool:
        """False if the port's numbers need no encoder, so that chunks can be skipped."""
        return self._column_fitters.needed

    def add(self, port_columns: PortColumns) -> None:
        """Fit the encoder on the next rows.

        Raises:
            DiagnosticError: if a column can't be read by its encoder.
        """
        if not self.needs_fit:
            return
        columns = port_columns.raw_columns(self.port, self.side)
        prepared = PreparedColumns.prepare(
            port_columns, self.port, columns, self._column_fitters.kinds
        )
        if self._column_fitters.together:
            self._column_fitters.add_numbers(self._reshape(prepared.stack(self.port)), port_columns)
        else:
            with errors.attach_fixes(port_columns, self.side, self.port):
                self._column_fitters.add(prepared)

    @abstractmethod
    def _reshape(self, stacked: Array) -> Array:
        """Return an array of numbers in the shape of the port."""

    def finish(self, port_columns: PortColumns) -> Encoder | None:
        """Return the encoder fitted on all rows so far.

        Args:
            port_columns: the columns of the last chunk, for diagnostics.

        Raises:
            DiagnosticError: if the encoder can't be fitted on these rows.
        """
        with errors.attach_fixes(port_columns, self.side, self.port):
            return self._column_fitters.done()


class InputFitter(PortFitter):
    """Fits the encoder of an Input; arguments as for `fit_input`, with the first chunk."""

    side = "inputs"

    def __init__(self, port_columns: PortColumns, port: str, spec: TensorSpec) -> None:
        self.port, self._spec = port, spec
        columns = port_columns.raw_columns(port, "inputs")
        encodings = default_input_encodings(port_columns, columns, spec)
        errors.check_input(port_columns, port, encodings, spec)
        requirement = PortRequirement(
            spec.dtype == "float32", port_columns.source.labels or (), spec.shape
        )
        with errors.attach_fixes(port_columns, "inputs", port):
            self._column_fitters = _ColumnFitters(encodings, requirement)

    def _reshape(self, stacked: Array) -> Array:
        return reshape_input(self.port, stacked, self._spec.shape)


class TargetFitter(PortFitter):
    """Fits the encoder of a target; arguments as for `fit_target`, with the first chunk."""

    side = "targets"

    def __init__(self, port_columns: PortColumns, port: TargetSpec) -> None:
        self.port, self._target = port.name, port
        columns = port_columns.raw_columns(port.name, "targets")
        labels = errors.target_labels(port_columns, port)
        encodings = default_target_encodings(port_columns, columns, port)
        errors.check_target(port_columns, port, encodings)
        with errors.attach_fixes(port_columns, "targets", port.name, port):
            self._column_fitters = _ColumnFitters(
                encodings, PortRequirement(port.is_one_hot, labels, port.shape)
            )

    def _reshape(self, stacked: Array) -> Array:
        return reshape_target(self._target, stacked)

    def finish(self, port_columns: PortColumns) -> Encoder | None:
        """Return the encoder fitted on all rows so far.

        Args:
            port_columns: the columns of the last chunk, for diagnostics.

        Raises:
            DiagnosticError: if the encoder can't be fitted on these rows, or its classes differ
                from those of the Output.
        """
        encoder = super().finish(port_columns)
        if encoder is not None:
            errors.check_classes(port_columns, self._target, encoder)
        return encoder


class _ColumnFitters:
    """The fitters of a port's columns; columns that are scaled alike share one."""

    def __init__(self, encodings: Sequence[Encoding], requirement: PortRequirement) -> None:
        self.kinds = [encoding_name(encoding) for encoding in encodings]
        self.together = set(self.kinds) == {"number"} and len(set(encodings)) == 1
        self.needed = not self.together or encodings[0] != Number()
        if len(encodings) > 1:  # the port's shape is that of all columns together
            requirement = PortRequirement(requirement.one_hot, requirement.labels)
        self._fitters: list[Fitter] = [
            create_fitter(encoding, requirement)
            for encoding in (encodings[:1] if self.together else encodings)
        ]

    def add_numbers(self, shaped: Array, port_columns: PortColumns) -> None:
        self._fitters[0].add(training_rows(shaped, port_columns))

    def add(self, prepared: PreparedColumns) -> None:
        for column_fitter, column in zip(self._fitters, prepared.training_columns(), strict=True):
            column_fitter.add(column)

    def done(self) -> Encoder | None:
        if not self.needed:
            return None
        parts = tuple(column_fitter.finish() for column_fitter in self._fitters)
        return parts[0] if len(parts) == 1 else ConcatEncoder(parts=parts)
