"""Adapts fixes of the wiring check to the inferred shapes, so that the suggested wires fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.check.shapes import Shapes
from engine.core.diagnostic import Diagnostic, Fix, LayerError
from engine.core.tensor_spec import TensorSpec
from engine.graph import node_names
from engine.graph.model import Graph, source_node
from engine.layers.base import Layer
from engine.layers.dense import Embedding
from engine.layers.io import default_objectives


def reroute_fixes(
    diagnostics: Iterable[Diagnostic], graph: Graph, shapes: Shapes
) -> Iterator[Diagnostic]:
    """Yield the diagnostics of the wiring check, with their fixes adapted to the inferred shapes.

    If a fix suggests a wire that does not fit, the fix is changed to insert an Embedding into this
    wire. If an Embedding does not fit either, the fix becomes a text without an edit.
    """
    for diagnostic in diagnostics:
        fixes = tuple(_reroute(fix, graph, shapes) for fix in diagnostic.fixes)
        yield diagnostic if fixes == diagnostic.fixes else replace(diagnostic, fixes=fixes)


def _reroute(fix: Fix, graph: Graph, shapes: Shapes) -> Fix:
    edit = fix.edit or {}
    sources = [edit["source"]] if "source" in edit else edit.get("inputs", {}).values()
    if any(source_node(str(source)) not in graph for source in sources):
        return Fix(f"{fix.text} Give the node a valid name first: wires can't refer to this one.")
    if edit.get("do") == "add_node" and edit.get("kind") == "Output":
        return _with_default_objectives(fix, edit, graph, shapes)
    if edit.get("do") != "connect":
        return fix
    source, node, port = (str(edit[key]) for key in ("source", "node", "port"))
    layer, spec = shapes.layers.get(node), shapes.spec(graph.resolve_bypassed(source))
    if layer is None or spec is None or len(layer.ports()) != 1:
        return fix
    if not (advice := _problem(layer, spec)):
        return fix
    embedding = Embedding(**Embedding.initial_params)
    if spec.dtype != "int32" or _problem(embedding, spec) or _problem(layer, embedding.infer(spec)):
        return Fix(f"Connect {source} to {node} through other layers. {advice}")
    name = node_names.name_for_kind("Embedding", graph)
    add = {
        "do": "add_node",
        "kind": "Embedding",
        "name": name,
        "params": dict(Embedding.initial_params),
        "inputs": {"x": source},
    }
    wire = {"do": "connect", "source": name, "node": node, "port": port}
    text = f"Connect {source} to {node} through an Embedding, which maps ids to vectors."
    return Fix(text, {"do": "several", "edits": [add, wire]})


def _with_default_objectives(
    fix: Fix, edit: Mapping[str, Any], graph: Graph, shapes: Shapes
) -> Fix:
    reference = str(edit.get("inputs", {}).get("x", ""))
    layer = shapes.layers.get(source_node(graph.resolve_bypassed(reference)))
    objectives = default_objectives(layer) if layer is not None else {}
    return Fix(fix.text, {**edit, "params": objectives}) if objectives else fix


def _problem(layer: Layer, spec: TensorSpec) -> str:
    """Return advice if a layer does not accept the input `spec`, "" if it accepts the input.

    The advice is the error's first fix. If the error has no fix, it is the error's message.
    """
    try:
        layer.infer(spec)
    except LayerError as error:
        fixes = error.diagnostics[0].fixes
        return fixes[0].text if fixes else error.diagnostics[0].message
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return ""  # the shape check reports a layer whose inference fails
    return ""
