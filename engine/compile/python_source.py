"""Export of a project as Python source that builds the same graph: layers, Model, compile, fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from engine.check.report import Report
from engine.compile.identifiers import Identifiers
from engine.compile.line_wrap import LINE_WIDTH, wrap_line
from engine.compile.plan import wires_in_port_order
from engine.compile.python_training import compile_arguments, train_function
from engine.compile.python_values import PythonValues, positional_fields, quote
from engine.compile.torch_source import module_name
from engine.core.diagnostic import DiagnosticError
from engine.core.symbolic.tensor import default_layer_name
from engine.graph.model import Node
from engine.layers.base import Layer

_LAYER = re.compile(r"([\w, ]+ = layers\.\w+\()(.*?)(\)(?:\([^()]*\))?)")


def python_source(report: Report, name: str = "network") -> str:
    """Return a project as Python source that builds an equal graph.

    Returns:
        A module with one line per node, the compiled `model`, and a function that trains it with
        the recipe. Bypassed nodes and nodes that no Output needs are written as comments.

    Raises:
        DiagnosticError: if the project has errors.
    """
    if report.errors:
        raise DiagnosticError(*report.errors)
    return _Source(report, name).text()


class _Source:
    def __init__(self, report: Report, name: str) -> None:
        self.report = report
        self.name = name
        self.graph = report.project.graph
        self.names = Identifiers(report)
        self.values = PythonValues()

    def text(self) -> str:
        nodes = [part for line in self._nodes() for part in _wrap_call(line)]
        model = [part for line in self._model() for part in wrap_line(line)]
        train = list(train_function(self.report, self.values))
        used = ["Input", "Model", *sorted(self.values.used_namespaces)]
        title = re.sub(r"[^\w .-]+", " ", self.name, flags=re.ASCII).strip() or "A network"
        imports = f"from engine import {', '.join(used)}"
        header = [f'"""{title}, drawn with Layerloom."""', "", imports]
        return "\n".join([*header, "", *nodes, "", *model, "", "", *train]) + "\n"

    def _nodes(self) -> Iterator[str]:
        live = {node.name for node in self.names.live_nodes}
        for node in self.graph.topological_order:
            if node.kind == "Output":
                if node.off:
                    yield from _with_comment("", f"bypassed: the output {node.name}")
            elif node.name in self.names.bypassed_names:
                source = self.names.variable(next(wire for _, _, wire in node.wires()))
                line = f"{self.names.variable(node.name)} = {source}"
                yield from _with_comment(line, f"bypassed: {self._layer_call(node)}")
            elif node.kind == "Input":
                yield f"{self.names.variable(node.name)} = {self._input(node)}"
            elif node.name in live:
                yield from self._statements(node)
            else:
                yield from _with_comment("", f"not used by an output: {self._layer_call(node)}")

    def _input(self, node: Node) -> str:
        arguments = [*self.values.arguments(self._layer(node)), f"name={quote(node.name)}"]
        return f"Input({', '.join(arguments)})"

    def _statements(self, node: Node) -> Iterator[str]:
        """Yield the layer call of a node; before the first call of a shared layer, its creation."""
        wires = list(map(self.names.variable, wires_in_port_order(node, self._layer(node))))
        targets = self.names.assignment_targets(node)
        instance = self.names.shared_layer_variables.get(node.name)
        if instance is not None:
            if self.names.creates_layer(node):
                yield f"{instance} = {self._layer_call(node)}"
            title = self.names.call_name_argument(node)
            name_argument = [f"name={quote(title)}"] if title else []
            yield f"{targets} = {instance}({', '.join([*wires, *name_argument])})"
        elif self._layer(node).family == "merge":
            yield f"{targets} = {self._merge_call(node, wires)}"
        else:
            yield f"{targets} = {self._layer_call(node)}({', '.join(wires)})"

    def _merge_call(self, node: Node, wires: Sequence[str]) -> str:
        self.values.used_namespaces.add("layers")
        arguments = [f"[{', '.join(wires)}]", *self._arguments(node)]
        return f"layers.{default_layer_name(self._layer(node).kind())}({', '.join(arguments)})"

    def _layer_call(self, node: Node) -> str:
        self.values.used_namespaces.add("layers")
        return f"layers.{self._layer(node).kind()}({', '.join(self._arguments(node))})"

    def _arguments(self, node: Node) -> Iterator[str]:
        layer = self._layer(node)
        yield from self.values.arguments(layer, positional_fields(layer))
        title = self.names.layer_name_argument(node)
        if title:
            yield f"name={quote(title)}"

    def _layer(self, node: Node) -> Layer:
        return self.report.shapes.layers[node.name]

    def _model(self) -> Iterator[str]:
        inputs = [self.names.variable(node.name) for node in self.graph.of_kind("Input")]
        joined = inputs[0] if len(inputs) == 1 else f"[{', '.join(inputs)}]"
        name = f'name="{module_name(self.name)}"'
        yield f"model = Model({joined}, {self.names.model_outputs()}, {name})"
        yield f"model.compile({', '.join(compile_arguments(self.report, self.values))})"


def _wrap_call(line: str) -> list[str]:
    """Return the lines of a statement. In a long layer call, the arguments get a separate line."""
    match = _LAYER.fullmatch(line)
    if len(line) <= LINE_WIDTH or match is None or len(match[2]) > LINE_WIDTH - 4:
        return [line] if line.startswith("#") else wrap_line(line)
    return [match[1], f"    {match[2]}", match[3]]


def _with_comment(line: str, note: str) -> Iterator[str]:
    """Yield `line` with the comment `note` at its end, or before it if the result is too long."""
    combined = f"{line}  # {note}" if line else f"# {note}"
    if len(combined) <= LINE_WIDTH:
        yield combined
        return
    yield from wrap(note, LINE_WIDTH, initial_indent="# ", subsequent_indent="#     ")
    if line:
        yield line
