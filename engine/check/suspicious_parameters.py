"""Warnings about valid fields of nodes and of the recipe that look like a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.core.diagnostic import Diagnostic, set_params_fix, set_recipe_fix
from engine.graph.model import Graph
from engine.layers.base import Layer
from engine.layers.dense import Embedding
from engine.recipe.optimizer import OPTIMIZERS, Optimizer

_HIGH_RATE = 1.0  # every optimizer of Keras has a default of at most 0.01
_WIDE = 1024  # wider vectors for a smaller vocabulary are probably a mistake


def check_suspicious_fields(graph: Graph, layers: Mapping[str, Layer]) -> Iterator[Diagnostic]:
    """Yield a warning for each Embedding whose input_dim and output_dim look swapped."""
    for node in graph:
        layer = layers.get(node.name)
        if isinstance(layer, Embedding) and not node.shares and not node.off:
            yield from _swapped_embedding(node.name, layer)


def check_learning_rate(optimizer: Optimizer) -> Iterator[Diagnostic]:
    """Yield a warning if the learning rate is so high that the training is likely to diverge."""
    rate = optimizer.learning_rate
    if rate <= _HIGH_RATE:
        return
    default = type(optimizer).model_fields["learning_rate"].default
    lower = OPTIMIZERS.to_plain_json(optimizer.model_copy(update={"learning_rate": default}))
    yield Diagnostic.warning(
        "learning-rate-high",
        f"the learning rate {rate:g} is very high",
        set_recipe_fix(f"Set it to {default:g}, the default.", optimizer=lower),
        place="recipe.optimizer",
        param="learning_rate",
        found=f"{rate:g}",
        expected=f"a learning rate of at most {_HIGH_RATE:g}, such as {default:g}",
        why="with large steps, the loss usually grows until it is no longer finite",
    )


def _swapped_embedding(name: str, layer: Embedding) -> Iterator[Diagnostic]:
    vocabulary, width = layer.input_dim, layer.output_dim
    if width <= max(vocabulary, _WIDE):
        return
    text = f"Swap them: input_dim {width}, output_dim {vocabulary}."
    yield Diagnostic.warning(
        "embedding-wide",
        f"gives each of {vocabulary:,} ids a vector of {width:,} numbers",
        set_params_fix(text, input_dim=width, output_dim=vocabulary).at_node(name),
        node=name,
        param="output_dim",
        found=f"input_dim {vocabulary:,}, output_dim {width:,}",
        expected="an output_dim smaller than the vocabulary",
        why="input_dim is the vocabulary size; swapped, the number of weights is the same",
    )
