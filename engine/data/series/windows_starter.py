"""Builds a starter network that predicts the next steps of time series from the past ones.

The network predicts how each number changes after the last past step, from how all columns changed
before it: the last step is subtracted from the window, and the predicted change is added to the
last value. So it needs no new weights for values beyond those of the training, as of a series with
a trend. A linear skip connection around the hidden layer is ridge regression on lags.

Source: NLinear and DLinear of Zeng et al. 2023, arXiv:2205.13504; the first subtracts the last
value. RevIN of Kim et al. 2022 subtracts the mean of the window and also divides by its deviation.

Why: the last fifth of series was predicted one step ahead. `./dev bench series` compares with ridge
regression, boosted trees and LSTMs. An LSTM or a convolution in place of the hidden layer scored no
better. Without the subtraction, R2 of air passengers was 0.92 in place of 0.95; with Keras' default
initializer in place of zeros 0.93, and of sunspots 0.87 in place of 0.89 (three seeds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.tensor_spec import TensorSpec
from engine.data.encoding_choice.choice import column_source, joint_row_shape, suggest_joint_source
from engine.data.profile.column_warnings import column_warnings
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
from engine.data.series.series_order import find_series, window_count
from engine.data.splits.split_rows import RowIndices
from engine.data.splits.table_split import split_table
from engine.data.starter.column_roles import exclusion_reason
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.starter.input_branches import fit_encoder
from engine.data.starter.new_input import MAX_ONE_HOT_LABELS
from engine.data.starter.starter_graph import StarterProject, build_starter_project, left_out_note
from engine.data.starter.target_heads import NUMBER_LOSSES
from engine.data.table.column_types import take_rows
from engine.data.table.table import Table
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Graph, Node, Project, source_node
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping
from engine.recipe.encoding import Category, Number
from engine.recipe.recipe import Recipe
from engine.recipe.split import TimeSplit
from engine.recipe.windows import Windows

_FRAME = "Change since the last step (NLinear, Zeng et al. 2023)"
_HIDDEN_UNITS = 32
_NUMBERS = Number(scale="standardize")


def build_windows_project(
    table: Table,
    targets: Sequence[str],
    windows: Windows,
    inputs: Sequence[str] | None = None,
    file: Dialect | None = None,
    classes: Mapping[str, bool] = MappingProxyType({}),
) -> StarterProject:
    """Return a starter project that predicts the next steps of columns from windows of all columns.

    For the arguments, see `build_starter_project`. The past of a target is always an input.

    Raises:
        DiagnosticError: like `build_starter_project` and `find_series`; also if several steps of a
            column of classes are to be predicted.
    """
    series = find_series(table, DataMapping(windows=windows))
    assert series is not None, "the mapping has windows"
    if windows.by in targets:
        raise _unfit_target(windows.by, "the column that sorts the rows", "another column")
    # The heads of classes and their mapping are those of a network for independent rows.
    independent = build_starter_project(table, targets, [windows.by], file, classes)
    network = independent.project.graph
    features, notes = _choose_features(profile_table(table), targets, windows, inputs)
    train = split_table(table, TimeSplit(column=windows.by), Recipe()).train
    features = [_with_labels_of_training(stats, table, train) for stats in features]
    source = suggest_joint_source(features, TensorSpec((1,)))
    shape = joint_row_shape(features, source, ids=False) or (len(features),)
    builder = GraphBuilder([output.name for output in network.outputs])
    past = builder.add_node("Input", "past", shape=[windows.past, shape[0] or 1])
    has_classes = not all(map(_predicts_numbers, network.outputs))
    layers = _add_layers(builder, past, windows.past, has_classes)
    mapping = DataMapping.from_params(independent.project.data)
    sources, columns = {past: source}, dict(mapping.targets)
    for output in network.outputs:
        if _predicts_numbers(output):
            column = mapping.source("targets", output.name).column_names[0]
            (stats,) = (stats for stats in features if stats.name == column)
            now = _add_number_head(builder, layers[-1], output, windows.ahead)
            columns[output.name] = sources[now] = column_source(stats, _NUMBERS)
            if stats.missing:
                sources[now] = suggest_joint_source([stats], TensorSpec((1,)))
        else:
            _add_class_head(builder, layers[-1], output, network, windows)
    ports = {"inputs": sources, "targets": columns}
    mapping = mapping.model_copy(update={**ports, "windows": windows, "split": None})
    project = Project(builder.graph, _recipe(table.row_count), mapping.params())
    # What rows say about the tail of numbers is left out: only changes are predicted.
    notes += [note for note in independent.notes if note.fixes or note.code != "target-choice"]
    notes += column_warnings([stats for stats in features if stats.name not in targets])
    notes.append(window_count(series, windows))
    return StarterProject(add_frame(project, layers, _FRAME), tuple(notes))


def _predicts_numbers(output: Node) -> bool:
    return output.params["loss"] in NUMBER_LOSSES


def _add_layers(builder: GraphBuilder, past: str, steps: int, with_last: bool) -> list[str]:
    """Add the layers from the Input of the window to the features of the heads, named last.

    If `with_last`, the last step is among the features: classes do not only depend on changes.
    """
    last = builder.add_after(past, "Cropping1D", "last", cropping=[steps - 1, 0])
    change = builder.add_node("Subtract", f"{past}_change", {"a": past, "b": last})
    flat = builder.add_node("Flatten", f"{change}s", change)
    hidden = builder.add_node("Dense", "hidden", flat, units=_HIDDEN_UNITS, activation="relu")
    joined = [flat, hidden]
    if with_last:
        joined.append(builder.add_node("Flatten", "last_step", last))
    features = builder.add_node("Concatenate", "features", joined)
    return [last, change, *joined, features]


def _add_number_head(builder: GraphBuilder, features: str, output: Node, steps: int) -> str:
    """Add an Output of numbers: the sum of their last value, an Input, and its predicted change.

    Return the name of the Input.
    """
    # Before training, the last value is the prediction.
    fields = {"units": steps, "kernel_initializer": "zeros"}
    change = builder.add_node("Dense", f"{output.name}_change", features, **fields)
    now = builder.add_node("Input", f"{output.name}_now", shape=[1])
    total = builder.add_node("Add", f"{output.name}_next", (now, change))
    builder.add_output(output.name, total, **{**output.params, "loss": "mse"})
    return now


def _add_class_head(
    builder: GraphBuilder, features: str, output: Node, network: Graph, windows: Windows
) -> None:
    """Add the Output of classes and its Dense layer, as in the `network` for independent rows."""
    if windows.ahead > 1:
        found = f"classes, and ahead={windows.ahead}"
        raise _unfit_target(output.name, found, "numbers, or ahead=1")
    head = network[source_node(str(output.inputs["x"]))]
    dense = builder.add_node("Dense", head.name, features, **head.params)
    builder.add_output(output.name, dense, **output.params)


def _recipe(rows: int) -> dict[str, Any]:
    """Return a recipe for windows, with fewer epochs and larger batches for more rows."""
    epochs = min(200, max(30, 400_000 // rows))
    batch = 16 if rows < 2_000 else 32 if rows < 20_000 else 128
    stopping = {"patience": max(5, epochs // 10)}
    return {"optimizer": "Adam", "epochs": epochs, "batch_size": batch, "stopping": stopping}


def _choose_features(
    columns: Sequence[ColumnStatistics],
    targets: Sequence[str],
    windows: Windows,
    inputs: Sequence[str] | None,
) -> tuple[list[ColumnStatistics], list[Diagnostic]]:
    """Return the columns of a step, which include the targets, and notes on those left out."""
    chosen = [stats for stats in columns if inputs is None or stats.name in (*inputs, *targets)]
    reasons = {
        stats.name: "" if stats.name in targets else _exclusion_reason(stats, windows)
        for stats in chosen
    }
    features = [stats for stats in chosen if not reasons[stats.name]]
    notes = [left_out_note(stats, reasons[stats.name]) for stats in chosen if reasons[stats.name]]
    return features, notes


def _with_labels_of_training(
    stats: ColumnStatistics, table: Table, train: RowIndices
) -> ColumnStatistics:
    """Return statistics with the number of labels in the training rows, which encoders see."""
    if not stats.holds_labels:
        return stats
    labels = fit_encoder(Category(), take_rows(table.columns[stats.name], train)).params()["labels"]
    return stats.model_copy(update={"distinct": len(labels)})


def _exclusion_reason(stats: ColumnStatistics, windows: Windows) -> str:
    """Return why a column is not among the steps of windows, "" if it is."""
    if stats.name == windows.by:
        return "it only sorts the rows"
    if why := exclusion_reason(stats):
        return why
    if stats.name == windows.group and stats.is_numeric:
        return "its numbers only identify the series"
    is_number = stats.is_numeric and not stats.shape
    is_label = stats.kind in ("boolean", "category") and (stats.distinct or 0) <= MAX_ONE_HOT_LABELS
    return "" if is_number or is_label else "a step has numbers, and categories of few labels"


def _unfit_target(target: str, found: str, expected: str) -> DiagnosticError:
    message, fix = f'"{target}" can\'t be predicted with these windows', f"Predict {expected}."
    return diagnostic_error("target-unfit", message, fix, found=found, expected=expected)
