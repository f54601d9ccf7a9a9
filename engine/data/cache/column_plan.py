"""Which columns of a table go to which ports, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.cache.cache_key import Asked
from engine.data.cache.text_statistics import ChunkReading, Written
from engine.data.checks.data_check import target_specs
from engine.data.encoders import Encoder
from engine.data.encoding_choice import errors
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fit import InputFitter, PortFitter, TargetFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.sample_weights import sample_weights
from engine.data.preprocessing.transform import TransformedPort, transform_input, transform_target
from engine.data.splits.random import RowIndices
from engine.data.table.column_types import is_text
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping, Side

Array = NDArray[Any]


@dataclass
class Plan:
    """The ports of a network and their columns.

    Args:
        mapping: which column goes where.
        inputs, targets: the ports.
        precision: of real numbers.
        refit: False if encoders are those of an earlier run.
        written: what is known of text columns.
    """

    mapping: DataMapping
    inputs: Mapping[str, TensorSpec]
    targets: Mapping[str, TargetSpec]
    precision: str
    refit: bool = True
    written: dict[str, Written] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Asked) -> Plan:
        """Return the plan of what is asked."""
        report = asked.report
        assert report.mapping is not None, "the mapping has faults"
        targets = target_specs(report) if asked.complete else []
        return cls(
            report.mapping,
            report.input_specs(),
            {port.name: port for port in targets},
            asked.precision,
            asked.fitted is None,
        )

    @property
    def ports(self) -> list[tuple[Side, str]]:
        """All ports, Inputs first."""
        inputs: list[tuple[Side, str]] = [("inputs", name) for name in self.inputs]
        return [*inputs, *(("targets", name) for name in self.targets)]

    @property
    def weighed(self) -> list[str]:
        """The columns that say how much rows count."""
        return [name for name in dict.fromkeys(map(self.mapping.weight, self.targets)) if name]

    def columns(self, table: Table) -> list[str]:
        """Return the columns that are read, as far as a table has them."""
        fed = [name for side, port in self.ports for name in self.mapping.source(side, port).names]
        return [name for name in dict.fromkeys((*fed, *self.weighed)) if name in table.columns]

    def refuse_missing(self, table: Table) -> None:
        """Refuse a table that lacks columns.

        Raises:
            DiagnosticError: with all of them.
        """
        found = self.mapping.strangers(self.inputs, list(self.targets))
        for side, port in self.ports:
            try:
                self._reading(table, side, port, None, None).raw_columns(port, side)
            except DiagnosticError as refused:
                found += refused.diagnostics
        try:
            self.weights(Table(table.path, {
                name: np.ones(1) for name in self.weighed if name in table.columns
            }))  # fmt: skip
        except DiagnosticError as refused:
            found += refused.diagnostics
        if found:
            raise DiagnosticError(*found)

    def _reading(
        self, table: Table, side: Side, port: str, train: RowIndices | None, encoder: Encoder | None,
        refit: bool = True,
    ) -> ChunkReading:  # fmt: skip
        return ChunkReading(
            table,
            self.mapping.source(side, port),
            self.precision,
            train,
            encoder,
            refit and self.refit,
            self.mapping.split,
            written=self.written,
            fresh=self.refit,
        )

    def fitting(self, table: Table, side: Side, port: str) -> PortFitter:
        """Return what fits a port, having looked at the first rows.

        Raises:
            DiagnosticError: if the columns can't feed it.
        """
        reading = self._reading(table, side, port, None, None)
        if side == "inputs":
            return InputFitter(reading, port, self.inputs[port])
        return TargetFitter(reading, self.targets[port])

    def fit(self, fitting: PortFitter, table: Table, train: RowIndices) -> None:
        """Let a fitting look at a chunk.

        Raises:
            DiagnosticError: if the columns can't be read.
        """
        fitting.add(self._reading(table, fitting.side, fitting.port, train, None))

    def done(self, fitting: PortFitter, table: Table) -> Encoder | None:
        """Return what was fitted.

        Raises:
            DiagnosticError: if there is nothing that fits the rows.
        """
        # Fitted on some rows, whichever these are: so that a finding says what to do.
        rows = np.arange(table.row_count)
        return fitting.done(self._reading(table, fitting.side, fitting.port, rows, None))

    def fill(
        self, table: Table, fitted: FittedEncoders
    ) -> Iterator[tuple[Side, str, TransformedPort]]:
        """Yield the numbers of each port for a chunk.

        Raises:
            DiagnosticError: with what all ports can't take.
        """
        found: list[Diagnostic] = []
        for side, port in self.ports:
            encoder = fitted.encoders(side).get(port)
            rows = np.arange(table.row_count)
            told = self._reading(table, side, port, rows, encoder)
            reading = self._reading(table, side, port, None, encoder, refit=False)
            reading.notes.extend(reading.told())
            fill = (
                partial(transform_input, port=port, spec=self.inputs[port])
                if side == "inputs"
                else partial(transform_target, port=self.targets[port])
            )
            target = self.targets[port] if side == "targets" else None
            try:
                with errors.attach_fixes(told, side, port, target):
                    filled = fill(reading)
            except DiagnosticError as refused:
                found += refused.diagnostics
            else:
                yield side, port, self._masked(side, port, filled)
        if found:
            raise DiagnosticError(*found)

    def _masked(self, side: Side, port: str, filled: TransformedPort) -> TransformedPort:
        """Return a target with a mask, if others of its rows may need one."""
        if (
            side == "inputs"
            or self.targets[port].missing != "mask"
            or filled.target_mask is not None
        ):
            return filled
        target, shape = self.targets[port], filled.values.shape
        single = target.form != "index" and target.shape and target.shape[-1] == 1
        there = np.ones(shape[:-1] if target.is_one_hot or single else shape, bool)
        return replace(filled, target_mask=there)

    def weights(self, table: Table) -> tuple[dict[str, Array], list[Diagnostic]]:
        """Return the weights of a chunk's rows, and notes.

        Raises:
            DiagnosticError: naming the rows that have none.
        """
        columns = dict(table.columns)
        for name in self.weighed:
            column = columns.get(name)
            if column is not None and is_text(column) and self.written[name].mostly:
                source = self.mapping.source("inputs", name)
                reading = ChunkReading(table, source, self.precision, written=self.written)
                columns[name] = reading.parsed_numbers(name, name, column)
        return sample_weights(
            replace(table, columns=columns),
            self.mapping,
            list(self.targets),
            self.precision,
            self.refit,
            partly=True,
        )
