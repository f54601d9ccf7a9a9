"""The dataset of a checked graph: the rows of a table, encoded for the graph's ports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.check.report import Report
from engine.core.diagnostic import diagnostic_error
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.dataset import Dataset, Precision, build_dataset
from engine.data.ports.target_spec import StepSpec, TargetSpec, target_spec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import format_shape
from engine.data.table.table import Table
from engine.graph.model import Node, source_node
from engine.recipe.windows import Windows


def encode_for_graph(
    report: Report,
    table: Table,
    *,
    train: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None,
    fitted: FittedEncoders | None = None,
    precision: Precision = "float32",
    with_targets: bool = True,
) -> Dataset:
    """Return a table's rows, encoded for a graph. For the keyword arguments see `build_dataset`.

    Raises:
        DiagnosticError: with the errors of all columns that don't fit their ports.
    """
    assert report.mapping is not None, "the mapping has faults"
    return build_dataset(
        table,
        report.mapping,
        input_specs(report),
        target_specs(report),
        train=train,
        fitted=fitted,
        precision=precision,
        with_targets=with_targets,
    )


def input_specs(report: Report) -> dict[str, TensorSpec]:
    """Return the specs of what a row of the table gives the used Inputs, by name.

    With windows, a row gives one step of a sequence, so its spec lacks the axis of the steps.
    """
    specs, windows = report.input_specs(), report.mapping.windows if report.mapping else None
    return {name: _step_spec(spec, windows) for name, spec in specs.items()} if windows else specs


def is_sequence(spec: TensorSpec, windows: Windows) -> bool:
    """Return whether an Input gets the past steps of windows: its first axis counts them."""
    return spec.rank > 0 and (spec.shape[0] == windows.past or not isinstance(spec.shape[0], int))


def _step_spec(spec: TensorSpec, windows: Windows) -> StepSpec:
    sequence = is_sequence(spec, windows)
    # An Input with two axes is meant as a sequence, even if the number of its steps is wrong.
    steps = (windows.past,) if sequence or spec.rank > 1 else ()
    return StepSpec(spec.shape[1:] if sequence else spec.shape, spec.dtype, spec.mask, steps=steps)


def target_specs(report: Report) -> list[TargetSpec]:
    """Return the target specs of all Outputs that have a loss, without the axis of predicted steps.

    Raises:
        DiagnosticError: if an Output does not predict as many steps as the windows have ahead.
    """
    steps = report.mapping.windows.ahead if report.mapping and report.mapping.windows else 1
    specs = [
        target_spec(head, *_units_node(report, head.name))
        for head in report.heads.values()
        if head.loss is not None
    ]
    return specs if steps == 1 else [_target_step(spec, steps) for spec in specs]


def _target_step(port: TargetSpec, steps: int) -> TargetSpec:
    if port.shape and port.shape[0] == steps:
        return replace(port, shape=port.shape[1:])
    raise diagnostic_error(
        "array-shape",
        f"the windows have {steps} steps ahead, the output predicts other steps",
        port.units_fix(steps) if len(port.shape) == 1 else "Reshape the output to these steps.",
        node=port.name,
        found=format_shape(port.shape),
        expected=format_shape((steps, *port.shape[1:])),
    )


def _units_node(report: Report, output: str) -> tuple[str, bool]:
    """Return the node whose `units` set the size of an Output, "" if there is none.

    The second value is whether it is a Dense directly before the Output.
    """
    graph, layers = report.project.graph, report.shapes.layers

    def before(node: Node) -> Node:
        return graph[source_node(graph.resolve_bypassed(str(node.inputs["x"])))]

    node = first = before(graph[output])
    while layers[node.name].family in ("activation", "dropout"):
        node = before(node)
    name = graph.weight_owner(node).name if hasattr(layers[node.name], "units") else ""
    return name, node is first and layers[node.name].kind() == "Dense"
