"""Weight files. They also store the encoders that convert predictions to units and labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.functional.state.model_state import ModelState
from engine.runs.folder.run_folder import MODEL_FILE, RunFolder
from engine.runs.folder.run_json import RUN_FILE
from engine.runtime.checkpoints.state_dicts import load_weights, network_weights
from engine.runtime.checkpoints.tensor_bytes import read_metadata
from engine.runtime.checkpoints.weight_file import read_weights, write_weights

_FITTED = "fitted"  # the key of the encoders, in a file's metadata and in run.json


def save_weight_file(state: ModelState, path: Path) -> None:
    """Write a model's weights and encoders.

    Raises:
        DiagnosticError: the file can't be written.
    """
    metadata = {"format": "layerloom-model"}
    if state.encoders is not None:
        metadata[_FITTED] = json.dumps(state.encoders.params())
    write_weights(path, network_weights(state.require_torch_model().network), metadata)


def load_weight_file(state: ModelState, path: Path) -> None:
    """Load weights and encoders from a file or a run folder.

    Raises:
        DiagnosticError: the file can't be read or does not fit. The model then stays unchanged.
    """
    file = RunFolder.open(path).weights_path if path.is_dir() else path
    weights, fitted = read_weights(file), _read_encoders(file)
    load_weights(state.require_torch_model().network, weights)
    if fitted is not None:
        state.encoders = fitted
    state.has_initial_weights = False


def _read_encoders(file: Path) -> FittedEncoders | None:
    """Return the encoders in a file of weights, None if there are none."""
    if (file.parent / RUN_FILE).is_file() and file.name == MODEL_FILE:
        params = RunFolder.open(file.parent).record.get(_FITTED)
    else:
        params = _parse_json(file, read_metadata(file.read_bytes()).get(_FITTED, "null"))
    if params is None:
        return None
    encoders = FittedEncoders.try_from_params(params)
    if isinstance(encoders, list):
        place = printable_path(file)
        raise DiagnosticError(*(replace(problem, place=place) for problem in encoders))
    return encoders


def _parse_json(file: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise diagnostic_error(
            "checkpoint-lost",
            "the encoders in the file of weights are damaged",
            "Save the weights of the trained model again.",
            place=printable_path(file),
            found=str(error),
            expected="a file written by save_weights",
        ) from error
