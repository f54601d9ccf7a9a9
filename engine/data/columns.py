"""Reads the columns of one port through their encoders, into its shape and precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Refused
from engine.core.spec import TensorSpec
from engine.data import unfit
from engine.data.encoders import Beside, Encoder, Labelled, Wanted, fitter
from engine.data.encoders.cells import Coded
from engine.data.implied import for_input, for_target
from engine.data.kinds import Column, is_text, take
from engine.data.missing import blank, known, mask_of, masked, refuse_missing, stopgap
from engine.data.ports import TargetPort
from engine.data.reading import Reading, kind_of, kinds_of, prepared
from engine.data.shaping import ids, input_shape, misshapen, reals, target_shape, whole
from engine.recipe.encoding import Encoding, Number

__all__ = ["Filled", "Reading", "fill_input", "fill_target"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """One port's values, the encoder that made them (None if none was needed), and notes.

    present: of a target, True where it counts (see `engine.data.missing`); None if all of it does.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    present: Array | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """The columns of a port, as its encoders read them.

    Args:
        reading: where they come from.
        asked: how they are encoded, () if that was settled earlier.
        kinds: the kind of encoder of each.
        columns: what it reads.
    """

    reading: Reading
    asked: tuple[Encoding, ...]
    kinds: tuple[str, ...]
    columns: tuple[Any, ...]

    @property
    def numbers(self) -> bool:
        """True if all are numbers that one encoder reads."""
        same = len(set(self.asked)) <= 1
        return (
            set(self.kinds) == {"number"} and same and not isinstance(self.reading.encoder, Beside)
        )

    def stacked(self, port: str) -> Array:
        """Answer columns of numbers side by side."""
        if len(self.columns) == 1:
            return np.asarray(self.columns[0])
        flat = [column.reshape(len(column), -1) for column in self.columns]
        wide = next((column for column in self.columns if column.ndim > 2), None)
        if wide is not None:
            raise Refused(misshapen(port, wide, (), ()))
        return np.concatenate(flat, axis=1)

    def encoder(self, wanted: Wanted) -> Encoder:
        """Answer the encoder of all columns, fitted on the training rows unless it was earlier.

        Raises:
            Refused: if there is none for such rows.
        """
        if not self.reading.refit:
            assert self.reading.encoder is not None
            return self.reading.encoder
        parts = []
        if len(self.columns) > 1:  # then the port's shape is that of all together
            wanted = replace(wanted, shape=())
        for asked, column in zip(self.asked, self.columns, strict=True):
            fitting = fitter(asked, wanted)
            fitting.add(_some(column, self.reading.train))
            parts.append(fitting.done())
        return parts[0] if len(parts) == 1 else Beside(parts=tuple(parts))

    def encode(self, encoder: Encoder) -> Array:
        """Answer the numbers that an encoder makes of the columns."""
        reading = self.reading
        if isinstance(encoder, Beside):
            made = encoder.join(self.columns, reading.source.names, reading.folder)
        else:
            made = encoder.encode(self.columns[0], reading.name, reading.folder)
        reading.notes.extend(made.notes)
        return made.values


def fill_input(reading: Reading, port: str, spec: TensorSpec) -> Filled:
    """Answer the rows of one Input.

    Raises:
        Refused: with what keeps the columns from feeding it.
    """
    columns = reading.columns(port, "inputs")
    asked = for_input(reading, columns, spec) if reading.refit else []
    unfit.check_input(reading, port, asked, spec)
    ready = _ready(reading, port, columns, asked)
    if ready.numbers:
        shaped = input_shape(port, ready.stacked(port), spec.shape)
        if spec.dtype == "float32":
            return _scaled(ready, port, shaped)
        values, notes = ids(shaped, port)
        return Filled(values, None, (*reading.notes, *notes))
    wanted = Wanted(spec.dtype == "float32", reading.source.labels or (), spec.shape)
    with unfit.mended(reading, "inputs", port):
        encoder = ready.encoder(wanted)
        coded = ready.encode(encoder)
    shaped = input_shape(port, coded, spec.shape)
    values, notes = (
        reals(shaped, port, reading.precision) if spec.dtype == "float32" else ids(shaped, port)
    )
    return Filled(values, encoder, (*reading.notes, *notes))


