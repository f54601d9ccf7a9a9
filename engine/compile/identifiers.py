"""Python identifiers for exported source: variables, shared layers, layer names."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.compile.python_values import quote
from engine.core.symbolic.tensor import default_layer_name
from engine.graph.model import Node, source_node
from engine.graph.node_names import HEAD_SUFFIX, unique_name

# Names that the exported source uses itself.
_RESERVED = (
    "Input", "Model", "layers", "model", "train", "inputs", "targets", "options",
    "optimizers", "schedules", "losses", "metrics", "regularizers", "initializers",
)  # fmt: skip


class Identifiers:
    """The Python identifiers for the nodes and layers of a valid project.

    live_nodes: nodes that an Output needs, in topological order.
    bypassed_names: names of the bypassed nodes on a path to an Output.
    shared_layer_variables: by node name, the variable of a layer that several nodes share.
    """

    def __init__(self, report: Report) -> None:
        self.graph = report.project.graph
        self.shapes = report.shapes
        reached, self.bypassed_names = self._required_nodes()
        self.live_nodes = [node for node in self.graph.topological_order if node.name in reached]
        self._heads = dict(self._renamed_heads())
        self._groups = {name: group for group in self._sharing_groups() for name in group}
        self._used_names = {*_RESERVED, *self.graph.by_name}
        self._variables = {node.name: self._variable(node) for node in self.graph}
        self.shared_layer_variables = {
            name: variable
            for group in dict.fromkeys(self._groups.values())
            for variable in [self._new(f"{self._variables[group[0]]}_layer")]
            for name in group
        }
        self._default_named = set(self._nodes_with_default_name())
        self._used_outputs = set(self._iter_used_outputs())
        self._extra_variables = {
            (node.name, index): self._new(f"{self._variables[node.name]}_{output}")
            for node in self.live_nodes
            for index, output in enumerate(self._output_names(node.name))
            if index and (node.name, index) in self._used_outputs
        }

    def _required_nodes(self) -> tuple[set[str], set[str]]:
        """Return two sets of node names: active nodes and bypassed nodes on paths to an Output."""
        reached: set[str] = set()
        bypassed: set[str] = set()
        pending = [wire for node in self.graph.outputs for _, _, wire in node.wires()]
        while pending:
            node = self.graph[source_node(pending.pop())]
            wires = [wire for _, _, wire in node.wires()]
            is_bypassed = node.off and bool(wires)
            visited = bypassed if is_bypassed else reached
            if node.name not in visited:
                visited.add(node.name)
                pending += wires[:1] if is_bypassed else wires
        return reached, bypassed

    def _renamed_heads(self) -> Iterator[tuple[str, str]]:
        """Yield the names of each head layer and its Output, such as ("age_head", "age").

        A head layer has its Output's name with a suffix, and feeds no other Output. In the source,
        the head layer gets the name of the Output.
        """
        sources = {node.name: source_node(self._output_source(node)) for node in self.graph.outputs}
        uses = list(sources.values())
        for output, source in sources.items():
            is_only_use = uses.count(source) == 1 and self.graph[source].kind != "Input"
            if is_only_use and source == output + HEAD_SUFFIX:
                yield source, output

    def _output_source(self, output: Node) -> str:
        return self.graph.resolve_bypassed(next(wire for _, _, wire in output.wires()))

    def _sharing_groups(self) -> Iterator[tuple[str, ...]]:
        """Yield a tuple of node names for each group of nodes that share the weights of a layer."""
        groups: dict[str, list[str]] = {}
        for node in self.live_nodes:
            specs = (spec for spec in self.shapes.inputs[node.name] if spec is not None)
            if self.shapes.layers[node.name].weights(*specs):
                groups.setdefault(self.graph.weight_owner(node).name, []).append(node.name)
        yield from (tuple(group) for group in groups.values() if len(group) > 1)

    def _layer_name(self, node: Node) -> str:
        return self._heads.get(node.name, node.name)

    def _variable(self, node: Node) -> str:
        name = self._layer_name(node)
        return self._new(name) if name in _RESERVED else name

    def _new(self, preferred: str) -> str:
        name = unique_name(preferred, self._used_names)
        self._used_names.add(name)
        return name

    def _nodes_with_default_name(self) -> Iterator[str]:
        """Yield the names of nodes whose layer name is Keras' default name, such as dense_1."""
        numbers: dict[str, int] = {}
        for node in self.live_nodes:
            if node.kind == "Input" or node.name in self._groups:
                continue
            base = default_layer_name(self.shapes.layers[node.name].kind())
            number = numbers.get(base, 0)
            if self._layer_name(node) == (f"{base}_{number}" if number else base):
                numbers[base] = number + 1
                yield node.name

    def _iter_used_outputs(self) -> Iterator[tuple[str, int]]:
        bypassed = [self.graph[name] for name in self.bypassed_names]
        for node in (*self.live_nodes, *bypassed, *self.graph.outputs):
            for _, _, wire in node.wires():
                yield source_node(wire), self._output_index(wire)

    def _output_index(self, reference: str) -> int:
        source, _, output = reference.partition(".")
        names = self._output_names(source)
        return names.index(output) if output in names else 0

    def _output_names(self, name: str) -> tuple[str, ...]:
        outputs = () if name in self.bypassed_names else self.shapes.outputs[name]
        return tuple(output for output in outputs if output != MAIN_OUTPUT) or (MAIN_OUTPUT,)

    def layer_name_argument(self, node: Node) -> str:
        """Return the `name` argument of a node's layer, "" to pass none (Keras' default name)."""
        return "" if node.name in self._default_named else self._layer_name(node)

    def call_name_argument(self, node: Node) -> str:
        """Return the `name` argument of a node's call of a shared layer, "" to pass no `name`."""
        first, *others = (self._layer_name(self.graph[name]) for name in self._groups[node.name])
        numbered = [f"{first}_{number}" for number, _ in enumerate(others, 1)]
        return "" if others == numbered or self.creates_layer(node) else self._layer_name(node)

    def creates_layer(self, node: Node) -> bool:
        """Return whether a node is the first use of a shared layer, which creates the layer."""
        return self._groups[node.name][0] == node.name

    def variable(self, reference: str) -> str:
        """Return the variable of a tensor; `reference` names the tensor, such as "lstm.state_h"."""
        source = source_node(reference)
        key = (source, self._output_index(reference))
        return self._extra_variables.get(key, self._variables[source])

    def assignment_targets(self, node: Node) -> str:
        """Return the variables for a node's outputs, "_" for unused ones: "lstm, _, state_c"."""
        first, count = self._variables[node.name], len(self._output_names(node.name))
        if count == 1:
            return first
        others = [self._extra_variables.get((node.name, i), "_") for i in range(1, count)]
        is_used = (node.name, 0) in self._used_outputs
        return ", ".join([first if is_used else "_", *others])

    def model_outputs(self) -> str:
        """Return the expression for the `outputs` argument of `Model` in the exported source.

        If each Output is fed by a layer that has the Output's name in the source, the expression is
        one variable or a list of variables. Otherwise, it is a dict of variables by Output name.
        """
        tensors = {
            node.name: self.variable(next(wire for _, _, wire in node.wires()))
            for node in self.graph.outputs
        }
        if len(self._heads) < len(tensors):
            entries = (f"{quote(name)}: {tensor}" for name, tensor in tensors.items())
            return "{" + ", ".join(entries) + "}"
        variables = ", ".join(tensors.values())
        return variables if len(tensors) == 1 else f"[{variables}]"
