"""`TorchModel`: the torch network and optimizer of a Python model.

The weights of a layer are in a torch module, which is stored on the layer. All models that contain
the same layer object share this module and the weights. The first model that needs the module
creates it, with initial values from the seed and the node name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.check.report import Report
from engine.compile.plan import build_plan
from engine.core.diagnostic import diagnostic_error
from engine.core.symbolic.tensor import display_name
from engine.data.dataset.dataset import Dataset
from engine.data.table.array import Array
from engine.layers.base import Layer
from engine.recipe.recipe import Recipe
from engine.runtime.acceleration import accelerate
from engine.runtime.batches.data_loader import DataLoader, make_data_loader
from engine.runtime.device import make_device_context, set_thread_count
from engine.runtime.loss_weighting.uncertainty import make_loss_weighting
from engine.runtime.model.network import Network
from engine.runtime.training.progress import TrainingProgress
from engine.runtime.training.training import Training, build_optimizer


class TorchModel:
    """A torch network on its device, with its optimizer and training progress."""

    def __init__(self, report: Report, layers: Mapping[str, Layer]) -> None:
        recipe = report.recipe
        assert recipe is not None, "the report has no errors"
        set_thread_count(recipe.threads)
        self.device_context = make_device_context(
            recipe.device, recipe.precision, recipe.deterministic
        )
        planned = build_plan(report.project.graph, report)
        arrays = {node: weights for node, _, weights in planned.weights() if weights}
        shapes = {node: tuple(w.shape for w in weights) for node, weights in arrays.items()}
        for node, expected in shapes.items():
            _require_shapes(layers[node], expected)
        # Modules that another model has created already are reused.
        existing = {
            node: layers[node].python_state.module
            for node in shapes
            if layers[node].python_state.module
        }
        self.network = Network(planned, recipe.seed, existing)
        for node, expected in shapes.items():
            state = layers[node].python_state
            state.module = self.network.get_submodule(planned.attributes[node])
            state.weight_shapes = expected
        self.move_weights()
        self.optimizer = build_optimizer(self.network, recipe)
        self.acceleration = accelerate(self.network, self.optimizer, recipe)
        self.progress = TrainingProgress()
        self.loss_weighting = make_loss_weighting(recipe, self.network, self.device_context)

    def make_training(
        self, recipe: Recipe, loader: DataLoader, validation: DataLoader | None = None
    ) -> Training:
        """Return a `Training` that continues from the step and epoch that this network reached."""
        return Training(
            self.network,
            recipe,
            self.optimizer,
            loader,
            validation,
            self.device_context,
            self.progress,
            loss_weighting=self.loss_weighting,
            native=self.acceleration.native,
            native_why=self.acceleration.native_why,
        )

    def move_weights(self) -> None:
        """Move the weights to this network's device, if another model has moved shared weights."""
        self.device_context.setup_module(self.network)

    def make_data_loader(
        self, dataset: Dataset, weights: Mapping[str, Array], batch_size: int
    ) -> DataLoader:
        """Return a loader of the rows of `dataset`. `weights` are sample weights by output name.

        Also sets the class weights of this network to those of the dataset.
        """
        self.network.set_class_weights(dataset.fitted.class_weights)
        return make_data_loader(replace(dataset, weights=weights), batch_size, self.device_context)


def _require_shapes(layer: Layer, expected: tuple[tuple[int, ...], ...]) -> None:
    """Raise DiagnosticError if the layer has weights already and their shapes are not `expected`.

    A layer has weights already if another model that contains the same layer object created them.
    `expected` has the shape of each weight that this model needs.
    """
    state = layer.python_state
    if state.module is None or state.weight_shapes == expected:
        return
    raise diagnostic_error(
        "shapes-differ",
        "already has weights of other shapes, from another model",
        "Create a new layer for this model.",
        node=display_name(layer),
        found=", ".join(map(str, state.weight_shapes)),
        expected=", ".join(map(str, expected)),
    )
