"""A trained model: a run folder opened for evaluation and prediction."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, Self

import numpy as np
import torch

from engine.check.report import Report, check
from engine.compile.plan import build_plan
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, only_errors
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.policy import CacheSettings
from engine.data.cache.reader import CacheEntry, cached_entry
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.dataset import Dataset, Precision
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.preprocessing.fitted_encoders import FittedEncoders, load_fitted_encoders
from engine.data.preview.out_of_range import out_of_range_warnings
from engine.data.readers.table_file import open_table
from engine.data.score_units import ScoreUnit, score_unit
from engine.data.series.series_order import find_series
from engine.data.series.window_rows import last_rows
from engine.data.splits.split_rows import EMPTY_SPLIT, SplitRows
from engine.data.table.array import Array
from engine.data.table.table import Table
from engine.graph.serialization.file import parse
from engine.objectives.head import Head
from engine.recipe.recipe import Recipe
from engine.runs.folder.run_folder import BEST_FILE, RunFolder
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import make_data_loader
from engine.runtime.checkpoints.checkpoint import LATEST, PREVIOUS, CheckpointStore
from engine.runtime.checkpoints.shards import load_shards
from engine.runtime.checkpoints.state_dicts import load_weights, torch_weights
from engine.runtime.checkpoints.weight_file import read_weights
from engine.runtime.device import DeviceContext, make_device_context, set_thread_count
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.model.network import ForwardOutput, Network

WeightsChoice = Literal["final", "best", "last"]

HALF_PRECISION = (torch.float16, torch.bfloat16)  # converted to float32; numpy has no bfloat16
_CELL_CODES = ("cells-filled", "number-unreadable", "label-ignored", "text-unknown")
_WEIGHTS_BY_POINTER = {LATEST: "last", PREVIOUS: "last but one", BEST_FILE: "best"}


class RowPredictions(NamedTuple):
    """Predictions for a table.

    Args:
        rows: the predicted rows. With windows, such a row has the time and the series of the last
            past row of a window.
        values: the predictions by output name; those of a scaled target stay scaled.
        notes: what was done to missing, unreadable and unknown cells.
    """

    rows: Table
    values: dict[str, Array]
    notes: list[Diagnostic]


@dataclass(frozen=True)
class TrainedModel:
    """A trained network with its fitted encoders.

    Args:
        run: folder of the run.
        network: network in evaluation mode.
        fitted: encoders that were fitted for the training.
        loaded_weights: which weights were loaded: "final", "best", "last" or "last but one".
        use_cache: whether tables are read through the cache; None uses the cache for tables that
            are too large for memory.
        group: the ranks, each of which has the model. They compute the batches of rows in turn, and
            rank 0 gets the results.
    """

    run: RunFolder
    report: Report
    network: Network
    fitted: FittedEncoders
    device_context: DeviceContext
    batch_size: int
    loaded_weights: str
    use_cache: bool | None = None
    group: ProcessGroup = SINGLE_PROCESS

    @classmethod
    def open(
        cls,
        path: Path,
        weights: WeightsChoice = "final",
        device: str | None = None,
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> Self:
        """Open a run folder.

        Args:
            weights: "final", "best" (weights of the best epoch) or "last" (newest checkpoint).
                "last" is also used if there are no final weights or no best epoch yet.
            device: name of a device; None uses the recipe's device.

        Raises:
            DiagnosticError: if there is no run, or the weights are missing or damaged.
        """
        run = RunFolder.open(path)
        # The memory check is for training, so it is disabled here.
        report = check(parse(run.graph_bytes()).project, available=sys.maxsize)
        if report.errors or report.recipe is None:
            raise DiagnosticError(*report.errors)
        recipe = report.recipe
        set_thread_count(run.record.get("threads"))
        device_context = make_device_context(device or recipe.device, recipe.precision)  # type: ignore[arg-type]  # checked there
        network = Network(build_plan(report.project.graph, report))
        device_context.setup_module(network)
        loaded = _load(network, run, weights)
        network.eval()
        fitted = load_fitted_encoders(run)
        network.set_class_weights(fitted.class_weights)
        batch_size = _batch_size(report, recipe)
        return cls(run, report, network, fitted, device_context, batch_size, loaded, group=group)

    @property
    def heads(self) -> list[Head]:
        """The heads, in the order of the graph's outputs."""
        return [planned.head for planned in self.network.plan.heads]

    @property
    def data_paths(self) -> dict[str, Path]:
        """The paths of the tables that the run used: "data", "validation", "test"."""
        paths = self.run.record.get("paths", {})
        return {name: Path(path) for name, path in paths.items() if path}

    def row_notes(self, row: Table, notes: Iterable[Diagnostic]) -> dict[str, str]:
        """Return `notes` and warnings about values out of range, by column; for a single row."""
        found = [note.without_rows() for note in notes]
        texts = {(note.place or "").removeprefix("column "): note.message for note in found}
        return texts | out_of_range_warnings(self.report, self.fitted, row)

    def read_dataset(self, data: Path, with_targets: bool) -> Dataset:
        """Read a table and transform it with the fitted encoders.

        Raises:
            DiagnosticError: if the table doesn't match the inputs, or has invalid values.
        """
        entry = self.read_cached(data, fitted=self.fitted, with_targets=with_targets)
        if entry is None:
            return self.encode_table(self.open_table(data), with_targets)
        self._validate(entry.dataset)
        return entry.windowed(self.report).dataset

    def read_cached(
        self,
        data: Path,
        separate_files: tuple[bool, bool] = (False, False),
        fitted: FittedEncoders | None = None,
        with_targets: bool = True,
    ) -> CacheEntry | None:
        """Return the cache entry of a table; None if the table should be read into memory instead.

        Args:
            separate_files: whether the validation rows and the test rows have separate files.
            fitted: fitted encoders; None splits the rows and fits new encoders, as for a training.

        Raises:
            DiagnosticError: if the table doesn't match the network.
        """
        request = CacheRequest(self.report, self._precision, separate_files, fitted, with_targets)
        is_streamed = bool(self.run.record.get("stream")) if fitted is None else None
        return cached_entry(data, request, CacheSettings(self.use_cache, stream=is_streamed))

    @property
    def _precision(self) -> Precision:
        return "float64" if self.device_context.dtype == torch.float64 else "float32"

    def open_table(self, data: Path) -> Table:
        """Open a table in the file format and dialect of the training table, with its row numbers.

        Raises:
            DiagnosticError: if the table can't be read.
        """
        mapping = self.report.mapping
        assert mapping is not None, "the run's own graph has no errors"
        # Row numbers are a column, beside the predictions, unless the file says that they are none.
        dialect = mapping.file.model_copy(update={"index": mapping.file.index or False})
        return open_table(data, dialect=dialect)

    def encode_table(self, table: Table, with_targets: bool) -> Dataset:
        """Transform a table with the fitted encoders. If `with_targets`, include the targets."""
        return self.encode_split_table(table, EMPTY_SPLIT, with_targets).dataset

    def encode_split_table(
        self, table: Table, split_rows: SplitRows, with_targets: bool = True
    ) -> CacheEntry:
        """Transform a table and its split: windows and their split if the run has windows."""
        series = find_series(table, self.report.mapping, with_targets)
        precision = self._precision
        dataset = encode_for_graph(
            self.report, table, fitted=self.fitted, precision=precision, with_targets=with_targets
        )
        self._validate(dataset)
        return CacheEntry(dataset, split_rows, "", series).windowed(self.report)

    def _validate(self, dataset: Dataset) -> None:
        diagnostics = check_against_graph(self.report, dataset, training=False)
        if only_errors(diagnostics):
            raise DiagnosticError(*diagnostics)

    def score_unit(self, name: str) -> ScoreUnit:
        """Return the unit of a score such as "age/mae", and the factor that converts to this unit.

        If the target is not scaled, the factor is 1.
        """
        output, _, score = name.rpartition("/")
        unit = next((head.unit for head in self.heads if head.name == output), "")
        return score_unit(score, unit, self.fitted.targets.get(output))

    def predict_rows(self, table: Table) -> RowPredictions:
        """Return the predictions for a table. With several ranks, rank 0 gets them."""
        dataset = self.encode_table(table, with_targets=False)
        batches: dict[str, list[Array]] = {head.name: [] for head in self.heads}
        context = self.device_context
        loader = make_data_loader(dataset, self.batch_size, context)
        with torch.no_grad(), context.autocast():
            for _, raw in self.forward_outputs(loader.batches()):
                for name, output in self.network.apply_activations(raw).items():
                    values = output.float() if output.dtype in HALF_PRECISION else output
                    batches[name].append(values.cpu().numpy())
        predictions = {name: np.concatenate(arrays) for name, arrays in batches.items() if arrays}
        rows = last_rows(dataset)
        if rows is not None:
            mapping = self.report.mapping
            names = mapping.windows.columns if mapping and mapping.windows else ()
            table = replace(table, columns={name: table.columns[name] for name in names}).take(rows)
        return RowPredictions(table, predictions, cell_notes(dataset))

    def forward_outputs(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, ForwardOutput]]:
        """Yield batches with their outputs; with several ranks, rank 0 yields all of them."""
        device = self.device_context.device
        shared = device if self.group.size == 1 else torch.device("cpu")
        pairs = self.group.map(
            lambda batch: self.network.forward_output(batch.inputs).to(shared), batches
        )
        return ((batch, output.to(device)) for batch, output in pairs)


