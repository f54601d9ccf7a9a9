"""The part of `Model` without training: tensors, layers, weights, summary, plot and files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.check.summary import Summary, summarize
from engine.core.diagnostic import diagnostic_error
from engine.core.files.atomic_write import write_bytes
from engine.core.symbolic.argument_binding import require_name
from engine.core.symbolic.call_site import with_call_site
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_replay import bind_call_arguments, replay
from engine.functional.graph.graph_trace import TracedGraph, tensors_by_key, trace
from engine.functional.model import bound_layer
from engine.functional.model import summary_table as table
from engine.functional.model.strict_attributes import StrictAttributes
from engine.functional.state.model_state import ModelState
from engine.functional.weights import keras_weights
from engine.graph.edits import frame_edits
from engine.graph.model import Graph, Project
from engine.graph.serialization import file

if TYPE_CHECKING:
    from engine.functional.model.bound_layer import BoundLayer
    from engine.functional.weights.keras_weights import Array

PathLike = str | os.PathLike[str]


class GraphModel(StrictAttributes):
    """The part of `Model` without training. See `Model` for the arguments."""

    @with_call_site
    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        traced = trace(tensors_by_key(inputs, "input"), tensors_by_key(outputs, "output"))
        self._setup(require_name(name, "model"), traced, project_with_frames(traced))
        self._output_type = type(outputs)

    def _setup(self, name: str, traced: TracedGraph, project: Project) -> None:
        self._state = ModelState.create(name, traced, project)
        self._output_type = list if len(traced.outputs) > 1 else object

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def _repr_svg_(self) -> str:  # for notebooks
        return self.plot()

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._state.name

    @property
    def graph(self) -> Graph:
        """The graph of the model: the layers as nodes, and the wires between the nodes."""
        return self._state.project.graph

    @property
    def project(self) -> Project:
        """The project that `save` writes: the graph and its training settings."""
        return self._state.project

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs. Dicts of input arrays have these names as keys."""
        return self._state.traced.inputs

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs. By default, an output has the name of its last layer."""
        return self._state.traced.outputs

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The input tensors."""
        return [self._state.traced.tensors[name] for name in self.input_names]

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The output tensors."""
        traced = self._state.traced
        sources = [str(traced.graph[name].inputs["x"]) for name in self.output_names]
        return [traced.tensors[reference] for reference in sources]

    @property
    def input(self) -> Any:
        """The input tensor, a list if there are several."""
        return _unwrap_single(self.inputs)

    @property
    def output(self) -> Any:
        """The output tensor, a list if there are several."""
        return _unwrap_single(self.outputs)

    @property
    def layers(self) -> list[BoundLayer]:
        """The layers of the model, in Keras' order."""
        return bound_layer.bound_layers(self._state)

    @with_call_site
    def get_layer(self, name: str | None = None, index: int | None = None) -> BoundLayer:
        """Return a layer by its name in the summary, or by its index in `layers`."""
        return bound_layer.get_layer(self._state, name, index)

    @with_call_site
    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Call the model as a layer and return the outputs. All calls share the model's weights.

        Args:
            tensors: one tensor for each input in order, or one list or dict of tensors.
            ports: tensors by the name of the input.

        Returns:
            A tensor, a list or a dict, as the outputs were passed to `Model`.
        """
        traced = self._state.traced
        inputs = {name: traced.tensors[name] for name in self.input_names}
        arguments = bind_call_arguments(inputs, tensors, ports)
        results = replay(traced.graph, traced.layers, arguments, self.name)
        return self._format_outputs({name: results[name] for name in self.output_names})

    def _format_outputs(self, values: Mapping[str, Any]) -> Any:
        """Return `values` as one value, a list or a dict, as the outputs were passed to `Model`."""
        if issubclass(self._output_type, Mapping):
            return dict(values)
        return _unwrap_single(list(values.values()))

    @with_call_site
    def summary(self, print_fn: Callable[[str], object] | None = None) -> None:
        """Print the layer table, or pass it to `print_fn`."""
        (print_fn or print)(table.format_summary(self.name, self.table))

    @property
    def table(self) -> Summary:
        """The layer table of the model: a row for each layer, and totals for all layers."""
        return summarize(self._state.report)

    def count_params(self) -> int:
        """Return the number of values in all weights."""
        return self.table.total

    @with_call_site
    def plot(self, to_file: PathLike | None = None, dark: bool = False) -> str:
        """Return the drawing of the graph as SVG, and write it to `to_file` if given."""
        from engine.diagram.svg import render_svg

        if to_file is not None:
            _require_suffix(to_file, "a drawing", ".svg")
        drawing = render_svg(self.project, self._state.report, dark)
        if to_file is not None:
            write_bytes(Path(to_file), drawing.encode())
        return drawing

    @with_call_site
    def save(self, path: PathLike) -> None:
        """Write graph and training settings, but no weights, for the app and `engine train`."""
        _require_suffix(path, "a network", ".json")
        file.write(path, self.project)

    @with_call_site
    def save_weights(self, path: PathLike) -> None:
        """Write all weights to a safetensors file, with keys "node/weight", in Keras' layout."""
        from engine.functional.weights.weight_file import save_weight_file

        _require_suffix(path, "weights", ".safetensors")
        save_weight_file(self._state, Path(path))

    @with_call_site
    def load_weights(self, path: PathLike) -> None:
        """Load weights and, if there are any, the encoders of inputs and targets.

        Args:
            path: a file written by `save_weights`, a run folder, or its model.safetensors.
        """
        from engine.functional.weights.weight_file import load_weight_file

        load_weight_file(self._state, Path(path_text(path)))

    @with_call_site
    def get_weights(self) -> list[Array]:
        """Return all weights, in Keras' order and layout."""
        nodes = keras_weights.nodes_in_keras_order(self._state.traced)
        return [array for _, array in keras_weights.iter_weights(self._state, nodes)]

    @with_call_site
    def named_weights(self) -> dict[str, Array]:
        """Return all weights, with keys "layer/weight"."""
        return keras_weights.weights_by_name(self._state)

    @with_call_site
    def set_weights(self, weights: Any) -> None:
        """Set weights from a list in Keras' order, or from a dict with keys "layer/weight"."""
        nodes = keras_weights.nodes_in_keras_order(self._state.traced)
        keras_weights.set_weights(self._state, weights, nodes)


