"""The checked and encoded data of a project: the result of reading and splitting its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.check.cost import Costs, available_memory, estimate_costs, memory_diagnostics
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, DiagnosticError, only_errors
from engine.data.cache.cache_key import CacheRequest
from engine.data.cache.policy import CacheSettings
from engine.data.cache.reader import CacheEntry, cached_entry
from engine.data.checks.degenerate_targets import constant_training_targets, zero_weight_outputs
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.checks.leaks import column_leaks, shared_rows
from engine.data.dataset.dataset import Dataset, Precision
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.table_file import open_table
from engine.data.series.series_order import find_series
from engine.data.splits.split_rows import EMPTY_SPLIT, RowIndices, SplitRows
from engine.data.splits.table_split import split_table
from engine.data.target_baselines import target_baselines
from engine.recipe.csv_dialect import Dialect
from engine.recipe.recipe import Recipe

DEFAULT_CACHING = CacheSettings()


@dataclass(frozen=True)
class PreparedData:
    """A checked project with its checked and encoded data.

    Args:
        report: the check report of the graph, without errors.
        train: the training rows.
        validation: the validation rows, None if there are none.
        fitted: the encoders, fitted on the training rows only.
        digest: the SHA-256 of all rows of the table (including its test rows) and of the
            validation file, if there is one.
        split: a description of the split, shown next to scores.
        warnings: warnings and infos, which don't prevent training.
        baselines: the means or class shares of the training targets, see `target_baselines`.
        validation_rows: the numbers of the validation rows in the training table, None if there
            are none or they have a table of their own.
        sides: JSON with the row counts "train", "validation" and "test", and with the "digest" of
            the split.
    """

    report: Report
    recipe: Recipe
    train: Dataset
    validation: Dataset | None
    fitted: FittedEncoders
    digest: str
    split: str
    warnings: tuple[Diagnostic, ...]
    sides: Mapping[str, Any] = field(default_factory=dict)
    baselines: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    validation_rows: RowIndices | None = None


def check_data(report: Report, data: Path) -> list[Diagnostic]:
    """Return the diagnostics that a training run on the table at `data` would report."""
    try:
        return list(prepare_data(report, data, None).warnings)
    except DiagnosticError as error:
        return list(error.diagnostics)


def prepare_data(
    report: Report,
    data: Path,
    validation: Path | None,
    test: Path | None = None,
    caching: CacheSettings = DEFAULT_CACHING,
) -> PreparedData:
    """Read, split, encode and check the data of a checked project.

    Args:
        report: the check report of the graph, without errors.
        data: the path of the training table.
        validation: the path of a validation table; if None, the split selects rows of `data`.
        test: the path of a test table. It is checked only, and is not part of the result.
        caching: whether tables are loaded into memory, or encoded into a cache on disk.

    Raises:
        DiagnosticError: if a table has errors.
    """
    recipe = report.recipe
    assert recipe is not None, "a report without errors has a recipe"
    reader = _TableReader(report, recipe, caching)
    entry = reader.read(data, separate=(validation is not None, test is not None))
    dataset, split_rows, fitted = entry.dataset, entry.split_rows, entry.dataset.fitted
    is_split = len(split_rows.train) < dataset.row_count
    validation_table = reader.read(validation, fitted=fitted).dataset if validation else None
    test_table = reader.read(test, fitted=fitted).dataset if test else None
    train = dataset.subset(split_rows.train) if is_split else dataset
    validation_split = dataset.subset(split_rows.validation) if len(split_rows.validation) else None
    held_out = validation_table or validation_split
    diagnostics = _check_rows(report, train, held_out, is_split, reader.diagnostics)
    digest = entry.digest or dataset.digest()
    assert report.mapping is not None, "a report without errors has a mapping"
    diagnostics += column_leaks(report.heads, train, report.mapping)
    table_digest = validation_table.digest() if validation_table else ""
    if held_out is not None:
        diagnostics += shared_rows(train, held_out, table_digest == digest)
    noun = "windows" if report.mapping.windows else "rows"
    counts = {
        "train": train.row_count,
        "validation": held_out.row_count if held_out else 0,
        "test": test_table.row_count if test_table else len(split_rows.test),
    }
    return PreparedData(
        report,
        recipe,
        train,
        held_out,
        fitted,
        hashlib.sha256((digest + table_digest).encode()).hexdigest() if table_digest else digest,
        _describe_split(split_rows, (validation, validation_table), (test, test_table), noun),
        tuple(item for i, item in enumerate(diagnostics) if item not in diagnostics[:i]),
        {**counts, "digest": split_digest(split_rows, digest)},
        target_baselines(report.heads.values(), train),
        split_rows.validation if held_out and held_out is validation_split else None,
    )


def _check_rows(
    report: Report,
    train: Dataset,
    validation: Dataset | None,
    is_split: bool,
    found: Iterable[Diagnostic],
) -> list[Diagnostic]:
    """Return the diagnostics in `found` and of checks of targets, sample weights and memory.

    `report` is the graph's check report. `is_split` is False if all table rows are for training.

    Raises:
        DiagnosticError: if any diagnostic is an error.
    """
    recipe, mapping = report.recipe, report.mapping
    assert recipe is not None, "a report without errors has a recipe"
    assert mapping is not None, "a report without errors has a mapping"
    diagnostics = [
        *found,
        *_unscored_outputs(report, validation),
        *zero_weight_outputs(train.weights, train.masks),
    ]
    if is_split and not only_errors(diagnostics):
        diagnostics += constant_training_targets(train.targets, train.masks, mapping)
    if not only_errors(diagnostics):  # with errors, sequences may be too short for the layers
        diagnostics += check_memory(report, recipe, train)
    if only_errors(diagnostics):
        raise DiagnosticError(*diagnostics)
    return diagnostics


def _unscored_outputs(report: Report, validation: Dataset | None) -> Iterator[Diagnostic]:
    """Yield a warning for each output that has no target in any validation row."""
    for head in report.heads.values():
        has_mask = validation is not None and head.name in validation.masks
        if validation is not None and has_mask and not validation.target_count(head.name):
            yield Diagnostic.warning(
                "target-masked",
                "no validation row has a target, so it gets no validation score",
                "Hold out more rows, or other rows with another seed or split.",
                node=head.name,
                found=f"{validation.row_count:,} validation rows without a target",
                expected="some rows with a target",
            )


def float_precision(recipe: Recipe) -> Precision:
    """Return the dtype of encoded floats: float64 if the recipe's precision is, else float32."""
    return "float64" if recipe.precision == "float64" else "float32"


