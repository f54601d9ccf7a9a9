"""`ColumnPlan`: fits the encoders of all ports, and encodes the columns of a table, in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.text_statistics import ChunkColumns, TextColumnStatistics
from engine.data.dataset.graph_dataset import target_specs
from engine.data.encoders import Encoder
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.encoder_diagnostics import attach_fixes
from engine.data.preprocessing.fit import InputFitter, PortFitter, TargetFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.sample_weights import sample_weights
from engine.data.preprocessing.transform import TransformedPort, transform_input, transform_target
from engine.data.profile.statistics import NUMBER_TEXTS
from engine.data.splits.split_rows import RowIndices
from engine.data.table.column_types import is_text
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, PortSide

Array = NDArray[Any]


@dataclass
class ColumnPlan:
    """The plan for encoding a table in chunks: the ports of a network and their columns.

    Args:
        mapping: the data mapping, which lists the columns of each port.
        inputs: the tensor specs of the Inputs by name.
        targets: the target specs of the Outputs by name.
        precision: the dtype of floats.
        refit: False if the encoders of a previous run are used.
        text_statistics: the statistics over all chunks, by name of the text column.
    """

    mapping: DataMapping
    inputs: Mapping[str, TensorSpec]
    targets: Mapping[str, TargetSpec]
    precision: str
    refit: bool = True
    text_statistics: dict[str, TextColumnStatistics] = field(default_factory=dict)

    @classmethod
    def from_request(cls, request: CacheRequest) -> ColumnPlan:
        """Return the plan for a request, with empty `text_statistics`."""
        report = request.report
        assert report.mapping is not None, "the mapping has errors"
        targets = target_specs(report) if request.with_targets else []
        return cls(
            report.mapping,
            report.input_specs(),
            {port.name: port for port in targets},
            request.precision,
            request.fitted is None,
        )

    @property
    def ports(self) -> list[tuple[PortSide, str]]:
        """The side ("inputs" or "targets") and the name of each port, Inputs first."""
        inputs: list[tuple[PortSide, str]] = [("inputs", name) for name in self.inputs]
        return [*inputs, *(("targets", name) for name in self.targets)]

    @property
    def weight_columns(self) -> list[str]:
        """The names of the columns that hold sample weights."""
        return list(filter(None, dict.fromkeys(map(self.mapping.weight_column, self.targets))))

    def used_columns(self, table: Table) -> list[str]:
        """Return the names of all columns of the table that ports or sample weights use."""
        sources = [self.mapping.source(side, port) for side, port in self.ports]
        used = [name for source in sources for name in source.column_names] + self.weight_columns
        return [name for name in dict.fromkeys(used) if name in table.columns]

    def check_columns(self, table: Table) -> None:
        """Check that the table has all columns of the mapping, and that the mapping fits the ports.

        Raises:
            DiagnosticError: with a diagnostic for each missing column and each unknown port.
        """
        diagnostics = self.mapping.unknown_ports(self.inputs, list(self.targets))
        for side, port in self.ports:
            try:
                self._port_columns(table, side, port).raw_columns(port, side)
            except DiagnosticError as error:
                diagnostics += error.diagnostics
        weights = {name: np.ones(1) for name in self.weight_columns if name in table.columns}
        try:
            self.sample_weights(Table(table.path, weights))
        except DiagnosticError as error:
            diagnostics += error.diagnostics
        if diagnostics:
            raise DiagnosticError(*diagnostics)

    def _port_columns(
        self,
        table: Table,
        side: PortSide,
        port: str,
        train: RowIndices | None = None,
        encoder: Encoder | None = None,
        refit: bool = True,
    ) -> ChunkColumns:
        return ChunkColumns(
            table,
            self.mapping.source(side, port),
            self.precision,
            train,
            encoder,
            refit and self.refit,
            self.mapping.split,
            text_statistics=self.text_statistics,
            is_own_fit=self.refit,
        )

    def create_fitter(self, table: Table, side: PortSide, port: str) -> PortFitter:
        """Return the fitter of a port. `table` has the first rows, which show the column types.

        Raises:
            DiagnosticError: if the columns can't feed the port.
        """
        columns = self._port_columns(table, side, port)
        if side == "inputs":
            return InputFitter(columns, port, self.inputs[port])
        return TargetFitter(columns, self.targets[port])

    def fit(self, fitter: PortFitter, table: Table, train: RowIndices) -> None:
        """Fit the encoder of `fitter` on the rows `train` (the training rows) of the chunk `table`.

        Raises:
            DiagnosticError: if the columns can't be read.
        """
        fitter.add(self._port_columns(table, fitter.side, fitter.port, train))

    def finish_fit(self, fitter: PortFitter, table: Table) -> Encoder | None:
        """Return a port's encoder, fitted on all rows given to `fit`; None if it needs no encoder.

        `table` may hold any rows; only diagnostics use them.

        Raises:
            DiagnosticError: if no encoder can be fitted on the rows given to `fit`.
        """
        # The row numbers don't matter: errors only depend on whether there are training rows.
        rows = np.arange(table.row_count)
        return fitter.finish(self._port_columns(table, fitter.side, fitter.port, rows))

    def transform(
        self, table: Table, fitted: FittedEncoders
    ) -> Iterator[tuple[PortSide, str, TransformedPort]]:
        """Yield ("inputs" or "targets", port name, encoded values of `table`) for each port.

        Raises:
            DiagnosticError: at the end, with the diagnostics of all ports that can't be encoded.
        """
        diagnostics: list[Diagnostic] = []
        for side, port in self.ports:
            encoder = fitted.encoders(side).get(port)
            rows = np.arange(table.row_count)
            fit_columns = self._port_columns(table, side, port, rows, encoder)
            columns = self._port_columns(table, side, port, None, encoder, refit=False)
            columns.notes.extend(columns.conversion_notes())
            target = self.targets[port] if side == "targets" else None
            try:
                with attach_fixes(fit_columns, side, port, target):
                    if target is None:
                        transformed = transform_input(columns, port, self.inputs[port])
                    else:
                        transformed = _with_mask(target, transform_target(columns, target))
            except DiagnosticError as error:
                diagnostics += error.diagnostics
            else:
                yield side, port, transformed
        if diagnostics:
            raise DiagnosticError(*diagnostics)

    def sample_weights(self, table: Table) -> tuple[dict[str, Array], list[Diagnostic]]:
        """Return the sample weights of `table` by output, and warnings for missing weight columns.

        Raises:
            DiagnosticError: with the rows whose weight is invalid.
        """
        columns, statistics = dict(table.columns), self.text_statistics
        for name in self.weight_columns:
            column = columns.get(name)
            if column is not None and is_text(column) and statistics[name].content in NUMBER_TEXTS:
                source = self.mapping.source("inputs", name)
                port = ChunkColumns(table, source, self.precision, text_statistics=statistics)
                columns[name] = port.parsed_numbers(name, name, column)
        table, outputs = replace(table, columns=columns), list(self.targets)
        return sample_weights(table, self.mapping, outputs, self.precision, self.refit, partly=True)


def _with_mask(target: TargetSpec, transformed: TransformedPort) -> TransformedPort:
    """Return the encoded target `transformed`. If it needs a mask and has none, add a mask of True.

    Why: if `target` masks missing values, all chunks need a mask, even those without such values.
    """
    if target.missing != "mask" or transformed.target_mask is not None:
        return transformed
    shape = transformed.values.shape
    is_single = target.form != "index" and target.shape and target.shape[-1] == 1
    is_present = np.ones(shape[:-1] if target.is_one_hot or is_single else shape, bool)
    return replace(transformed, target_mask=is_present)
