"""Texts about a node for the inspector: documentation, shapes, parameters and cost."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.cost import ASSUMED_LENGTH
from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Node
from engine.layers.base import Layer, docstring_summary
from engine.objectives.head import Head
from engine.objectives.loss import Loss, TargetForm

InfoRow = tuple[str, str, str]  # label, value, note

_TARGET_FORMS: dict[TargetForm, str] = {
    "number": "numbers",
    "index": "class indices",
    "onehot": "one-hot encoded classes",
    "binary": "independent binary labels (0 or 1)",
    "distribution": "class probabilities",
}
_ACTIVATIONS = {"softmax": "softmax", "sigmoid": "sigmoid", "positive": "a positive activation"}


def choice_help(cls: type) -> str:
    """Return the help text of a class in a registry, such as a loss or an optimizer."""
    fits = loss_requirements(cls) if issubclass(cls, Loss) else ""
    return "\n".join(part for part in (docstring_summary(cls), fits) if part)


def loss_requirements(loss: type[Loss]) -> str:
    """Return a sentence on the targets and the output activation that a loss requires."""
    expected = _ACTIVATIONS.get(loss.expected_activation)
    activation = f", after {expected}" if expected else ""
    logits = ", or on logits with from_logits" if "from_logits" in loss.model_fields else ""
    return f"Targets: {_TARGET_FORMS[loss.target_forms[0]]}{activation}{logits}."


def output_summary(head: Head) -> Iterator[str]:
    """Yield sentences about the loss, the targets and the metrics of an Output."""
    if head.loss is None:
        yield "No loss: this output will not be trained."
        return
    name = head.loss_name
    if head.fold:
        yield (
            f"{name} is computed on the logits before {head.activation}: "
            "the same result, numerically stable."
        )
    elif head.loss.takes_logits:
        yield f"{name} takes logits; {head.probability_activation} is applied to predictions."
    else:
        yield f"{name} is computed on the outputs of {head.activation}."
    shape = TensorSpec(head.target_shape)
    form = _TARGET_FORMS[head.target_form] if head.target_form else "numbers"
    yield f"Targets: {form}, shape {shape}."
    if head.class_count:
        yield f"Classes: {head.class_count}."
    renamed_metrics = [
        f"{name} is {type(metric).__name__}"
        for name, metric in head.metrics
        if name in ("accuracy", "acc")
    ]
    if renamed_metrics:
        yield f"Metrics: {', '.join(renamed_metrics)}."


def node_info(report: Report, node: Node) -> Iterator[InfoRow]:
    """Yield (label, value, note) for the known shapes, parameters and costs of a node."""
    layer = report.shapes.layers.get(node.name)
    yield from _input_shapes(report, node, layer)
    outs = report.shapes.outputs.get(node.name)
    if outs is None:
        yield "Out", "unknown", "Shown once the input is connected and valid."
        return
    several = [(name, spec) for name, spec in outs.items() if name] or [("Out", outs[""])]
    for name, spec in several:
        yield name if len(several) > 1 else "Out", spec_text(spec), ""
    if node.kind == "Input":
        yield from _minimum_sizes(report, node)
    yield from _costs(report, node, any(spec.dynamic_axes for spec in outs.values()))


def spec_text(spec: TensorSpec) -> str:
    """Return a spec as text, such as "(batch, 12) int32, masked". The dtype float32 is omitted."""
    kind = "" if spec.dtype == "float32" else f" {spec.dtype}"
    return f"{spec}{kind}{', masked' if spec.mask else ''}"


def _input_shapes(report: Report, node: Node, layer: Layer | None) -> Iterator[InfoRow]:
    input_specs = report.shapes.inputs.get(node.name, ())
    ports = layer.ports() if layer is not None else ()
    wires = [source for _, _, source in node.wires()]
    for index, spec in enumerate(input_specs):
        port = ports[min(index, len(ports) - 1)].name if ports else ""
        name = "In" if len(input_specs) == 1 else port if len(ports) > 1 else f"In {index + 1}"
        source = f"from {wires[index]}" if index < len(wires) and len(ports) <= 1 else ""
        yield name, "not connected" if spec is None else spec_text(spec), source


def _minimum_sizes(report: Report, node: Node) -> Iterator[InfoRow]:
    least = report.shapes.minimum_lengths
    for (source, axis), length in sorted(least.items()):
        if source == node.name and length > 1:
            name = "Minimum length" if axis == 0 else f"Minimum size of axis {axis + 1}"
            yield name, f"{length:,}", "Shorter inputs are too short for a later layer."


def _costs(report: Report, node: Node, is_dynamic: bool) -> Iterator[InfoRow]:
    costs = report.costs
    if node.shares:
        shared = costs.params(node.shares)
        yield "Parameters", "0", f"Shares the {shared:,} of {node.shares}."
    elif weights := costs.weights.get(node.name):
        shapes = ", ".join(
            f"{weight.name} {' x '.join(f'{size:,}' for size in weight.shape)}"
            for weight in weights
        )
        yield "Parameters", f"{costs.params(node.name):,}", shapes
    if (cost := costs.layers.get(node.name)) and cost.multiply_adds:
        note = f"Dynamic axes are counted as {ASSUMED_LENGTH}." if is_dynamic else ""
        yield "MACs", f"{cost.multiply_adds:,} per sample", note
