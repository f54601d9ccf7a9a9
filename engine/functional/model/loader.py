"""A drawn file, or a run, opened as a model."""

from __future__ import annotations

from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.call_site import names_the_line
from engine.functional.graph.graph_replay import opened
from engine.functional.model.graph_model import Path_, path_of
from engine.functional.model.model import Model
from engine.functional.state.model_state import sound
from engine.graph.serialization import file
from engine.layers.io import Output
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN


@names_the_line
def load(path: Path_) -> Model:
    """Open a graph file as a model: compiled as the file says, its weights at their start.

    Args:
        path: a file, or a run folder, whose weights, units and labels are taken over too.

    Raises:
        RefusedAt: it can't be read, or its graph is not sound.
    """
    place = Path(path_of(path))
    if place.suffix == ".safetensors":
        raise Refused(_weights_alone(place))
    run = RunFolder.open(place) if (place / RUN).is_file() else None
    read = file.parse(run.graph_bytes()) if run else file.read(place)
    sound(read.project)
    model = Model.__new__(Model)
    name = run.name if run else file.name_of(place)
    model._begin(name, opened(read.project.graph), read.project)
    state = model._state
    state.blank = True
    state.tell(read.diagnostics)
    state.compiled = any(
        isinstance(node.layer, Output) and node.layer.loss is not None for node in model.graph
    )
    if run:
        model.load_weights(place)
    return model


def _weights_alone(path: Path) -> Diagnostic:
    return Diagnostic(
        "other-format",
        "the file holds weights, and no network that they belong to",
        place=path.name,
        found="a file of safetensors",
        expected="a .loom.json, or a run folder",
        fixes=(Fix(f'Open its graph, then: model.load_weights("{path.name}").'),),
    )
