"""Transforms the columns of one port with their encoders into an array of its shape and dtype."""

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
from engine.data.preprocessing.target_masks import blank, mask_of, masked, refuse_missing, stopgap
from engine.data.table.column_types import is_text
from engine.data.table.missing_values import known

__all__ = ["Filled", "Reading", "fill_input", "fill_target"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """The array of one port, its encoder (None if numbers stay as they are), and notes.

    Args:
        values: one row per example.
        encoder: the encoder that produced them.
        notes: what was converted.
        present: True where a target is present, see `engine.data.preprocessing.target_masks`; None
            if every target is.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    present: Array | None = None


def fill_input(reading: Reading, port: str, spec: TensorSpec) -> Filled:
    """Return the transformed rows of one Input.

    Raises:
        DiagnosticError: if the columns can't feed it.
    """
    encoder = fit_input([reading], port, spec) if reading.refit else reading.encoder
    columns = reading.columns(port, "inputs")
    ready = Ready.of(reading, port, columns, kinds_of(encoder, len(columns)))
    if ready.numbers(encoder):
        shaped = input_shape(port, ready.stacked(port), spec.shape)
        if spec.dtype == "float32":
            return _scale(reading, port, encoder, shaped)
    else:
        assert encoder is not None
        with errors.mended(reading, "inputs", port):
            encoded = ready.encode(encoder)
        shaped = input_shape(port, encoded, spec.shape)
    values, notes = (
        reals(shaped, port, reading.precision) if spec.dtype == "float32" else ids(shaped, port)
    )
    return Filled(values, encoder, (*reading.notes, *notes))


def fill_target(reading: Reading, port: TargetPort) -> Filled:
    """Return the transformed target of one Output.

    Raises:
        DiagnosticError: if the columns can't be its target.
    """
    labels = errors.labels_of(reading, port)
    columns = reading.columns(port.name, "targets")
    kinds = (
        [kind_of(encoding) for encoding in for_target(reading, columns, port)]
        if reading.refit
        else kinds_of(reading.encoder, len(columns))
    )
    ready = Ready.of(reading, port.name, columns, kinds)
    is_numeric = ready.numbers(reading.encoder)
    raw = ready.stacked(port.name) if is_numeric else columns[0]
    is_present = known(raw, labels)
    if "multilabel" in kinds and port.missing != "mask":
        is_present = None  # an empty cell is a valid target: no label
    if is_present is not None and (is_text(raw) or port.missing == "mask"):
        refuse_missing(port, reading.name, is_present, is_present[reading.rows])
    encoder = fit_target([reading], port) if reading.refit else reading.encoder
    present_mask = is_present if port.missing == "mask" else None
    transformed = _transform_target(ready, port, encoder, raw if is_numeric else None, present_mask)
    if present_mask is None:
        return transformed
    if "multilabel" in kinds:  # one cell holds the value of every label
        present_mask = np.repeat(present_mask[:, None], transformed.values.shape[1], axis=1)
    mask = mask_of(port, present_mask)
    notes = (*transformed.notes, masked(port.name, mask))
    return Filled(blank(port, transformed.values, mask), transformed.encoder, notes, mask)


def _transform_target(
    ready: Ready,
    port: TargetPort,
    encoder: Encoder | None,
    numbers: Array | None,
    present_mask: Array | None,
) -> Filled:
    """Return a transformed target, with placeholders where `present_mask` is False."""
    reading = ready.reading
    if numbers is not None:
        raw = numbers if present_mask is None else stopgap(numbers, present_mask, port.form, "")
        if port.form == "number":
            return _scale(reading, port.name, encoder, target_shape(port, raw))
    else:
        assert encoder is not None
        with errors.mended(reading, "targets", port.name, port):
            raw = (ready if present_mask is None else ready.patched(present_mask, encoder)).encode(
                encoder
            )
    shaped = target_shape(port, raw)
    if port.form == "index":
        return Filled(whole(shaped, port.name, AS_AMOUNTS)[0], encoder, tuple(reading.notes))
    values, notes = reals(shaped, port.name, reading.precision)
    return Filled(values, encoder, (*reading.notes, *notes))


def _scale(reading: Reading, port: str, encoder: Encoder | None, shaped: Array) -> Filled:
    scaled = encoder.transform(shaped, reading.name) if isinstance(encoder, Number) else shaped
    values, notes = reals(scaled, port, reading.precision)
    return Filled(values, encoder, (*reading.notes, *notes))
