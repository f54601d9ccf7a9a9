"""What the inspector tells of a node in words and numbers, worked out of graph and report."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from engine.check.cost import ASSUMED_LENGTH
from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Node
from engine.layers.base import Layer, first_line
from engine.objectives.head import Head
from engine.objectives.loss import Form, Loss

Fact = tuple[str, str, str]  # what, value, and how it comes about

_HEADS = ("Shapes", "Units", "Args", "Raises", "Source", "Why")
_HEAD = re.compile(rf"^({'|'.join(_HEADS)}):\s*", re.MULTILINE)

_FORMS: dict[Form, str] = {
    "number": "numbers",
    "index": "the number of the right class",
    "onehot": "one column for each class",
    "binary": "yes or no, each answer by itself",
    "distribution": "a share for each class",
}
_LINKS = {"softmax": "softmax", "sigmoid": "sigmoid", "positive": "answers above 0"}


def about_choice(cls: type) -> str:
    """Return the help of one thing that can be chosen by name."""
    fits = fits_text(cls) if issubclass(cls, Loss) else ""
    return "\n".join(part for part in (first_line(cls), fits) if part)


def fits_text(loss: type[Loss]) -> str:
    """Return what a loss fits: targets and the activation in front of it."""
    behind = f", behind {_LINKS[loss.link]}" if loss.link in _LINKS else ""
    scores = ", or on raw scores with from logits" if "from_logits" in loss.model_fields else ""
    return f"Fits targets that are {_FORMS[loss.forms[0]]}{behind}{scores}."


def head_lines(head: Head) -> Iterator[str]:
    """Yield what an Output is trained on and measured by."""
    if head.loss is None:
        yield "It has no loss: it predicts, and nothing is trained by it."
        return
    name = head.loss_name
    if head.fold:
        yield (
            f"{head.activation} and {name} train on the scores before the {head.activation}: "
            "the same result, and exact where it is very sure."
        )
    elif head.loss.takes_logits:
        yield f"{name} takes raw scores; predictions get a {head.link} of their own."
    else:
        yield f"{name} compares the {head.activation} answers as they are."
    shape = TensorSpec(head.target_shape)
    form = _FORMS[head.form] if head.form else "numbers"
    yield f"Targets: {form}, shape {shape}."
    if head.classes:
        yield f"It tells {head.classes} classes apart."
    measured = [
        f"{name} is {type(metric).__name__}"
        for name, metric in head.metrics
        if name in ("accuracy", "acc")
    ]
    if measured:
        yield f"Measured: {', '.join(measured)}."


def documentation(cls: type) -> list[tuple[str, str]]:
    """Return the parts of a class' documentation: (heading or "", text), in order."""
    text = (inspect.getdoc(cls) or "").strip()
    places = list(_HEAD.finditer(text))
    ends = [place.start() for place in places[1:]] + [len(text)]
    body = text[: places[0].start()] if places else text
    parts = [("", _joined(body))]
    parts += [
        (place[1], _joined(text[place.end() : end]))
        for place, end in zip(places, ends, strict=True)
    ]
    return [(head, part) for head, part in parts if part]


def _joined(text: str) -> str:
    """Return a text with the line breaks of the source taken out of its sentences."""
    return re.sub(r"\s*\n\s*", " ", text.strip())


def facts(report: Report, node: Node) -> Iterator[Fact]:
    """Yield shapes, parameters and cost of a node, as far as they are known."""
    layer = report.shapes.layers.get(node.name)
    yield from _shapes_in(report, node, layer)
    outs = report.shapes.outs.get(node.name)
    if outs is None:
        yield "Out", "not known yet", "It is known once all that comes in is, and fits."
        return
    several = [(name, spec) for name, spec in outs.items() if name] or [("Out", outs[""])]
    for name, spec in several:
        yield name if len(several) > 1 else "Out", spec_text(spec), ""
    if node.kind == "Input":
        yield from _least(report, node)
    yield from _price(report, node, any(spec.dynamic_axes for spec in outs.values()))


def spec_text(spec: TensorSpec) -> str:
    """Return a shape, and what else is worth knowing of a tensor."""
    kind = "" if spec.dtype == "float32" else f" {spec.dtype}"
    return f"{spec}{kind}{', masked' if spec.mask else ''}"


def _shapes_in(report: Report, node: Node, layer: Layer | None) -> Iterator[Fact]:
    fed = report.shapes.fed.get(node.name, ())
    ports = layer.ports() if layer is not None else ()
    wires = [source for _, _, source in node.wires()]
    for place, spec in enumerate(fed):
        port = ports[min(place, len(ports) - 1)].name if ports else ""
        name = "In" if len(fed) == 1 else port if len(ports) > 1 else f"In {place + 1}"
        source = f"from {wires[place]}" if place < len(wires) and len(ports) <= 1 else ""
        yield name, "not wired" if spec is None else spec_text(spec), source


def _least(report: Report, node: Node) -> Iterator[Fact]:
    least = report.shapes.least()
    for (source, axis), length in sorted(least.items()):
        if source == node.name and length > 1:
            name = "Least length" if axis == 0 else f"Least size of axis {axis + 1}"
            yield name, f"{length:,}", "A shorter one is too short for a layer on the way."


def _price(report: Report, node: Node, free: bool) -> Iterator[Fact]:
    costs = report.costs
    if node.shares:
        shared = costs.params(node.shares)
        yield "Parameters", "0", f"It uses the {shared:,} of {node.shares}."
    elif weights := costs.weights.get(node.name):
        made = ", ".join(
            f"{weight.name} {' x '.join(f'{size:,}' for size in weight.shape)}"
            for weight in weights
        )
        yield "Parameters", f"{costs.params(node.name):,}", made
    if (cost := costs.layers.get(node.name)) and cost.multiply_adds:
        assumed = f"A free length is counted as {ASSUMED_LENGTH}." if free else ""
        yield "Multiply-adds", f"{cost.multiply_adds:,} a row", assumed
