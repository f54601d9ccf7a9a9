"""From a checked graph and data to all that a training needs, or to a refusal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.check.cost import available_memory, costs, memory
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Refused, errors
from engine.data.dataset import Dataset
from engine.data.examine import dataset_of, findings
from engine.data.fitted import Fitted
from engine.data.splits import split_rows
from engine.data.tables import open_table
from engine.recipe.recipe import Recipe


@dataclass(frozen=True)
class Prepared:
    """A checked project with its checked data.

    Args:
        report: what the checks said; without errors.
        recipe: the typed recipe.
        train, validation: the rows of each side; validation is None if nothing is held back.
        fitted: encoders, fitted on the training rows only.
        digest: sha256 of all rows that were read.
        split: how the sides came to be, in words that go beside every score.
        warnings: what was noticed and does not stop the training.
    """

    report: Report
    recipe: Recipe
    train: Dataset
    validation: Dataset | None
    fitted: Fitted
    digest: str
    split: str
    warnings: tuple[Diagnostic, ...]


def examine(report: Report, data: Path) -> list[Diagnostic]:
    """Answer everything about the data at `data` that a training would meet.

    Args:
        report: without errors.
        data: the table that would be trained on.
    """
    try:
        return list(prepare_data(report, data, None).warnings)
    except Refused as refusal:
        return list(refusal.diagnostics)


def prepare_data(report: Report, data: Path, validation: Path | None) -> Prepared:
    """Read and audit the data of a checked project.

    Args:
        report: without errors.
        data: the table to train on.
        validation: a table to validate on; None holds rows of `data` back, as the recipe says.

    Raises:
        Refused: with all errors of both tables.
    """
    recipe = report.recipe
    assert recipe is not None, "a report without errors has a recipe"
    precision: Literal["float32", "float64"] = (
        "float64" if recipe.precision == "float64" else "float32"
    )
    table = open_table(data)
    share = 0.0 if validation is not None else recipe.validation_split
    split = split_rows(table.rows, share, recipe.seed)
    rows = split.train if share else None
    whole = dataset_of(report, table, train=rows, precision=precision)
    found = [*whole.notes, *findings(report, whole)]
    sides: tuple[Dataset, Dataset | None]
    if validation is not None:
        apart = open_table(validation)
        held = dataset_of(report, apart, fitted=whole.fitted, precision=precision)
        found += [*held.notes, *findings(report, held, training=False)]
        sides = (whole, held)
        how = (
            f"trained on {whole.rows:,} rows, validated on {held.rows:,} rows of {apart.path.name}"
        )
    elif share:
        sides = (whole.take(split.train), whole.take(split.validation))
        chance = f"held back at random with seed {recipe.seed}"
        how = f"{_on(sides[0])}, validated on {len(split.validation):,} rows {chance}"
    else:
        sides = (whole, None)
        how = f"{_on(whole)}, none held back"
    if not errors(found):  # else the lengths may be shorter than the layers can take
        found += fits_memory(report, recipe, sides[0])
    if errors(found):
        raise Refused(*found)
    digest = whole.digest() if validation is None else _both(whole, sides[1])
    return Prepared(report, recipe, sides[0], sides[1], whole.fitted, digest, how, tuple(found))


def _on(rows: Dataset) -> str:
    return f"trained on {rows.rows:,} rows"


def _both(train: Dataset, validation: Dataset | None) -> str:
    assert validation is not None
    return hashlib.sha256((train.digest() + validation.digest()).encode()).hexdigest()


def fits_memory(report: Report, recipe: Recipe, train: Dataset) -> list[Diagnostic]:
    """Count memory again, now that the lengths of free axes are known."""
    lengths = {
        (name, axis): train.inputs[name].shape[1 + axis]
        for name, axis in report.shapes.least()
        if name in train.inputs
    }
    batch = min(recipe.batch_size, train.rows)
    graph, shapes = report.project.graph, report.shapes
    price = costs(graph, shapes, batch, recipe.optimizer.slots, lengths)
    return memory(price, available_memory())
