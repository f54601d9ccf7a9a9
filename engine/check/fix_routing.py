"""Holds fixes that draw a wire against the shapes: one that would not fit is led another way."""

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
from engine.layers.io import usual_loss


def bridged(found: Iterable[Diagnostic], graph: Graph, shapes: Shapes) -> Iterator[Diagnostic]:
    """Yield findings of the wiring, their offers to draw a wire held against the shapes.

    Args:
        found: what the wiring found.
        graph, shapes: of the network.
    """
    for diagnostic in found:
        fixes = tuple(_honest(fix, graph, shapes) for fix in diagnostic.fixes)
        yield diagnostic if fixes == diagnostic.fixes else replace(diagnostic, fixes=fixes)


def _honest(fix: Fix, graph: Graph, shapes: Shapes) -> Fix:
    edit = fix.edit or {}
    sources = [edit["source"]] if "source" in edit else edit.get("inputs", {}).values()
    if any(source_node(str(source)) not in graph for source in sources):
        return Fix(f"{fix.text} Give the node a legal name first: wires can't say this one.")
    if edit.get("do") == "add_node" and edit.get("kind") == "Output":
        return _trained(fix, edit, shapes)
    if edit.get("do") != "connect":
        return fix
    source, node, port = (str(edit[key]) for key in ("source", "node", "port"))
    layer, spec = shapes.layers.get(node), shapes.spec(graph.resolve_bypassed(source))
    if layer is None or spec is None or len(layer.ports()) != 1 or not (advice := _no(layer, spec)):
        return fix
    between = Embedding(**Embedding.starts)
    if spec.dtype != "int32" or _no(between, spec) or _no(layer, between.infer(spec)):
        return Fix(f"Wire {source} to {node} through other layers. {advice}")
    name = node_names.name_for_kind("Embedding", graph)
    new = {
        "do": "add_node", "kind": "Embedding", "name": name,
        "params": dict(Embedding.starts), "inputs": {"x": source},
    }  # fmt: skip
    wire = {"do": "connect", "source": name, "node": node, "port": port}
    text = f"Wire {source} to {node} through an Embedding, which makes vectors of ids."
    return Fix(text, {"do": "several", "edits": [new, wire]})


def _trained(fix: Fix, edit: Mapping[str, Any], shapes: Shapes) -> Fix:
    """Let an Output that is offered be trained as is usual behind its layer."""
    layer = shapes.layers.get(source_node(str(edit.get("inputs", {}).get("x", ""))))
    loss = usual_loss(layer) if layer is not None else None
    return Fix(fix.text, {**edit, "params": {"loss": loss}}) if loss else fix


def _no(layer: Layer, spec: TensorSpec) -> str:
    """Return why a layer can't be fed so, and "" if it can."""
    try:
        layer.infer(spec)
    except LayerError as error:
        fixes = error.diagnostics[0].fixes
        return fixes[0].text if fixes else error.diagnostics[0].message
    except (ValueError, TypeError, ArithmeticError, LookupError):
        return ""  # a defect of the layer is the check's to tell
    return ""
