"""Reads the columns of one port through their encoders, into its shape and precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Encoder, Number
from engine.data.encoding_choice import errors
from engine.data.encoding_choice.default_from_rows import for_target
from engine.data.ports.port_columns import Reading, kind_of, kinds_of
from engine.data.ports.target_spec import TargetPort
from engine.data.preprocessing.fit import fit_input, fit_target
from engine.data.preprocessing.prepared_columns import Ready
from engine.data.preprocessing.reshape import (
    AS_AMOUNTS,
    ids,
    input_shape,
    reals,
    target_shape,
    whole,
)
from engine.data.preprocessing.target_masks import (
    blank,
    known,
    mask_of,
    masked,
    refuse_missing,
    stopgap,
)
from engine.data.table.column_types import is_text

__all__ = ["Filled", "Reading", "fill_input", "fill_target"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """One port's values, the encoder that made them (None if none was needed), and notes.

    present: of a target, True where it counts (see `engine.data.preprocessing.target_masks`); None if all of it does.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    present: Array | None = None


def fill_input(reading: Reading, port: str, spec: TensorSpec) -> Filled:
    """Return the rows of one Input.

    Raises:
        Refused: with what keeps the columns from feeding it.
    """
    encoder = fit_input([reading], port, spec) if reading.refit else reading.encoder
    columns = reading.columns(port, "inputs")
    ready = Ready.of(reading, port, columns, kinds_of(encoder, len(columns)))
    if ready.numbers(encoder):
        shaped = input_shape(port, ready.stacked(port), spec.shape)
        if spec.dtype == "float32":
            return _scaled(reading, port, encoder, shaped)
    else:
        assert encoder is not None
        with errors.mended(reading, "inputs", port):
            coded = ready.encode(encoder)
        shaped = input_shape(port, coded, spec.shape)
    values, notes = (
        reals(shaped, port, reading.precision) if spec.dtype == "float32" else ids(shaped, port)
    )
    return Filled(values, encoder, (*reading.notes, *notes))


def fill_target(reading: Reading, port: TargetPort) -> Filled:
    """Return the rows of one Output's target.

    Raises:
        Refused: with what keeps the columns from being compared with predictions.
    """
    labels = errors.labels_of(reading, port)
    columns = reading.columns(port.name, "targets")
    kinds = (
        [kind_of(each) for each in for_target(reading, columns, port)]
        if reading.refit
        else kinds_of(reading.encoder, len(columns))
    )
    ready = Ready.of(reading, port.name, columns, kinds)
    numbers = ready.numbers(reading.encoder)
    raw = ready.stacked(port.name) if numbers else columns[0]
    there = known(raw, labels)
    if "multilabel" in kinds and port.missing != "mask":
        there = None  # an empty cell holds no label, and that is an answer
    if there is not None and (is_text(raw) or port.missing == "mask"):
        refuse_missing(port, reading.name, there, there[reading.rows])
    encoder = fit_target([reading], port) if reading.refit else reading.encoder
    holes = there if port.missing == "mask" else None
    read = _target(ready, port, encoder, raw if numbers else None, holes)
    if holes is None:
        return read
    if "multilabel" in kinds:  # one cell, but a value for each label
        holes = np.repeat(holes[:, None], read.values.shape[1], axis=1)
    mask = mask_of(port, holes)
    notes = (*read.notes, masked(port.name, mask))
    return Filled(blank(port, read.values, mask), read.encoder, notes, mask)


def _target(
    ready: Ready,
    port: TargetPort,
    encoder: Encoder | None,
    numbers: Array | None,
    there: Array | None,
) -> Filled:
    """Return a target; what is not `there` is read as a value that would be sound."""
    reading = ready.reading
    if numbers is not None:
        raw = numbers if there is None else stopgap(numbers, there, port.form, "")
        if port.form == "number":
            return _scaled(reading, port.name, encoder, target_shape(port, raw))
    else:
        assert encoder is not None
        with errors.mended(reading, "targets", port.name, port):
            raw = (ready if there is None else ready.patched(there, encoder)).encode(encoder)
    shaped = target_shape(port, raw)
    if port.form == "index":
        return Filled(whole(shaped, port.name, AS_AMOUNTS)[0], encoder, tuple(reading.notes))
    values, more = reals(shaped, port.name, reading.precision)
    return Filled(values, encoder, (*reading.notes, *more))


def _scaled(reading: Reading, port: str, encoder: Encoder | None, shaped: Array) -> Filled:
    scaled = encoder.transform(shaped, reading.name) if isinstance(encoder, Number) else shaped
    values, more = reals(scaled, port, reading.precision)
    return Filled(values, encoder, (*reading.notes, *more))
