"""Looks at the ports of a graph one after the other: what each receives of the first rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Refused
from engine.data.checks.data_check import targets_of
from engine.data.dataset.dataset import Precision
from engine.data.encoders import Encoder
from engine.data.ports.port_columns import Reading, kind_of
from engine.data.ports.target_spec import TargetPort
from engine.data.prepare import precision_of
from engine.data.preprocessing.fit import fit_input, fit_target
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.preprocessing.transform import Filled, fill_input, fill_target
from engine.data.preview.port_rows import names_of, rows_of
from engine.data.preview.preview_schema import PortView, Row
from engine.data.readers.table import Table
from engine.data.table.column_types import Column, emptied, is_text, take
from engine.recipe.csv_dialect import taken_words
from engine.recipe.data_mapping import DataMapping, Side
from engine.recipe.recipe import Recipe

_LONG = 240
_IN_ROW = re.compile(r" in row [0-9]+$")


class PortViews:
    """Shows each port; one bad cell hides no sound row.

    Args:
        report: of the graph.
        head: the rows that are shown.
        mapping: where columns go.
        fitted: the encoders; None fits each on the training rows of `table`.
        table, train: the whole table, and its training rows; None for all of them.
    """

    def __init__(
        self,
        report: Report,
        head: Table,
        mapping: DataMapping,
        fitted: Fitted | None,
        table: Table | None = None,
        train: NDArray[np.int64] | None = None,
    ) -> None:
        self._report, self._head, self._mapping = report, head, mapping
        self._fitted, self._table, self._train = fitted, table, train
        self._precision: Precision = precision_of(report.recipe or Recipe())
        self.found: list[Diagnostic] = []

    def views(self) -> tuple[PortView, ...]:
        """Return a view of each port; what keeps one from being filled goes to `found`."""
        targets = targets_of(self._report)
        inputs = [self._view("inputs", name, spec) for name, spec in
                  self._report.input_specs().items()]  # fmt: skip
        return (*inputs, *(self._view("targets", port.name, port) for port in targets))

    def _view(self, side: Side, name: str, port: Any) -> PortView:
        source = self._mapping.source(side, name)
        here = [column for column in source.names if column in self._head.columns]
        columns = [self._head.columns[column] for column in here]
        plain: dict[str, Any] = {"port": name, "side": side, "columns": source.names}
        try:
            encoder = self._encoder(side, name, port)
            filled = self._filled(side, name, port, encoder)
        except Refused as refused:
            self.found += refused.diagnostics
            whole = len(here) == len(source.names)
            apart = self._row_by_row(side, name, port, refused) if whole else None
            if apart is not None:
                return PortView(**plain, **apart)
            return PortView(**plain, rows=rows_of(columns, None, None) if columns else ())
        return PortView(**plain, **_described(source.names, encoder, filled),
                        rows=rows_of(columns, filled.values, encoder, filled.present))  # fmt: skip

    def _row_by_row(
        self, side: Side, name: str, port: Any, why: Refused
    ) -> Mapping[str, Any] | None:
        """Return the sound rows and what is wrong with the others, None if no row is sound."""
        names = self._mapping.source(side, name).names
        words = [word for found in why.diagnostics for fix in found.fixes
                 for word in taken_words(fix)]  # fmt: skip
        try:
            encoder = self._encoder(side, name, port, words)
        except Refused:
            return None
        rows: list[Row] = []
        last: Filled | None = None
        for at in range(self._head.rows):
            row = _taken(self._head, at)
            columns = [row.columns[column] for column in names]
            try:
                last = self._filled(side, name, port, encoder, row)
                rows += rows_of(columns, last.values, encoder, last.present)
            except Refused as refused:
                (cells,) = rows_of(columns, None, None)
                rows.append(cells.model_copy(update={"fault": _fault(refused)}))
        if last is None:
            return None
        return {**_described(names, encoder, last), "rows": tuple(rows)}

    def _encoder(
        self, side: Side, name: str, port: Any, empty: Sequence[str] = ()
    ) -> Encoder | None:
        """Fit an encoder, words that are no values taken as empty cells."""
        if self._fitted is not None or self._table is None:
            return self._fitted.side(side).get(name) if self._fitted else None
        source = self._mapping.source(side, name)
        table = _emptied(self._table, source.names, empty)
        reading = Reading(table, source, self._precision, self._train)
        if isinstance(port, TargetPort):
            return fit_target([reading], port)
        return fit_input([reading], name, port)

    def _filled(
        self, side: Side, name: str, port: Any, encoder: Encoder | None, rows: Table | None = None
    ) -> Filled:
        source, table = self._mapping.source(side, name), rows or self._head
        reading = Reading(table, source, self._precision, None, encoder, refit=False)
        if isinstance(port, TargetPort):
            return fill_target(reading, port)
        return fill_input(reading, name, port)


def _taken(table: Table, row: int) -> Table:
    at = np.array([row], np.int64)
    return replace(
        table, columns={name: take(column, at) for name, column in table.columns.items()}
    )


def _emptied(table: Table, names: Sequence[str], words: Sequence[str]) -> Table:
    if not words:
        return table
    columns: dict[str, Column] = dict(table.columns)
    for name in names:
        column = columns[name]
        columns[name] = emptied(column, words) if is_text(column) else column
    return replace(table, columns=columns)


def _fault(refused: Refused) -> str:
    """Return in a few words why a row can't be read."""
    found = _IN_ROW.sub("", refused.diagnostics[0].found)
    return "the cell is empty" if found == "nothing" else f"can't be read: {found}"


def _described(
    columns: tuple[str, ...], encoder: Encoder | None, filled: Filled
) -> Mapping[str, Any]:
    shape = tuple(int(size) for size in filled.values.shape[1:])
    does = "" if encoder is None else encoder.describe()
    return {
        "kind": "" if encoder is None else kind_of(encoder),
        "does": does if len(does) <= _LONG else does[: _LONG - 3].rstrip() + "...",
        "dtype": filled.values.dtype.name,
        "shape": shape,
        "names": names_of(encoder, columns, int(np.prod(shape, dtype=np.int64))),
    }
