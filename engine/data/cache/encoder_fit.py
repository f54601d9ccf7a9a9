"""Fits the encoders of all ports together, so that a table is gone through once for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.column_plan import Plan
from engine.data.encoders import Encoder
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.splits.random import RowIndices
from engine.data.table.table import Table
from engine.recipe.data_mapping import Side

Of = TypeVar("Of")
To = TypeVar("To")


@dataclass(frozen=True)
class Fits:
    """The fittings of those ports whose numbers do not stay as they are.

    Args:
        plan: where columns go.
        needed: the fittings.
    """

    plan: Plan
    needed: tuple[PortFitter, ...]

    @classmethod
    def begun(cls, plan: Plan, sample: Table) -> Fits:
        """Decide by the first rows how each port is fitted.

        Raises:
            DiagnosticError: with all columns that can't feed their ports.
        """
        fittings = _each(plan.ports, lambda port: plan.fitting(sample, *port))
        return cls(plan, tuple(fitting for fitting in fittings if fitting.needs_fit))

    @property
    def columns(self) -> list[str]:
        """The columns that have to be looked at."""
        sources = [self.plan.mapping.source(each.side, each.port) for each in self.needed]
        return list(dict.fromkeys(name for source in sources for name in source.names))

    def add(self, part: Table, train: RowIndices) -> None:
        """Look at a chunk.

        Raises:
            DiagnosticError: with all columns that can't be read.
        """
        _each(self.needed, lambda fitting: self.plan.fit(fitting, part, train))

    def done(self, table: Table) -> FittedEncoders:
        """Return the encoders.

        Raises:
            DiagnosticError: if there is none for such rows.
        """
        encoders: dict[Side, dict[str, Encoder]] = {"inputs": {}, "targets": {}}
        made = _each(self.needed, lambda fitting: self.plan.done(fitting, table))
        for fitting, encoder in zip(self.needed, made, strict=True):
            if encoder is not None:
                encoders[fitting.side][fitting.port] = encoder
        return FittedEncoders(inputs=encoders["inputs"], targets=encoders["targets"])


def _each(items: Iterable[Of], work: Callable[[Of], To]) -> list[To]:
    """Do some work for each item, and refuse only when all were tried."""
    done: list[To] = []
    found: list[Diagnostic] = []
    for item in items:
        try:
            done.append(work(item))
        except DiagnosticError as refused:
            found += refused.diagnostics
    if found:
        raise DiagnosticError(*found)
    return done
