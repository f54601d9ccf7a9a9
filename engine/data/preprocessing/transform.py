"""Transforms the columns of one port with their encoders into an array of its shape and dtype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Encoder, NumberEncoder
from engine.data.encoding_choice import errors
from engine.data.encoding_choice.default_from_rows import default_target_encodings
from engine.data.ports.port_columns import PortColumns, encoding_name, encoding_names
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fit import fit_input, fit_target
from engine.data.preprocessing.prepared_columns import PreparedColumns
from engine.data.preprocessing.reshape import (
    QUANTITY_ADVICE,
    reshape_input,
    reshape_target,
    to_floats,
    to_ids,
    to_integers,
)
from engine.data.preprocessing.target_masks import (
    check_missing_targets,
    fill_placeholders,
    loss_mask,
    masked_rows_info,
    zero_masked,
)
from engine.data.table.column_types import is_text
from engine.data.table.missing_values import present_mask

__all__ = ["TransformedPort", "PortColumns", "transform_input", "transform_target"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TransformedPort:
    """The array of one port, its encoder (None if numbers stay as they are), and notes.

    Args:
        values: one row per example.
        encoder: the encoder that produced them.
        notes: what was converted.
        target_mask: True where a target is present, see
            `engine.data.preprocessing.target_masks`; None if every target is.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    target_mask: Array | None = None


def transform_input(port_columns: PortColumns, port: str, spec: TensorSpec) -> TransformedPort:
    """Return the transformed rows of one Input.

    Raises:
        DiagnosticError: if the columns can't feed it.
    """
    encoder = fit_input([port_columns], port, spec) if port_columns.refit else port_columns.encoder
    columns = port_columns.raw_columns(port, "inputs")
    prepared = PreparedColumns.prepare(
        port_columns, port, columns, encoding_names(encoder, len(columns))
    )
    if prepared.is_numeric(encoder):
        shaped = reshape_input(port, prepared.stack(port), spec.shape)
        if spec.dtype == "float32":
            return _scale(port_columns, port, encoder, shaped)
    else:
        assert encoder is not None
        with errors.attach_fixes(port_columns, "inputs", port):
            encoded = prepared.transform(encoder)
        shaped = reshape_input(port, encoded, spec.shape)
    values, notes = (
        to_floats(shaped, port, port_columns.precision)
        if spec.dtype == "float32"
        else to_ids(shaped, port)
    )
    return TransformedPort(values, encoder, (*port_columns.notes, *notes))


def transform_target(port_columns: PortColumns, port: TargetSpec) -> TransformedPort:
    """Return the transformed target of one Output.

    Raises:
        DiagnosticError: if the columns can't be its target.
    """
    labels = errors.target_labels(port_columns, port)
    columns = port_columns.raw_columns(port.name, "targets")
    kinds = (
        [
            encoding_name(encoding)
            for encoding in default_target_encodings(port_columns, columns, port)
        ]
        if port_columns.refit
        else encoding_names(port_columns.encoder, len(columns))
    )
    prepared = PreparedColumns.prepare(port_columns, port.name, columns, kinds)
    is_numeric = prepared.is_numeric(port_columns.encoder)
    raw = prepared.stack(port.name) if is_numeric else columns[0]
    is_present = present_mask(raw, labels)
    if "multilabel" in kinds and port.missing != "mask":
        is_present = None  # an empty cell is a valid target: no label
    if is_present is not None and (is_text(raw) or port.missing == "mask"):
        check_missing_targets(
            port, port_columns.name, is_present, is_present[port_columns.fit_rows]
        )
    encoder = fit_target([port_columns], port) if port_columns.refit else port_columns.encoder
    is_counted = is_present if port.missing == "mask" else None
    transformed = _transform_target(
        prepared, port, encoder, raw if is_numeric else None, is_counted
    )
    if is_counted is None:
        return transformed
    if "multilabel" in kinds:  # one cell holds the value of every label
        is_counted = np.repeat(is_counted[:, None], transformed.values.shape[1], axis=1)
    mask = loss_mask(port, is_counted)
    notes = (*transformed.notes, masked_rows_info(port.name, mask))
    return TransformedPort(
        zero_masked(port, transformed.values, mask), transformed.encoder, notes, mask
    )


def _transform_target(
    prepared: PreparedColumns,
    port: TargetSpec,
    encoder: Encoder | None,
    numbers: Array | None,
    present_mask: Array | None,
) -> TransformedPort:
    """Return a transformed target, with placeholders where `present_mask` is False."""
    port_columns = prepared.port_columns
    if numbers is not None:
        raw = (
            numbers
            if present_mask is None
            else fill_placeholders(numbers, present_mask, port.form, "")
        )
        if port.form == "number":
            return _scale(port_columns, port.name, encoder, reshape_target(port, raw))
    else:
        assert encoder is not None
        with errors.attach_fixes(port_columns, "targets", port.name, port):
            raw = (
                prepared
                if present_mask is None
                else prepared.with_placeholder_labels(present_mask, encoder)
            ).transform(encoder)
    shaped = reshape_target(port, raw)
    if port.form == "index":
        return TransformedPort(
            to_integers(shaped, port.name, QUANTITY_ADVICE)[0], encoder, tuple(port_columns.notes)
        )
    values, notes = to_floats(shaped, port.name, port_columns.precision)
    return TransformedPort(values, encoder, (*port_columns.notes, *notes))


def _scale(
    port_columns: PortColumns, port: str, encoder: Encoder | None, shaped: Array
) -> TransformedPort:
    scaled = (
        encoder.transform(shaped, port_columns.name)
        if isinstance(encoder, NumberEncoder)
        else shaped
    )
    values, notes = to_floats(scaled, port, port_columns.precision)
    return TransformedPort(values, encoder, (*port_columns.notes, *notes))
