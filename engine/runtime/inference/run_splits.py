"""Selection of the rows to score: all rows of a table, or the rows of a split of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.dataset.dataset import Dataset
from engine.data.prepared_data import split_digest
from engine.data.series.window_rows import last_rows
from engine.data.splits.split_rows import RowIndices
from engine.data.splits.table_split import split_table
from engine.recipe.split import ColumnSplit, Subset
from engine.runtime.inference.trained_model import TrainedModel

_VERBS: Mapping[Subset, str] = {"train": "train on", "validation": "validate on", "test": "test on"}


@dataclass(frozen=True, slots=True)
class EvaluationRows:
    """The rows to be scored.

    Args:
        data_path: path of the table that the rows are from.
        dataset: the rows, transformed by the fitted encoders.
        split: split of the run; None for all rows of a table.
        row_indices: index of each row in the table, for windows of the last past row; None if
            `dataset` has all rows in order.
    """

    data_path: Path
    dataset: Dataset
    split: Subset | None = None
    row_indices: RowIndices | None = None


def select_rows(trained: TrainedModel, data: Path | None, split: Subset | None) -> EvaluationRows:
    """Return all rows of a table, or the rows that a split of the run had during training.

    Args:
        trained: the model of the run.
        data: path of a table. If None, the rows are read from the file that the training used:
            the separate file of `split` if there was one, otherwise the training table.
        split: split of the run; None selects all rows, and requires `data`.

    Raises:
        DiagnosticError: if the split has no rows, or can't be reproduced from `data`.
    """
    paths = trained.data_paths
    if split is None:
        assert data is not None, "either a table or a split is given"
        return _all_rows(trained, data)
    path = paths.get(split) if split != "train" else None
    if path is not None:
        if data is not None:
            raise _has_separate_file(split, path)
        return _all_rows(trained, path, split)
    return _split_rows(trained, data or paths["data"], split)


def _all_rows(trained: TrainedModel, data: Path, split: Subset | None = None) -> EvaluationRows:
    dataset = trained.read_dataset(data, with_targets=True)
    return EvaluationRows(data, dataset, split, last_rows(dataset))


def _split_rows(trained: TrainedModel, data: Path, subset: Subset) -> EvaluationRows:
    mapping, recipe = trained.report.mapping, trained.report.recipe
    assert mapping is not None, "the run's own graph has no errors"
    assert recipe is not None, "the run's own graph has no errors"
    paths = trained.data_paths
    separate_files = ("validation" in paths, "test" in paths)
    # Use the cache key of the training, so that the table is not cached twice.
    entry = trained.read_cached(data, separate_files)
    if entry is None:
        table = trained.open_table(data)
        splits = split_table(table, mapping.split, recipe, separate_files)
        rows = trained.encode_split_table(table, splits)
    else:
        rows = entry.windowed(trained.report)
    dataset, splits, digest = rows.dataset, rows.split_rows, rows.digest or rows.dataset.digest()
    recorded: Any = trained.run.record.get("sides", {}).get("digest")
    # A split by a column is valid for any table with that column.
    by_column = isinstance(mapping.split, ColumnSplit)
    encoders_differ = entry is not None and dataset.fitted != trained.fitted
    if encoders_differ or (recorded != split_digest(splits, digest) and not by_column):
        raise _different_table(data, subset)
    indices = getattr(splits, subset)
    if not len(indices):
        raise _no_rows(subset)
    selected = replace(dataset.subset(indices), notes=dataset.notes)
    ends = last_rows(selected)
    return EvaluationRows(data, selected, subset, indices if ends is None else ends)


def _has_separate_file(subset: Subset, file: Path) -> DiagnosticError:
    return diagnostic_error(
        "split-unfit",
        f"the rows to {_VERBS[subset]} came from a separate file",
        f"Leave out --data; then {file.name} is evaluated.",
        "Leave out --split to evaluate all rows of the data.",
        place=f"--split {subset}",
        found=f"--data and --split {subset}",
        expected=f"the rows of {file.name}",
    )


def _different_table(data: Path, subset: Subset) -> DiagnosticError:
    return diagnostic_error(
        "run-differs",
        f'"{data.name}" is not the table that the run was trained on, so its split can\'t be '
        "reproduced",
        "Leave out --split to evaluate all rows of the data.",
        "Name the table of the training, or leave out --data.",
        place=f"--split {subset}",
        found="other rows, or rows in another order",
        expected="the table of the training",
    )


def _no_rows(subset: Subset) -> DiagnosticError:
    split_json = '"split": {"kind": "random", "params": {"test": 0.1}}'
    return diagnostic_error(
        "split-empty",
        f"the run has no rows to {_VERBS[subset]}",
        f"Hold out rows and train again: {split_json} in the data block.",
        "Evaluate rows of another file: --data D.",
        place=f"--split {subset}",
        found="0 rows",
        expected="rows that were held out from training",
    )
