"""Checks of a project before a run, and the records of project and data for run.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.check.report import Report, check
from engine.core.diagnostic import DiagnosticError
from engine.data.prepare import PreparedTraining, prepare_data
from engine.graph.model import Project
from engine.graph.serialization.file import dumps
from engine.recipe.overrides import apply_overrides
from engine.recipe.recipe import Recipe

__all__ = ["PreparedTraining", "check_project", "content_hashes", "prepare_data", "data_record"]


def check_project(project: Project, settings: Iterable[str] = ()) -> Report:
    """Return the check report of a project, with "KEY=VALUE" overrides applied to its recipe.

    Raises:
        DiagnosticError: with all diagnostics, if there are errors.
    """
    settings = tuple(settings)
    if settings:
        project = replace(project, recipe=apply_overrides(project.recipe, settings))
    report = check(project)
    if report.errors:
        raise DiagnosticError(*report.diagnostics)
    return report


def content_hashes(project: Project, recipe: Recipe, digest: str) -> dict[str, str]:
    """Return the hashes of graph (without layout) and recipe, and the hash `digest` of the data."""
    graph = dumps(Project(project.graph)).encode()
    recipe_json = json.dumps(recipe.params(), sort_keys=True).encode()
    return {
        "graph": hashlib.sha256(graph).hexdigest(),
        "recipe": hashlib.sha256(recipe_json).hexdigest(),
        "data": digest,
    }


def data_record(prepared: PreparedTraining) -> dict[str, Any]:
    """Return the fields of run.json that describe the prepared data."""
    return {
        "hashes": content_hashes(prepared.report.project, prepared.recipe, prepared.digest),
        "rows": prepared.train.rows,
        "validation_rows": prepared.validation.rows if prepared.validation else 0,
        "split": prepared.split,
        "sides": dict(prepared.sides),
        "labelled": _labelled_counts(prepared),
        "seed": prepared.recipe.seed,
        "fitted": prepared.fitted.params(),
    }


def _labelled_counts(prepared: PreparedTraining) -> dict[str, dict[str, int]]:
    """Return the number of rows that have a target, by output name and then by split.

    Outputs whose field `missing` is not "mask" are left out.
    """
    splits = {"train": prepared.train, "validation": prepared.validation}
    masked = [head.name for head in prepared.report.heads.values() if head.missing == "mask"]
    return {
        name: {
            split: rows.labelled_count(name) for split, rows in splits.items() if rows is not None
        }
        for name in masked
    }
