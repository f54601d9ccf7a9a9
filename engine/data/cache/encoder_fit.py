"""Fits the encoders of all ports in a single pass over a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.column_plan import ColumnPlan
from engine.data.encoders import Encoder
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.splits.split_rows import RowIndices
from engine.data.table.table import Table
from engine.recipe.data_mapping import PortSide

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class EncoderFitters:
    """The fitters of all ports that need an encoder."""

    plan: ColumnPlan
    fitters: tuple[PortFitter, ...]

    @classmethod
    def create(cls, plan: ColumnPlan, head: Table) -> EncoderFitters:
        """Return fitters for `plan`; `head` has the first rows, which show the column types.

        Raises:
            DiagnosticError: with an error for each column that can't feed its port.
        """
        fitters = _map_all(plan.ports, lambda port: plan.create_fitter(head, *port))
        return cls(plan, tuple(fitter for fitter in fitters if fitter.needs_fit))

    @property
    def columns(self) -> list[str]:
        """The names of the columns that encoders are fitted on."""
        sources = [self.plan.mapping.source(fitter.side, fitter.port) for fitter in self.fitters]
        return list(dict.fromkeys(name for source in sources for name in source.column_names))

    def add(self, chunk: Table, train: RowIndices) -> None:
        """Fit all encoders on the rows `train` (the training rows) of a chunk.

        Raises:
            DiagnosticError: with an error for each column that can't be read.
        """
        _map_all(self.fitters, lambda fitter: self.plan.fit(fitter, chunk, train))

    def finish(self, table: Table) -> FittedEncoders:
        """Return the fitted encoders. `table` holds the first rows, which only diagnostics use.

        Raises:
            DiagnosticError: if an encoder can't be fitted on the training rows.
        """
        encoders: dict[PortSide, dict[str, Encoder]] = {"inputs": {}, "targets": {}}
        fitted = _map_all(self.fitters, lambda fitter: self.plan.finish_fit(fitter, table))
        for fitter, encoder in zip(self.fitters, fitted, strict=True):
            if encoder is not None:
                encoders[fitter.side][fitter.port] = encoder
        return FittedEncoders(inputs=encoders["inputs"], targets=encoders["targets"])


def _map_all(items: Iterable[_Item], function: Callable[[_Item], _Result]) -> list[_Result]:
    """Call `function` with each item, and return the results.

    Raises:
        DiagnosticError: if a call fails; one error with the diagnostics of all failed calls.
    """
    results: list[_Result] = []
    diagnostics: list[Diagnostic] = []
    for item in items:
        try:
            results.append(function(item))
        except DiagnosticError as error:
            diagnostics += error.diagnostics
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return results