def _unwrap_single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def path_text(path: object) -> str:
    """Return a path as text.

    Raises:
        DiagnosticError: the value is neither a string nor an os.PathLike.
    """
    if isinstance(path, str | os.PathLike):
        return os.fspath(path)
    raise diagnostic_error(
        "param-invalid",
        f"{path!r:.40} is not a path",
        'Name a file: "model.loom.json".',
        param="path",
        found=type(path).__name__,
        expected="a file path as a string or os.PathLike",
    )


def _require_suffix(path: PathLike, noun: str, suffix: str) -> None:
    """Raise if `path` does not end with `suffix`; `noun` names what is saved, for the error."""
    name = path_text(path)
    if name.endswith(suffix):
        return
    stem = Path(name).name.split(".", 1)[0] or "model"
    shown = f"{stem}.loom.json" if suffix == ".json" else stem + suffix
    raise diagnostic_error(
        "param-invalid",
        f"{noun} can't be saved as {Path(name).name}",
        f'Name it "{shown}".',
        place=name,
        found=Path(name).suffix or "no ending",
        expected=f"a name that ends with {suffix}",
    )


def project_with_frames(traced: TracedGraph) -> Project:
    """Return a project of the graph, with a frame around each model that is called as a layer."""
    project = Project(traced.graph)
    for name, nodes in traced.nodes_by_model.items():
        project = frame_edits.add_frame(project, nodes, name)
    return project
