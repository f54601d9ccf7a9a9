"""Fits the encoder of one port on the training rows of a table, read whole or in chunks.

The data mapping defines the encodings; those that it leaves open are inferred from the first chunk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Beside, Encoder, Fitter, Wanted, fitter
from engine.data.encoding_choice import errors
from engine.data.encoding_choice.default_from_rows import for_input, for_target
from engine.data.ports.port_columns import Reading, kind_of
from engine.data.ports.target_spec import TargetPort
from engine.data.preprocessing.prepared_columns import Array, Ready, training_rows
from engine.data.preprocessing.reshape import input_shape, target_shape
from engine.recipe.data_mapping import Side
from engine.recipe.encoding import Encoding, Number


def fit_input(chunks: Iterable[Reading], port: str, spec: TensorSpec) -> Encoder | None:
    """Return the fitted encoder of an Input, None if its numbers need none.

    Args:
        chunks: the columns of the whole table, or of its chunks in order.
        port: the name of the Input.
        spec: the spec of the Input.

    Raises:
        DiagnosticError: if the columns can't feed it.
    """
    port_fitter: InputFitting | None = None
    for chunk in chunks:
        port_fitter = port_fitter or InputFitting(chunk, port, spec)
        port_fitter.add(chunk)
    assert port_fitter is not None, "a table has at least one chunk"
    return port_fitter.done(chunk)


def fit_target(chunks: Iterable[Reading], port: TargetPort) -> Encoder | None:
    """Return the fitted encoder of an Output's target, None if its numbers need none.

    Args:
        chunks: the columns of the whole table, or of its chunks in order.
        port: what the Output expects.

    Raises:
        DiagnosticError: if the columns can't be its target.
    """
    port_fitter: TargetFitting | None = None
    for chunk in chunks:
        port_fitter = port_fitter or TargetFitting(chunk, port)
        port_fitter.add(chunk)
    assert port_fitter is not None, "a table has at least one chunk"
    return port_fitter.done(chunk)


class PortFitting(ABC):
    """The base of incremental fitters: fits the encoder of one port chunk by chunk."""

    side: Side
    port: str
    _column_fitters: _ColumnFitters

    @property
    def needed(self) -> bool:
        """False if the port's numbers need no encoder, so that chunks can be skipped."""
        return self._column_fitters.needed

    def add(self, reading: Reading) -> None:
        """Fit the encoder on the next rows.

        Raises:
            DiagnosticError: if a column can't be read by its encoder.
        """
        if not self.needed:
            return
        columns = reading.columns(self.port, self.side)
        ready = Ready.of(reading, self.port, columns, self._column_fitters.kinds)
        if self._column_fitters.together:
            self._column_fitters.add_numbers(self._reshape(ready.stacked(self.port)), reading)
        else:
            with errors.mended(reading, self.side, self.port):
                self._column_fitters.add(ready)

    @abstractmethod
    def _reshape(self, stacked: Array) -> Array:
        """Return an array of numbers in the shape of the port."""

    def done(self, reading: Reading) -> Encoder | None:
        """Return the encoder fitted on all rows so far.

        Args:
            reading: the columns of the last chunk, for diagnostics.

        Raises:
            DiagnosticError: if the encoder can't be fitted on these rows.
        """
        with errors.mended(reading, self.side, self.port):
            return self._column_fitters.done()


class InputFitting(PortFitting):
    """Fits the encoder of an Input; arguments as for `fit_input`, with the first chunk."""

    side = "inputs"

    def __init__(self, reading: Reading, port: str, spec: TensorSpec) -> None:
        self.port, self._spec = port, spec
        columns = reading.columns(port, "inputs")
        encodings = for_input(reading, columns, spec)
        errors.check_input(reading, port, encodings, spec)
        requirement = Wanted(spec.dtype == "float32", reading.source.labels or (), spec.shape)
        with errors.mended(reading, "inputs", port):
            self._column_fitters = _ColumnFitters(encodings, requirement)

    def _reshape(self, stacked: Array) -> Array:
        return input_shape(self.port, stacked, self._spec.shape)


class TargetFitting(PortFitting):
    """Fits the encoder of a target; arguments as for `fit_target`, with the first chunk."""

    side = "targets"

    def __init__(self, reading: Reading, port: TargetPort) -> None:
        self.port, self._target = port.name, port
        columns = reading.columns(port.name, "targets")
        labels = errors.labels_of(reading, port)
        encodings = for_target(reading, columns, port)
        errors.check_target(reading, port, encodings)
        with errors.mended(reading, "targets", port.name, port):
            self._column_fitters = _ColumnFitters(encodings, Wanted(port.hot, labels, port.shape))

    def _reshape(self, stacked: Array) -> Array:
        return target_shape(self._target, stacked)

    def done(self, reading: Reading) -> Encoder | None:
        """Return the encoder fitted on all rows so far.

        Args:
            reading: the columns of the last chunk, for diagnostics.

        Raises:
            DiagnosticError: if the encoder can't be fitted on these rows, or its classes differ
                from those of the Output.
        """
        encoder = super().done(reading)
        if encoder is not None:
            errors.check_classes(reading, self._target, encoder)
        return encoder


class _ColumnFitters:
    """The fitters of a port's columns; columns that are scaled alike share one."""

    def __init__(self, encodings: Sequence[Encoding], requirement: Wanted) -> None:
        self.kinds = [kind_of(encoding) for encoding in encodings]
        self.together = set(self.kinds) == {"number"} and len(set(encodings)) == 1
        self.needed = not self.together or encodings[0] != Number()
        if len(encodings) > 1:  # the port's shape is that of all columns together
            requirement = Wanted(requirement.hot, requirement.labels)
        self._fitters: list[Fitter] = [
            fitter(encoding, requirement)
            for encoding in (encodings[:1] if self.together else encodings)
        ]

    def add_numbers(self, shaped: Array, reading: Reading) -> None:
        self._fitters[0].add(training_rows(shaped, reading))

    def add(self, ready: Ready) -> None:
        for column_fitter, column in zip(self._fitters, ready.training(), strict=True):
            column_fitter.add(column)

    def done(self) -> Encoder | None:
        if not self.needed:
            return None
        parts = tuple(column_fitter.done() for column_fitter in self._fitters)
        return parts[0] if len(parts) == 1 else Beside(parts=parts)
