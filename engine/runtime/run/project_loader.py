"""From a graph file to a checked project, and what of it and its data goes into run.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.check.report import Report, check
from engine.core.diagnostic import Refused
from engine.data.prepare import Prepared, prepare_data
from engine.graph.model import Project
from engine.graph.serialization.file import dumps
from engine.recipe.overrides import with_settings
from engine.recipe.recipe import Recipe

__all__ = ["Prepared", "checked", "hashes", "prepare_data", "stamp"]


def checked(project: Project, settings: Iterable[str] = ()) -> Report:
    """Check a project, with settings of the command line put into its recipe.

    Raises:
        DiagnosticError: with all errors.
    """
    settings = tuple(settings)
    if settings:
        project = replace(project, recipe=with_settings(project.recipe, settings))
    report = check(project)
    if report.errors:
        raise Refused(*report.diagnostics)
    return report


def hashes(project: Project, recipe: Recipe, digest: str) -> dict[str, str]:
    """Return what tells two runs apart: graph (without its looks), recipe and data."""
    graph = dumps(Project(project.graph)).encode()
    plain = json.dumps(recipe.params(), sort_keys=True).encode()
    return {
        "graph": hashlib.sha256(graph).hexdigest(),
        "recipe": hashlib.sha256(plain).hexdigest(),
        "data": digest,
    }


def stamp(prepared: Prepared) -> dict[str, Any]:
    """Return what of a run's data goes into run.json."""
    return {
        "hashes": hashes(prepared.report.project, prepared.recipe, prepared.digest),
        "rows": prepared.train.rows,
        "validation_rows": prepared.validation.rows if prepared.validation else 0,
        "split": prepared.split,
        "sides": dict(prepared.sides),
        "labelled": _labelled(prepared),
        "seed": prepared.recipe.seed,
        "fitted": prepared.fitted.params(),
    }


def _labelled(prepared: Prepared) -> dict[str, dict[str, int]]:
    """Return how many rows of each side have a target, by output that may lack some."""
    sides = {"train": prepared.train, "validation": prepared.validation}
    masked = [head.name for head in prepared.report.heads.values() if head.missing == "mask"]
    return {
        name: {side: rows.labelled(name) for side, rows in sides.items() if rows is not None}
        for name in masked
    }
