"""Transforms the columns of one port to an array with the shape and dtype of the port."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Encoder, NumberEncoder
from engine.data.encoding_choice.choice import default_encodings
from engine.data.ports.port_columns import PortColumns, encoding_name, encoding_names
from engine.data.ports.target_spec import PortSpec, TargetSpec
from engine.data.preprocessing.encoder_diagnostics import (
    attach_fixes,
    check_exclusive_labels,
    target_labels,
)
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.prepared_columns import PreparedColumns
from engine.data.preprocessing.reshape import (
    QUANTITY_ADVICE,
    reshape_port,
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
from engine.data.table.array import Array
from engine.data.table.column_types import is_text
from engine.data.table.missing_values import present_mask


@dataclass(frozen=True, slots=True)
class TransformedPort:
    """The encoded array of one port.

    Args:
        values: the array, one row per example.
        encoder: the fitted encoder; None if numbers stay as they are.
        notes: infos and warnings about conversions.
        target_mask: True where a target is present, see `engine.data.preprocessing.target_masks`;
            None if all targets are present.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    target_mask: Array | None = None


def transform_port(data: PortColumns, port: str, spec: PortSpec) -> TransformedPort:
    """Return the encoded rows of one port, after fitting the encoder if `data.refit` is True.

    Raises:
        DiagnosticError: if the columns can't feed the port.
    """
    if isinstance(spec, TargetSpec):
        return _transform_target(data, spec)
    return _transform_input(data, port, spec)


def _transform_input(data: PortColumns, port: str, spec: TensorSpec) -> TransformedPort:
    encoder = PortFitter(data, port, spec).fit(data) if data.refit else data.encoder
    columns = data.raw_columns(port, "inputs")
    prepared = PreparedColumns.prepare(data, port, columns, encoding_names(encoder, len(columns)))
    with attach_fixes(data, port, spec):
        if prepared.is_numeric(encoder):
            shaped = reshape_port(port, prepared.stack(port), spec)
            if isinstance(encoder, NumberEncoder):
                data.notes.extend(prepared.filled_notes(encoder))
                shaped = encoder.transform(shaped, data.name)
        else:
            assert encoder is not None
            shaped = reshape_port(port, prepared.transform(encoder), spec)
    is_float = spec.dtype == "float32"
    values, notes = to_floats(shaped, port, data.precision) if is_float else to_ids(shaped, port)
    return TransformedPort(values, encoder, (*data.notes, *notes))


def _transform_target(data: PortColumns, port: TargetSpec) -> TransformedPort:
    labels = target_labels(data, port)
    columns = data.raw_columns(port.name, "targets")
    if data.refit:
        encodings = default_encodings(data.contents(columns), data.source, port)
        kinds = list(map(encoding_name, encodings))
    else:
        kinds = encoding_names(data.encoder, len(columns))
    with attach_fixes(data, port.name, port):
        prepared = PreparedColumns.prepare(data, port.name, columns, kinds)
    is_numeric = prepared.is_numeric(data.encoder)
    raw = prepared.stack(port.name) if is_numeric else columns[0]
    is_present = present_mask(raw, labels)
    if "multilabel" in kinds and port.missing != "mask":
        is_present = None  # an empty cell is a valid target: no label
    if is_present is not None and (is_text(raw) or port.missing == "mask"):
        check_missing_targets(port, data.name, is_present, is_present[data.fit_rows])
    encoder = PortFitter(data, port.name, port).fit(data) if data.refit else data.encoder
    mask = is_present if port.missing == "mask" else None
    target = _encode_target(prepared, port, encoder, raw if is_numeric else None, mask)
    if mask is None:
        return target
    if "multilabel" in kinds:  # one cell holds the value of every label
        mask = np.repeat(mask[:, None], target.values.shape[1], axis=1)
    mask = loss_mask(port, mask)
    notes = (*target.notes, masked_rows_info(port.name, mask))
    return TransformedPort(zero_masked(port, target.values, mask), target.encoder, notes, mask)


def _encode_target(
    prepared: PreparedColumns,
    port: TargetSpec,
    encoder: Encoder | None,
    numbers: Array | None,
    mask: Array | None,
) -> TransformedPort:
    """Return the encoded target. Its values are arbitrary where `mask` is False (missing targets).

    `numbers` are all columns as one array if all columns are numeric, else None.
    """
    data = prepared.data
    if numbers is not None:
        raw = numbers if mask is None else fill_placeholders(numbers, mask, port.form, "")
    else:
        assert encoder is not None
        with attach_fixes(data, port.name, port):
            if mask is not None:
                prepared = prepared.with_placeholder_labels(mask, encoder)
            raw = prepared.transform(encoder)
        check_exclusive_labels(data, port, encoder, raw)
    shaped = reshape_target(port, raw)
    if port.form == "index":
        ids, _ = to_integers(shaped, port.name, QUANTITY_ADVICE)
        return TransformedPort(ids, encoder, tuple(data.notes))
    if isinstance(encoder, NumberEncoder):
        with attach_fixes(data, port.name, port):
            shaped = encoder.transform(shaped, data.name)
    values, notes = to_floats(shaped, port.name, data.precision)
    return TransformedPort(values, encoder, (*data.notes, *notes))
