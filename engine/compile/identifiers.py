"""What everything is called in written Python: variables, layers that are shared, outputs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.compile.python_values import quoted
from engine.core.symbolic.tensor import default_layer_name
from engine.graph.model import Node, source_node
from engine.graph.node_names import HEAD_SUFFIX, unique_name

# Names that the text uses itself.
_TAKEN = (
    "Input", "Model", "layers", "model", "train", "inputs", "targets", "options",
    "optimizers", "schedules", "losses", "metrics", "regularizers", "initializers",
)  # fmt: skip


class Names:
    """Names for one sound project.

    live: the nodes that some Output in use needs, in the order of computation.
    passed: the names of bypassed nodes on the way to one.
    instances: by node, the variable of its layer where several nodes share that.
    """

    def __init__(self, report: Report) -> None:
        self.graph = report.project.graph
        self.shapes = report.shapes
        reached, self.passed = self._walked()
        self.live = [node for node in self.graph.topological_order if node.name in reached]
        self._heads = dict(self._gone_to_outputs())
        self._groups = {name: group for group in self._shared() for name in group}
        self._taken = {*_TAKEN, *self.graph.by_name}
        self._variables = {node.name: self._variable(node) for node in self.graph}
        self.instances = {
            name: variable
            for group in dict.fromkeys(self._groups.values())
            for variable in [self._new(f"{self._variables[group[0]]}_layer")]
            for name in group
        }
        self._unnamed = set(self._named_by_kind())
        self._read = set(self._places_read())
        self._others = {
            (node.name, place): self._new(f"{self._variables[node.name]}_{part}")
            for node in self.live
            for place, part in enumerate(self._parts(node.name))
            if place and (node.name, place) in self._read
        }

    def _walked(self) -> tuple[set[str], set[str]]:
        """Return the nodes that the Outputs need, and the bypassed ones that they are behind."""
        reached: set[str] = set()
        passed: set[str] = set()
        waiting = [wire for node in self.graph.outputs for _, _, wire in node.wires()]
        while waiting:
            node = self.graph[source_node(waiting.pop())]
            wires = [wire for _, _, wire in node.wires()]
            through = node.off and bool(wires)
            known = passed if through else reached
            if node.name not in known:
                known.add(node.name)
                waiting += wires[:1] if through else wires
        return reached, passed

    def _gone_to_outputs(self) -> Iterator[tuple[str, str]]:
        """Yield (layer, Output) where the layer goes by the Output's name, and the Output by it."""
        behind = {node.name: source_node(self._behind(node)) for node in self.graph.outputs}
        sources = list(behind.values())
        for output, source in behind.items():
            alone = sources.count(source) == 1 and self.graph[source].kind != "Input"
            if alone and source == output + HEAD_SUFFIX:
                yield source, output

    def _behind(self, output: Node) -> str:
        return self.graph.resolve_bypassed(next(wire for _, _, wire in output.wires()))

    def _shared(self) -> Iterator[tuple[str, ...]]:
        """Yield the nodes that use one layer with weights, where there are several."""
        groups: dict[str, list[str]] = {}
        for node in self.live:
            given = (spec for spec in self.shapes.fed[node.name] if spec is not None)
            if self.shapes.layers[node.name].weights(*given):
                groups.setdefault(self.graph.weight_owner(node).name, []).append(node.name)
        yield from (tuple(group) for group in groups.values() if len(group) > 1)

    def _wish(self, node: Node) -> str:
        """Return what a node's layer has to be called."""
        return self._heads.get(node.name, node.name)

    def _variable(self, node: Node) -> str:
        return self._new(self._wish(node)) if self._wish(node) in _TAKEN else self._wish(node)

    def _new(self, wish: str) -> str:
        name = unique_name(wish, self._taken)
        self._taken.add(name)
        return name

    def _named_by_kind(self) -> Iterator[str]:
        """Yield the nodes that get their names without being told: dense, dense_1."""
        numbers: dict[str, int] = {}
        for node in self.live:
            if node.kind == "Input" or node.name in self._groups:
                continue
            base = default_layer_name(self.shapes.layers[node.name].kind())
            number = numbers.get(base, 0)
            if self._wish(node) == (f"{base}_{number}" if number else base):
                numbers[base] = number + 1
                yield node.name

    def _places_read(self) -> Iterator[tuple[str, int]]:
        passed = [self.graph[name] for name in self.passed]
        for node in (*self.live, *passed, *self.graph.outputs):
            for _, _, wire in node.wires():
                yield source_node(wire), self._place(wire)

    def _place(self, reference: str) -> int:
        """Return which of its source's outputs a wire takes."""
        source, _, output = reference.partition(".")
        parts = self._parts(source)
        return parts.index(output) if output in parts else 0

    def _parts(self, name: str) -> tuple[str, ...]:
        """Return the names of a node's outputs."""
        outs = () if name in self.passed else self.shapes.outs[name]
        return tuple(part for part in outs if part != MAIN) or (MAIN,)

    def title(self, node: Node) -> str:
        """Return what a node's layer is called when it is made, empty if that goes by itself."""
        return "" if node.name in self._unnamed else self._wish(node)

    def call_title(self, node: Node) -> str:
        """Return what a call of a shared layer is called, empty if that goes by itself."""
        first, *others = (self._wish(self.graph[name]) for name in self._groups[node.name])
        numbered = [f"{first}_{number}" for number, _ in enumerate(others, 1)]
        return "" if others == numbered or self.makes(node) else self._wish(node)

    def makes(self, node: Node) -> bool:
        """Return whether a node is the first to use a shared layer."""
        return self._groups[node.name][0] == node.name

    def variable(self, reference: str) -> str:
        """Return the variable that holds what a wire carries."""
        source = source_node(reference)
        return self._others.get((source, self._place(reference)), self._variables[source])

    def targets(self, node: Node) -> str:
        """Return the variables that a node's outputs are put into, _ where nothing reads one."""
        parts = self._parts(node.name)
        if len(parts) == 1:
            return self._variables[node.name]
        names = [self._variables[node.name]]
        names += [self._others.get((node.name, place), "_") for place in range(1, len(parts))]
        return ", ".join(
            name if (node.name, place) in self._read else "_" for place, name in enumerate(names)
        )

    def outputs(self) -> str:
        """Return the outputs as `Model` takes them: by name where a layer keeps its own."""
        tensors = {
            node.name: self.variable(next(wire for _, _, wire in node.wires()))
            for node in self.graph.outputs
        }
        if len(self._heads) < len(tensors):
            entries = (f"{quoted(name)}: {tensor}" for name, tensor in tensors.items())
            return "{" + ", ".join(entries) + "}"
        shown = ", ".join(tensors.values())
        return shown if len(tensors) == 1 else f"[{shown}]"
