"""Arrays by name as an audited dataset: the same shapes, dtypes and findings as for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Fix, Refused, errors
from engine.data.checks.data_check import dataset_of, findings
from engine.data.dataset.dataset import Dataset
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.table.table import in_memory
from engine.functional.state.model_state import State
from engine.functional.training.named_arrays import Arrays, by_name, in_order, require
from engine.objectives.head import Head
from engine.recipe.data_mapping import DataMapping, Source

Order = NDArray[np.int64]
_MARKED = 4096  # rows that are read to tell whether they were seen before
_TRIED = 4  # arrays in a list whose other orders are tried


@dataclass(frozen=True)
class Ports:
    """What a model is fed by.

    Args:
        report: of its graph.
        inputs, outputs: their names, in the model's order.
    """

    report: Report
    inputs: Sequence[str]
    outputs: Sequence[str]

    @classmethod
    def of(cls, state: State) -> Ports:
        """Return what a model is fed by."""
        return cls(state.report, state.traced.inputs, state.traced.outputs)

    @property
    def heads(self) -> dict[str, Head]:
        """The outputs that have a loss."""
        heads = self.report.heads
        return {name: heads[name] for name in self.trained}

    @property
    def needed(self) -> list[str]:
        """The Inputs that some output depends on."""
        specs = self.report.input_specs()
        return [name for name in self.inputs if name in specs]

    @property
    def trained(self) -> list[str]:
        """The names of the outputs that have a loss."""
        heads = self.report.heads
        return [name for name in self.outputs if heads[name].loss is not None]


@dataclass(frozen=True)
class Fed:
    """Rows that were looked at.

    Args:
        dataset: by port.
        found: what was noticed; without errors.
        order: "text is array 1, question array 2", where a list was handed in.
        weights: how much each row counts, by output.
        mark: what tells these rows, as they were handed in, from others.
    """

    dataset: Dataset
    found: tuple[Diagnostic, ...] = ()
    order: str = ""
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    mark: str = ""


def feed(
    ports: Ports,
    x: Any,
    y: Any = None,
    *,
    train: Order | None = None,
    fitted: Fitted | None = None,
    training: bool = False,
    complete: bool = True,
) -> Fed:
    """Bring what a person hands in to the model's ports, and look at every row.

    Args:
        ports: the model's.
        x, y: one array, a list or a dict, as for `Model.fit`.
        train: the rows that scales are fitted on.
        fitted: encoders of an earlier training.
        training: False for rows that are only scored.
        complete: False leaves targets out, as when predicting.

    Raises:
        Refused: with every finding.
    """
    inputs = require(by_name(x, ports.inputs, "input", "x"), ports.needed, "input", "x")
    targets: Arrays = {}
    if complete:
        targets = by_name(y, _targets(ports, y), "output", "y")
        targets = require(targets, ports.trained, "output", "y")
    look = _Look(ports.report, train, fitted, training, complete)
    try:
        dataset, found = look.at(inputs, targets)
    except Refused as refused:
        raise _hinted(refused, look, inputs, targets, (x, y)) from None
    order = _said(x, inputs) if in_order(x, ports.inputs) else ""
    return Fed(dataset, tuple(found), order, mark=_mark(dataset) if complete else "")


def _mark(dataset: Dataset) -> str:
    """Return a digest of rows, of some thousands spread over them if there are more."""
    count = min(dataset.rows, _MARKED)
    spread = np.linspace(0, max(dataset.rows - 1, 0), count, dtype=np.int64)
    return f"{dataset.rows} {dataset.take(spread).digest()}"


def _targets(ports: Ports, y: Any) -> Sequence[str]:
    """Return the outputs that targets are handed in for: all, or those with a loss."""
    listed = isinstance(y, list | tuple) and len(y) == len(ports.outputs)
    return ports.outputs if listed or isinstance(y, Mapping) else ports.trained


@dataclass(frozen=True)
class _Look:
    """One way of reading arrays, tried on one or several orders of them."""

    report: Report
    train: Order | None
    fitted: Fitted | None
    training: bool
    complete: bool

    def at(self, inputs: Arrays, targets: Arrays) -> tuple[Dataset, list[Diagnostic]]:
        recipe = self.report.recipe
        double = recipe is not None and recipe.precision == "float64"
        precision: Literal["float32", "float64"] = "float64" if double else "float32"
        dataset = dataset_of(
            _over_arrays(self.report),
            in_memory({**inputs, **targets}),
            train=self.train,
            fitted=self.fitted,
            precision=precision,
            complete=self.complete,
        )
        found = [*dataset.notes, *findings(self.report, dataset, self.training)]
        if errors(found):
            raise Refused(*found)
        return dataset, found

    def fits(self, inputs: Arrays, targets: Arrays) -> bool:
        try:
            self.at(inputs, targets)
        except Refused:
            return False
        return True


def _over_arrays(report: Report) -> Report:
    """Return the report with every port fed by the array of its own name, scales kept."""
    known = report.mapping or DataMapping()

    def own(sources: Mapping[str, Source]) -> dict[str, Source]:
        return {
            port: source.model_copy(update={"column": port, "columns": None})
            for port, source in sources.items()
        }

    mapping = DataMapping(inputs=own(known.inputs), targets=own(known.targets))
    return replace(report, mapping=mapping)


def _hinted(
    refused: Refused, look: _Look, inputs: Arrays, targets: Arrays, given: tuple[Any, Any]
) -> Refused:
    """Say so where a list would fit in another order."""
    x, y = given
    for noun, arrays, listed in (("x", inputs, x), ("y", targets, y)):
        if not isinstance(listed, list | tuple) or not 1 < len(arrays) <= _TRIED:
            continue
        for order in _others(arrays):
            sides = (order, targets) if noun == "x" else (inputs, order)
            if look.fits(*sides):
                return Refused(*_swapped(refused, noun, arrays, order))
    return refused


def _others(arrays: Arrays) -> Iterator[Arrays]:
    names = list(arrays)
    for order in permutations(names):
        if list(order) != names:
            yield {name: arrays[other] for name, other in zip(names, order, strict=True)}


def _swapped(refused: Refused, noun: str, arrays: Arrays, order: Arrays) -> Iterator[Diagnostic]:
    places = {id(array): place for place, array in enumerate(arrays.values(), 1)}
    told = ", ".join(f"{name} array {places[id(array)]}" for name, array in order.items())
    first, *others = refused.diagnostics
    why = f"{noun} is a list in the order {', '.join(arrays)}, and fits in another: {told}"
    named = ", ".join(f"{name!r}: ..." for name in arrays)
    fixes = (Fix(f"Feed a dict, whose order means nothing: {{{named}}}."), *first.fixes)
    yield replace(first, why=why, fixes=fixes)
    yield from others


def _said(x: Any, inputs: Arrays) -> str:
    """Say which input each array of a list was taken for."""
    if len(x) < 2:
        return ""
    return ", ".join(
        f"{name} is array {place} {array.shape}"
        for place, (name, array) in enumerate(inputs.items(), 1)
    )
