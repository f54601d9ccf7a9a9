"""Builds a starter network that predicts the next steps of time series from the past ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.choice import joint_row_shape, suggest_joint_source
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
from engine.data.series.series_order import find_series
from engine.data.starter.column_roles import exclusion_reason
from engine.data.starter.new_input import MAX_ONE_HOT_LABELS
from engine.data.starter.starter_graph import StarterProject, build_starter_project
from engine.data.table.table import Table
from engine.graph.edits.field_edits import set_params
from engine.graph.model import Project, source_node
from engine.graph.node_names import unique_name
from engine.recipe.data_mapping import DataMapping
from engine.recipe.windows import Windows

_MAX_ROWS = 200_000  # more rows are sampled, since the statistics of windows take memory


def build_windows_project(table: Table, targets: Sequence[str], windows: Windows) -> StarterProject:
    """Return a starter project that predicts the next steps of columns from windows of all columns.

    It is the starter network for a column of arrays with the shape of the windows, whose source is
    then replaced by numbers, flags and categories of the table, the targets among them.

    Raises:
        DiagnosticError: like `build_starter_project` and `find_series`; also if several
            steps of a column that holds no numbers are to be predicted.
    """
    find_series(table, DataMapping(windows=windows))
    columns = profile_table(table)
    reasons = {stats.name: _exclusion_reason(stats, windows) for stats in columns}
    features = [stats for stats in columns if not reasons[stats.name] or stats.name in targets]
    features = features or list(columns)  # no target exists, which `build_starter_project` reports
    source = suggest_joint_source(features, TensorSpec((1,)))
    row_shape = joint_row_shape(features, source, ids=False) or (len(features),)
    rows = np.linspace(0, table.row_count - 1, min(table.row_count, _MAX_ROWS)).astype(np.int64)
    shape = (len(rows), windows.past, row_shape[0] or 1)
    steps = np.broadcast_to(rows.reshape(-1, 1, 1).astype(np.float32), shape)
    name = unique_name("past", table.columns)
    sampled = table.take(rows)
    stand_in = replace(sampled, columns={**sampled.columns, name: steps})
    starter = build_starter_project(stand_in, targets, [name])
    project = _with_steps(starter.project, windows.ahead)
    inputs = {node.name: source.params() for node in project.graph.of_kind("Input")}
    changes = {"inputs": inputs, "split": None, "windows": windows.params()}
    mapping = DataMapping.from_params({**project.data, **changes})
    notes = [_left_out(name, why) for name, why in reasons.items() if why and name not in targets]
    return StarterProject(replace(project, data=mapping.params()), (*starter.notes, *notes))


def _exclusion_reason(stats: ColumnStatistics, windows: Windows) -> str:
    """Return why a column is not among the steps of windows, "" if it is."""
    if stats.name == windows.by:
        return "it only sorts the rows"
    if why := exclusion_reason(stats):
        return why
    is_number = stats.is_numeric and not stats.shape
    is_label = stats.kind in ("boolean", "category") and (stats.distinct or 0) <= MAX_ONE_HOT_LABELS
    return "" if is_number or is_label else "a step has numbers, and categories of few labels"


def _with_steps(project: Project, steps: int) -> Project:
    """Return a starter project whose heads predict several steps.

    Raises:
        DiagnosticError: if a head predicts classes.
    """
    for output in project.graph.outputs if steps > 1 else ():
        if output.params.get("loss") != "mse":
            raise diagnostic_error(
                "target-unfit",
                f'several steps of "{output.name}" can\'t be predicted, since it holds classes',
                "Predict one step: ahead=1.",
                node=output.name,
                found=f"ahead={steps}",
                expected="a target of numbers, or ahead=1",
            )
        dense = source_node(str(output.inputs["x"]))
        project = set_params(project, dense, {"units": steps})
    return project


def _left_out(name: str, why: str) -> Diagnostic:
    message = f'"{name}" is left out: {why}'
    return Diagnostic("column-left-out", message, severity="info", place=f"column {name}")
