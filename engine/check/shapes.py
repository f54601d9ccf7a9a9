"""Follows every tensor through the graph, and works the least lengths back to the Inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.check.wiring import unknown_output
from engine.core.diagnostic import Diagnostic, Fix, LayerError
from engine.core.spec import Length, TensorSpec
from engine.graph.model import Graph, Node, source_of
from engine.layers import catalogue
from engine.layers.base import Layer
from engine.layers.initializer import INITIALIZERS
from engine.layers.io import Input, Output
from engine.layers.regularizer import OrthogonalRegularizer

Outs = Mapping[str, TensorSpec]
MAIN = ""  # the name of a node's only, or first, output


@dataclass(frozen=True)
class Shapes:
    """What flows through a graph, as far as it could be worked out.

    Args:
        layers: by node, its layer (a sharing node has its owner's).
        fed: by node, the specs at its ports in order, None at an unwired optional port.
        outs: by node, its outputs by name; the main one also under "".
        diagnostics: what does not fit.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    fed: Mapping[str, tuple[TensorSpec | None, ...]] = field(default_factory=dict)
    outs: Mapping[str, Outs] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def spec(self, reference: str) -> TensorSpec | None:
        """Answer what flows along a wire that starts at "node" or "node.output"."""
        outs = self.outs.get(source_of(reference), {})
        return outs.get(reference.partition(".")[2])

    def least(self) -> dict[tuple[str, int], int]:
        """Answer, by Input and axis, the least length that every window on the way fits into."""
        least: dict[tuple[str, int], int] = {}
        for outs in self.outs.values():
            for length in (length for spec in outs.values() for length in spec.free):
                key = (length.source, length.axis)
                least[key] = max(least.get(key, 1), length.least)
        return least

    def fixed(self, lengths: Mapping[tuple[str, int], int]) -> Shapes:
        """Answer the same shapes with every free axis given a length."""

        def fix(spec: TensorSpec) -> TensorSpec:
            dims = (
                dim.size(lengths[dim.source, dim.axis]) if isinstance(dim, Length) else dim
                for dim in spec.shape
            )
            return replace(spec, shape=tuple(dims))

        return replace(
            self,
            fed={n: tuple(s and fix(s) for s in specs) for n, specs in self.fed.items()},
            outs={n: {k: fix(s) for k, s in outs.items()} for n, outs in self.outs.items()},
        )


def read_layers(graph: Graph) -> tuple[dict[str, Layer], list[Diagnostic]]:
    """Answer the layer of every node that describes one, and what is wrong with the others."""
    layers: dict[str, Layer] = {}
    found: list[Diagnostic] = []
    for node in graph:
        if graph.layer_node(node) is not node:
            continue
        read = catalogue.layer(node.kind, node.params)
        if isinstance(read, Layer):
            layers[node.name] = read
        else:
            found += [diagnostic.at(node.name) for diagnostic in read]
    for node in graph:
        owner = graph.layer_node(node)
        if owner is not node and owner.name in layers:
            layers[node.name] = layers[owner.name]
    return layers, found


def infer(graph: Graph, layers: Mapping[str, Layer]) -> Shapes:
    """Run every layer's shape rule in order. What follows a fault stays silent, not wrong."""
    walk = _Walk(graph, layers)
    for node in graph.order:
        if node.name in layers:
            walk.visit(node)
    return Shapes(layers, walk.fed, walk.outs, tuple(walk.found))


class _Walk:
    """The state of one pass over a graph."""

    def __init__(self, graph: Graph, layers: Mapping[str, Layer]) -> None:
        self.graph = graph
        self.layers = layers
        self.fed: dict[str, tuple[TensorSpec | None, ...]] = {}
        self.outs: dict[str, Outs] = {}
        self.found: list[Diagnostic] = []

    def visit(self, node: Node) -> None:
        fed = self._fed(node)
        if fed is None:
            return
        self.fed[node.name] = fed
        if node.off and fed:
            self.outs[node.name] = {MAIN: _given(fed)[0]}
            return
        outs = self._infer(node, self.layers[node.name], fed)
        if outs is not None:
            self.outs[node.name] = outs
            self._check_mask(node, self.layers[node.name], _given(fed))
            self._check_sharing(node, fed)
            self._check_matrices(node, fed)

    def _fed(self, node: Node) -> tuple[TensorSpec | None, ...] | None:
        """Answer the specs at the ports of a node, or None while one is not known."""
        fed: list[TensorSpec | None] = []
        for port in self.layers[node.name].ports():
            wired = node.inputs.get(port.name, ())
            references = (wired,) if isinstance(wired, str) else wired
            if not references and not port.optional:
                return None
            specs = [
                self._spec(node, port.name, place if port.many else None, reference)
                for place, reference in enumerate(references)
            ]
            if any(spec is None for spec in specs) or (len(specs) > 1 and not port.many):
                return None
            fed += specs or [None]
        return tuple(fed)

    def _spec(self, node: Node, port: str, place: int | None, reference: str) -> TensorSpec | None:
        name, _, output = reference.partition(".")
        outs = self.outs.get(name, {})
        # A layer with one output by its declaration is the wiring's to judge.
        if outs and output not in outs and len(outs) > 1:
            names = tuple(known for known in outs if known != MAIN)
            self.found.append(unknown_output(node, port, place, reference, names))
        return outs.get(output)

    def _infer(
        self, node: Node, layer: Layer, fed: tuple[TensorSpec | None, ...]
    ) -> dict[str, TensorSpec] | None:
        try:
            if isinstance(layer, Input):
                return {MAIN: layer.spec(node.name)}
            answer = layer.infer(*fed)
            mask = layer.masks(*_given(fed))
        except LayerError as error:
            self.found += [diagnostic.at(node.name) for diagnostic in error.diagnostics]
            return None
        except Exception as error:  # noqa: BLE001 - a defect in one layer must not hide the rest
            self.found.append(_defect(node, error))
            return None
        if isinstance(answer, TensorSpec):
            return {MAIN: replace(answer, mask=mask)}
        # Of several outputs only sequences, as long as what came in, can carry a mask.
        outs = {name: replace(spec, mask=mask and spec.rank > 1) for name, spec in answer.items()}
        return {MAIN: next(iter(outs.values())), **outs}

    def _check_mask(self, node: Node, layer: Layer, fed: tuple[TensorSpec, ...]) -> None:
        lost = layer.mask_rule == "drop" and any(spec.mask for spec in fed)
        if lost and not isinstance(layer, Output):
            self.found.append(
                Diagnostic(
                    "mask-dropped",
                    f"{node.kind} can't carry the mask of {node.sources()[0]} on, so the layers "
                    "after it see padding as if it were data",
                    severity="warning",
                    node=node.name,
                    found="a masked sequence",
                    expected="a layer that passes or uses masks",
                    fixes=(
                        Fix(
                            "Put a layer that uses the mask here, such as LSTM or "
                            "GlobalAveragePooling1D."
                        ),
                        Fix("Switch mask_zero off where the mask is made, if padding is rare."),
                    ),
                )
            )

    def _check_matrices(self, node: Node, fed: tuple[TensorSpec | None, ...]) -> None:
        """Refuse starting values and penalties that only a matrix can have, where there is none."""
        layer = self.layers[node.name]
        for weight in layer.weights(*_given(fed)):
            draws = weight.initializer.draws(weight.shape)
            ranks = {draw.kind: len(draw.shape) for draw in draws}
            if ranks.get("identity", 2) != 2 or ranks.get("orthogonal", 2) < 2:
                name = INITIALIZERS.name_of(weight.initializer)
                self.found.append(_no_matrix(node, f'"{weight.name}" can\'t start as {name}'))
            if isinstance(weight.regularizer, OrthogonalRegularizer) and len(weight.shape) != 2:
                self.found.append(
                    _no_matrix(node, f'"{weight.name}" has no rows that could be orthogonal')
                )
        activity = getattr(layer, "activity_regularizer", None)
        if isinstance(activity, OrthogonalRegularizer) and self.outs[node.name][MAIN].rank != 1:
            self.found.append(
                _no_matrix(node, "what comes out has no rows that could be orthogonal")
            )

    def _check_sharing(self, node: Node, fed: tuple[TensorSpec | None, ...]) -> None:
        owner = self.graph.layer_node(node)
        if owner is node or owner.name not in self.fed:
            return
        layer = self.layers[node.name]
        own = [(w.name, w.shape) for w in layer.weights(*_given(fed))]
        theirs = [(w.name, w.shape) for w in layer.weights(*_given(self.fed[owner.name]))]
        if own != theirs:
            self.found.append(
                Diagnostic(
                    "shapes-differ",
                    f"can't share the weights of {owner.name}, since its input has another shape",
                    node=node.name,
                    found=", ".join(map(str, _given(fed))),
                    expected=", ".join(map(str, _given(self.fed[owner.name]))),
                    fixes=(
                        Fix(
                            "Give the node weights of its own.",
                            {"do": "unshare", "node": node.name},
                        ),
                    ),
                )
            )


def _given(fed: tuple[TensorSpec | None, ...]) -> tuple[TensorSpec, ...]:
    return tuple(spec for spec in fed if spec is not None)


def _no_matrix(node: Node, message: str) -> Diagnostic:
    return Diagnostic(
        "not-a-matrix",
        message + ", since it is no matrix",
        node=node.name,
        found="another number of axes",
        expected="an array with two axes",
        fixes=(Fix("Use another initializer or regularizer here, such as glorot_uniform or l2."),),
    )


def _defect(node: Node, error: Exception) -> Diagnostic:
    return Diagnostic(
        "layer-failed",
        f"the shape rule of {node.kind} failed: {error}",
        node=node.name,
        found=type(error).__name__,
        expected="a shape or a diagnostic",
        fixes=(Fix("Report this with the file; as a way round, use another layer."),),
    )


def free_inputs(graph: Graph, shapes: Shapes) -> Iterator[tuple[str, int, int]]:
    """Yield (Input, axis, least length) for each free axis, in drawing order."""
    least = shapes.least()
    for node in graph.of_kind("Input"):
        for (name, axis), size in sorted(least.items()):
            if name == node.name:
                yield name, axis, size