def cell_notes(dataset: Dataset) -> list[Diagnostic]:
    """Return what was done to missing, unreadable and unknown cells of the rows of a dataset."""
    return [note for note in dataset.notes if note.code in _CELL_CODES]


def _batch_size(report: Report, recipe: Recipe) -> int:
    """Return the batch size for evaluation.

    This is the recipe's batch size, but at least 256. It is exactly the recipe's batch size if
    there is an activity penalty of OrthogonalRegularizer, which compares the rows of a batch.
    """
    depends_on_batch = report.shapes.nodes_comparing_rows
    return recipe.batch_size if depends_on_batch else max(recipe.batch_size, 256)


def _load(network: Network, run: RunFolder, which: WeightsChoice) -> str:
    """Load weights of a run; return which ones: "final", "best", "last" or "last but one".

    If the weights `which` are missing, or the last ones damaged, load the newest valid checkpoint.

    Raises:
        DiagnosticError: if the final or best weights are damaged, or if no checkpoint is valid.
    """
    if which == "final" and run.weights_path.exists():
        load_weights(network, read_weights(run.weights_path))
        return "final"
    checkpoints = CheckpointStore(run.checkpoints_path)
    loaded = checkpoints.load_best() if which == "best" else checkpoints.load()
    if (
        which == "best"
        and loaded.pointer != BEST_FILE
        and (run.checkpoints_path / BEST_FILE).exists()
    ):
        damaged = replace(
            loaded.warnings[0],
            message="the weights of the best epoch are damaged",
            severity="error",
            fixes=(Fix("Use the final or the newest weights: --weights final, last."),),
        )
        raise DiagnosticError(damaged)
    if loaded.checkpoint.shards is not None:
        load_shards(loaded.checkpoint.shards, torch_weights(network))
    else:
        load_weights(network, loaded.checkpoint.weights)
    return _WEIGHTS_BY_POINTER[loaded.pointer]
