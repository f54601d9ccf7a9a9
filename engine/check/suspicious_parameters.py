"""Parameters that are allowed, and yet look like a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.core.diagnostic import Diagnostic, set_params_fix
from engine.graph.model import Graph
from engine.layers.base import Layer
from engine.layers.dense import Embedding

_WIDE = 1024  # hardly anybody makes vectors wider than this for a vocabulary that is smaller


def doubts(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Diagnostic]:
    """Yield a warning for each layer in use whose parameters look swapped.

    Args:
        graph: holds the nodes.
        layers: by node, its layer, as far as it can be read.
    """
    for node in graph:
        layer = layers.get(node.name)
        if isinstance(layer, Embedding) and not node.shares and not node.off:
            yield from _swapped(node.name, layer)


def _swapped(name: str, layer: Embedding) -> Iterator[Diagnostic]:
    ids, width = layer.input_dim, layer.output_dim
    if width <= max(ids, _WIDE):
        return
    text = f"Swap them: input_dim {width}, output_dim {ids}."
    yield Diagnostic(
        "embedding-wide",
        f"gives each of {ids:,} ids a vector of {width:,} numbers",
        severity="warning",
        node=name,
        param="output_dim",
        found=f"input_dim {ids:,}, output_dim {width:,}",
        expected="a vocabulary larger than its vectors are wide",
        why="the vocabulary comes first; swapped, the weights count the same",
        fixes=(set_params_fix(text, input_dim=width, output_dim=ids).at_node(name),),
    )
