"""Weights in a file, and with them the encoders that give targets their units and labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.files.atomic_write import shown
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.functional.state.model_state import State
from engine.runs.folder.run_folder import MODEL, RunFolder
from engine.runs.folder.run_json import RUN
from engine.runtime.checkpoints.tensor_bytes import metadata_of
from engine.runtime.checkpoints.training_state import (
    load_weights,
    read_weights,
    weights_of,
    write_weights,
)

_FITTED = "fitted"  # the encoders, in the metadata of a file and in a run's own record


def keep(state: State, path: Path) -> None:
    """Write a model's weights and encoders.

    Raises:
        Refused: if it can't be written.
    """
    told = {} if state.fitted is None else {_FITTED: json.dumps(state.fitted.params())}
    write_weights(path, weights_of(state.awake().network), told)


def take(state: State, path: Path) -> None:
    """Take weights and encoders over, from a file or from a run folder.

    Raises:
        Refused: if they can't be read, or belong to another network; nothing changed then.
    """
    file = RunFolder.open(path).model if path.is_dir() else path
    weights, fitted = read_weights(file), _fitted(file)
    load_weights(state.awake().network, weights)
    if fitted is not None:
        state.fitted = fitted
    state.blank = False


def _fitted(file: Path) -> Fitted | None:
    """Return the encoders that go with a file of weights, None if it tells of none."""
    if (file.parent / RUN).is_file() and file.name == MODEL:
        told = RunFolder.open(file.parent).run.get(_FITTED)
    else:
        told = _json(file, metadata_of(file.read_bytes()).get(_FITTED, "null"))
    if told is None:
        return None
    read = Fitted.problems(told)
    if isinstance(read, list):
        raise Refused(*(replace(each, place=shown(file)) for each in read))
    return read


def _json(file: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(
            Diagnostic(
                "checkpoint-lost",
                "the encoders beside the weights are damaged",
                place=shown(file),
                found=str(error),
                expected="what save_weights has written",
                fixes=(Fix("Keep the weights again, from the model that was trained."),),
            )
        ) from error
