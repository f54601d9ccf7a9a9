"""Measures layouts, files and checks of large graphs; prints one JSON line."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from engine.check.report import check
from engine.check.wiring import check_wiring
from engine.diagram.layout.layered_layout import layered_layout
from engine.diagram.tidy import tidy
from engine.graph.edits import field_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization.file import dumps, parse
from tests.bench.parts.part import Part, alone, beside
from tests.bench.window import large

LONG = 5000
CALLS = range(9)


def tangled(count: int) -> Graph:
    """Return sums of two of the ten nodes before."""
    draw = random.Random(1)
    nodes = [Node("n0", "Input")]
    for at in range(1, count):
        before = [f"n{at - back}" for back in range(1, min(at, 10) + 1)]
        nodes.append(Node(f"n{at}", "Add", {"xs": tuple(draw.sample(before, min(at, 2)))}))
    return Graph(tuple(nodes))


def ring(count: int) -> Graph:
    """Return layers that feed one another in a circle."""
    nodes = (Node(f"n{i}", "Dense", {"x": f"n{(i - 1) % count}"}) for i in range(count))
    return Graph(tuple(nodes))


def measured() -> Iterator[Part]:
    graph, project = tangled(1000), large(1000)
    yield alone("layered layout, 1,000 nodes", lambda _: layered_layout(graph, {}), CALLS)
    yield alone("tidy, 1,000 nodes", lambda _: tidy(Project(graph), {}), CALLS)
    text = dumps(large(LONG))
    document, nodes = json.loads(text), parse(text.encode()).project
    yield beside(
        f"write and read {LONG:,} nodes",
        lambda _: parse(dumps(nodes).encode()),
        "json",
        lambda _: json.loads(json.dumps(document)),
        zip(CALLS, CALLS, strict=True),
    )
    yield alone(f"wiring of {LONG:,} nodes in a ring", check_wiring, (ring(LONG) for _ in CALLS))
    before = check(project)
    yield beside(
        "check of 1,000 nodes, a field edited",
        lambda edited: check(edited, previous=before),
        "a check from scratch",
        check,
        ((edited(project), fresh(project)) for _ in CALLS),
    )


def edited(project: Project) -> Project:
    return field_edits.set_params(project, "dense_6", {"activation": "tanh"})


def fresh(project: Project) -> Project:
    """Return an equal project that nothing is known of."""
    return parse(dumps(project).encode()).project


if __name__ == "__main__":
    print(json.dumps(list(measured())))
