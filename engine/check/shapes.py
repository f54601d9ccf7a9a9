"""Shape inference of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.check.layer_inference import (
    MAIN_OUTPUT,
    InputSpecs,
    LayerInference,
    OutputSpecs,
    infer_layer,
    sharing_diagnostics,
    wired_specs,
)
from engine.check.wiring import unknown_output_diagnostic
from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_node
from engine.layers.base import Layer
from engine.layers.regularizer import OrthogonalRegularizer

__all__ = ["MAIN_OUTPUT", "OutputSpecs", "Shapes", "infer_shapes", "read_layers"]


@dataclass(frozen=True)
class Shapes:
    """The result of shape inference on a graph, without nodes that could not be inferred.

    Args:
        layers: layer by node (a node that shares weights has its owner's layer).
        inputs: by node, a spec for each input port in order, None for an unwired optional port.
        outputs: by node, its output specs by name; the main output has also the name "".
        inferences: the inference by node, for wired nodes that are not bypassed.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    inputs: Mapping[str, InputSpecs] = field(default_factory=dict)
    outputs: Mapping[str, OutputSpecs] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    inferences: Mapping[str, LayerInference] = field(default_factory=dict, compare=False)

    def spec(self, reference: str) -> TensorSpec | None:
        """Return the spec of the output "node" or "node.output", None if it is unknown."""
        outs = self.outputs.get(source_node(reference), {})
        return outs.get(reference.partition(".")[2])

    @cached_property
    def minimum_lengths(self) -> Mapping[tuple[str, int], int]:
        """The minimum length that all layers accept, by (Input name, dynamic axis)."""
        minimums: dict[tuple[str, int], int] = {}
        for inference in self.inferences.values():
            for length in inference.dynamic_lengths:
                key = (length.source, length.axis)
                minimums[key] = max(minimums.get(key, 1), length.minimum_length)
        return minimums

    @cached_property
    def nodes_comparing_rows(self) -> tuple[str, ...]:
        """The nodes whose activity regularizer compares the rows of a batch with each other."""
        penalties = {name: layer.activity_penalties() for name, layer in self.layers.items()}
        return tuple(
            name
            for name, own in penalties.items()
            if any(isinstance(penalty, OrthogonalRegularizer) for penalty in own.values())
        )


def read_layers(graph: Graph) -> tuple[dict[str, Layer], list[Diagnostic]]:
    """Return the layers of valid nodes by name, and the diagnostics of the other nodes."""
    layers: dict[str, Layer] = {}
    diagnostics: list[Diagnostic] = []
    sharers: list[tuple[Node, Node]] = []
    for node in graph:
        owner = graph.weight_owner(node)
        if owner is not node:
            sharers.append((node, owner))
        elif isinstance(node.layer, Layer):
            layers[node.name] = node.layer
        else:
            diagnostics += node.layer
    for node, owner in sharers:
        if owner.name in layers:
            layers[node.name] = layers[owner.name]
    return layers, diagnostics


def infer_shapes(
    graph: Graph, layers: Mapping[str, Layer], previous: Shapes | None = None
) -> Shapes:
    """Infer the shapes of a graph in topological order. Nodes after an error are skipped.

    For unchanged nodes, the results in `previous`, the shapes of a similar graph, are reused.
    """
    state = _GraphInference(graph, layers, previous or Shapes())
    for node in graph.topological_order:
        if node.name in layers:
            state.visit(node)
    state.check_shared_weights()
    return Shapes(layers, state.inputs, state.outputs, tuple(state.diagnostics), state.inferences)


class _GraphInference:
    def __init__(self, graph: Graph, layers: Mapping[str, Layer], before: Shapes) -> None:
        self.graph = graph
        self.layers = layers
        self.previous = before.inferences
        self.inputs: dict[str, InputSpecs] = {}
        self.outputs: dict[str, OutputSpecs] = {}
        self.inferences: dict[str, LayerInference] = {}
        self.diagnostics: list[Diagnostic] = []

    def visit(self, node: Node) -> None:
        inputs = self._input_specs(node)
        if inputs is None:
            return
        self.inputs[node.name] = inputs
        if node.off and inputs:
            self.outputs[node.name] = {MAIN_OUTPUT: wired_specs(inputs)[0]}
            return
        previous = self.previous.get(node.name)
        inference = infer_layer(node, self.layers[node.name], inputs, previous)
        self.inferences[node.name] = inference
        self.diagnostics += inference.diagnostics
        if inference.outputs is not None:
            self.outputs[node.name] = inference.outputs

    def check_shared_weights(self) -> None:
        """Add an error for each node that shares the weights of an owner, but needs other shapes.

        If the owner is bypassed, nodes are compared with the first node that shares its weights.
        """
        valid = {n: result for n, result in self.inferences.items() if result.outputs is not None}
        firsts: dict[str, LayerInference] = {}
        for inference in valid.values():
            if owner := inference.node.shares:
                first = valid.get(owner) or firsts.setdefault(owner, inference)
                self.diagnostics += sharing_diagnostics(inference, first)

    def _input_specs(self, node: Node) -> InputSpecs | None:
        """Return a spec for each input port of a node, or None if one of them is unknown."""
        inputs: list[TensorSpec | None] = []
        for port in self.layers[node.name].ports():
            wired = node.inputs.get(port.name, ())
            references = (wired,) if isinstance(wired, str) else wired
            if not references and not port.optional:
                return None
            specs = [
                self._spec(node, port.name, index if port.many else None, reference)
                for index, reference in enumerate(references)
            ]
            if any(spec is None for spec in specs) or (len(specs) > 1 and not port.many):
                return None
            inputs += specs or [None]
        return tuple(inputs)

    def _spec(self, node: Node, port: str, index: int | None, reference: str) -> TensorSpec | None:
        name, _, output = reference.partition(".")
        outs = self.outputs.get(name, {})
        # The wiring check reports an unknown output of a layer with only one output.
        if outs and output not in outs and len(outs) > 1:
            names = tuple(name for name in outs if name != MAIN_OUTPUT)
            self.diagnostics.append(unknown_output_diagnostic(node, port, index, reference, names))
        return outs.get(output)