def fill_target(reading: Reading, port: TargetPort) -> Filled:
    """Answer the rows of one Output's target.

    Raises:
        Refused: with what keeps the columns from being compared with predictions.
    """
    labels = unfit.labels_of(reading, port)
    columns = reading.columns(port.name, "targets")
    asked = for_target(reading, columns, port) if reading.refit else []
    unfit.check_target(reading, port, asked)
    ready = _ready(reading, port.name, columns, asked)
    raw = ready.stacked(port.name) if ready.numbers else columns[0]
    there = known(raw, labels)
    if "multilabel" in ready.kinds and port.missing != "mask":
        there = None  # an empty cell holds no label, and that is an answer
    if there is not None and (is_text(raw) or port.missing == "mask"):
        refuse_missing(port, reading.name, there, there[reading.rows])
    masks = there is not None and port.missing == "mask"
    read = _target(ready, port, raw, labels, there if masks else None)
    if not masks or there is None:
        return read
    if "multilabel" in ready.kinds:  # one cell, but a value for each label
        there = np.repeat(there[:, None], read.values.shape[1], axis=1)
    mask = mask_of(port, there)
    notes = (*read.notes, masked(port.name, mask))
    return Filled(blank(port, read.values, mask), read.encoder, notes, mask)


def _target(
    ready: _Ready, port: TargetPort, raw: Column, labels: tuple[str, ...], there: Array | None
) -> Filled:
    """Answer a target; what is not `there` is read as a value that would be sound."""
    reading = ready.reading
    encoder = None
    if ready.numbers:
        if there is not None:
            raw = stopgap(raw, there, port.form, "")
        if port.form == "number":
            return _scaled(ready, port.name, target_shape(port, raw))
    else:
        with unfit.mended(reading, "targets", port.name):
            encoder = ready.encoder(Wanted(port.hot, labels, port.shape))
            unfit.check_classes(reading, port, encoder)
            raw = (ready if there is None else _patched(ready, there, encoder)).encode(encoder)
    shaped = target_shape(port, raw)
    if port.form == "index":
        return Filled(whole(shaped, port.name)[0], encoder, tuple(reading.notes))
    values, more = reals(shaped, port.name, reading.precision)
    return Filled(values, encoder, (*reading.notes, *more))


def _patched(ready: _Ready, there: Array, encoder: Encoder) -> _Ready:
    """Answer labels with the first one in place of those that are missing."""
    (column,) = ready.columns
    usual = encoder.labels[0] if isinstance(encoder, Labelled) else ""
    if isinstance(column, Coded):
        return replace(ready, columns=(column.put(there, usual),))
    return replace(ready, columns=(stopgap(column, there, "", usual),))


def _ready(reading: Reading, port: str, columns: list[Column], asked: Sequence[Encoding]) -> _Ready:
    kinds = (
        [kind_of(each) for each in asked]
        if reading.refit
        else kinds_of(reading.encoder, len(columns))
    )
    read = prepared(reading, port, columns, kinds)
    return _Ready(reading, tuple(asked), tuple(kinds), tuple(read))


def _scaled(ready: _Ready, port: str, shaped: Array) -> Filled:
    reading = ready.reading
    encoder = reading.encoder
    if reading.refit:
        asked = ready.asked[0]
        encoder = None
        if asked != Number():
            fitting = fitter(asked)
            fitting.add(_some(shaped, reading.train))
            encoder = fitting.done()
    scaled = encoder.transform(shaped, reading.name) if encoder else shaped
    values, more = reals(scaled, port, reading.precision)
    return Filled(values, encoder, (*reading.notes, *more))


def _some(column: Any, rows: NDArray[np.int64] | None) -> Any:
    """Answer the rows that encoders are fitted on."""
    if rows is None:
        return column
    return column.take(rows) if isinstance(column, Coded) else take(column, rows)
