"""Builds the preview of each port of a graph: its encoder and its first rows, encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.dataset.dataset import Precision
from engine.data.dataset.graph_dataset import input_specs, target_specs
from engine.data.encoders import Encoder
from engine.data.ports.port_columns import PortColumns, encoding_name
from engine.data.ports.target_spec import PortSpec, port_specs
from engine.data.prepared_data import float_precision
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.transform import TransformedPort, transform_port
from engine.data.preview.port_rows import preview_rows, value_names
from engine.data.preview.preview_schema import PortPreview, PreviewRow
from engine.data.table.missing_values import blank_missing
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect, missing_words_of
from engine.recipe.data_mapping import DataMapping, PortSide
from engine.recipe.recipe import Recipe

_MAX_DESCRIPTION = 240


class PortPreviewBuilder:
    """Builds the preview of each port; valid rows are shown even if other rows have invalid cells.

    Args:
        head: the rows to show.
        fitted: the fitted encoders; None fits encoders on the training rows of `table`.
        train: the numbers of the training rows of `table`, None for all rows.
    """

    def __init__(
        self,
        report: Report,
        head: Table,
        mapping: DataMapping,
        fitted: FittedEncoders | None,
        table: Table | None = None,
        train: NDArray[np.int64] | None = None,
    ) -> None:
        self._report, self._head, self._mapping = report, head, mapping
        self._fitted, self._table, self._train = fitted, table, train
        self._precision: Precision = float_precision(report.recipe or Recipe())
        self.diagnostics: list[Diagnostic] = []

    def build(self) -> tuple[PortPreview, ...]:
        """Return the preview of each port; errors are appended to the attribute `diagnostics`."""
        specs = port_specs(input_specs(self._report), target_specs(self._report))
        return tuple(self._view(side, name, spec) for (side, name), spec in specs.items())

    def _view(self, side: PortSide, name: str, port: PortSpec) -> PortPreview:
        source = self._mapping.source(side, name)
        present = [column for column in source.column_names if column in self._head.columns]
        columns = [self._head.columns[column] for column in present]
        params: dict[str, Any] = {"port": name, "side": side, "columns": source.column_names}
        try:
            encoder = self._encoder(side, name, port)
            filled = self._transform(side, name, port, encoder)
        except DiagnosticError as error:
            self.diagnostics += error.diagnostics
            is_complete = len(present) == len(source.column_names)
            rows_params = self._encode_row_by_row(side, name, port, error) if is_complete else None
            if rows_params is not None:
                return PortPreview(**params, **rows_params)
            return PortPreview(**params, rows=preview_rows(columns, None, None) if columns else ())
        params |= _port_params(source.column_names, encoder, filled)
        rows = preview_rows(columns, filled.values, encoder, filled.target_mask)
        return PortPreview(**params, rows=rows)

    def _encode_row_by_row(
        self, side: PortSide, name: str, port: PortSpec, why: DiagnosticError
    ) -> Mapping[str, Any] | None:
        """Encode each row for a port separately; return fields of a `PortPreview` by field name.

        The result lacks port, side and columns. In its "rows", each row has values or an error. If
        no row can be encoded, return None. `why` is the error of encoding all rows at once. If it
        has a fix that treats certain words as missing values, the encoder is fitted with this fix.
        """
        names = self._mapping.source(side, name).column_names
        words = [
            word
            for diagnostic in why.diagnostics
            for fix in diagnostic.fixes
            for word in missing_words_of(fix)
        ]
        try:
            encoder = self._encoder(side, name, port, words)
        except DiagnosticError:
            return None
        rows: list[PreviewRow] = []
        last: TransformedPort | None = None
        for index in range(self._head.row_count):
            row = self._head.take(np.array([index]))
            columns = [row.columns[column] for column in names]
            try:
                last = self._transform(side, name, port, encoder, row)
                rows += preview_rows(columns, last.values, encoder, last.target_mask)
            except DiagnosticError as error:
                (cells,) = preview_rows(columns, None, None)
                rows.append(cells.model_copy(update={"fault": _row_error(error)}))
        if last is None:
            return None
        return {**_port_params(names, encoder, last), "rows": tuple(rows)}

    def _encoder(
        self, side: PortSide, name: str, port: PortSpec, empty: Sequence[str] = ()
    ) -> Encoder | None:
        """Return the encoder of the port `name`, None if the port has no encoder.

        If the builder has encoders from a run, return one of these. Otherwise, fit an encoder on
        the table; cells with a word in `empty` then count as missing values.
        """
        if self._fitted is not None or self._table is None:
            return self._fitted.encoders(side).get(name) if self._fitted else None
        source = self._mapping.source(side, name)
        table = _with_missing(self._table, source.column_names, empty)
        data = PortColumns(table, source, self._precision, self._train)
        return PortFitter(data, name, port).fit(data)

    def _transform(
        self,
        side: PortSide,
        name: str,
        port: PortSpec,
        encoder: Encoder | None,
        rows: Table | None = None,
    ) -> TransformedPort:
        source, table = self._mapping.source(side, name), rows or self._head
        data = PortColumns(
            table, source, self._precision, None, encoder, refit=False, is_own_fit=False
        )
        return transform_port(data, name, port)


def _with_missing(table: Table, names: Sequence[str], words: Sequence[str]) -> Table:
    columns = {name: table.columns[name] for name in names if name in table.columns}
    blanked = blank_missing(columns, Dialect(missing=tuple(words)))
    return replace(table, columns={**table.columns, **blanked})


def _row_error(error: DiagnosticError) -> str:
    cell = error.diagnostics[0].without_rows().found
    return "the cell is empty" if cell == "nothing" else f"can't be read: {cell}"


def _port_params(
    columns: tuple[str, ...], encoder: Encoder | None, filled: TransformedPort
) -> Mapping[str, Any]:
    shape = tuple(int(size) for size in filled.values.shape[1:])
    text = "" if encoder is None else encoder.describe()
    if len(text) > _MAX_DESCRIPTION:
        text = text[: _MAX_DESCRIPTION - 3].rstrip() + "..."
    return {
        "kind": "" if encoder is None else encoding_name(encoder),
        "does": text,
        "dtype": filled.values.dtype.name,
        "shape": shape,
        "names": value_names(encoder, columns, int(np.prod(shape, dtype=np.int64))),
    }
