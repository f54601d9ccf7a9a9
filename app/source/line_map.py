"""Which lines of a written text belong to which node."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.compile.plan import Plan
from engine.graph.model import Graph

_STATEMENT = re.compile(r" {8}(?:self\.)?(\w+) = ")
_ARGUMENT = re.compile(r"(\w+)(?: = |: )")
_ASSIGNED = re.compile(r"(\w+) = ")
_ANSWER = re.compile(r'"(\w+)": ')


@dataclass(frozen=True)
class Text:
    """A text with its places.

    Args:
        text: what is shown.
        lines: by line from 0, the nodes that it belongs to; lines of no node are left out.
        words: by word of the text, the node that it names.
    """

    text: str = ""
    lines: Mapping[int, Sequence[str]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def of(self, names: Iterable[str]) -> list[int]:
        """Return the lines that belong to nodes."""
        wanted = set(names)
        return [line for line, nodes in self.lines.items() if not wanted.isdisjoint(nodes)]

    def at(self, line: int, word: str) -> str | None:
        """Return the node that a word on a line means, else the first one of the line."""
        nodes = self.lines.get(line, ())
        named = self.words.get(word)
        return named if named is not None and nodes else next(iter(nodes), None)


def places_in_source(text: str, plan: Plan) -> Text:
    """Find the nodes of a plan in its written PyTorch source, by the names that the plan gave."""
    words = _words(plan)
    heads = {head.head.name for head in plan.heads}
    found: dict[int, tuple[str, ...]] = {}
    for number, line in _class_body(text):
        before = found.get(number - 1, ()) if line.startswith((" " * 12, "        )")) else ()
        nodes = tuple(_nodes(line, words, heads)) or before
        if nodes:
            found[number] = nodes
    return Text(text, found, {**words, **{name: name for name in heads}})


def places_in_python(text: str, graph: Graph) -> Text:
    """Find the nodes in the written Python source, where each line makes one tensor.

    A layer that ends in an Output stands there under the Output's name, and for both.
    """
    found: dict[int, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines()):
        made = _ASSIGNED.match(line)
        node = graph.by_name.get(made[1]) if made else None
        if node is not None:
            found[number] = (node.name, *(node.sources() if node.kind == "Output" else ()))
    return Text(text, found, {node.name: node.name for node in graph})


def places_in_file(text: str, graph: Graph) -> Text:
    """Find the nodes in the text of a graph file, where each has one line."""
    lines = text.splitlines()
    first = next((n + 1 for n, line in enumerate(lines) if line.startswith(' "graph":')), 0)
    places = {first + row: (node.name,) for row, node in enumerate(graph)}
    return Text(text, places, {node.name: node.name for node in graph})


def _words(plan: Plan) -> dict[str, str]:
    """Return the node behind each variable and attribute of the written class."""
    words = {each.var: each.name for each in plan.inputs}
    words |= {attribute: node for node, attribute in plan.attributes.items()}
    for step in plan.steps:
        for var in (*step.outs.values(), step.mask, step.raw):
            if var is not None:
                words[var] = step.node
    return words


def _class_body(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines after the last class' head; pasted classes stand before it."""
    lines = text.splitlines()
    start = max((n for n, line in enumerate(lines) if line.startswith("class ")), default=0)
    yield from enumerate(lines[start + 1 :], start + 1)


def _nodes(line: str, words: Mapping[str, str], heads: set[str]) -> Iterator[str]:
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
    listed = _ARGUMENT.match(stripped)
    if line.startswith(" " * 8) and listed is not None and "(batch" in line:
        name = listed[1]
        if name in heads:
            yield name
        elif name in words:
            yield words[name]
    else:
        yield from (name for name in _ANSWER.findall(line) if name in heads)
