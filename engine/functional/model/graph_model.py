"""The graph side of a model: names, tensors, layers, weights, the table, the drawing, the file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.check.summary import Summary, summary
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.files.atomic_write import write_bytes
from engine.core.symbolic.argument_binding import called
from engine.core.symbolic.call_site import names_the_line
from engine.core.symbolic.tensor import SymbolicTensor
from engine.functional.graph.graph_replay import called_on, replay
from engine.functional.graph.graph_trace import Traced, by_key, trace
from engine.functional.model import bound_layer
from engine.functional.model import summary_table as table
from engine.functional.model.strict_attributes import Guarded
from engine.functional.state.model_state import State
from engine.functional.weights import keras_weights
from engine.graph.edits import node_edits
from engine.graph.model import Graph, Project
from engine.graph.serialization import file

if TYPE_CHECKING:
    from engine.functional.model.bound_layer import Placed
    from engine.functional.weights.keras_weights import Array

Path_ = str | os.PathLike[str]


class Drawn(Guarded):
    """The graph side of `Model`, which documents it."""

    @names_the_line
    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        traced = trace(by_key(inputs, "input"), by_key(outputs, "output"))
        self._begin(called(name, "model"), traced, framed(Project(traced.graph), traced))
        self._form = type(outputs)

    def _begin(self, name: str, traced: Traced, project: Project) -> None:
        self._state = State.of(name, traced, project)
        self._form = list if len(traced.outputs) > 1 else object

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def _repr_svg_(self) -> str:
        """Let notebooks show the drawing."""
        return self.plot()

    @property
    def name(self) -> str:
        """What it is called."""
        return self._state.name

    @property
    def graph(self) -> Graph:
        """What the canvas would draw."""
        return self._state.project.graph

    @property
    def project(self) -> Project:
        """What `save` writes: the graph and how it is trained."""
        return self._state.project

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names that inputs are fed by."""
        return self._state.traced.inputs

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the outputs, which are those of the layers that make them."""
        return self._state.traced.outputs

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The tensors that it begins with."""
        return [self._state.traced.tensors[name] for name in self.input_names]

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The tensors that it ends with."""
        traced = self._state.traced
        ends = [str(traced.graph[name].inputs["x"]) for name in self.output_names]
        return [traced.tensors[reference] for reference in ends]

    @property
    def input(self) -> Any:
        """The tensor that it begins with, a list of several."""
        return _alone(self.inputs)

    @property
    def output(self) -> Any:
        """The tensor that it ends with, a list of several."""
        return _alone(self.outputs)

    @property
    def layers(self) -> list[Placed]:
        """Its layers in Keras' order."""
        return bound_layer.placed(self._state)

    @names_the_line
    def get_layer(self, name: str | None = None, index: int | None = None) -> Placed:
        """Return a layer by name, as `summary` shows it, or by its place in `layers`."""
        return bound_layer.layer(self._state, name, index)

    @names_the_line
    def __call__(self, *tensors: Any, **ports: Any) -> Any:
        """Return what comes out of this model, used as a layer: its weights are shared.

        Args:
            tensors: one for each input in order, or a list or a dict of them.
            ports: tensors by the name of the input.

        Returns:
            A tensor, or what `Model` was given as outputs: a list or a dict.
        """
        traced = self._state.traced
        begins = {name: traced.tensors[name] for name in self.input_names}
        fed = called_on(begins, tensors, ports)
        known = replay(traced.graph, traced.layers, fed, self.name)
        return self._formed({name: known[name] for name in self.output_names})

    def _formed(self, named: Mapping[str, Any]) -> Any:
        """Return something for each output in the form in which the outputs were given."""
        if issubclass(self._form, Mapping):
            return dict(named)
        return _alone(list(named.values()))

    @names_the_line
    def summary(self, print_fn: Callable[[str], object] | None = None) -> None:
        """Print the layer table, or hand it to `print_fn`."""
        text = table.text(self.name, self.table)
        (print_fn or _line)(text)

    @property
    def table(self) -> Summary:
        """The layer table as a value."""
        return summary(self._state.report)

    def count_params(self) -> int:
        """Return the number of values in all weights."""
        return self.table.total

    @names_the_line
    def plot(self, to_file: Path_ | None = None, dark: bool = False) -> str:
        """Return the drawing as SVG, and write it if a file is named."""
        from engine.diagram.svg import svg

        if to_file is not None:
            _require_ending(to_file, "a drawing", ".svg")
        picture = svg(self.project, self._state.report, dark)
        if to_file is not None:
            write_bytes(Path(to_file), picture.encode())
        return picture

    @names_the_line
    def save(self, path: Path_) -> None:
        """Write the graph file, which the window and `engine train` open; weights are apart."""
        _require_ending(path, "a network", ".json")
        file.write(path, self.project)

    @names_the_line
    def save_weights(self, path: Path_) -> None:
        """Write all weights as safetensors, by "node/weight" in Keras' layout."""
        from engine.functional.weights.weight_file import keep

        _require_ending(path, "weights", ".safetensors")
        keep(self._state, Path(path))

    @names_the_line
    def load_weights(self, path: Path_) -> None:
        """Take over weights, and units and labels of targets.

        Args:
            path: what `save_weights` wrote, or a run folder, or the model.safetensors in it.
        """
        from engine.functional.weights.weight_file import take

        take(self._state, Path(path_of(path)))

    @names_the_line
    def get_weights(self) -> list[Array]:
        """Return every array, in Keras' order and layout."""
        return keras_weights.listed(self._state)

    @names_the_line
    def named_weights(self) -> dict[str, Array]:
        """Return every array by "layer/weight"."""
        return keras_weights.by_name(self._state)

    @names_the_line
    def set_weights(self, weights: Any) -> None:
        """Take arrays as a list in Keras' order, or as a dict by "layer/weight"."""
        keras_weights.put(self._state, weights, keras_weights.in_order(self._state))


def _alone(each: list[Any]) -> Any:
    return each[0] if len(each) == 1 else each


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


def path_of(path: object) -> str:
    """Return a path as text.

    Raises:
        Refused: it is none.
    """
    if isinstance(path, str | os.PathLike):
        return os.fspath(path)
    raise Refused(
        Diagnostic(
            "param-invalid",
            f"{path!r:.40} is no path",
            param="path",
            found=type(path).__name__,
            expected="the path of a file, as a text",
            fixes=(Fix('Name a file: "model.loom.json".'),),
        )
    )


def _require_ending(path: Path_, noun: str, ending: str) -> None:
    """Refuse a name that says another format than the one that is written."""
    name = path_of(path)
    if name.endswith(ending):
        return
    stem = Path(name).name.split(".", 1)[0] or "model"
    shown = f"{stem}.loom.json" if ending == ".json" else stem + ending
    raise Refused(
        Diagnostic(
            "param-invalid",
            f"{noun} can't be kept as {Path(name).name}",
            place=name,
            found=Path(name).suffix or "no ending",
            expected=f"a name that ends with {ending}",
            fixes=(Fix(f'Call it "{shown}".'),),
        )
    )


def framed(project: Project, traced: Traced) -> Project:
    """Draw a frame around the layers of each model that was called as a layer."""
    for part, nodes in traced.parts.items():
        project = node_edits.add_frame(project, nodes, part)
    return project
