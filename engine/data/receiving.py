"""Works out what ports would receive of the first rows of a table, and all that is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Refused
from engine.data.columns import Filled, fill_input, fill_target
from engine.data.dataset import Precision
from engine.data.division import divide
from engine.data.encoders import Encoder
from engine.data.examine import targets_of
from engine.data.fitted import Fitted
from engine.data.fitting import fit_input, fit_target
from engine.data.lines import with_lines
from engine.data.port_rows import names_of, rows_of
from engine.data.ports import TargetPort
from engine.data.prepare import precision_of, prepare_data
from engine.data.reading import Reading, kind_of
from engine.data.received import PortView, Received
from engine.data.splits import Sides
from engine.data.tables import Table, chunks, open_table
from engine.recipe.mapping import DataMapping, Side
from engine.recipe.recipe import Recipe
from engine.recipe.split import PARTS

ROWS = 8
_LONG = 240


def receive(
    report: Report, data: Path, validation: Path | None = None, test: Path | None = None
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Answer what the ports would receive, encoders fitted as a training would, and all findings.

    Args:
        report: of a graph; one with errors has its ports looked at one by one.
        data: the table to train on.
        validation, test: tables of their own, where there are such.

    Raises:
        Refused: if the table can't be read at all.
    """
    if report.mapping is None:
        return Received(), ()
    head = next(chunks(data, rows=ROWS, dialect=report.mapping.file), None)
    if head is None:
        head = open_table(data, dialect=report.mapping.file)
    found: tuple[Diagnostic, ...] = ()
    if not report.errors:
        try:
            prepared = prepare_data(report, data, validation, test)
        except Refused as refused:
            found = refused.diagnostics
        else:
            ports = _Ports(report, head, report.mapping, prepared.fitted)
            sides = {part: int(prepared.sides[part]) for part in PARTS}
            answer = Received(ports=ports.views(), sides=sides, split=prepared.split)
            return answer, (*prepared.warnings, *ports.found)
    apart = (validation is not None, test is not None)
    return _one_by_one(report, report.mapping, head, data, apart, found)


def _one_by_one(
    report: Report,
    mapping: DataMapping,
    head: Table,
    data: Path,
    apart: tuple[bool, bool],
    found: tuple[Diagnostic, ...],
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Answer what can be said of each port where not all of them can be read."""
    table = open_table(data, dialect=mapping.file)
    sides: Sides | None = None
    more: list[Diagnostic] = []
    try:
        sides = divide(table, mapping.split, report.recipe or Recipe(), apart)
    except Refused as refused:
        more += refused.diagnostics
    ports = _Ports(report, head, mapping, None, table, None if sides is None else sides.train)
    views = ports.views()
    more += with_lines(ports.found, table)
    counts = _counts(sides) if sides else {}
    told = sides.how if sides else ""
    return Received(ports=views, sides=counts, split=told), found or tuple(more)


def _counts(sides: Sides) -> dict[str, int]:
    return {part: len(getattr(sides, part)) for part in PARTS}


class _Ports:
    """Looks at one port after the other.

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
        """Answer a view of each port; what keeps one from being filled goes to `found`."""
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
            rows = rows_of(columns, None, None) if columns else ()
            return PortView(**plain, rows=rows)
        return PortView(**plain, **_described(source.names, encoder, filled),
                        rows=rows_of(columns, filled.values, encoder, filled.present))  # fmt: skip

    def _encoder(self, side: Side, name: str, port: Any) -> Encoder | None:
        if self._fitted is not None or self._table is None:
            return self._fitted.side(side).get(name) if self._fitted else None
        source = self._mapping.source(side, name)
        reading = Reading(self._table, source, self._precision, self._train)
        if isinstance(port, TargetPort):
            return fit_target([reading], port)
        return fit_input([reading], name, port)

    def _filled(self, side: Side, name: str, port: Any, encoder: Encoder | None) -> Filled:
        source = self._mapping.source(side, name)
        reading = Reading(self._head, source, self._precision, None, encoder, refit=False)
        if isinstance(port, TargetPort):
            return fill_target(reading, port)
        return fill_input(reading, name, port)


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
