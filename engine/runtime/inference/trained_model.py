"""A run that has been trained, opened to score and to predict by name, in the person's words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from engine.check.report import Report, check
from engine.compile.plan import plan
from engine.core.diagnostic import Fix, Refused, errors
from engine.data.cache.cache_key import Asked
from engine.data.cache.entry import Entry
from engine.data.cache.policy import Caching
from engine.data.cache.reader import cached_or_none
from engine.data.checks.data_check import dataset_of, findings
from engine.data.dataset.dataset import Dataset, Precision
from engine.data.preprocessing.fitted_encoders import Fitted, fitted_of
from engine.data.readers.table_file import open_table
from engine.data.table.table import Table
from engine.graph.serialization.file import parse
from engine.layers.regularizer import OrthogonalRegularizer
from engine.objectives.head import Head
from engine.recipe.recipe import Recipe
from engine.runs.folder.run_folder import BEST, RunFolder
from engine.runtime.batches.data_loader import Feed, feed_of
from engine.runtime.checkpoints.checkpoint import LATEST, PREVIOUS, Checkpoints, Loaded
from engine.runtime.checkpoints.training_state import load_model, load_weights
from engine.runtime.device import Place, make_place, use_threads
from engine.runtime.inference.score_units import Measure, measure
from engine.runtime.model.network import Network
from engine.runtime.training.epoch_metrics import evaluate

Array = NDArray[Any]
Which = Literal["final", "best", "last"]

HALVES = (torch.float16, torch.bfloat16)  # numpy knows only one of them
_IN_WORDS = {LATEST: "last", PREVIOUS: "last but one", BEST: "best"}


@dataclass(frozen=True)
class Trained:
    """A network with its weights, and the encoders that its data goes through.

    Args:
        run: where it comes from.
        report: of the run's own graph.
        network: ready to predict.
        fitted: encoders, as fitted when it was trained.
        place: where it computes.
        batch_size: rows at a time.
        loaded: which weights these are: "final", "best", "last" or "last but one".
        use_cache: whether tables are read from the cache; None where they are too large for memory.
    """

    run: RunFolder
    report: Report
    network: Network
    fitted: Fitted
    place: Place
    batch_size: int
    loaded: str
    use_cache: bool | None = None

    @classmethod
    def open(cls, path: Path, which: Which = "final", device: str | None = None) -> Self:
        """Open a run folder.

        Args:
            path: the folder.
            which: the weights that the run ended with, those of the best epoch, or the newest,
                which are also taken for an end or a best epoch that has not come yet.
            device: None takes the one of the recipe.

        Raises:
            DiagnosticError: if there is no run, it has no whole weights, or those asked for are damaged.
        """
        run = RunFolder.open(path)
        # It has been trained, so what a training takes of this machine's memory does not matter.
        report = check(parse(run.graph_bytes()).project, available=sys.maxsize)
        if report.errors or report.recipe is None:
            raise Refused(*report.errors)
        recipe = report.recipe
        use_threads(run.run.get("threads"))
        place = make_place(device or recipe.device, recipe.precision)  # type: ignore[arg-type]  # checked there
        network = Network(plan(report.project.graph, report))
        loaded = _load(network, run, which)
        place.settle(network)
        network.eval()
        fitted = fitted_of(run)
        network.weigh_classes(fitted.class_weights)
        return cls(run, report, network, fitted, place, _batch_size(report, recipe), loaded)

    @property
    def heads(self) -> list[Head]:
        """The heads, in drawing order."""
        return [planned.head for planned in self.network.plan.heads]

    def read(self, data: Path, complete: bool) -> Dataset:
        """Bring a table to the network's ports, through the encoders of the training.

        Raises:
            DiagnosticError: if it does not fit, or holds values that the network can't take.
        """
        entry = self.cached(data, fitted=self.fitted, complete=complete)
        if entry is None:
            return self.read_table(self.open_table(data), complete)
        return self._sound(entry.dataset)

    def cached(
        self,
        data: Path,
        apart: tuple[bool, bool] = (False, False),
        fitted: Fitted | None = None,
        complete: bool = True,
    ) -> Entry | None:
        """Return the rows of a table from the cache, None if it is read in memory.

        Args:
            data: the table.
            apart: whether the rows to validate and to test on stood in files of their own.
            fitted: encoders; None fits and divides the rows as a training does.
            complete: False leaves the targets unread.

        Raises:
            DiagnosticError: if it does not fit.
        """
        asked = Asked(self.report, self._precision, apart, fitted, complete)
        return cached_or_none(data, asked, Caching(self.use_cache))

    @property
    def _precision(self) -> Precision:
        return "float64" if self.place.dtype == torch.float64 else "float32"

    def open_table(self, data: Path) -> Table:
        """Read a table that is written as the one of the training was.

        Raises:
            DiagnosticError: if it can't be read.
        """
        mapping = self.report.mapping
        return open_table(data, dialect=mapping.file if mapping else None)

    def read_table(self, table: Table, complete: bool) -> Dataset:
        """Do what `read` does with a table that was opened."""
        dataset = dataset_of(
            self.report, table, fitted=self.fitted, precision=self._precision, complete=complete
        )
        return self._sound(dataset)

    def _sound(self, dataset: Dataset) -> Dataset:
        found = findings(self.report, dataset, training=False)
        if errors(found):
            raise Refused(*found)
        return dataset

    def evaluate(self, data: Path) -> dict[str, float]:
        """Score a table by output name.

        Returns:
            As `Ledger.result`; where one standardised column is the target, its errors are in the
            column's own unit, but its loss is not.
        """
        return self.score(self.read(data, complete=True))

    def score(self, rows: Dataset) -> dict[str, float]:
        """Return what `evaluate` does, of rows that were read."""
        with torch.no_grad(), self.place.autocast():
            scores = evaluate(self.network, self._feed(rows).batches())
        return self.in_units(scores)

    def in_units(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return scores as they are read: errors in the column's own unit where it has one."""
        return {name: score * self.measure(name).factor for name, score in scores.items()}

    def measure(self, name: str) -> Measure:
        """Return how the score of such a name is read: "loss", "age/mae"."""
        output, _, score = name.rpartition("/")
        unit = next((head.unit for head in self.heads if head.name == output), "")
        return measure(score, unit, self.fitted.targets.get(output))

    def predict(self, data: Path) -> dict[str, Array]:
        """Return what the network says about each row, by output: raw values before decoding.

        Returns:
            Arrays, batch axis first: probabilities, or numbers in the units of the training.
        """
        return self.predict_table(self.open_table(data))

    def predict_table(self, table: Table) -> dict[str, Array]:
        """Do what `predict` does with a table that was opened."""
        dataset = self.read_table(table, complete=False)
        parts: dict[str, list[Array]] = {head.name: [] for head in self.heads}
        feed = Feed(dataset.inputs, {}, self.batch_size, self.place.dtype, self.place.device)
        with torch.no_grad(), self.place.autocast():
            for batch in feed.batches():
                for name, answer in self.network(batch.inputs).items():
                    wide = answer.float() if answer.dtype in HALVES else answer
                    parts[name].append(wide.cpu().numpy())
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}

    def _feed(self, dataset: Dataset) -> Feed:
        return feed_of(dataset, self.batch_size, self.place)


