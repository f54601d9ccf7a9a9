"""From a graph file and data to everything that a training needs, or to a refusal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.check.cost import available_memory, costs, memory
from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic, Refused, errors
from engine.data.dataset import Dataset
from engine.data.examine import dataset_of, findings
from engine.data.fitted import Fitted
from engine.data.splits import split_rows
from engine.data.tables import open_table
from engine.graph.file import dumps
from engine.graph.model import Project
from engine.recipe.recipe import Recipe
from engine.recipe.settings import with_settings

Rows = NDArray[np.int64]


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


def checked(project: Project, settings: Iterable[str] = ()) -> Report:
    """Check a project, with settings of the command line put into its recipe.

    Raises:
        Refused: with all errors.
    """
    settings = tuple(settings)
    if settings:
        project = replace(project, recipe=with_settings(project.recipe, settings))
    report = check(project)
    if report.errors:
        raise Refused(*report.diagnostics)
    return report


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
    found += _memory(report, recipe, sides[0])
    if errors(found):
        raise Refused(*found)
    digest = whole.digest() if validation is None else _both(whole, sides[1])
    return Prepared(report, recipe, sides[0], sides[1], whole.fitted, digest, how, tuple(found))


def _on(rows: Dataset) -> str:
    return f"trained on {rows.rows:,} rows"


def _both(train: Dataset, validation: Dataset | None) -> str:
    assert validation is not None
    return hashlib.sha256((train.digest() + validation.digest()).encode()).hexdigest()


def _memory(report: Report, recipe: Recipe, train: Dataset) -> list[Diagnostic]:
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


def hashes(project: Project, recipe: Recipe, digest: str) -> dict[str, str]:
    """Answer what tells two runs apart: graph (without its looks), recipe and data."""
    graph = dumps(Project(project.graph)).encode()
    plain = json.dumps(recipe.params(), sort_keys=True).encode()
    return {
        "graph": hashlib.sha256(graph).hexdigest(),
        "recipe": hashlib.sha256(plain).hexdigest(),
        "data": digest,
    }


def stamp(prepared: Prepared) -> dict[str, Any]:
    """Answer what of a run's data goes into run.json."""
    return {
        "hashes": hashes(prepared.report.project, prepared.recipe, prepared.digest),
        "rows": prepared.train.rows,
        "validation_rows": prepared.validation.rows if prepared.validation else 0,
        "split": prepared.split,
        "seed": prepared.recipe.seed,
        "fitted": prepared.fitted.params(),
    }