class _TableReader:
    """Reads, encodes and checks tables for one graph, and collects the diagnostics."""

    def __init__(self, report: Report, recipe: Recipe, caching: CacheSettings) -> None:
        self._report, self._recipe, self._caching = report, recipe, caching
        self._precision = float_precision(recipe)
        self.diagnostics: list[Diagnostic] = []

    def read(
        self,
        path: Path,
        separate: tuple[bool, bool] = (False, False),
        fitted: FittedEncoders | None = None,
    ) -> CacheEntry:
        """Return the encoded rows or windows of a table, their split and their digest.

        The digest is "" for rows in memory.

        Args:
            separate: two flags. The first is True if the validation rows are in a separate file,
                the second is True if the test rows are.
            fitted: the encoders of a separate validation or test table, which is not split. None
                for the training table.
        """
        mapping = self._report.mapping
        assert mapping is not None, "a report without errors has a mapping"
        request = CacheRequest(self._report, self._precision, separate, fitted)
        entry = cached_entry(path, request, self._caching)
        dialect: Dialect | None = mapping.file
        if entry is None:
            table = open_table(path, dialect=dialect)
            dialect, split_rows, train = table.dialect, EMPTY_SPLIT, None
            series = find_series(table, mapping)
            if fitted is None:
                split_rows = split_table(table, mapping.split, self._recipe, separate)
                train = split_rows.train if len(split_rows.train) < table.row_count else None
            dataset = encode_for_graph(
                self._report, table, train=train, fitted=fitted, precision=self._precision
            )
            entry = CacheEntry(dataset, split_rows, "", series)
        diagnostics = check_against_graph(self._report, entry.dataset, training=fitted is None)
        entry = entry.windowed(self._report)
        self.diagnostics += entry.dataset.notes
        self.diagnostics += add_line_numbers(diagnostics, path, dialect)
        return entry


def split_digest(split_rows: SplitRows, digest: str) -> str:
    """Return the SHA-256 that identifies a split of a table, as a hexadecimal string.

    Args:
        split_rows: the indices of the training, validation and test rows.
        digest: the digest of all encoded rows of the table, see `Dataset.digest`.
    """
    hasher = hashlib.sha256(digest.encode())
    for rows in (split_rows.train, split_rows.validation, split_rows.test):
        hasher.update(len(rows).to_bytes(8, "little"))
        hasher.update(rows.astype("<i8", copy=False).data)
    return hasher.hexdigest()


def _describe_split(
    split_rows: SplitRows,
    validation: tuple[Path | None, Dataset | None],
    test: tuple[Path | None, Dataset | None],
    noun: str,
) -> str:
    """Return text that states the number and the origin of the rows, or windows, of each subset.

    `validation` and `test` are the path and the rows of a separate table, or (None, None).
    `noun` is windows or rows.
    """
    parts = [f"trained on {len(split_rows.train):,} {noun}"]
    origin = f" {split_rows.description}"
    if validation[0] and validation[1]:
        parts.append(f"validated on {validation[1].row_count:,} {noun} of {validation[0].name}")
    elif len(split_rows.validation):
        parts.append(f"validated on {len(split_rows.validation):,} {noun}{origin}")
        origin = ""
    if test[0] and test[1]:
        parts.append(f"{test[1].row_count:,} {noun} of {test[0].name} kept for a test")
    elif len(split_rows.test):
        parts.append(f"{len(split_rows.test):,} {noun} kept for a test" + (origin and f",{origin}"))
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, none held back"


def check_memory(report: Report, recipe: Recipe, train: Dataset) -> list[Diagnostic]:
    """Return errors and warnings if training would need more memory than is available."""
    return memory_diagnostics(training_costs(report, recipe, train), available_memory())


def training_costs(report: Report, recipe: Recipe, train: Dataset) -> Costs:
    """Estimate the memory and operations of training; dynamic axes are as long as in `train`."""
    lengths = {
        (name, axis): train.inputs[name].shape[1 + axis]
        for name, axis in report.shapes.minimum_lengths
        if name in train.inputs
    }
    batch = min(recipe.batch_size, train.row_count)
    return estimate_costs(report.project, report.shapes, recipe, batch, lengths)
