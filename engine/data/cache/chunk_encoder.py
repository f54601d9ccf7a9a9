"""`ChunkEncoder`: fits the encoders of all ports, and encodes the columns of a table, in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.text_statistics import ChunkColumns, TextSummary
from engine.data.dataset.graph_dataset import input_specs, target_specs
from engine.data.dataset.memmap_rows import FieldKey
from engine.data.encoders import Encoder, ImageEncoder, column_encoders
from engine.data.ports.target_spec import TargetSpec, port_specs
from engine.data.preprocessing.encoder_diagnostics import attach_fixes
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.sample_weights import sample_weights
from engine.data.preprocessing.target_masks import loss_mask
from engine.data.preprocessing.transform import transform_port
from engine.data.profile.statistics import NUMBER_TEXTS
from engine.data.splits.split_rows import RowIndices
from engine.data.table.array import Array
from engine.data.table.column_types import is_text
from engine.data.table.table import Table
from engine.recipe.data_mapping import PortSide


class ChunkEncoder:
    """Encodes chunks of a table for the ports of a network.

    `text_statistics` must be set to what the statistics of each text column over all chunks say.
    """

    def __init__(self, request: CacheRequest) -> None:
        self.report = report = request.report
        assert report.mapping is not None, "the mapping has errors"
        self.mapping, self.inputs = report.mapping, input_specs(report)
        self.targets = {port.name: port for port in target_specs(report) if request.with_targets}
        self.ports = port_specs(self.inputs, self.targets.values())
        self.precision, self.refit = request.precision, request.fitted is None
        self.text_statistics: Mapping[str, TextSummary] = {}

    @property
    def weight_columns(self) -> list[str]:
        """The names of the columns that hold sample weights."""
        return list(filter(None, dict.fromkeys(map(self.mapping.weight_column, self.targets))))

    def used_columns(self, table: Table) -> list[str]:
        """Return the names of all columns of the table that ports or sample weights use."""
        sources = [self.mapping.source(side, port) for side, port in self.ports]
        used = [name for source in sources for name in source.column_names] + self.weight_columns
        return [name for name in dict.fromkeys(used) if name in table.columns]

    def image_columns(self, fitted: FittedEncoders) -> list[str]:
        """Return the names of the columns that hold image paths."""
        names = []
        for side, port in self.ports:
            columns = self.mapping.source(side, port).column_names
            encoders = column_encoders(fitted.encoders(side).get(port), len(columns))
            pairs = zip(columns, encoders, strict=True)
            names += [name for name, encoder in pairs if isinstance(encoder, ImageEncoder)]
        return names

    def check_columns(self, table: Table, found: DiagnosticMerger) -> None:
        """Add an error to `found` for each missing column and each unknown port of the mapping."""
        found.add(self.mapping.unknown_ports(self.inputs, list(self.targets)))
        for side, port in self.ports:
            with found.collect_errors():
                self.port_columns(table, side, port).raw_columns(port, side)
        with found.collect_errors():  # weights that are valid, since only their columns are checked
            valid = Table(table.path, dict.fromkeys(table.columns, np.ones(1)))
            self.sample_weights(valid)

    def port_columns(
        self,
        table: Table,
        side: PortSide,
        port: str,
        train: RowIndices | None = None,
        encoder: Encoder | None = None,
        refit: bool = True,
    ) -> ChunkColumns:
        """Return the columns of a port in a chunk. For the arguments see `PortColumns`."""
        return ChunkColumns(
            table,
            self.mapping.source(side, port),
            self.precision,
            train,
            encoder,
            refit and self.refit,
            self.refit,
            self.mapping.split,
            frozenset(self.mapping.used_columns(self.inputs, self.targets)),
            text_statistics=self.text_statistics,
        )

    def encode(
        self,
        chunk: Table,
        start: int,
        fitted: FittedEncoders,
        found: DiagnosticMerger,
        notes: DiagnosticMerger,
    ) -> dict[FieldKey, Array]:
        """Return the encoded arrays of a chunk, which begins at row `start`.

        Errors are added to `found`, infos and warnings to `notes`. If there are errors, arrays may
        be missing. Outputs that mask missing targets always have a mask.
        """
        arrays: dict[FieldKey, Array] = {}
        for (side, port), spec in self.ports.items():
            encoder, rows = fitted.encoders(side).get(port), np.arange(chunk.row_count)
            fit_columns = self.port_columns(chunk, side, port, rows, encoder)
            columns = self.port_columns(chunk, side, port, None, encoder, refit=False)
            with found.collect_errors(start), attach_fixes(fit_columns, port, spec):
                encoded = transform_port(columns, port, spec)
                if isinstance(spec, TargetSpec) and spec.missing == "mask":
                    all_present = loss_mask(spec, np.ones(encoded.values.shape, bool))
                    mask = encoded.target_mask
                    arrays["masks", port] = all_present if mask is None else mask
                arrays[side, port] = encoded.values
                # The info on masked rows is made for the whole table.
                notes.add((note for note in encoded.notes if note.code != "target-masked"), start)
        with found.collect_errors(start):
            weights, weight_notes = self.sample_weights(chunk)
            arrays |= {("weights", output): values for output, values in weights.items()}
            notes.add(weight_notes, start)
        return arrays

    def sample_weights(self, table: Table) -> tuple[dict[str, Array], list[Diagnostic]]:
        """Return the sample weights of `table` by output, and warnings for missing weight columns.

        Raises:
            DiagnosticError: with the rows whose weight is invalid.
        """
        columns, statistics = dict(table.columns), self.text_statistics
        for name in self.weight_columns:
            column = columns.get(name)
            if column is not None and is_text(column) and statistics[name].content in NUMBER_TEXTS:
                port = self.port_columns(table, "inputs", name)
                columns[name] = port.parsed_numbers(name, name, column)
        table, outputs = replace(table, columns=columns), list(self.targets)
        return sample_weights(table, self.mapping, outputs, self.precision, self.refit, partly=True)
