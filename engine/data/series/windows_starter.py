"""Builds a starter network that predicts the next steps of time series from the past ones.

The network predicts how each number changes after the last past step, from how all columns changed
before it: the last step is subtracted from the window, and the predicted change is added to the
last value. So it needs no new weights for values beyond those of the training, as of a series with
a trend. A linear skip connection around the hidden layer is ridge regression on lags.

Source: NLinear and DLinear of Zeng et al. 2023, arXiv:2205.13504; the first subtracts the last
value. RevIN of Kim et al. 2022 subtracts the mean of the window and also divides by its deviation.

Why: the last fifth of series was predicted one step ahead. `./dev bench series` compares with ridge
regression, boosted trees and LSTMs. An LSTM or a convolution in place of the hidden layer scored no
better, and without the subtraction, R2 of air passengers was 0.75 or lower in place of 0.95.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.choice import joint_row_shape, suggest_joint_source
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
from engine.data.series.series_order import find_series
from engine.data.starter.column_roles import exclusion_reason
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.starter.new_input import MAX_ONE_HOT_LABELS
from engine.data.starter.starter_graph import (
    LARGE_TABLE_ROWS,
    SMALL_TABLE_ROWS,
    StarterProject,
    build_starter_project,
)
from engine.data.table.table import Table
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Node, Project, source_node
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping
from engine.recipe.windows import Windows

_FRAME = "Change since the last step (NLinear, Zeng et al. 2023)"
_HIDDEN_UNITS = 32


def build_windows_project(
    table: Table,
    targets: Sequence[str],
    windows: Windows,
    inputs: Sequence[str] | None = None,
    file: Dialect | None = None,
) -> StarterProject:
    """Return a starter project that predicts the next steps of columns from windows of all columns.

    For the arguments, see `build_starter_project`. The past of a target is always an input.

    Raises:
        DiagnosticError: like `build_starter_project` and `find_series`; also if several steps of a
            column of classes are to be predicted.
    """
    find_series(table, DataMapping(windows=windows))
    # The heads, their loss and mapping are those of a network for independent rows.
    heads = build_starter_project(table, targets, [windows.by], file)
    columns = profile_table(table)
    reasons = {
        stats.name: _exclusion_reason(stats, windows)
        for stats in columns
        if stats.name not in targets and (inputs is None or stats.name in inputs)
    }
    features = [
        stats for stats in columns if stats.name in targets or reasons.get(stats.name) == ""
    ]
    source = suggest_joint_source(features, TensorSpec((1,)))
    width = (joint_row_shape(features, source, ids=False) or (len(features),))[0] or 1
    rows = heads.project.graph
    builder = GraphBuilder([output.name for output in rows.outputs])
    past = builder.add_input("past", shape=[windows.past, width])
    last, *_, trunk = layers = _add_layers(builder, past, windows.past)
    sources, mapping = {past: source}, DataMapping.from_params(heads.project.data)
    for output in rows.outputs:
        dense = rows[source_node(str(output.inputs["x"]))]
        target = mapping.source("targets", output.name)
        if dense.params.get("activation", "linear") == "linear":
            now = _add_number_head(builder, trunk, output, windows.ahead)
            (stats,) = (stats for stats in features if stats.name in target.column_names)
            filled = suggest_joint_source([stats], TensorSpec((1,)))
            sources[now] = filled if stats.missing else target
        else:
            _check_single_step(output, windows)
            level = builder.add_node("Flatten", builder.reserve_name(f"{output.name}_last"), last)
            both = builder.reserve_name(f"{output.name}_features")
            builder.add_node("Concatenate", both, (trunk, level))
            head = builder.add_node("Dense", dense.name, both, **dense.params)
            builder.add_node("Output", output.name, head, **output.params)
    mapping = mapping.model_copy(update={"inputs": sources, "windows": windows, "split": None})
    project = Project(builder.graph, _recipe(table.row_count), mapping.params())
    notes = [_left_out(name, why) for name, why in reasons.items() if why]
    return StarterProject(add_frame(project, layers, _FRAME), (*heads.notes, *notes))


def _add_layers(builder: GraphBuilder, past: str, steps: int) -> list[str]:
    """Add the layers from the Input of the window to the features of the heads.

    Return the names of the layers: first the crop of the last step, and at the end the features.
    """
    last = builder.add_after(past, "Cropping1D", "last", cropping=[steps - 1, 0])
    change = builder.reserve_name(f"{past}_change")
    builder.add_node("Subtract", change, {"a": past, "b": last})
    flat = builder.add_node("Flatten", builder.reserve_name(f"{change}s"), change)
    hidden = builder.reserve_name("hidden")
    builder.add_node("Dense", hidden, flat, units=_HIDDEN_UNITS, activation="relu")
    features = builder.add_node("Concatenate", builder.reserve_name("features"), (flat, hidden))
    return [last, change, flat, hidden, features]


def _add_number_head(builder: GraphBuilder, features: str, output: Node, steps: int) -> str:
    """Add an Output of numbers: their predicted change, and their last value, an Input.

    Return the name of this Input.
    """
    change = builder.reserve_name(f"{output.name}_change")
    zeros = {"kernel_initializer": "zeros"}  # before training, the last value is the prediction
    builder.add_node("Dense", change, features, units=steps, **zeros)
    now = builder.add_input(f"{output.name}_now", shape=[1])
    total = builder.add_node("Add", builder.reserve_name(f"{output.name}_next"), (now, change))
    builder.add_node("Output", output.name, total, **output.params)
    return now


def _recipe(rows: int) -> dict[str, Any]:
    """Return a recipe for windows, with fewer epochs and larger batches for more rows."""
    epochs = min(200, max(30, 400_000 // rows))
    batch = 16 if rows < SMALL_TABLE_ROWS else 32 if rows < LARGE_TABLE_ROWS else 128
    stopping = {"patience": max(5, epochs // 10)}
    return {"optimizer": "Adam", "epochs": epochs, "batch_size": batch, "stopping": stopping}


def _exclusion_reason(stats: ColumnStatistics, windows: Windows) -> str:
    """Return why a column is not among the steps of windows, "" if it is."""
    if stats.name == windows.by:
        return "it only sorts the rows"
    if why := exclusion_reason(stats):
        return why
    is_number = stats.is_numeric and not stats.shape
    is_label = stats.kind in ("boolean", "category") and (stats.distinct or 0) <= MAX_ONE_HOT_LABELS
    return "" if is_number or is_label else "a step has numbers, and categories of few labels"


def _check_single_step(output: Node, windows: Windows) -> None:
    if windows.ahead > 1:
        raise diagnostic_error(
            "target-unfit",
            f'several steps of "{output.name}" can\'t be predicted, since it holds classes',
            "Predict one step: ahead=1.",
            node=output.name,
            found=f"ahead={windows.ahead}",
            expected="a target of numbers, or ahead=1",
        )


def _left_out(name: str, why: str) -> Diagnostic:
    message = f'"{name}" is left out: {why}'
    return Diagnostic("column-left-out", message, severity="info", place=f"column {name}")
