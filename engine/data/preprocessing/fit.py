"""Fits the encoder of one port on the training rows of a table, which may be read in chunks.

Encodings that the data mapping does not define are chosen by the statistics of the columns.
"""

from __future__ import annotations

from engine.data.encoders import ConcatEncoder, Encoder, PortRequirement, create_fitter
from engine.data.encoding_choice.choice import default_encodings
from engine.data.encoding_choice.compatibility import check_encodings
from engine.data.ports.port_columns import PortColumns, encoding_name
from engine.data.ports.target_spec import PortSpec, TargetSpec
from engine.data.preprocessing.encoder_diagnostics import attach_fixes, check_classes, target_labels
from engine.data.preprocessing.prepared_columns import (
    PreparedColumns,
    training_blocks,
    training_rows,
)
from engine.data.preprocessing.reshape import reshape_port
from engine.data.table.number_form import PLAIN_FORM
from engine.recipe.data_mapping import PortSide
from engine.recipe.encoding import Number


class PortFitter:
    """Fits the encoder of the Input or target `port`. `data` has the first rows of the table.

    Raises:
        DiagnosticError: if the columns can't feed the port.
    """

    def __init__(self, data: PortColumns, port: str, spec: PortSpec) -> None:
        self.port, self._spec = port, spec
        self.side: PortSide = "targets" if isinstance(spec, TargetSpec) else "inputs"
        columns = data.raw_columns(port, self.side)
        if isinstance(spec, TargetSpec):
            one_hot, labels = spec.is_one_hot, target_labels(data, spec)
        else:
            one_hot, labels = spec.dtype == "float32", data.source.labels or ()
        encodings = default_encodings(data.contents(columns), data.source, spec)
        check_encodings(data.source, port, encodings, spec)
        self._kinds = [encoding_name(encoding) for encoding in encodings]
        # Columns of numbers that are scaled alike have one encoder together.
        self._together = set(self._kinds) == {"number"} and len(set(encodings)) == 1
        # Whether the port needs an encoder. If it does not, calls of `add` are unnecessary.
        self.needs_fit = not self._together or encodings[0] != Number()
        forms = data.number_forms(columns, self._kinds)
        self.needs_fit |= any(form != PLAIN_FORM for form in forms)
        # With several columns, the shape of the port is not that of a single column.
        shape = spec.shape if len(encodings) == 1 else ()
        together = [(encodings[0], forms)]
        apart = [(encoding, (form,)) for encoding, form in zip(encodings, forms, strict=True)]
        with attach_fixes(data, port, spec):
            self._fitters = [
                create_fitter(encoding, PortRequirement(one_hot, labels, shape, own))
                for encoding, own in (together if self._together else apart)
            ]

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
        prepared = PreparedColumns.prepare(data, self.port, columns, self._kinds)
        if self._together:
            numbers = reshape_port(self.port, prepared.stack(self.port), self._spec)
            for rows in training_blocks(numbers, data):
                self._fitters[0].add(rows)
            return
        with attach_fixes(data, self.port, self._spec):
            for fitter, column in zip(self._fitters, prepared.columns, strict=True):
                fitter.add(training_rows(column, data))

    def finish(self, data: PortColumns) -> Encoder | None:
        """Return the encoder, fitted on all rows added so far; None if the port needs no encoder.

        Raises:
            DiagnosticError: if no encoder can be fitted, or if an Output needs another number of
                labels; the fixes are made from `data`, any chunk.
        """
        if not self.needs_fit:
            return None
        with attach_fixes(data, self.port, self._spec):
            parts = tuple(fitter.finish() for fitter in self._fitters)
        encoder = parts[0] if len(parts) == 1 else ConcatEncoder(parts=parts)
        if isinstance(self._spec, TargetSpec):
            check_classes(data, self._spec, encoder)
        return encoder