def _batch_size(report: Report, recipe: Recipe) -> int:
    """Return how many rows are scored at a time.

    How orthogonal outputs are is measured between the rows of a batch, so it only compares at one
    size.
    """
    layers = report.shapes.layers.values()
    paired = any(
        isinstance(penalty, OrthogonalRegularizer)
        for layer in layers
        for penalty in layer.activities().values()
    )
    return recipe.batch_size if paired else max(recipe.batch_size, 256)


def _load(network: Network, run: RunFolder, which: Which) -> str:
    """Take weights over, and answer which they are."""
    if which == "final" and run.model.exists():
        load_weights(network, load_model(run))
        return "final"
    checkpoints = Checkpoints(run.checkpoints)
    loaded = _best(run, checkpoints) if which == "best" else checkpoints.load()
    load_weights(network, loaded.checkpoint.weights)
    return _IN_WORDS[loaded.pointer]


def _best(run: RunFolder, checkpoints: Checkpoints) -> Loaded:
    """Return the best checkpoint, or the newest if none was called best; never a stand-in."""
    loaded = checkpoints.load_best()
    if loaded.pointer != BEST and (run.checkpoints / BEST).exists():
        damaged = replace(
            loaded.warnings[0],
            message="the weights of the best epoch are damaged",
            severity="error",
            fixes=(Fix("Use those it ended with, or the newest: --weights final, last."),),
        )
        raise Refused(damaged)
    return loaded
