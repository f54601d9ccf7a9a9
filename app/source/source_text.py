"""The generated texts of a project, with the nodes of the graph that their lines belong to.

The functions that generate the texts record no positions. So regular expressions find the
variables, attributes and arguments in each line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.check.report import Report
from engine.compile.plan import Plan, build_plan
from engine.graph.model import Project
from engine.graph.serialization.encoder import dumps

# In the PyTorch source: `        self.name = ` or `        name = ` inside a method.
_STATEMENT = re.compile(r" {8}(?:self\.)?(\w+) = ")
# In the docstrings of the PyTorch source: the description of an input or output.
_ARGUMENT = re.compile(r"(\w+)(?: = |: )")
# In the Python source: a line that assigns a tensor.
_ASSIGNED = re.compile(r"(\w+) = ")
# In the PyTorch source: an entry of the returned dictionary.
_RETURNED = re.compile(r'"(\w+)": ')


@dataclass(frozen=True)
class SourceText:
    """A generated text, with the nodes that its lines and words refer to.

    Args:
        text: the text.
        lines: a mapping from line index to node names, without the lines that have no node.
        words: a mapping from words of the text, such as variables, to node names.
    """

    text: str = ""
    lines: Mapping[int, Sequence[str]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def lines_of(self, names: Iterable[str]) -> list[int]:
        """Return the indices of the lines that belong to any of the named nodes."""
        selected = set(names)
        return [line for line, nodes in self.lines.items() if not selected.isdisjoint(nodes)]

    def node_at(self, line: int, word: str) -> str | None:
        """Return the node of `word`, else the line's first node; None if the line has no nodes."""
        nodes = self.lines.get(line, ())
        node = self.words.get(word)
        return node if node is not None and nodes else next(iter(nodes), None)


def pytorch_text(report: Report, title: str) -> SourceText:
    """Return PyTorch source of the error-free project in `report`. `title` gives the class name."""
    # Imported late, since the import takes a tenth of a second and is often not needed.
    from engine.compile.torch_source import torch_source

    plan = build_plan(report.project.graph, report)
    text, words = torch_source(plan, title), _words(plan)
    heads = {head.head.name for head in plan.heads}
    lines: dict[int, tuple[str, ...]] = {}
    for number, line in _class_body(text):
        # A continuation line belongs to the nodes of the line above it.
        is_continuation = line.startswith((" " * 12, "        )"))
        above = lines.get(number - 1, ()) if is_continuation else ()
        nodes = tuple(_nodes_of_line(line, words, heads)) or above
        if nodes:
            lines[number] = nodes
    return SourceText(text, lines, {**words, **{name: name for name in heads}})


def python_text(report: Report, title: str) -> SourceText:
    """Return the Python source of a project without errors.

    The source defines an Output and the layer before it in one line, which belongs to both nodes.
    """
    from engine.compile.python_source import python_source

    text, graph = python_source(report, title), report.project.graph
    lines: dict[int, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines()):
        match = _ASSIGNED.match(line)
        node = graph.by_name.get(match[1]) if match else None
        if node is not None:
            lines[number] = (node.name, *(node.sources() if node.kind == "Output" else ()))
    return SourceText(text, lines, {node.name: node.name for node in graph})


def file_text(project: Project) -> SourceText:
    """Return the text of the graph file as it would be saved, with one line per node."""
    text, graph = dumps(project), project.graph
    starts = (n + 1 for n, line in enumerate(text.splitlines()) if line.startswith(' "graph":'))
    first = next(starts, 0)
    lines = {first + row: (node.name,) for row, node in enumerate(graph)}
    return SourceText(text, lines, {node.name: node.name for node in graph})


def _words(plan: Plan) -> dict[str, str]:
    """Return a mapping from the variables and attributes of the generated class to node names."""
    words = {source.variable: source.name for source in plan.inputs}
    words |= {attribute: node for node, attribute in plan.attributes.items()}
    for step in plan.steps:
        for var in (*step.outputs.values(), step.mask, step.pre_activation):
            if var is not None:
                words[var] = step.node
    return words


def _class_body(text: str) -> Iterator[tuple[int, str]]:
    """Yield (index, line) for each line in the body of the last class, which is the network."""
    lines = text.splitlines()
    start = max((n for n, line in enumerate(lines) if line.startswith("class ")), default=0)
    yield from enumerate(lines[start + 1 :], start + 1)


def _nodes_of_line(line: str, words: Mapping[str, str], heads: set[str]) -> Iterator[str]:
    """Yield the names of the nodes that a line of PyTorch source belongs to; often there are none.

    `words` holds node names by variable or attribute, and `heads` holds the names of all Outputs.
    """
    statement = _STATEMENT.match(line)
    if statement is not None:
        name = statement[1]
        if name in words:
            yield words[name]
        return
    stripped = line.strip()
    if stripped.startswith("def "):
        arguments = stripped.partition("(")[2].rstrip("):").split(", ")
        yield from (words[name] for name in arguments if name in words)
        return
    argument = _ARGUMENT.match(stripped)
    if line.startswith(" " * 8) and argument is not None and "(batch" in line:
        name = argument[1]
        if name in heads:
            yield name
        elif name in words:
            yield words[name]
    else:
        yield from (name for name in _RETURNED.findall(line) if name in heads)
