"""The torch side of a model. A layer's weights are in one torch module, kept on the layer itself.

Every model that holds the very same layer computes with that module, whether it was built from it,
called as a layer, or cut out of another model: what one of them learns, all know. The module is
made, with starting values from seed and node name, by the first model that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from engine.check.report import Report
from engine.compile.optimization import quickened
from engine.compile.plan import plan
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.tensor import title
from engine.data.dataset.dataset import Dataset
from engine.layers.base import Layer
from engine.runtime.acceleration.allocator import keep_memory
from engine.runtime.batches.data_loader import Feed, feed_of
from engine.runtime.device import make_place, use_threads
from engine.runtime.loss_weighting.uncertainty import balancing
from engine.runtime.model.network import Network
from engine.runtime.training.progress import Progress
from engine.runtime.training.state import optimizer_of

Array = NDArray[Any]


class Live:
    """A network that is ready to compute, its optimizer, and how far it was trained.

    Args:
        report: of a graph that can be planned.
        layers: by node, the layer that keeps its weights.
    """

    def __init__(self, report: Report, layers: Mapping[str, Layer]) -> None:
        recipe = report.recipe
        assert recipe is not None, "the report has no errors"
        use_threads(recipe.threads)
        self.place = make_place(recipe.device, recipe.precision)
        keep_memory()
        planned = quickened(plan(report.project.graph, report))
        arrays = {node: weights for node, _, weights in planned.weights() if weights}
        shapes = {node: tuple(w.shape for w in weights) for node, weights in arrays.items()}
        for node, wanted in shapes.items():
            _require_fit(layers[node], wanted)
        built = {node: layers[node].made.module for node in shapes if layers[node].made.module}
        self.network = Network(planned, recipe.seed, built)
        for node, wanted in shapes.items():
            made = layers[node].made
            made.module = self.network.get_submodule(planned.attributes[node])
            made.shapes = wanted
        self.settle()
        self.optimizer = optimizer_of(self.network, recipe, self.place)
        self.progress = Progress()
        self.balance = balancing(recipe, self.network, self.place)

    def settle(self) -> None:
        """Move the weights to where this model computes; another one may have moved them."""
        self.place.settle(self.network)

    def feed(self, dataset: Dataset, weights: Mapping[str, Array], batch_size: int) -> Feed:
        """Return batches of rows on the device of this model.

        Args:
            dataset: the encoded rows.
            weights: sample weights by output.
            batch_size: rows per batch.
        """
        self.network.weigh_classes(dataset.fitted.class_weights)
        return feed_of(replace(dataset, weights=weights), batch_size, self.place)


def _require_fit(layer: Layer, wanted: tuple[tuple[int, ...], ...]) -> None:
    """Refuse a layer whose weights have other shapes, from its work in another model."""
    made = layer.made
    if made.module is None or made.shapes == wanted:
        return
    raise Refused(
        Diagnostic(
            "shapes-differ",
            "has weights of other shapes already, from another model",
            node=title(layer),
            found=", ".join(map(str, made.shapes)),
            expected=", ".join(map(str, wanted)),
            fixes=(Fix("Make a new layer for this model."),),
        )
    )
