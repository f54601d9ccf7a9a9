"""From a checked graph and data to all that a training needs, or to a refusal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.check.cost import Costs, available_memory, costs, memory
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Fix, Refused, errors
from engine.data.cache.cache_key import Asked
from engine.data.cache.entry import Entry
from engine.data.cache.policy import Caching
from engine.data.cache.reader import cached_or_none
from engine.data.cache.table_head import beside_lines
from engine.data.checks.data_check import dataset_of, findings
from engine.data.checks.degenerate_targets import idle, one_sided
from engine.data.dataset.dataset import Dataset, Precision
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.readers.table import open_table
from engine.data.readers.text.csv_line_numbers import with_lines
from engine.data.splits.random import Sides
from engine.data.splits.table_split import divide
from engine.recipe.recipe import Recipe

MEMORY_OR_CACHE = Caching()


@dataclass(frozen=True)
class Prepared:
    """A checked project with its checked data.

    Args:
        report: what the checks said; without errors.
        recipe: the typed recipe.
        train, validation: the rows of each side; validation is None if nothing is held back.
        fitted: encoders, fitted on the training rows only.
        digest: sha256 of all rows that were read, those kept for a test included if they stand
            in the same table.
        split: how the sides came to be, in words that go beside every score.
        warnings: what was noticed and does not stop the training.
        sides: how many rows are on each side, and a digest that tells whether a table is divided
            as this one was; plain JSON.
    """

    report: Report
    recipe: Recipe
    train: Dataset
    validation: Dataset | None
    fitted: Fitted
    digest: str
    split: str
    warnings: tuple[Diagnostic, ...]
    sides: Mapping[str, Any] = field(default_factory=dict)

    def outline(self) -> Prepared:
        """Return all but the values of the rows; see `Dataset.outline`."""
        own = self.validation and self.validation.outline()
        return replace(self, train=self.train.outline(), validation=own)


def examine(report: Report, data: Path) -> list[Diagnostic]:
    """Return everything about the data at `data` that a training would meet.

    Args:
        report: without errors.
        data: the table that would be trained on.
    """
    try:
        return list(prepare_data(report, data, None).warnings)
    except Refused as refusal:
        return list(refusal.diagnostics)


def prepare_data(
    report: Report,
    data: Path,
    validation: Path | None,
    test: Path | None = None,
    caching: Caching = MEMORY_OR_CACHE,
) -> Prepared:
    """Read and audit the data of a checked project.

    Args:
        report: without errors.
        data: the table to train on.
        validation: a table to validate on; None holds rows of `data` back, as the split says.
        test: a table for the last test, which is looked at for faults and not kept.
        caching: whether tables are read in memory, or once into a cache and from there.

    Raises:
        Refused: with all errors of all tables.
    """
    recipe = report.recipe
    assert recipe is not None, "a report without errors has a recipe"
    assert report.mapping is not None, "a report without errors has a mapping"
    reader = _Reader(report, recipe, caching)
    whole, sides, digest = reader.whole(data, (validation is not None, test is not None))
    partly = len(sides.train) < whole.rows
    held = reader.apart(validation, whole.fitted) if validation else None
    kept = reader.apart(test, whole.fitted) if test else None
    train = whole.side(sides.train) if partly else whole
    own = held or (whole.side(sides.validation) if len(sides.validation) else None)
    found = [*reader.found, *_unlabelled(report, own), *idle(train.weights, train.masks)]
    if partly and not errors(found):
        found += one_sided(train.targets, train.masks, report.mapping.split)
    if not errors(found):  # else the lengths may be shorter than the layers can take
        found += fits_memory(report, recipe, train)
    if errors(found):
        raise Refused(*found)
    digest = digest or whole.digest()
    return Prepared(
        report,
        recipe,
        train,
        own,
        whole.fitted,
        digest if held is None else _both(digest, held.digest()),
        _told(sides, (validation, held), (test, kept)),
        tuple(found),
        {
            "train": train.rows,
            "validation": own.rows if own else 0,
            "test": kept.rows if kept else len(sides.test),
            "digest": sides_digest(sides, digest),
        },
    )


def _unlabelled(report: Report, validation: Dataset | None) -> Iterator[Diagnostic]:
    """Warn of outputs that no validation row has a target of, so that nothing judges them."""
    for head in report.heads.values():
        masked = validation is not None and head.name in validation.masks
        if validation is not None and masked and not validation.labelled(head.name):
            yield Diagnostic(
                "target-masked",
                "no validation row has a target, so it gets no validation score",
                severity="warning",
                node=head.name,
                found=f"{validation.rows:,} validation rows without a target",
                expected="some rows with a target",
                fixes=(Fix("Hold more rows back, or others: another seed or split."),),
            )


def precision_of(recipe: Recipe) -> Precision:
    """Return what real numbers are read as."""
    return "float64" if recipe.precision == "float64" else "float32"


class _Reader:
    """Reads tables for one graph, and gathers what is found on the way."""

    def __init__(self, report: Report, recipe: Recipe, caching: Caching) -> None:
        self._report, self._recipe, self._caching = report, recipe, caching
        self._precision = precision_of(recipe)
        self.found: list[Diagnostic] = []

    def whole(self, path: Path, apart: tuple[bool, bool]) -> tuple[Dataset, Sides, str]:
        """Return the table that is trained on, its sides, and its digest if that is known."""
        mapping = self._report.mapping
        assert mapping is not None, "a report without errors has a mapping"
        entry = self._cached(path, Asked(self._report, self._precision, apart))
        if entry is not None:
            self._look_at(entry, path, training=True)
            return entry.dataset, entry.sides, entry.digest
        table = open_table(path, dialect=mapping.file)
        sides = divide(table, mapping.split, self._recipe, apart)
        train = sides.train if len(sides.train) < table.rows else None
        dataset = dataset_of(self._report, table, train=train, precision=self._precision)
        found = findings(self._report, dataset)
        self.found += [*dataset.notes, *with_lines(found, table)]
        return dataset, sides, ""

    def apart(self, path: Path, fitted: Fitted) -> Dataset:
        """Return a table of its own, through encoders that are fitted."""
        mapping = self._report.mapping
        entry = self._cached(path, Asked(self._report, self._precision, fitted=fitted))
        if entry is not None:
            self._look_at(entry, path, training=False)
            return entry.dataset
        table = open_table(path, dialect=mapping.file if mapping else None)
        dataset = dataset_of(self._report, table, fitted=fitted, precision=self._precision)
        found = findings(self._report, dataset, training=False)
        self.found += [*dataset.notes, *with_lines(found, table)]
        return dataset

    def _cached(self, path: Path, asked: Asked) -> Entry | None:
        return cached_or_none(path, asked, self._caching)

    def _look_at(self, entry: Entry, path: Path, training: bool) -> None:
        found = findings(self._report, entry.dataset, training)
        mapping = self._report.mapping
        told = beside_lines(found, path, mapping.file if mapping else None)
        self.found += [*entry.dataset.notes, *told]


def sides_digest(sides: Sides, digest: str) -> str:
    """Return a sha256 of which rows are on which side.

    Args:
        sides: of a table.
        digest: of all its rows.
    """
    hashed = hashlib.sha256(digest.encode())
    for rows in (sides.train, sides.validation, sides.test):
        hashed.update(len(rows).to_bytes(8, "little"))
        hashed.update(rows.astype("<i8", copy=False).data)
    return hashed.hexdigest()


def _told(
    sides: Sides,
    validation: tuple[Path | None, Dataset | None],
    test: tuple[Path | None, Dataset | None],
) -> str:
    """Say how many rows are on each side, and how they came there."""
    parts = [f"trained on {len(sides.train):,} rows"]
    how = f" {sides.how}"
    if validation[0] and validation[1]:
        parts.append(f"validated on {validation[1].rows:,} rows of {validation[0].name}")
    elif len(sides.validation):
        parts.append(f"validated on {len(sides.validation):,} rows{how}")
        how = ""
    if test[0] and test[1]:
        parts.append(f"{test[1].rows:,} rows of {test[0].name} kept for a test")
    elif len(sides.test):
        parts.append(f"{len(sides.test):,} rows kept for a test" + (how and f",{how}"))
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, none held back"


def _both(train: str, validation: str) -> str:
    return hashlib.sha256((train + validation).encode()).hexdigest()


def fits_memory(report: Report, recipe: Recipe, train: Dataset) -> list[Diagnostic]:
    """Count memory again, now that the lengths of free axes are known."""
    return memory(price_of(report, recipe, train), available_memory())


def price_of(report: Report, recipe: Recipe, train: Dataset) -> Costs:
    """Return what a network costs on these rows, in batches of the recipe's size."""
    lengths = {
        (name, axis): train.inputs[name].shape[1 + axis]
        for name, axis in report.shapes.least()
        if name in train.inputs
    }
    batch = min(recipe.batch_size, train.rows)
    graph, shapes = report.project.graph, report.shapes
    return costs(graph, shapes, batch, recipe.optimizer.slots, lengths)
