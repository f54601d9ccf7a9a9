"""The namespace `models`, as in Keras: `Model`, `Sequential` and `load_model` (`engine.load`)."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from engine.core.diagnostic import diagnostic_error
from engine.core.symbolic.call_site import unknown_name_error, with_call_site
from engine.functional.graph.graph_replay import trace_graph
from engine.functional.model.graph_model import PathLike, path_text
from engine.functional.model.model import Model
from engine.functional.model.sequential import Sequential
from engine.functional.state.model_state import require_valid
from engine.graph.serialization import file
from engine.layers.io import Output
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN_FILE

__all__ = ["Model", "Sequential", "load_model"]


@with_call_site
def load(path: PathLike) -> Model:
    """Return a model from a file, compiled with the training settings in the file.

    Args:
        path: a graph file or a run folder. Weights and encoders are loaded from a run folder; the
            model of a graph file has initial weights.

    Raises:
        CallSiteError: the file can't be read, or its graph has errors.
    """
    source = Path(path_text(path))
    if source.suffix == ".safetensors":
        raise diagnostic_error(
            "other-format",
            "the file holds weights only, and no graph",
            f'Load its graph file, then call model.load_weights("{source.name}").',
            place=source.name,
            found="a safetensors file",
            expected="a .loom.json, or a run folder",
        )
    run = RunFolder.open(source) if (source / RUN_FILE).is_file() else None
    loaded = file.parse(run.graph_bytes()) if run else file.read(source)
    require_valid(loaded.project)
    model = Model.__new__(Model)
    name = run.name if run else file.project_name(source)
    model._setup(name, trace_graph(loaded.project.graph), loaded.project)
    state = model._state
    state.has_initial_weights = True
    state.warn_once(loaded.diagnostics)
    state.is_compiled = any(
        isinstance(node.layer, Output) and node.layer.loss is not None for node in model.graph
    )
    if run:
        model.load_weights(source)
    return model


load_model = load


def __getattr__(name: str) -> NoReturn:
    """Raise UnknownNameError for a name that is missing here, with a hint for names of Keras."""
    if name.startswith("_"):
        raise AttributeError(name)
    raise unknown_name_error("models", name, __all__)
