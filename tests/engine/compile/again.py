"""Written Python run again, and what the graph that it draws means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine.check.report import check
from engine.check.shapes import MAIN_OUTPUT
from engine.compile.python_source import python_source
from engine.graph.edits.node_edits import remove_node, remove_nodes
from engine.graph.model import Node, Project
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.layers.io import Output
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe

ROOT = Path(__file__).parents[3]

# Runs each text that it is handed, one a line, and answers the project and what fit is told.
RUNNER = """
import json, sys
from engine.graph.serialization.file import dumps

for line in sys.stdin:
    space = {"__name__": "written"}
    exec(compile(json.loads(line), "written", "exec"), space)
    model = space["model"]
    vars(model)["fit"] = lambda inputs, targets, **told: told
    told = space["train"]({}, {})
    names = [model.input_names, model.output_names]
    print(json.dumps([dumps(model.project), *names, told]), flush=True)
"""


class Runner:
    """A fresh interpreter that runs written Python."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", RUNNER],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def run(self, source: str) -> tuple[Project, list[str], list[str], dict[str, Any]]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(source) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the text did not run:\n{source}"
        written, inputs, outputs, told = json.loads(answer)
        return parse(written.encode()).project, inputs, outputs, told


def sound(given: Project) -> Any:
    report = check(given)
    assert not report.errors, "\n".join(map(str, report.errors))
    return report


def template(name: str) -> Project:
    return parse(read_template(name)).project


def source_of(given: Project, name: str = "small") -> str:
    return python_source(sound(given), name)


def in_use(given: Project) -> Project:
    """Return a project without bypassed nodes, and without those that lead to no Output."""
    for one in given.graph:
        if one.off and (one.inputs or one.kind == "Output"):
            given = remove_node(given, one.name, bridge=True)
    idle = [
        n.name
        for n in given.graph
        if n.name not in given.graph.required_names and n.kind != "Input"
    ]
    return remove_nodes(given, idle)


def meant(given: Project) -> dict[str, Any]:
    """Return what each node of a graph means: positions, order and spelling apart."""
    report = sound(given)
    graph, shapes = given.graph, report.shapes
    return {node.name: _meant(graph, shapes, node) for node in graph}


def _meant(graph: Any, shapes: Any, one: Node) -> tuple[Any, ...]:
    layer = shapes.layers[one.name]
    if isinstance(layer, Output):  # these are told in words, or to fit
        layer = layer.model_copy(update={"labels": None, "unit": "", "class_weight": None})
    wires = {port: _wires(shapes, wired) for port, wired in one.inputs.items()}
    owner = graph.weight_owner(one).name
    sharers = frozenset(n.name for n in graph if graph.weight_owner(n).name == owner)
    given = [spec for spec in shapes.inputs[one.name] if spec is not None]
    return layer, wires, sharers if layer.weights(*given) else None


def _wires(shapes: Any, wired: Any) -> Any:
    if not isinstance(wired, str):
        return [_wires(shapes, reference) for reference in wired]
    source, _, output = wired.partition(".")
    first = next((name for name in shapes.outputs[source] if name != MAIN_OUTPUT), MAIN_OUTPUT)
    return source if output in (MAIN_OUTPUT, first) else wired


def recipe_told(given: Project, told: dict[str, Any]) -> Recipe | list[Any]:
    """Return the recipe that compile and fit together amount to."""
    fields = {key: told[key] for key in ("epochs", "batch_size")}
    fields["validation_split"] = told.get("validation_split", 0.0)
    fields["shuffle"] = told.get("shuffle", True)
    if "patience" in told:
        watch = {"name": told.get("monitor", "loss"), "min_delta": told.get("min_delta", 0.0)}
        fields["stopping"] = {
            "monitors": [watch],
            "patience": told["patience"],
            "restore_best": told.get("restore_best_weights", True),
        }
    return parse_recipe({**given.recipe, **fields})


def draws_again(runner: Runner, given: Project) -> dict[str, Any]:
    """Run a project's text, compare what it makes, and answer what fit is told."""
    made, inputs, outputs, told = runner.run(source_of(given))
    used = in_use(given)
    assert meant(made) == meant(used)
    assert inputs == [n.name for n in used.graph.of_kind("Input")]
    assert outputs == [n.name for n in used.graph.outputs]
    assert recipe_told(made, told) == parse_recipe(given.recipe)
    return told
